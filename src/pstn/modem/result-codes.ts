/** What a line from the modem says, where it is a result code (V.250 5.7.1, telephony text 1.3). */
export type ResultCode =
  | { readonly kind: 'ok' | 'error' | 'busy' | 'no-answer' | 'no-carrier' | 'no-dial-tone' | 'voice' }
  | { readonly kind: 'connect'; readonly text: string; readonly rate: number | undefined }
  | { readonly kind: 'ring' }
  /** The called line rings, or rings again; the call goes on. */
  | { readonly kind: 'ring-back' }
  /** What else goes before the result of a call. */
  | { readonly kind: 'progress' };

const words: ReadonlyMap<string, ResultCode> = new Map<string, ResultCode>([
  ['OK', { kind: 'ok' }],
  ['ERROR', { kind: 'error' }],
  ['BUSY', { kind: 'busy' }],
  ['NO ANSWER', { kind: 'no-answer' }],
  ['NO CARRIER', { kind: 'no-carrier' }],
  ['NO DIALTONE', { kind: 'no-dial-tone' }],
  ['NO DIAL TONE', { kind: 'no-dial-tone' }],
  ['LINE IN USE', { kind: 'no-dial-tone' }],
  ['VCON', { kind: 'voice' }],
  ['BLACKLISTED', { kind: 'error' }],
  ['DELAYED', { kind: 'error' }],
  ['RINGING', { kind: 'ring-back' }],
  ['RINGBACK', { kind: 'ring-back' }],
  ['DIALING', { kind: 'progress' }],
]);

/** V.250's numbers; makers disagree above 12, so there only "connected" is read, not a rate. */
const numbers: ReadonlyMap<string, ResultCode> = new Map<string, ResultCode>([
  ['0', { kind: 'ok' }],
  ['2', { kind: 'ring' }],
  ['3', { kind: 'no-carrier' }],
  ['4', { kind: 'error' }],
  ['6', { kind: 'no-dial-tone' }],
  ['7', { kind: 'busy' }],
  ['8', { kind: 'no-answer' }],
]);
const numericRates: ReadonlyMap<string, number> = new Map([
  ['5', 1_200],
  ['10', 2_400],
  ['11', 4_800],
  ['12', 9_600],
]);

/** The result code that `line` is, or `undefined` for information text and garbage. */
export function parseResultCode(line: string): ResultCode | undefined {
  const text = line.trim();
  const word = words.get(text.toUpperCase());
  if (word) return word;
  if (/^CONNECT\b/i.test(text)) return { kind: 'connect', text, rate: rateIn(text) };
  if (/^(RING( ?[0-9A-E])?|\+CRING:.*)$/i.test(text)) return { kind: 'ring' };
  if (/^\+CM[ES] ERROR\b/i.test(text)) return { kind: 'error' };
  if (isNumericCode(text)) {
    return numbers.get(text) ?? { kind: 'connect', text, rate: numericRates.get(text) };
  }
  return undefined;
}

/** Whether it may be a code of `V0`: the driver asks for no information text of one or two digits. */
export function isNumericCode(line: string): boolean {
  return /^[0-9]{1,2}$/.test(line);
}

/** The first number of the text that can be a rate: `CONNECT 33600/ARQ/V34/LAPM/V42BIS` has V34 and V42 too. */
function rateIn(text: string): number | undefined {
  const digits = /(?<![\w.])([0-9]{2,6})(?![\w.])/.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

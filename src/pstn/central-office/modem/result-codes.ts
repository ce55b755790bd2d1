import type { Settings } from './settings.js';

/** A result code. `VCON` is of voice class (IS-101) and has, as `RINGING`, no number in common use. */
export type ResultCode =
  | 'OK'
  | 'RING'
  | 'RINGING'
  | 'NO CARRIER'
  | 'ERROR'
  | 'NO DIALTONE'
  | 'BUSY'
  | 'NO ANSWER'
  | 'VCON'
  | { readonly connect: 'CONNECT'; readonly rate: number };

const numbers: Readonly<Record<string, number>> = {
  OK: 0,
  RING: 2,
  'NO CARRIER': 3,
  ERROR: 4,
  'NO DIALTONE': 6,
  BUSY: 7,
  'NO ANSWER': 8,
};

const plainConnect = 1;

/** V0: Hayes up to 19,200 bit/s, above that Rockwell; vendors disagree, so no program should depend on it. */
const connectNumbers: Readonly<Record<number, number>> = {
  1200: 5,
  2400: 10,
  4800: 11,
  7200: 24,
  9600: 12,
  12000: 25,
  14400: 13,
  16800: 59,
  19200: 14,
  21600: 61,
  24000: 62,
  26400: 63,
  28800: 64,
  31200: 65,
  33600: 66,
  38400: 28,
  57600: 18,
  115200: 19,
};

/** Empty when result codes are off (Q1). */
export function resultText(result: ResultCode, settings: Settings): string {
  if (settings.quiet) return '';
  const { cr, crlf } = terminators(settings);
  const number = typeof result === 'string' ? numbers[result] : connectNumber(result.rate, settings);
  if (settings.verbose || number === undefined) return `${crlf}${verboseText(result, settings)}${crlf}`;
  return `${number}${cr}`;
}

/** Information text is not suppressed by Q1 (V.250 5.7.1). */
export function informationText(text: string, settings: Settings): string {
  const { crlf } = terminators(settings);
  return `${settings.verbose ? crlf : ''}${text}${crlf}`;
}

/** What precedes CONNECT, in the order of V.250: modulation, error control, compression, port rate. */
export function connectReports(rate: number, isErrorFree: boolean, settings: Settings): string[] {
  const reports: string[] = [];
  if (settings.quiet) return reports;
  if (settings.first('+MR') === 1) reports.push(`+MCR: ${modulation(rate)}`, `+MRR: ${rate},${rate}`);
  if (settings.first('+ER') === 1) reports.push(`+ER: ${isErrorFree ? 'LAPM' : 'NONE'}`);
  if (settings.first('+DR') === 1) reports.push('+DR: NONE');
  if (settings.first('+ILRR') === 1) reports.push(`+ILRR: ${portRate(rate, settings)}`);
  if (settings.basic('W') === 1) {
    reports.push(`CARRIER ${rate}`, `PROTOCOL: ${isErrorFree ? 'LAP-M' : 'NONE'}`);
  }
  return reports;
}

function verboseText(result: ResultCode, settings: Settings): string {
  if (typeof result === 'string') return result;
  return settings.tellsRate ? `CONNECT ${toldRate(result.rate, settings)}` : 'CONNECT';
}

function connectNumber(rate: number, settings: Settings): number {
  return settings.tellsRate ? (connectNumbers[toldRate(rate, settings)] ?? plainConnect) : plainConnect;
}

/** W2 tells the line's rate, W0 and W1 the port's. */
function toldRate(rate: number, settings: Settings): number {
  return settings.basic('W') === 2 ? rate : portRate(rate, settings);
}

/** No cable of ours (process, pty, TCP) has a speed of its own: without `+IPR` the port runs at the line's rate. */
function portRate(rate: number, settings: Settings): number {
  return settings.first('+IPR') || rate;
}

const fastestOf: readonly (readonly [rate: number, modulation: string])[] = [
  [300, 'V21'],
  [1200, 'V22'],
  [2400, 'V22B'],
  [9600, 'V32'],
  [14400, 'V32B'],
  [33600, 'V34'],
];

function modulation(rate: number): string {
  return fastestOf.find(([fastest]) => rate <= fastest)?.[1] ?? 'V90';
}

function terminators({ registers }: Settings): { cr: string; crlf: string } {
  const cr = String.fromCharCode(registers.lineTerminator);
  return { cr, crlf: `${cr}${String.fromCharCode(registers.responseFormatter)}` };
}

/**
 * Digits and the modifiers that only steer this call (V.250 6.3.1 and its vendors' additions). Left out on purpose:
 * `;` would leave no data call, `L` and `S=` would dial what somebody stored in the modem.
 */
const dialable = /^[0-9A-D*#TPW,@!^$>+(). -]+$/i;

/** A command line of 255 characters is the Hayes limit; `ATDT` and the return take five. */
const longestDialString = 250;

/** Some modems keep no more than this much of a number (fault 39). */
export const smallDialBuffer = 40;

/** Why `number` cannot be dialled, as a sentence, or `undefined` when it can be tried (fault 39). */
export function dialStringProblem(number: string): string | undefined {
  if (!/[0-9A-D*#]/i.test(number)) return 'there is no digit to dial in it';
  if (!dialable.test(number)) {
    return 'it may hold digits, A to D, * and #, and the modifiers T P W , @ ! ^ $ > + only';
  }
  if (number.length > longestDialString) return `it is longer than ${longestDialString} characters`;
  return undefined;
}

/** The command that dials it: by tone unless it says itself how. */
export function dialCommand(number: string): string {
  return /^[TP]/i.test(number) ? `ATD${number}` : `ATDT${number}`;
}

/**
 * The longest that a modem may take to send it, before S7 starts to run: 190 ms a symbol (S11), 2 s a comma (S8),
 * 5 s for dial tone and for each further one, S7 for an `@`.
 */
export function dialingMs(number: string, carrierWaitSeconds: number): number {
  const count = (symbols: RegExp) => number.match(symbols)?.length ?? 0;
  const pulses = /^P/i.test(number) ? 2_000 : 200;
  const waits = count(/W/gi) + count(/@/g);
  return (
    5_000 + number.length * pulses + count(/,/g) * 2_000 + waits * Math.max(5, carrierWaitSeconds) * 1_000
  );
}

import { type AccountNumber, parseAccountNumber } from '../../bytes/account-number.js';
import type { DtmfSymbol } from '../../pstn/signals.js';

/** Step 305: AccountA (12 digits), AccountB (12 digits), `#`. */
const symbolsInAll = 25;

/** What the DTMF symbols heard so far amount to. */
export type Heard =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'accounts'; readonly caller: AccountNumber; readonly callee: AccountNumber }
  /** `#` alone: version 2, which names nobody by tones. */
  | { readonly kind: 'unnamed' }
  | { readonly kind: 'malformed'; readonly reason: string };

/** Step 305, the server's side. A symbol out of place is malformed at once; the server does not wait for `#`. */
export function readSymbols(symbols: readonly DtmfSymbol[]): Heard {
  const text = symbols.join('');
  const stray = /[^0-9#]/.exec(text);
  if (stray) return { kind: 'malformed', reason: `symbol ${stray[0]} among the account numbers` };
  const end = text.indexOf('#');
  if (text === '#') return { kind: 'unnamed' };
  if (end < 0 && text.length < symbolsInAll) return { kind: 'incomplete' };
  const caller = parseAccountNumber(text.slice(0, 12));
  const callee = parseAccountNumber(text.slice(12, 24));
  if (end !== symbolsInAll - 1 || !caller || !callee) {
    return { kind: 'malformed', reason: `${end < 0 ? text.length : end} digits in place of 24 and #` };
  }
  return { kind: 'accounts', caller, callee };
}

/**
 * Step 305, the caller's side: dials the server, waits for its ready signal (`W`, the second dial tone) and
 * sends the accounts. No `*` between them: with an 11-digit number it stays below the 40 characters that some
 * modems' dial buffers hold (fault 39).
 */
export function callerDialString(serverNumber: string, own: AccountNumber, peer: AccountNumber): string {
  return `${serverNumber}W${own}${peer}#`;
}

/** Version 2: dials the server, waits for its ready signal and asks for the data carrier with `#`. No account is named. */
export function unnamedDialString(serverNumber: string): string {
  return `${serverNumber}W#`;
}

/** Digits of a directory number, as a dial string and a subscriber's record carry it. */
export function isDirectoryNumber(text: string): boolean {
  return /^[0-9]{1,15}$/.test(text);
}

import { type AccountNumber, parseAccountNumber } from '../../../src/bytes/account-number.js';
import type { Subscriber } from '../../../src/store/subscribers.js';

/** The account with this number, zeros put before it. */
export function account(digits: string): AccountNumber {
  const parsed = parseAccountNumber(digits);
  if (!parsed) throw new Error(`not an account number: ${digits}`);
  return parsed;
}

/** Subscriber 1 is at 5550101, 2 at 5550102, and so on; each takes everyone's calls. */
export function subscriber(digits: string, changes: Partial<Subscriber> = {}): Subscriber {
  return {
    account: account(digits),
    name: `Subscriber ${digits}`,
    state: 'active',
    number: `555010${digits}`,
    callingNumbers: [],
    allowsWithheldAni: false,
    versions: [1],
    accepts: ['*'],
    hasKey: true,
    ...changes,
  };
}

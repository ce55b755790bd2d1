import * as v from 'valibot';
import type { AccountNumber } from '../bytes/account-number.js';

/** ISO 8601, read as a `Date`. */
export const time = v.pipe(
  v.string(),
  v.isoTimestamp(),
  v.transform((text) => new Date(text)),
);
export const account = v.pipe(
  v.string(),
  v.regex(/^\d{12}$/),
  v.transform((digits) => digits as AccountNumber),
);
export const count = v.pipe(v.number(), v.integer(), v.minValue(0));

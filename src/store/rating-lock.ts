import type { Statements } from './database.js';

/** Any number, as long as every Cordboard uses the same. */
const ratingLock = 0x434f5252;

/**
 * Until the transaction ends, nobody else changes charges, tariffs or bills. Whoever does takes this first: a charge under way is not seen by
 * one who sums charges up for a bill, nor the bill by who charges.
 */
export function aloneInRating(transaction: Statements) {
  return transaction`select pg_advisory_xact_lock(${ratingLock})`;
}

import { DateTime } from 'luxon';
import type { PossiblePayer, SpendingTime, Spent } from '../store/payers.js';
import { amountText } from './amount.js';
import { LocalMonths } from './local-months.js';
import { firstOf } from './zone-times.js';

/** Decimals of what the store sums. */
const sumDecimals = 8;

type Limit = NonNullable<PossiblePayer['limit']>;

/** What a limit leaves, by the one of day and month that leaves less. */
export interface Rest {
  /** In units of 10^-decimals, rounded down. */
  readonly units: bigint;
  /** `5.00 USD a day`. */
  readonly limit: string;
}

/** The day and the month in which an instant is, by the clocks of a zone. */
export function spendingTimeOf(instant: Date, zone: string): SpendingTime {
  const dayFrom = firstOf(DateTime.fromJSDate(instant, { zone }).startOf('day')).toJSDate();
  const { from, to, period } = new LocalMonths(zone).of(instant);
  return { dayFrom, monthFrom: from, monthTo: to, period };
}

/** @param decimals of the result */
export function restOf(
  { currency, decimals: own, dailyUnits, monthlyUnits }: Limit,
  spent: Spent,
  decimals: number,
): Rest {
  const left = (limit: bigint, used: bigint, span: string): Rest => {
    const rest = limit * 10n ** BigInt(sumDecimals - own) - used;
    const units = rest > 0n ? rest / 10n ** BigInt(sumDecimals - decimals) : 0n;
    return { units, limit: `${amountText(limit, own)} ${currency} a ${span}` };
  };
  const day = dailyUnits === undefined ? undefined : left(dailyUnits, spent.ofDay, 'day');
  const month = monthlyUnits === undefined ? undefined : left(monthlyUnits, spent.ofMonth, 'month');
  const rest = day && month ? (day.units <= month.units ? day : month) : (day ?? month);
  if (!rest) throw new Error('a limit of neither day nor month');
  return rest;
}

/**
 * How many seconds may be charged at most.
 * @param chargeOf of a call of so many seconds; `undefined`: it has none
 * @returns up to `most`; 0: not one
 */
export function affordableSeconds(
  units: bigint,
  most: number,
  chargeOf: (seconds: number) => bigint | undefined,
): number {
  const isAffordable = (seconds: number) => {
    const charge = chargeOf(seconds);
    return charge !== undefined && charge <= units;
  };
  if (isAffordable(most)) return most;
  let [low, high] = [0, most];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isAffordable(middle)) low = middle;
    else high = middle;
  }
  return low;
}

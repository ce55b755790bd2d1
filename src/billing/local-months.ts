import { DateTime } from 'luxon';
import { firstOf } from './zone-times.js';

/** A month of a zone in real time. */
export interface LocalMonth {
  /** Its first day, `2026-11-01`. */
  readonly period: string;
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
}

/** Months of one zone, each reckoned once. */
export class LocalMonths {
  readonly #zone: string;
  #known: LocalMonth[] = [];

  constructor(zone: string) {
    this.#zone = zone;
  }

  of(instant: Date): LocalMonth {
    const ms = instant.getTime();
    const known = this.#known.find(({ from, to }) => from.getTime() <= ms && ms < to.getTime());
    if (known) return known;
    const start = firstOf(DateTime.fromMillis(ms, { zone: this.#zone }).startOf('month'));
    const month = {
      period: start.toFormat('yyyy-MM-dd'),
      from: start.toJSDate(),
      to: firstOf(start.plus({ months: 1 })).toJSDate(),
    };
    // The newest first: calls come in order.
    this.#known = [month, ...this.#known].slice(0, monthsKept);
    return month;
  }
}

const monthsKept = 24;

/** `2026-12-01` is followed by `2027-01-01`. */
export function monthAfter(period: string): string {
  return DateTime.fromISO(period, { zone: 'utc' }).plus({ months: 1 }).toFormat('yyyy-MM-dd');
}

import { DateTime } from 'luxon';
import type { Tariff } from './tariff.js';

/** A stretch of real time in one band. */
export interface BandSpan {
  readonly band: string;
  /** Milliseconds since 1970, exclusive. The next span is in another band, or in this one on another day. */
  readonly untilMs: number;
}

interface LocalDay {
  readonly startMs: number;
  readonly endMs: number;
  readonly spans: readonly BandSpan[];
}

/** Days that are kept reckoned: two years. */
const daysKept = 732;

/** The bands of a tariff in real time. A local day is reckoned once, also those of 23 and 25 hours. */
export class TimeBands {
  readonly #tariff: Pick<Tariff, 'zone' | 'bands' | 'otherBand' | 'holidays'>;
  readonly #days = new Map<number, LocalDay>();
  #last: LocalDay | undefined;

  constructor(tariff: Pick<Tariff, 'zone' | 'bands' | 'otherBand' | 'holidays'>) {
    this.#tariff = tariff;
  }

  /** Where that instant is. */
  at(ms: number): BandSpan {
    const { spans } = this.#dayOf(ms);
    const span = spans.find(({ untilMs }) => ms < untilMs);
    if (!span) throw new RangeError('an instant outside its own day');
    return span;
  }

  #dayOf(ms: number): LocalDay {
    if (this.#last && ms >= this.#last.startMs && ms < this.#last.endMs) return this.#last;
    const start = DateTime.fromMillis(ms, { zone: this.#tariff.zone }).startOf('day');
    let day = this.#days.get(start.toMillis());
    if (!day) {
      day = this.#reckon(start);
      if (this.#days.size >= daysKept) this.#days.clear();
      this.#days.set(day.startMs, day);
    }
    this.#last = day;
    return day;
  }

  #reckon(start: DateTime): LocalDay {
    const { bands, otherBand, holidays } = this.#tariff;
    const weekday = holidays.has(start.toISODate() ?? '') ? 0 : start.weekday;
    const ofDay = bands.filter(({ days }) => days.includes(weekday));
    const edges = [...new Set([1_440, ...ofDay.flatMap(({ from, to }) => [from, to])])]
      .filter((minute) => minute > 0)
      .sort((a, b) => a - b);
    const endMs = start.plus({ days: 1 }).startOf('day').toMillis();
    const spans: BandSpan[] = [];
    let from = 0;
    for (const to of edges) {
      const band = ofDay.find((each) => each.from <= from && from < each.to)?.name ?? otherBand;
      const untilMs = to === 1_440 ? endMs : instantOf(start, to);
      const before = spans.at(-1);
      if (before?.band === band) spans[spans.length - 1] = { band, untilMs };
      else spans.push({ band, untilMs });
      from = to;
    }
    return { startMs: start.toMillis(), endMs, spans };
  }
}

/**
 * When local clocks come to that time of the day. A time that they skip is the moment in which they skip it; of one that they show
 * twice it is the first: a band from 01:30 begins with the first 01:30, and one up to 01:30 ends there.
 */
function instantOf(start: DateTime, minute: number): number {
  const shown = start.set({ hour: Math.floor(minute / 60), minute: minute % 60 });
  if (60 * shown.hour + shown.minute === minute) return shown.toMillis();
  let [before, after] = [start.toMillis() - 1, shown.toMillis()];
  const offsetAt = (ms: number) => start.zone.offset(ms);
  const offset = offsetAt(after);
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(middle) === offset) after = middle;
    else before = middle;
  }
  return after;
}

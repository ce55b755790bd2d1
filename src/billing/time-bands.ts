import { DateTime, type Zone } from 'luxon';
import type { Tariff } from './tariff.js';
import { firstOf } from './zone-times.js';

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

const minuteMs = 60_000;

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
    const start = firstOf(DateTime.fromMillis(ms, { zone: this.#tariff.zone }).startOf('day'));
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
    const edges = [...new Set([0, 1_440, ...ofDay.flatMap(({ from, to }) => [from, to])])].sort(
      (a, b) => a - b,
    );
    const startMs = start.toMillis();
    const endMs = firstOf(start.plus({ days: 1 }).startOf('day')).toMillis();
    const spans: BandSpan[] = [];
    for (const stretch of stretchesOf(start.zone, startMs, endMs)) {
      const midnightMs = Date.UTC(start.year, start.month - 1, start.day) - stretch.offsetMs;
      for (const [index, to] of edges.slice(1).entries()) {
        const from = edges[index] ?? 0;
        const band = ofDay.find((each) => each.from <= from && from < each.to)?.name ?? otherBand;
        const fromMs = Math.max(stretch.fromMs, midnightMs + minuteMs * from);
        const untilMs = Math.min(stretch.toMs, midnightMs + minuteMs * to);
        if (fromMs >= untilMs) continue;
        if (spans.at(-1)?.band === band) spans.pop();
        spans.push({ band, untilMs });
      }
    }
    return { startMs, endMs, spans };
  }
}

/** Real time in which local clocks neither skip nor repeat anything. */
interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  /** Of local time from UTC. */
  readonly offsetMs: number;
}

/** Of a day: one, or two where clocks are set in it. A time of the day that comes twice is in both, one that is skipped in none. */
function stretchesOf(zone: Zone, fromMs: number, toMs: number): Stretch[] {
  const offsetAt = (ms: number) => minuteMs * zone.offset(ms);
  const [first, last] = [offsetAt(fromMs), offsetAt(toMs - 1)];
  if (first === last) return [{ fromMs, toMs, offsetMs: first }];
  let [before, after] = [fromMs, toMs - 1];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(middle) === last) after = middle;
    else before = middle;
  }
  return [
    { fromMs, toMs: after, offsetMs: first },
    { fromMs: after, toMs, offsetMs: last },
  ];
}

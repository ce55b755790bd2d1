import type { Timer } from '../../time/clock.js';
import { type ToneHz, tones } from '../signals.js';
import type { Plant } from './plant.js';
import type { LineUse, SubscriberLine } from './subscriber-line.js';
import type { Timings } from './timings.js';

/** Tone on and off by turns for `lengthMs`. */
export interface Cadence {
  readonly tone: ToneHz;
  readonly onMs: number;
  readonly offMs: number;
  readonly lengthMs: number;
}

/** What a line hears instead of a call, and why. */
export type TreatmentName =
  /** The called line, or all lines of the hunt group, are in use. */
  | 'busy'
  /** The number was not dialled to its end, or no circuit of a local trunk group is free. */
  | 'reorder'
  /** A receiver off the hook. */
  | 'permanent-signal'
  /** No such number. */
  | 'vacant-code'
  /** The number has changed. */
  | 'intercept'
  /** No circuit to another area is free. */
  | 'no-circuit';

const howler: ToneHz = [1400, 2060, 2450, 2600];

const shortMs = 274;
const longMs = 380;
/** For the voice after the special information tone. */
const announcementMs = 6_000;

/** Special information tones: three tones, whose frequencies and lengths tell machines what the voice after them says. */
const specialInformation = {
  'vacant-code': [
    [985, longMs],
    [1371, shortMs],
    [1777, longMs],
  ],
  intercept: [
    [914, shortMs],
    [1371, shortMs],
    [1777, longMs],
  ],
  'no-circuit': [
    [985, longMs],
    [1429, longMs],
    [1777, longMs],
  ],
} as const satisfies Record<string, readonly (readonly [hz: number, lengthMs: number])[]>;

export function treatment(name: TreatmentName, timings: Timings): readonly Cadence[] {
  switch (name) {
    case 'busy':
      return [{ tone: tones.busyOrReorder, onMs: 500, offMs: 500, lengthMs: timings.busyMs }];
    case 'reorder':
      return [{ tone: tones.busyOrReorder, onMs: 250, offMs: 250, lengthMs: timings.reorderMs }];
    case 'permanent-signal':
      return [
        ...treatment('reorder', timings),
        { tone: howler, onMs: 100, offMs: 100, lengthMs: timings.howlerMs },
      ];
    default:
      return spoken(name);
  }
}

/** Said twice. A modem hears neither busy nor an answer. */
function spoken(name: keyof typeof specialInformation): readonly Cadence[] {
  const once = [
    ...specialInformation[name].map(
      ([hz, lengthMs]): Cadence => ({ tone: [hz], onMs: lengthMs, offMs: 0, lengthMs }),
    ),
    { tone: tones.silence, onMs: announcementMs, offMs: 0, lengthMs: announcementMs },
  ];
  return [...once, ...once];
}

/** A line that only listens: the cadences in order, then silence until it hangs up. */
export class Announcement implements LineUse {
  readonly #line: SubscriberLine;
  readonly #plant: Plant;
  readonly #cadences: readonly Cadence[];
  #timer: Timer;

  constructor(line: SubscriberLine, plant: Plant, cadences: readonly Cadence[]) {
    this.#line = line;
    this.#plant = plant;
    this.#cadences = cadences;
  }

  start(): void {
    this.#line.engage(this);
    this.#play(0, 0);
  }

  released(): void {
    this.#plant.clock.clearTimeout(this.#timer);
  }

  #play(index: number, playedMs: number): void {
    const cadence = this.#cadences[index];
    if (!cadence) return;
    this.#line.hear(cadence.tone);
    this.#after(cadence.onMs, () => {
      this.#line.hear(tones.silence);
      this.#after(cadence.offMs, () => {
        const nextMs = playedMs + cadence.onMs + cadence.offMs;
        if (nextMs < cadence.lengthMs) this.#play(index, nextMs);
        else this.#play(index + 1, 0);
      });
    });
  }

  #after(delayMs: number, run: () => void): void {
    this.#timer = this.#plant.clock.setTimeout(run, delayMs);
  }
}

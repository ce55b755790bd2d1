import type { Timer } from '../../time/clock.js';
import { type ToneHz, tones } from '../signals.js';
import type { Plant } from './plant.js';
import type { LineUse, SubscriberLine } from './subscriber-line.js';

/** Tone on and off by turns for `lengthMs`. */
export interface Cadence {
  readonly tone: ToneHz;
  readonly onMs: number;
  readonly offMs: number;
  readonly lengthMs: number;
}

const howler: ToneHz = [1400, 2060, 2450, 2600];

/** The called line, or all lines of the hunt group, are in use. */
export function busyTone(plant: Plant): readonly Cadence[] {
  return [{ tone: tones.busyOrReorder, onMs: 500, offMs: 500, lengthMs: plant.timings.busyMs }];
}

/** The special information tone for a vacant code (hertz, ms), then the time in which a voice says so. */
const vacantTones: readonly (readonly [hz: number, lengthMs: number])[] = [
  [985, 380],
  [1371, 274],
  [1777, 380],
];
const announcementMs = 6_000;

/** The number is not in service: the recorded announcement, said twice. A modem hears neither busy nor an answer. */
export function vacantNumber(): readonly Cadence[] {
  const once = [
    ...vacantTones.map(([hz, lengthMs]): Cadence => ({ tone: [hz], onMs: lengthMs, offMs: 0, lengthMs })),
    { tone: tones.silence, onMs: announcementMs, offMs: 0, lengthMs: announcementMs },
  ];
  return [...once, ...once];
}

/** The call cannot be set up, or was not dialled to its end. */
export function reorderTone(plant: Plant): readonly Cadence[] {
  return [{ tone: tones.busyOrReorder, onMs: 250, offMs: 250, lengthMs: plant.timings.reorderMs }];
}

/** A receiver off the hook. */
export function permanentSignalTone(plant: Plant): readonly Cadence[] {
  return [...reorderTone(plant), { tone: howler, onMs: 100, offMs: 100, lengthMs: plant.timings.howlerMs }];
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

import type { Timer } from '../../time/clock.js';
import { tones } from '../signals.js';
import type { Plant } from './plant.js';
import type { LineUse, SubscriberLine } from './subscriber-line.js';
import type { Cadence } from './treatments.js';

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

import type { Clock, Timer } from '../../../time/clock.js';
import { exponential } from '../random-stream.js';
import type { SubscriberLine } from '../subscriber-line.js';

/** While a carrier is up: loses it or has it trained anew, as often as the line's impairments say. */
export class CarrierFaults {
  readonly #clock: Clock;
  readonly #line: SubscriberLine;
  #drop: Timer;
  #retrain: Timer;

  constructor(line: SubscriberLine, clock: Clock) {
    this.#line = line;
    this.#clock = clock;
  }

  start(): void {
    const { carrierDrops, retrains } = this.#line.impairments;
    if (carrierDrops) this.#drop = this.#after(carrierDrops.everyMs, () => this.#line.dropCarrier());
    if (retrains) this.#awaitRetrain(retrains.everyMs);
  }

  stop(): void {
    this.#clock.clearTimeout(this.#drop);
    this.#clock.clearTimeout(this.#retrain);
  }

  #awaitRetrain(everyMs: number): void {
    this.#retrain = this.#after(everyMs, () => {
      const lengthMs = this.#line.retrain();
      this.#retrain = this.#clock.setTimeout(() => this.#awaitRetrain(everyMs), lengthMs);
    });
  }

  #after(meanMs: number, run: () => void): Timer {
    return this.#clock.setTimeout(run, exponential(meanMs, this.#line.chance));
  }
}

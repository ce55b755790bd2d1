import type { Clock } from '../../../time/clock.js';
import { OneShot } from './one-shot.js';

/** Tells that nothing has happened for a while. `touch` costs a reading of the clock: it is called for every chunk of data. */
export class InactivityTimer {
  readonly #clock: Clock;
  readonly #timer: OneShot;
  #touchedMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#timer = new OneShot(clock);
  }

  /** @param limitMs 0 for never */
  start(limitMs: number, expired: () => void): void {
    this.touch();
    if (limitMs > 0) this.#await(limitMs, limitMs, expired);
    else this.stop();
  }

  touch(): void {
    this.#touchedMs = this.#clock.monotonicMs();
  }

  stop(): void {
    this.#timer.stop();
  }

  #await(delayMs: number, limitMs: number, expired: () => void): void {
    this.#timer.start(delayMs, () => {
      const restMs = this.#touchedMs + limitMs - this.#clock.monotonicMs();
      if (restMs > 0) this.#await(restMs, limitMs, expired);
      else expired();
    });
  }
}

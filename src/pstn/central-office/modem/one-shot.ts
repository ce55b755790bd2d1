import type { Clock, Timer } from '../../../time/clock.js';

/** One timer that is started, restarted and stopped; at most one run is ever due. */
export class OneShot {
  readonly #clock: Clock;
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get running(): boolean {
    return this.#timer !== undefined;
  }

  start(delayMs: number, run: () => void): void {
    this.stop();
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      run();
    }, delayMs);
  }

  stop(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

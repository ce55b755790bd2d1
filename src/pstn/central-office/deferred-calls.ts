import type { Clock } from '../../time/clock.js';

/** Calls to equipment, made in order from the clock: equipment is never called from within a call of its own. */
export class DeferredCalls {
  readonly #clock: Clock;
  #waiting: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(call: () => void): void {
    if (this.#waiting.push(call) === 1) this.#clock.setTimeout(() => this.#makeAll(), 0);
  }

  #makeAll(): void {
    const calls = this.#waiting;
    this.#waiting = [];
    for (const call of calls) call();
  }
}

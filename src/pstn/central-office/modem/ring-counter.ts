import type { Clock } from '../../../time/clock.js';
import { OneShot } from './one-shot.js';

/** S1 is cleared when no burst has begun for so long. */
const forgetMs = 8000;

/** Counts ringing bursts for S1. */
export class RingCounter {
  readonly #forget: OneShot;
  readonly #changed: (rings: number) => void;
  #rings = 0;

  constructor(clock: Clock, changed: (rings: number) => void) {
    this.#forget = new OneShot(clock);
    this.#changed = changed;
  }

  get rings(): number {
    return this.#rings;
  }

  count(): void {
    this.#set(this.#rings + 1);
    this.#forget.start(forgetMs, () => this.#set(0));
  }

  clear(): void {
    this.#forget.stop();
    this.#set(0);
  }

  #set(rings: number): void {
    this.#rings = rings;
    this.#changed(rings);
  }
}

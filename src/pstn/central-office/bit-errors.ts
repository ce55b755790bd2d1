import type { Uniform } from './random-stream.js';

/** Flips bits at a given rate, independently of one another. Costs nothing between errors: it draws the gaps. */
export class BitErrors {
  readonly #chance: Uniform;
  readonly #logOfKept: number;
  #bitsToNext: number;

  /** @param rate probability that a bit is wrong, below 1 */
  constructor(rate: number, chance: Uniform) {
    this.#chance = chance;
    this.#logOfKept = Math.log1p(-rate);
    this.#bitsToNext = this.#gap();
  }

  /** Corrupts `octets` in place. */
  apply(octets: Uint8Array): void {
    const bits = octets.length * 8;
    while (this.#bitsToNext < bits) {
      const index = this.#bitsToNext >> 3;
      octets[index] = (octets[index] ?? 0) ^ (1 << (this.#bitsToNext & 7));
      this.#bitsToNext += 1 + this.#gap();
    }
    this.#bitsToNext -= bits;
  }

  /** Good bits before the next bad one: geometric. */
  #gap(): number {
    return this.#logOfKept === 0 ? Infinity : Math.floor(Math.log1p(-this.#chance()) / this.#logOfKept);
  }
}

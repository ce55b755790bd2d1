import { BitErrors } from '../bit-errors.js';
import { exponential, type Uniform } from '../random-stream.js';
import type { ErrorBurstOptions } from './impairments.js';

/**
 * Gilbert and Elliott's channel: good and bad stretches by turns, each as long as an exponential draw, bits wrong in the bad
 * ones only. The stretches are those of the octets that pass; an idle line has no good or bad time.
 */
export class ErrorBursts {
  readonly #chance: Uniform;
  readonly #errors: BitErrors;
  readonly #goodOctets: number;
  readonly #badOctets: number;
  #isBad = false;
  #left: number;

  /** @param rate bit/s, by which times become octets */
  constructor({ everyMs, lengthMs, bitErrorRate }: ErrorBurstOptions, rate: number, chance: Uniform) {
    this.#chance = chance;
    this.#errors = new BitErrors(bitErrorRate, chance);
    this.#goodOctets = (everyMs * rate) / 8_000;
    this.#badOctets = (lengthMs * rate) / 8_000;
    this.#left = this.#draw(this.#goodOctets);
  }

  /** Corrupts `octets` in place. */
  apply(octets: Uint8Array): void {
    for (let at = 0; at < octets.length; ) {
      const end = Math.min(at + this.#left, octets.length);
      if (this.#isBad) this.#errors.apply(octets.subarray(at, end));
      this.#left -= end - at;
      at = end;
      if (this.#left === 0) this.#turn();
    }
  }

  #turn(): void {
    this.#isBad = !this.#isBad;
    this.#left = this.#draw(this.#isBad ? this.#badOctets : this.#goodOctets);
  }

  /** A stretch is one octet at least. */
  #draw(mean: number): number {
    return Math.max(1, Math.round(exponential(mean, this.#chance)));
  }
}

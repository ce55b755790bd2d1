import { sampleRate } from './pcm.js';

/** The content of a block of samples at one frequency (Goertzel's recursion): a multiplication and two sums a sample. */
export class Goertzel {
  readonly #coefficient: number;
  readonly #cosine: number;
  readonly #sine: number;
  #real = 0;
  #imaginary = 0;
  #scale = 1;

  constructor(hz: number) {
    const step = (2 * Math.PI * hz) / sampleRate;
    this.#cosine = Math.cos(step);
    this.#sine = Math.sin(step);
    this.#coefficient = 2 * this.#cosine;
  }

  measure(block: Float64Array): void {
    let last = 0;
    let beforeLast = 0;
    for (let index = 0; index < block.length; index++) {
      const next = (block[index] as number) + this.#coefficient * last - beforeLast;
      beforeLast = last;
      last = next;
    }
    this.#real = last - this.#cosine * beforeLast;
    this.#imaginary = this.#sine * beforeLast;
    this.#scale = 2 / block.length ** 2;
  }

  /** Mean square of the sine at this frequency in the block measured last. */
  get power(): number {
    return (this.#real ** 2 + this.#imaginary ** 2) * this.#scale;
  }

  /** Of that sine, in radians; between blocks of one length it advances by the true frequency. */
  get phase(): number {
    return Math.atan2(this.#imaginary, this.#real);
  }
}

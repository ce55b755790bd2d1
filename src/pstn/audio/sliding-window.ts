/** Cuts a stream of samples, in pieces of any length, into windows that overlap. */
export class SlidingWindow {
  readonly #window: Float64Array;
  readonly #hop: number;
  readonly #whenFull: (window: Float64Array) => void;
  #filled = 0;

  /** @param whenFull is called for every `hop` samples with the last `length`; the array is used again */
  constructor(length: number, hop: number, whenFull: (window: Float64Array) => void) {
    this.#window = new Float64Array(length);
    this.#hop = hop;
    this.#whenFull = whenFull;
  }

  push(samples: Int16Array): void {
    for (let at = 0; at < samples.length; ) {
      const piece = samples.subarray(at, at + this.#window.length - this.#filled);
      this.#window.set(piece, this.#filled);
      this.#filled += piece.length;
      at += piece.length;
      if (this.#filled < this.#window.length) return;
      this.#whenFull(this.#window);
      this.#window.copyWithin(0, this.#hop);
      this.#filled -= this.#hop;
    }
  }
}

export function meanSquare(window: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < window.length; index++) sum += (window[index] as number) ** 2;
  return sum / window.length;
}

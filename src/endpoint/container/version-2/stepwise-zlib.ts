import type { BrotliCompress, BrotliDecompress } from 'node:zlib';

/**
 * A stream of node:zlib that is driven one order at a time: everything that an order brings out is here before the next one is
 * given. So the octets of two streams can be put in one order, and the same input gives the same output whatever the timing.
 */
export class StepwiseZlib {
  readonly #stream: BrotliCompress | BrotliDecompress;
  #error: Error | undefined;
  #hasEnded = false;
  #wake: () => void = () => {};

  constructor(stream: BrotliCompress | BrotliDecompress) {
    this.#stream = stream;
    stream.on('readable', () => this.#wake());
    stream.on('end', () => {
      this.#hasEnded = true;
      this.#wake();
    });
    stream.on('error', (error) => {
      this.#error = error;
      this.#wake();
    });
  }

  /** Octets that the stream took in; behind the end of a compressed stream it takes none. */
  get taken(): number {
    return this.#stream.bytesWritten;
  }

  write(octets: Uint8Array): AsyncGenerator<Buffer> {
    return this.#order((done) => this.#stream.write(octets, done));
  }

  flush(): AsyncGenerator<Buffer> {
    return this.#order((done) => this.#stream.flush(done));
  }

  end(): AsyncGenerator<Buffer> {
    // 'finish' and with it the callback of `end` come before the last octets; 'end' comes behind them.
    return this.#order(() => this.#stream.end());
  }

  destroy(): void {
    this.#stream.destroy();
  }

  /** @throws the error of the stream */
  async *#order(give: (done: () => void) => void): AsyncGenerator<Buffer> {
    let isDone = false;
    give(() => {
      isDone = true;
      this.#wake();
    });
    for (;;) {
      const octets: Buffer | null = this.#stream.read();
      if (this.#error) throw this.#error;
      if (octets) yield octets;
      else if (isDone || this.#hasEnded) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

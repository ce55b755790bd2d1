import { constants, createBrotliCompress } from 'node:zlib';
import { Differences } from './differences.js';
import { type RunKind, runHeader } from './runs.js';
import { StepwiseZlib } from './stepwise-zlib.js';

/** Recipients refuse 1:200 (step 780); this side stays well below it all along the content. */
const ownRatio = 150;
/** Octets of the archive between two looks at the ratio. */
const lookEvery = 65_536;
/**
 * The compressor holds its output back for up to 16 MiB of input, and quality 11 takes about 1 MB/s: it is flushed here, then at
 * twice the octets each time. Measured on an office folder of 4 MB: first octets after .05 s instead of 4.5 s, for 0 octets more.
 */
const firstFlush = 32_768;

/** An empty run unpacks to nothing. */
const filler = runHeader('stored', 0);

/** Some octets of the content, runs with their headers. */
export interface ContentPiece {
  readonly octets: Uint8Array;
  /** What is here should not wait for more: the chunk that it is in is closed behind it. */
  readonly closesChunk: boolean;
}

/**
 * Puts an archive into runs: one brotli stream over all that gets smaller, and the rest as it is. What the same calls give is
 * the same to the octet, whatever the timing.
 */
export class RunWriter {
  readonly #brotli = new StepwiseZlib(
    createBrotliCompress({
      chunkSize: 65_536,
      params: {
        // The line is the bottleneck by far: the best compression is the fastest.
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      },
    }),
  );
  /** Octets of the archive in all, and of it into brotli. */
  #taken = 0;
  #compressed = 0;
  #unflushed = 0;
  #nextFlush = firstFlush;
  #nextLook = lookEvery;
  #produced = 0;
  #differences = new Differences(0);

  /** Whether octets were taken that are in no run yet. */
  get holdsBack(): boolean {
    return this.#unflushed > 0;
  }

  async *compress(octets: Uint8Array): AsyncGenerator<ContentPiece> {
    for (let rest = octets; rest.length > 0; ) {
      const piece = rest.subarray(0, Math.min(this.#nextFlush, this.#nextLook) - this.#compressed);
      rest = rest.subarray(piece.length);
      yield* this.#runs('brotli', this.#brotli.write(this.#differences.of(piece)));
      this.#taken += piece.length;
      this.#compressed += piece.length;
      this.#unflushed += piece.length;
      if (this.#compressed === this.#nextFlush) {
        yield* this.flush(this.#nextFlush === firstFlush);
        this.#nextFlush *= 2;
      }
      if (this.#compressed === this.#nextLook) {
        yield* this.#keepRatio();
        this.#nextLook += lookEvery;
      }
    }
  }

  /** What is compressed from here on goes as differences of that distance; 0: as it is. */
  async *setDistance(distance: number): AsyncGenerator<ContentPiece> {
    if (distance === this.#differences.distance) return;
    yield* this.flush(false);
    yield this.#run('distance', Uint8Array.of(distance));
    this.#differences = new Differences(distance);
  }

  async *store(octets: Uint8Array): AsyncGenerator<ContentPiece> {
    yield* this.flush(false);
    this.#taken += octets.length;
    yield this.#run('stored', octets);
  }

  /** Everything that was taken so far comes out. */
  async *flush(closesChunk: boolean): AsyncGenerator<ContentPiece> {
    if (!this.holdsBack) return;
    yield* this.#runs('brotli', this.#brotli.flush());
    this.#unflushed = 0;
    if (closesChunk) yield { octets: new Uint8Array(0), closesChunk };
  }

  /** An empty run, for a recipient that waits. */
  async *signOfLife(): AsyncGenerator<ContentPiece> {
    yield* this.flush(false);
    this.#produced += filler.length;
    yield { octets: filler, closesChunk: true };
  }

  async *end(): AsyncGenerator<ContentPiece> {
    let last: Uint8Array = new Uint8Array(0);
    for await (const octets of this.#brotli.end()) {
      if (last.length > 0) yield this.#run('brotli', last);
      last = octets;
    }
    yield this.#run('brotliEnd', last);
    this.#unflushed = 0;
    yield* this.#keepRatio();
    yield this.#run('end', new Uint8Array(0));
  }

  destroy(): void {
    this.#brotli.destroy();
  }

  /**
   * Content that shrinks beyond the recipient's limit against archive bombs (a blank picture, a preallocated database) is
   * lengthened by empty runs, not refused after the call.
   */
  async *#keepRatio(): AsyncGenerator<ContentPiece> {
    const missing = () => Math.ceil(this.#taken / ownRatio) - this.#produced;
    if (missing() > 0) yield* this.flush(false);
    if (missing() <= 0) return;
    const octets = Buffer.alloc(Math.ceil(missing() / filler.length) * filler.length, filler);
    this.#produced += octets.length;
    yield { octets, closesChunk: false };
  }

  async *#runs(kind: RunKind, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<ContentPiece> {
    for await (const octets of pieces) yield this.#run(kind, octets);
  }

  #run(kind: RunKind, octets: Uint8Array): ContentPiece {
    const run = Buffer.concat([runHeader(kind, octets.length), octets]);
    this.#produced += run.length;
    return { octets: run, closesChunk: false };
  }
}

import { createBrotliDecompress } from 'node:zlib';
import { ContentRefused } from '../../../session/session.js';
import { ArchiveReader, type UnpackTarget } from '../archive-reader.js';
import type { ContainerLimits } from '../limits.js';
import { ratioSlackOctets } from '../unpack.js';
import { Differences, longestDistance } from './differences.js';
import { type RunPiece, RunReader, runHeaderOctets } from './runs.js';
import { StepwiseZlib } from './stepwise-zlib.js';
import { TreeHeaders } from './tree-headers.js';

/** What empty runs may cost: senders lengthen content that shrinks beyond 1:150 with them, and break the silence of live data. */
const emptyShare = 1 / 100;
const emptySlackOctets = 1024 ** 2;

/**
 * Version 2's content on its way into files, as its octets arrive. Memory stays at brotli's window and a few buffers, whatever is
 * sent.
 */
export class ContentUnpacker {
  readonly #runs = new RunReader();
  readonly #archive: ArchiveReader;
  readonly #limits: ContainerLimits;
  #brotli: StepwiseZlib | undefined;
  #compressed = 0;
  #differences = new Differences(0);
  #received = 0;
  #unpacked = 0;
  /** Of empty runs. */
  #empty = 0;

  constructor(target: UnpackTarget, limits: ContainerLimits) {
    this.#archive = new ArchiveReader(target, limits, new TreeHeaders());
    this.#limits = limits;
  }

  /** @throws ContentRefused; whatever else the target throws is this side's own trouble */
  async write(content: Uint8Array): Promise<void> {
    this.#received += content.length;
    for (const piece of this.#runs.read(content)) {
      if (piece.octets.length === 0 || piece.kind === 'distance') this.#countEmptyRun();
      if (piece.kind === 'stored') await this.#unpack(piece.octets);
      else if (piece.kind === 'distance') this.#setDistance(piece.octets);
      else await this.#decompress(piece);
    }
  }

  /** Everything was written. @throws ContentRefused when the content is not whole */
  async finish(): Promise<void> {
    if (!this.#runs.hasEnded) throw new ContentRefused('content that ends before its last run');
    if (this.#brotli) throw new ContentRefused('a brotli stream that ends early');
    await this.#archive.finish();
    this.#checkRatio(0);
  }

  /** Stops in the middle. */
  stop(): void {
    this.#brotli?.destroy();
    this.#brotli = undefined;
  }

  async #decompress({ kind, octets, isRunsEnd }: RunPiece): Promise<void> {
    this.#brotli ??= new StepwiseZlib(createBrotliDecompress({ chunkSize: 65_536 }));
    const brotli = this.#brotli;
    this.#compressed += octets.length;
    await this.#drain(brotli.write(octets));
    // At once: a stream that has ended would queue what follows, and hold all of it.
    if (brotli.taken !== this.#compressed)
      throw new ContentRefused('octets behind the end of a brotli stream');
    if (kind !== 'brotliEnd' || !isRunsEnd) return;
    await this.#drain(brotli.end());
    this.stop();
    this.#compressed = 0;
  }

  async #drain(pieces: AsyncGenerator<Buffer>): Promise<void> {
    for (;;) {
      const next = await pieces.next().catch((cause: Error) => {
        throw new ContentRefused(`not a whole brotli stream (${cause.message})`, { cause });
      });
      if (next.done) return;
      await this.#unpack(this.#differences.undo(next.value));
    }
  }

  async #unpack(archive: Uint8Array): Promise<void> {
    this.#unpacked += archive.length;
    this.#checkRatio(ratioSlackOctets);
    await this.#archive.take(archive);
  }

  #setDistance([distance = 0]: Uint8Array): void {
    if (distance > longestDistance) throw new ContentRefused(`differences of distance ${distance}`);
    this.#differences = new Differences(distance);
  }

  #countEmptyRun(): void {
    this.#empty += runHeaderOctets;
    if (this.#empty > this.#unpacked * emptyShare + emptySlackOctets)
      throw new ContentRefused('more empty runs than any content needs');
  }

  #checkRatio(slackOctets: number): void {
    const { ratio } = this.#limits;
    if (this.#unpacked > this.#received * ratio + slackOctets) {
      throw new ContentRefused(`content that unpacks to more than ${ratio} times its size`);
    }
  }
}

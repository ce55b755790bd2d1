import { createInflate } from 'node:zlib';
import { ContentRefused } from '../../session/session.js';
import { codeOf } from '../endpoint-error.js';
import { ArchiveReader, type UnpackTarget } from './archive-reader.js';
import type { ContainerLimits } from './limits.js';

/** Unpacked octets below which the ratio is judged at the end only: an honest picture may begin with a blank area. */
export const ratioSlackOctets = 16 * 1024 * 1024;

/**
 * The container F on its way into files, as its octets arrive: one zlib stream around one archive, nothing after
 * either. Memory stays at a few buffers whatever is sent.
 */
export class Unpacker {
  readonly #inflate = createInflate({ chunkSize: 65_536 });
  readonly #archive: ArchiveReader;
  readonly #limits: ContainerLimits;
  readonly #reading: Promise<void>;
  #received = 0;
  #unpacked = 0;

  constructor(target: UnpackTarget, limits: ContainerLimits) {
    this.#archive = new ArchiveReader(target, limits);
    this.#limits = limits;
    this.#reading = this.#read();
    // `write` and `finish` report it; between them nobody waits.
    this.#reading.catch(() => undefined);
  }

  /**
   * @throws ContentRefused, at this write or the next; whatever else the target throws is this side's own trouble
   */
  async write(container: Uint8Array): Promise<void> {
    this.#received += container.length;
    const written = new Promise<void>((resolve) => this.#inflate.write(container, () => resolve()));
    const ended = this.#reading.then(() => {
      throw new ContentRefused('octets after the end of the compressed stream');
    });
    await Promise.race([ended, written]);
  }

  /** Everything was written. @throws ContentRefused when the container is not whole */
  async finish(): Promise<void> {
    this.#inflate.end();
    await this.#reading;
    if (this.#inflate.bytesWritten !== this.#received) {
      throw new ContentRefused('octets after the end of the compressed stream');
    }
    await this.#archive.finish();
    this.#checkRatio(0);
  }

  /** Stops in the middle; resolves when the target is no longer written to. */
  async stop(): Promise<void> {
    this.#inflate.destroy();
    await this.#reading.catch(() => undefined);
  }

  async #read(): Promise<void> {
    try {
      for await (const octets of this.#inflate as AsyncIterable<Buffer>) {
        this.#unpacked += octets.length;
        this.#checkRatio(ratioSlackOctets);
        await this.#archive.take(octets);
      }
    } catch (cause) {
      if (!codeOf(cause)?.startsWith('Z_')) throw cause;
      throw new ContentRefused(`not a whole zlib stream (${(cause as Error).message})`, { cause });
    }
  }

  #checkRatio(slackOctets: number): void {
    const { ratio } = this.#limits;
    if (this.#unpacked > this.#received * ratio + slackOctets) {
      throw new ContentRefused(`content that unpacks to more than ${ratio} times its size`);
    }
  }
}

import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../../disk/durable-writes.js';
import { tailDigestOf } from '../../protocol/data-exchange/version-2/rules.js';
import {
  type ContentPosition,
  chunkOverhead,
  type StreamKey,
  StreamOpener,
} from '../../protocol/data-exchange/version-2/sealed-stream.js';
import type { ContentSummary } from '../../session/version-2/transfer.js';
import { diskError, EndpointError } from '../endpoint-error.js';
import { quoted } from '../quoted.js';

const readOctets = 65_536;

/** Where a chunk ends, in the sealed stream and in the content, and what it was when it was written or opened. */
interface ChunkMark {
  readonly streamEnd: number;
  readonly contentEnd: number;
  readonly sha256: string;
}

/** The chunks of one session id in a file, each synced before it counts. */
export class SpoolStream {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #marks: ChunkMark[] = [];
  readonly #hash: Hash = createHash('sha256');
  #isComplete = false;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /**
   * The file with the chunks that are in it, each opened. One that a crash left short is cut off: nobody has seen it.
   * @returns `damaged` where a chunk does not open. It may have been sent, and its number must not be sealed again (fault 84)
   */
  static async open(path: string, key: StreamKey): Promise<SpoolStream | 'damaged'> {
    const file = await open(path, 'a+', 0o600).catch((cause: unknown) => {
      throw diskError('The transfer cannot be kept', cause);
    });
    try {
      await syncFolder(dirname(path));
      const stream = new SpoolStream(path, file);
      if (await stream.#load(key)) return stream;
      await file.close();
      return 'damaged';
    } catch (cause) {
      await file.close();
      throw diskError('The transfer cannot be read', cause);
    }
  }

  /** Octets that are there. */
  get length(): number {
    return this.#marks.at(-1)?.streamEnd ?? 0;
  }

  get position(): ContentPosition {
    return { chunks: this.#marks.length, octets: this.#marks.at(-1)?.contentEnd ?? 0 };
  }

  /** Whether the last chunk is there. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Of the content so far. */
  summary(): ContentSummary {
    return { ...this.position, sha256: new Uint8Array(this.#hash.copy().digest()) };
  }

  /** Durable when it resolves. A failed write or sync leaves a file that is to be opened anew (fault 82). */
  async append(chunk: Uint8Array, content: Uint8Array, isLast: boolean): Promise<void> {
    try {
      await this.#file.appendFile(chunk);
      await this.#file.datasync();
    } catch (cause) {
      throw diskError('The transfer cannot be kept', cause);
    }
    this.#note(chunk, content);
    this.#isComplete = isLast;
  }

  /** From `offset` to the end of its chunk; `undefined` behind the last one. @throws EndpointError `damaged` */
  async read(offset: number): Promise<Uint8Array | undefined> {
    const index = this.#chunkAt(offset);
    const mark = this.#marks[index];
    if (!mark) return undefined;
    const start = this.#marks[index - 1]?.streamEnd ?? 0;
    const chunk = await this.#readRange(start, mark.streamEnd);
    if (digestOf(chunk) !== mark.sha256) {
      throw new EndpointError(
        'damaged',
        `The spool file ${quoted(this.#path)} was damaged on the disk. Call again: what the recipient lacks is packed anew.`,
      );
    }
    return chunk.subarray(offset - start);
  }

  /** Of the octets between the offsets; `undefined` where they are not there. */
  async tailDigest(from: number, to: number): Promise<Uint8Array | undefined> {
    return from <= to && to <= this.length ? tailDigestOf(await this.#readRange(from, to)) : undefined;
  }

  /** Octets of content in the chunks that begin before `offset`. */
  contentOctets(offset: number): number {
    if (offset <= 0) return 0;
    return this.#marks[Math.min(this.#chunkAt(offset - 1), this.#marks.length - 1)]?.contentEnd ?? 0;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #load(key: StreamKey): Promise<boolean> {
    const opener = new StreamOpener(key);
    const { size } = await this.#file.stat();
    // A chunk at a time, so that its octets are known when it has opened.
    for (let at = 0; at < size; ) {
      const header = await this.#readRange(at, Math.min(at + 2, size));
      const length = ((header[0] ?? 0) << 8) + (header[1] ?? 0) + 1 + chunkOverhead;
      if (header.length < 2 || at + length > size) break;
      const chunk = await this.#readRange(at, at + length);
      const { chunks, state } = opener.push(chunk);
      const [content] = chunks;
      if (!content || this.#isComplete) return false;
      this.#note(chunk, content);
      this.#isComplete = state.kind === 'complete';
      at += length;
    }
    if (this.length < size) {
      await this.#file.truncate(this.length);
      await this.#file.datasync();
    }
    return true;
  }

  #note(chunk: Uint8Array, content: Uint8Array): void {
    const { octets } = this.position;
    this.#hash.update(content);
    this.#marks.push({
      streamEnd: this.length + chunk.length,
      contentEnd: octets + content.length,
      sha256: digestOf(chunk),
    });
  }

  /** The first chunk that ends behind the offset. */
  #chunkAt(offset: number): number {
    let low = 0;
    let high = this.#marks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#marks[middle]?.streamEnd ?? 0) > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  async #readRange(start: number, end: number): Promise<Uint8Array> {
    const octets = Buffer.alloc(end - start);
    for (let filled = 0; filled < octets.length; ) {
      const length = Math.min(octets.length - filled, readOctets);
      const { bytesRead } = await this.#file.read(octets, filled, length, start + filled);
      if (bytesRead === 0) return octets.subarray(0, filled);
      filled += bytesRead;
    }
    return octets;
  }
}

function digestOf(chunk: Uint8Array): string {
  return createHash('sha256').update(chunk).digest('base64');
}

import { type FileHandle, open } from 'node:fs/promises';
import { diskError } from '../endpoint-error.js';

/** What a power cut may take back of what came: about a second of a line. */
const unsyncedOctets = 4_096;
const readOctets = 65_536;

/** The sealed octets of one session as they came, in a file of their own. */
export class PartFile {
  readonly path: string;
  readonly #file: FileHandle;
  #length: number;
  #syncedLength = 0;
  #syncing: Promise<void> | undefined;
  #failure: { readonly cause: unknown } | undefined;

  private constructor(path: string, file: FileHandle, length: number) {
    this.path = path;
    this.#file = file;
    this.#length = length;
  }

  static async open(path: string): Promise<PartFile> {
    try {
      const file = await open(path, 'a+', 0o600);
      const { size } = await file.stat();
      return new PartFile(path, file, size);
    } catch (cause) {
      throw notStored(cause);
    }
  }

  get length(): number {
    return this.#length;
  }

  /** Synced behind the caller's back: the line never waits for it, unless the disk is slower. */
  async append(octets: Uint8Array): Promise<void> {
    this.#throwFailure();
    await orFail(this.#file.appendFile(octets));
    this.#length += octets.length;
    if (this.#length - this.#syncedLength >= unsyncedOctets) this.#syncing ??= this.#syncOnce();
  }

  /** Everything is durable when it resolves. */
  async sync(): Promise<void> {
    while (this.#syncing !== undefined) await this.#syncing;
    this.#throwFailure();
    if (this.#syncedLength < this.#length) {
      this.#syncing = this.#syncOnce();
      await this.#syncing;
    }
    this.#throwFailure();
  }

  /** Durable when it resolves. */
  async cut(length: number): Promise<void> {
    while (this.#syncing !== undefined) await this.#syncing;
    await orFail(this.#file.truncate(length));
    await orFail(this.#file.datasync());
    this.#length = length;
    this.#syncedLength = length;
  }

  /** From the beginning to the present end. */
  async *read(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < this.#length; ) {
      const length = Math.min(readOctets, this.#length - at);
      const { buffer, bytesRead } = await orFail(this.#file.read(Buffer.alloc(length), 0, length, at));
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  async close(): Promise<void> {
    while (this.#syncing !== undefined) await this.#syncing;
    await this.#file.close();
  }

  async #syncOnce(): Promise<void> {
    const length = this.#length;
    try {
      await this.#file.datasync();
      this.#syncedLength = length;
    } catch (cause) {
      this.#failure = { cause };
      // After a failed sync the system may show octets that are not on the disk, and call them synced the next time (fault 82).
      await this.#file.truncate(this.#syncedLength).catch(() => undefined);
    }
    const isBehind = !this.#failure && this.#length - this.#syncedLength >= unsyncedOctets;
    this.#syncing = isBehind ? this.#syncOnce() : undefined;
  }

  #throwFailure(): void {
    if (this.#failure) throw notStored(this.#failure.cause);
  }
}

async function orFail<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw notStored(cause);
  }
}

function notStored(cause: unknown) {
  return diskError('What came over the line cannot be stored', cause);
}

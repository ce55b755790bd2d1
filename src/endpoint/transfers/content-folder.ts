import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../../disk/durable-writes.js';
import type { UstarEntry } from '../../protocol/data-exchange/ustar.js';
import { ContentRefused, type ReceivedFile } from '../../session/session.js';
import type { UnpackTarget } from '../container/archive-reader.js';
import type { ContainerLimits } from '../container/limits.js';
import { TreeNames } from '../container/version-2/tree-names.js';
import { diskError } from '../endpoint-error.js';
import { recordName } from '../inbox.js';

/** Files that are synced at the same time: many small ones would wait for the disk one by one. */
const syncsAtOnce = 8;

interface OpenFile {
  readonly handle: FileHandle;
  readonly name: string;
  readonly entry: UstarEntry;
  readonly hash: Hash;
  size: number;
}

/** Quarantine of version 2: files in their folders, under safe names, below one folder that nobody looks into. */
export class ContentFolder implements UnpackTarget {
  readonly path: string;
  readonly #limits: ContainerLimits;
  readonly #names = new TreeNames([recordName]);
  readonly #folders: string[] = [];
  readonly #files: ReceivedFile[] = [];
  readonly #syncs = new Set<Promise<void>>();
  #open: OpenFile | undefined;
  #failure: unknown;

  private constructor(path: string, limits: ContainerLimits) {
    this.path = path;
    this.#limits = limits;
  }

  /** Made empty. @throws EndpointError */
  static async make(path: string, limits: ContainerLimits): Promise<ContentFolder> {
    try {
      await rm(path, { recursive: true, force: true });
      await mkdir(path, { mode: 0o700 });
    } catch (cause) {
      throw notStored(cause);
    }
    return new ContentFolder(path, limits);
  }

  async beginFile(entry: UstarEntry): Promise<void> {
    const name = this.#names.take(entry.name);
    const folders = this.#names.takeFolders();
    this.#folders.push(...folders);
    if (this.#files.length + this.#folders.length >= this.#limits.entries) {
      throw new ContentRefused(`more than ${this.#limits.entries} files and folders`);
    }
    for (const folder of folders) await this.#orFail(mkdir(join(this.path, folder), { mode: 0o700 }));
    // 'wx': should the disk know twins that `TreeNames` does not, it is an error and no overwriting.
    const handle = await this.#orFail(open(join(this.path, name), 'wx', 0o600));
    this.#open = { handle, name, entry, hash: createHash('sha256'), size: 0 };
  }

  async writeFile(octets: Uint8Array): Promise<void> {
    const file = this.#current();
    file.hash.update(octets);
    file.size += octets.length;
    await this.#orFail(file.handle.writeFile(octets));
  }

  async endFile(): Promise<void> {
    const file = this.#current();
    this.#open = undefined;
    const { name, entry, hash, size } = file;
    this.#files.push({ name, size, sha256: hash.digest('hex'), mtime: new Date(entry.mtime * 1000) });
    const sync = finishFile(file)
      .catch((cause: unknown) => {
        this.#failure ??= cause;
      })
      .finally(() => this.#syncs.delete(sync));
    this.#syncs.add(sync);
    if (this.#syncs.size >= syncsAtOnce) await Promise.race(this.#syncs);
    if (this.#failure) throw notStored(this.#failure);
  }

  /** All is on the disk when it resolves, but for the name of the folder itself. */
  async finish(): Promise<readonly ReceivedFile[]> {
    await Promise.all(this.#syncs);
    if (this.#failure) throw notStored(this.#failure);
    for (const folder of this.#folders.toReversed()) await this.#orFail(syncFolder(join(this.path, folder)));
    return this.#files;
  }

  /** Leaves no file open. */
  async stop(): Promise<void> {
    const { handle } = this.#open ?? {};
    this.#open = undefined;
    await handle?.close();
    await Promise.all(this.#syncs);
  }

  #current(): OpenFile {
    if (!this.#open) throw new Error('no file is open');
    return this.#open;
  }

  async #orFail<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (cause) {
      throw notStored(cause);
    }
  }
}

async function finishFile({ handle, entry }: OpenFile): Promise<void> {
  try {
    await handle.utimes(entry.mtime, entry.mtime);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function notStored(cause: unknown) {
  return diskError('The received content cannot be stored', cause);
}

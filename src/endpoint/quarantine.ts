import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AccountNumber } from '../bytes/account-number.js';
import type { RandomSource } from '../crypto/random.js';
import type { UstarEntry } from '../protocol/data-exchange/ustar.js';
import type { Quarantine, ReceivedFile } from '../session/session.js';
import type { Clock } from '../time/clock.js';
import type { UnpackTarget } from './container/archive-reader.js';
import { type ContainerLimits, containerLimits } from './container/limits.js';
import { FolderNames } from './container/safe-names.js';
import { Unpacker } from './container/unpack.js';
import { checkRoom } from './disk-room.js';
import { diskError } from './endpoint-error.js';
import { checkInbox, fileSession, quarantineFor, recordName } from './inbox.js';
import { makeWorkFolder } from './work-folder.js';

export interface QuarantinePlace {
  /** Folder below which each session has one of its own. */
  readonly quarantine: string;
  readonly inbox: string;
  readonly sender: { readonly account: AccountNumber; readonly name: string };
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** Steps 775 to 785. @throws EndpointError when nothing could be received: the inbox or the disk */
export async function openQuarantine(
  place: QuarantinePlace,
  limits: ContainerLimits = containerLimits,
): Promise<FolderQuarantine> {
  await checkInbox(place.inbox);
  const parent = await quarantineFor(place.inbox, place.quarantine);
  const folder = await makeWorkFolder(parent, place.random);
  return new FolderQuarantine(place, new FolderTarget(folder), limits);
}

/** One session's content in a folder that nobody looks into; it moves to the inbox when the proofs have matched. */
export class FolderQuarantine implements Quarantine {
  readonly #place: QuarantinePlace;
  readonly #target: FolderTarget;
  readonly #unpacker: Unpacker;
  #isOpen = true;
  #inboxFolder: string | undefined;

  constructor(place: QuarantinePlace, target: FolderTarget, limits: ContainerLimits) {
    this.#place = place;
    this.#target = target;
    this.#unpacker = new Unpacker(target, limits);
  }

  /** Where the files are, below the inbox; known once they are released. */
  get inboxFolder(): string | undefined {
    return this.#inboxFolder;
  }

  write(container: Uint8Array): Promise<void> {
    return this.#unpacker.write(container);
  }

  async release(): Promise<ReceivedFile[]> {
    if (!this.#isOpen) throw new Error('a quarantine is released or discarded once');
    await this.#unpacker.finish();
    this.#isOpen = false;
    const { files } = this.#target;
    const { sender, inbox, clock } = this.#place;
    this.#inboxFolder = await fileSession(this.#target.folder, inbox, {
      ...sender,
      receivedAt: new Date(clock.utcMs()),
      files,
    });
    return files;
  }

  async discard(): Promise<void> {
    this.#isOpen = false;
    await this.#unpacker.stop();
    await this.#target.stop();
    await rm(this.#target.folder, { recursive: true, force: true });
  }
}

interface OpenFile {
  readonly handle: FileHandle;
  readonly name: string;
  readonly entry: UstarEntry;
  readonly hash: Hash;
}

/** Files under their safe names, each synced with its date before the next is begun. */
class FolderTarget implements UnpackTarget {
  readonly folder: string;
  readonly files: ReceivedFile[] = [];
  readonly #names = new FolderNames([recordName]);
  #open: OpenFile | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  async beginFile(entry: UstarEntry): Promise<void> {
    const name = this.#names.take(entry.name);
    // 'wx': should the disk know twins that `FolderNames` does not, it is an error and no overwriting.
    const handle = await orDiskError(open(join(this.folder, name), 'wx', 0o600));
    this.#open = { handle, name, entry, hash: createHash('sha256') };
  }

  async writeFile(octets: Uint8Array): Promise<void> {
    const { handle, hash } = this.#current();
    hash.update(octets);
    await checkRoom(this.folder);
    await orDiskError(handle.writeFile(octets));
  }

  async endFile(): Promise<void> {
    const { handle, name, entry, hash } = this.#current();
    await orDiskError(handle.utimes(entry.mtime, entry.mtime));
    await orDiskError(handle.sync());
    await this.stop();
    this.files.push({
      name,
      size: entry.size,
      sha256: hash.digest('hex'),
      mtime: new Date(entry.mtime * 1000),
    });
  }

  async stop(): Promise<void> {
    const { handle } = this.#open ?? {};
    this.#open = undefined;
    await handle?.close();
  }

  #current(): OpenFile {
    if (!this.#open) throw new Error('no file is open');
    return this.#open;
  }
}

async function orDiskError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw diskError('The received content cannot be stored', cause);
  }
}

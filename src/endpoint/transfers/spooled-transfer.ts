import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RandomSource } from '../../crypto/random.js';
import { syncFolder } from '../../disk/durable-writes.js';
import type { ContentSummary, OutgoingTransfer, SignedReceipt } from '../../session/version-2/transfer.js';
import type { Clock } from '../../time/clock.js';
import type { SentFile } from '../container/pack.js';
import { chosenFile, statOf } from '../container/sources.js';
import type { LiveSource } from '../container/version-2/choose-tree.js';
import { packContent } from '../container/version-2/pack-content.js';
import { codeOf, diskError, EndpointError } from '../endpoint-error.js';
import { ContentDiffers, sealContent } from './content-sealer.js';
import { keepReceipt } from './receipts.js';
import type { SecretBox } from './secret-box.js';
import { type SpoolState, statePath, writeSpoolState } from './spool-state.js';
import { SpoolStream } from './spool-stream.js';

export interface SpoolWorld {
  /** Folder of the receipts. */
  readonly receipts: string;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly secrets: SecretBox;
  /** The receipt is verified; the spool is still there, and stays where this rejects. May be called again after a crash. */
  onReceipt?(receipt: SignedReceipt, files: readonly SentFile[]): Promise<void>;
}

/** How far a pipe is read ahead of the line. It may never end, and the disk does. */
const pipeLeadOctets = 1024 ** 2;

/**
 * A transfer in its folder of the spool. What it sends is packed and sealed from the moment it is opened, ahead of the line and of the
 * call itself, so that the files may soon change again.
 */
export class SpooledTransfer implements OutgoingTransfer {
  readonly folder: string;
  readonly #world: SpoolWorld;
  readonly #live: LiveSource | undefined;
  readonly #giveBack: () => Promise<void>;
  #state: SpoolState;
  #stream: SpoolStream;
  #sealing: Promise<void> = Promise.resolve();
  #stopSealing = new AbortController();
  #failure: { readonly error: unknown } | undefined;
  /** Of the sealed stream: what the line has taken. */
  #readOffset = 0;
  #lastChange: Promise<void> = Promise.resolve();
  #mayArriveTwice = false;
  readonly #waiting = new Set<() => void>();

  private constructor(
    folder: string,
    state: SpoolState,
    stream: SpoolStream,
    world: SpoolWorld,
    live: LiveSource | undefined,
    giveBack: () => Promise<void>,
  ) {
    this.folder = folder;
    this.#state = state;
    this.#stream = stream;
    this.#world = world;
    this.#live = live;
    this.#giveBack = giveBack;
  }

  /**
   * Goes on with what is in the folder. Where that cannot be, because the spool was damaged or a file has changed before all of it was
   * sealed, the transfer begins anew under another session id.
   * @param giveBack the folder's lock; kept until `close`
   * @throws EndpointError `local-error` when a file cannot be read any more, or the rest of a pipe is lost
   */
  static async open(
    folder: string,
    state: SpoolState,
    world: SpoolWorld,
    live: LiveSource | undefined,
    giveBack: () => Promise<void>,
  ): Promise<SpooledTransfer> {
    const stream = await SpoolStream.open(streamPath(folder, state), state);
    const transfer =
      stream === 'damaged'
        ? await SpooledTransfer.#renewed(folder, state, world, live, giveBack)
        : new SpooledTransfer(folder, state, stream, world, live, giveBack);
    try {
      await transfer.#removeOtherStreams();
      await transfer.#goOn();
      return transfer;
    } catch (error) {
      await transfer.#stop();
      throw error;
    }
  }

  static async #renewed(
    folder: string,
    state: SpoolState,
    world: SpoolWorld,
    live: LiveSource | undefined,
    giveBack: () => Promise<void>,
  ): Promise<SpooledTransfer> {
    const next = await renewedState(state, world);
    await writeSpoolState(folder, next, world.secrets);
    const stream = await newStream(folder, next);
    const transfer = new SpooledTransfer(folder, next, stream, world, live, giveBack);
    transfer.#mayArriveTwice = mayHaveArrived(state);
    return transfer;
  }

  get sessionId(): Uint8Array {
    return this.#state.sessionId;
  }

  get transferKey(): Uint8Array {
    return this.#state.transferKey;
  }

  get length(): number | undefined {
    return this.#stream.isComplete ? this.#stream.length : undefined;
  }

  get handshakeHashes(): readonly Uint8Array[] {
    return this.#state.handshakeHashes;
  }

  /** As they stand in the content; known before its last chunk is sealed. */
  get files(): readonly SentFile[] | undefined {
    return this.#state.packed;
  }

  /**
   * What an earlier process sent may have been filed, for all but its receipt was here; what it had in the spool is lost, so that this is
   * another transfer to its recipient.
   */
  get mayArriveTwice(): boolean {
    return this.#mayArriveTwice;
  }

  /** Files that are not as they were when the content was sealed; what is sent is how they were. */
  async outdatedFiles(): Promise<readonly string[]> {
    return this.#stream.isComplete ? changedFiles(this.#state.files) : [];
  }

  /** Resolves when all of the content is sealed. @throws what keeps it from being sealed */
  async sealed(): Promise<void> {
    await this.#sealing;
    if (this.#failure) throw this.#failure.error;
  }

  tailDigest(opened: number, next: number): Promise<Uint8Array | undefined> {
    return this.#stream.tailDigest(opened, next);
  }

  async renew(): Promise<void> {
    const next = await renewedState(this.#state, this.#world);
    await this.#stop();
    await this.#change(() => next);
    this.#stream = await newStream(this.folder, next);
    await this.#removeOtherStreams();
    this.#seal();
  }

  async noteHandshake(hash: Uint8Array): Promise<void> {
    await this.#change((state) => ({
      ...state,
      handshakeHashes: [...state.handshakeHashes, Uint8Array.from(hash)],
      lastCallMs: this.#world.clock.utcMs(),
    }));
  }

  async *read(from: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    for (let offset = from; !signal.aborted; ) {
      const octets = await this.#stream.read(offset);
      if (octets) {
        offset += octets.length;
        this.#readOffset = offset;
        this.#tell();
        yield octets;
      } else if (this.#stream.isComplete) return;
      else if (this.#failure) throw this.#failure.error;
      else await this.#news(signal);
    }
  }

  contentOctets(offset: number): number {
    return this.#stream.contentOctets(offset);
  }

  async content(): Promise<ContentSummary | undefined> {
    return this.#stream.isComplete ? this.#stream.summary() : undefined;
  }

  async acknowledge(receipt: SignedReceipt): Promise<void> {
    const { receipts, clock } = this.#world;
    const receivedAt = new Date(clock.utcMs());
    await this.#world.onReceipt?.(receipt, this.#state.packed ?? []);
    await keepReceipt(receipts, { peer: this.#state.peer, receipt, receivedAt });
    await this.#stop();
    await removeTransfer(this.folder);
  }

  /** Stops packing and gives the transfer back; what is in the spool stays. */
  async close(): Promise<void> {
    await this.#stop();
    await this.#giveBack();
  }

  async #goOn(): Promise<void> {
    if (this.#stream.isComplete) return;
    const { files, live, handshakeHashes } = this.#state;
    if (live !== undefined && !this.#live) throw pipeLost(live);
    // A key that was given away and has no chunk may have sealed some that are lost.
    const isBare = this.#stream.length === 0 && handshakeHashes.length > 0;
    if (isBare || (await changedFiles(files)).length > 0) {
      this.#mayArriveTwice ||= mayHaveArrived(this.#state);
      return this.renew();
    }
    this.#seal();
    if (this.#stream.length === 0) return;
    // Known before the call: afterwards the session id stands.
    const before = this.#stream.length;
    while (!this.#failure && this.#stream.length === before) await this.#news();
    if (this.#failure && this.#failure.error instanceof ContentDiffers) {
      this.#mayArriveTwice ||= mayHaveArrived(this.#state);
      await this.renew();
    }
  }

  #seal(): void {
    this.#failure = undefined;
    this.#stopSealing = new AbortController();
    this.#sealing = this.#sealAll(this.#stopSealing.signal)
      .catch((error: unknown) => {
        this.#failure = { error };
      })
      .finally(() => this.#tell());
  }

  async #sealAll(signal: AbortSignal): Promise<void> {
    const { files, isPadded } = this.#state;
    const packed: SentFile[] = [];
    const { clock } = this.#world;
    const onPacked = (file: SentFile) => packed.push(file);
    const content = packContent({ files, live: this.#live }, { clock, isPadded, signal, onPacked });
    const noted = this.#noted(this.#paced(content, signal), packed);
    await sealContent(noted, this.#stream, this.#state, () => this.#tell());
  }

  /** What is in the content is durable before its last chunk: behind that the transfer may be delivered, whatever dies, and the log names its files. */
  async *#noted<T>(pieces: AsyncIterable<T>, packed: readonly SentFile[]): AsyncGenerator<T> {
    yield* pieces;
    await this.#change((state) => ({ ...state, packed }));
  }

  /** Stops by the signal; a pipe that is faster than the line waits for it. Files are packed at once, since they may change. */
  async *#paced<T>(pieces: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
    const lead = this.#live ? pipeLeadOctets : Number.POSITIVE_INFINITY;
    for await (const piece of pieces) {
      while (!signal.aborted && this.#stream.length - this.#readOffset > lead) await this.#news(signal);
      signal.throwIfAborted();
      yield piece;
    }
  }

  async #stop(): Promise<void> {
    this.#stopSealing.abort(new EndpointError('local-error', 'The transfer was closed.'));
    await this.#sealing;
    await this.#stream.close();
  }

  /** Changes follow one another; one that cannot be written has not happened. */
  #change(change: (state: SpoolState) => SpoolState): Promise<void> {
    const changed = this.#lastChange.then(async () => {
      const next = change(this.#state);
      await writeSpoolState(this.folder, next, this.#world.secrets);
      this.#state = next;
    });
    this.#lastChange = changed.catch(() => undefined);
    return changed;
  }

  async #removeOtherStreams(): Promise<void> {
    const own = streamPath(this.folder, this.#state);
    for (const name of await readdir(this.folder)) {
      const path = join(this.folder, name);
      if (name.endsWith('.stream') && path !== own) await rm(path, { force: true });
    }
  }

  #tell(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Resolves at the next chunk, at the end of the sealing, or when `signal` aborts. */
  async #news(signal?: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal?.addEventListener('abort', wake);
    });
  }
}

/** What says that there is a transfer goes first: a crash leaves none, or all of it. */
export async function removeTransfer(folder: string): Promise<void> {
  try {
    await rm(statePath(folder), { force: true });
    await syncFolder(folder);
    await rm(folder, { recursive: true, force: true });
    await syncFolder(dirname(folder));
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT') throw diskError(`The transfer ${folder} cannot be removed`, cause);
  }
}

function streamPath(folder: string, { sessionId }: SpoolState): string {
  return join(folder, `${Buffer.from(sessionId).toString('hex')}.stream`);
}

async function newStream(folder: string, state: SpoolState): Promise<SpoolStream> {
  const stream = await SpoolStream.open(streamPath(folder, state), state);
  if (stream === 'damaged')
    throw new EndpointError('damaged', `The spool ${folder} holds a file that is not its own.`);
  return stream;
}

/** The same files as they are now, under a session id and a key that were never used. */
async function renewedState(state: SpoolState, { random }: SpoolWorld): Promise<SpoolState> {
  if (state.live !== undefined) throw pipeLost(state.live);
  const files = await Promise.all(
    state.files.map(async ({ path, name }) => chosenFile(path, name, await statOf(path))),
  );
  return {
    ...state,
    files,
    sessionId: random(16),
    transferKey: random(32),
    handshakeHashes: [],
    packed: undefined,
  };
}

async function changedFiles(files: SpoolState['files']): Promise<string[]> {
  const now = await Promise.all(files.map(({ path }) => statOf(path).catch(() => undefined)));
  const changed = files.filter((file, index) => {
    const stats = now[index];
    return stats?.size !== file.size || stats.mtimeMs !== file.modifiedMs || stats.ctimeMs !== file.changedMs;
  });
  return changed.map(({ name }) => name);
}

/** The last chunk goes out after its files are noted, and behind a handshake. */
export function mayHaveArrived({ packed, handshakeHashes }: SpoolState): boolean {
  return packed !== undefined && handshakeHashes.length > 0;
}

function pipeLost(name: string): EndpointError {
  return new EndpointError(
    'local-error',
    `The rest of ${name} came through a pipe and is lost: it was read once, by a program that has ended. Give this transfer up and send it again from the beginning.`,
  );
}

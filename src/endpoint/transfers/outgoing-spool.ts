import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AccountNumber } from '../../bytes/account-number.js';
import { syncFolder } from '../../disk/durable-writes.js';
import type { Source } from '../container/sources.js';
import { chooseTree } from '../container/version-2/choose-tree.js';
import { makeFolder } from '../durable-file.js';
import { EndpointError } from '../endpoint-error.js';
import { takeLock } from '../lock-file.js';
import { quoted } from '../quoted.js';
import { readSpoolState, type SpoolState, statePath, writeSpoolState } from './spool-state.js';
import { mayHaveArrived, removeTransfer, SpooledTransfer, type SpoolWorld } from './spooled-transfer.js';

export interface SpoolPlace extends SpoolWorld {
  /** Folder below which each transfer has one of its own, named after its first session id. */
  readonly spool: string;
}

/** A transfer that no receipt has ended yet. */
export interface PendingTransfer {
  /** Names it for `resume` and `discard`. */
  readonly id: string;
  readonly peer: AccountNumber;
  /** Paths in the archive; live data last. */
  readonly names: readonly string[];
  readonly begunAt: Date;
  /** All of it was on the line once, and no receipt came. */
  readonly mayHaveArrived: boolean;
}

/** A transfer whose file cannot be read any more (fault 84): which one it is, and for whom, is not known. */
export interface DamagedTransfer {
  /** Stays with all that is in it until a person throws it away. */
  readonly folder: string;
  readonly fault: string;
}

/** A recipient forgets after 30 days, and would take the transfer twice. */
const giveUpAfterMs = 29 * 86_400_000;

/** The transfers of one endpoint that are to be sent, in every process of it. */
export class OutgoingSpool {
  readonly #place: SpoolPlace;

  constructor(place: SpoolPlace) {
    this.#place = place;
  }

  /**
   * A new transfer, durable with its session id and key; its content is packed from now on.
   * @throws EndpointError `usage` that names what cannot be sent
   */
  async begin(peer: AccountNumber, sources: readonly Source[], isPadded = false): Promise<SpooledTransfer> {
    const { spool, clock, random, secrets } = this.#place;
    const { files, live } = await chooseTree(sources);
    const nowMs = clock.utcMs();
    const state: SpoolState = {
      peer,
      sessionId: random(16),
      transferKey: random(32),
      files,
      live: live?.name,
      isPadded,
      handshakeHashes: [],
      packed: undefined,
      begunMs: nowMs,
      lastCallMs: nowMs,
    };
    const id = Buffer.from(state.sessionId).toString('hex');
    const folder = join(spool, id);
    const giveBack = await this.#lock(id);
    try {
      await makeFolder(folder);
      await syncFolder(spool);
      await writeSpoolState(folder, state, secrets);
      return await SpooledTransfer.open(folder, state, this.#place, live, giveBack);
    } catch (error) {
      await removeTransfer(folder).catch(() => undefined);
      await giveBack();
      throw error;
    }
  }

  async damaged(): Promise<DamagedTransfer[]> {
    const { spool, secrets } = this.#place;
    const found: DamagedTransfer[] = [];
    for (const id of await this.#ids()) {
      const folder = join(spool, id);
      const state = await readSpoolState(folder, secrets);
      if (state && 'fault' in state) found.push({ folder, fault: state.fault });
    }
    return found;
  }

  /** Oldest first, without those of `damaged`. Removes what was never begun in full, and what is too old to be delivered once. */
  async pending(): Promise<PendingTransfer[]> {
    const { spool, clock, secrets } = this.#place;
    const found: (PendingTransfer & { readonly begunMs: number })[] = [];
    for (const id of await this.#ids()) {
      const state = await readSpoolState(join(spool, id), secrets);
      if (state && 'fault' in state) continue;
      if (!state || clock.utcMs() - state.lastCallMs > giveUpAfterMs) {
        // Another program may be beginning it, or sending it still.
        await this.discard(id).catch(() => undefined);
      } else {
        const { peer, files, live, begunMs } = state;
        const names = [...files.map(({ name }) => name), ...(live === undefined ? [] : [live])];
        found.push({
          ...{ id, peer, names, begunMs, begunAt: new Date(begunMs) },
          mayHaveArrived: mayHaveArrived(state),
        });
      }
    }
    found.sort((a, b) => a.begunMs - b.begunMs || (a.id < b.id ? -1 : 1));
    return found.map(({ begunMs: _, ...transfer }) => transfer);
  }

  /**
   * The transfer as far as it was; anew under another session id where its files have changed since.
   * @throws EndpointError `locked` while another program sends it, `damaged`, `local-error`
   */
  async resume(id: string): Promise<SpooledTransfer> {
    const folder = join(this.#place.spool, id);
    const giveBack = await this.#lock(id);
    try {
      const state = await readSpoolState(folder, this.#place.secrets);
      if (state === undefined || 'fault' in state) {
        throw new EndpointError(
          'damaged',
          `The transfer ${quoted(statePath(folder))} cannot be used: ${state?.fault ?? 'it is not there'}. Give it up and send the files again.`,
        );
      }
      return await SpooledTransfer.open(folder, state, this.#place, undefined, giveBack);
    } catch (error) {
      await giveBack();
      throw error;
    }
  }

  /** Gives the transfer up. @throws EndpointError `locked` while another program sends it */
  async discard(id: string): Promise<void> {
    const giveBack = await this.#lock(id);
    try {
      await removeTransfer(join(this.#place.spool, id));
    } finally {
      await giveBack();
    }
  }

  async #ids(): Promise<string[]> {
    return (await readdir(this.#place.spool).catch(() => [])).filter(isTransferName).sort();
  }

  async #lock(id: string): Promise<() => Promise<void>> {
    const locks = join(this.#place.spool, 'locks');
    await makeFolder(locks);
    return takeLock(join(locks, id), {
      clock: this.#place.clock,
      patienceMs: 0,
      heldBy: (pid) =>
        `Process ${pid} is sending this transfer. Wait until it is done, or end it, then try again.`,
    });
  }
}

function isTransferName(name: string): boolean {
  return /^[0-9a-f]{32}$/.test(name);
}

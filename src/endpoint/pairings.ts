import type { AccountNumber } from '../bytes/account-number.js';
import type { EpochKey } from '../protocol/data-exchange/version-2/handshake.js';
import type { PeerKeys } from '../protocol/data-exchange/version-2/recipient.js';
import {
  agreedAtOnce,
  type Pairing,
  type PairingEvent,
  pairingAfter,
  standingOf,
  unanswered,
} from '../protocol/key-exchange/version-2/pairing.js';
import type { Identity } from '../protocol/key-exchange/version-2/rules.js';
import type { KeptRun, PairingStore, PendingKey } from '../session/version-2/pairing-store.js';
import type { Clock } from '../time/clock.js';
import type { AddressBook, Peer } from './address-book.js';
import type { KeyRing } from './key-ring.js';
import type { PeerSecrets, StoredRun } from './key-ring-content.js';

/** What a Data Exchange of version 2 needs of a peer with whom this endpoint is paired. */
export interface LiveKeys extends PeerKeys {
  /** Ed25519, 32 octets. */
  readonly signingKey: Uint8Array;
}

/** Runs older than this count no more (`PairingStore.unfinishedRuns`). */
const countedMs = 2 * 86_400_000;

/** A key is refreshed after so long, or so many sessions. */
const refreshAfterMs = 30 * 86_400_000;
const refreshAfterSessions = 1_000;

/**
 * The pairings of version 2 in the key ring. One that becomes live is told to the address book in a second step; should the process die
 * between the two, `reconcile` makes up for it.
 */
export class Pairings implements PairingStore {
  readonly #ring: KeyRing;
  readonly #addressBook: AddressBook;
  readonly #clock: Clock;

  constructor(ring: KeyRing, addressBook: AddressBook, clock: Clock) {
    this.#ring = ring;
    this.#addressBook = addressBook;
    this.#clock = clock;
  }

  /** As last read. One that is older than the pairing in the address book came from a backup, and is none (fault 50). */
  liveKeysOf({ account, pairedAt = 0 }: Peer): LiveKeys | undefined {
    const live = this.#ring.peer(account)?.runs.find(isLive);
    if (!live || (live.pairedAt ?? 0) < pairedAt) return undefined;
    const [present, next] = live.epochs;
    if (!present) throw new Error('a live run without a key');
    const { x25519, ed25519 } = live.peerIdentity;
    return { remoteStatic: x25519, signingKey: ed25519, present, next };
  }

  /** The address book as the key ring has it: who has spoken version 2 has (G6). */
  async reconcile(): Promise<void> {
    for (const peer of await this.#addressBook.list()) {
      const live = this.#ring.peer(peer.account)?.runs.find(isLive);
      const pairedAt = live?.pairedAt ?? undefined;
      if (pairedAt === undefined) continue;
      if (pairedAt > (peer.pairedAt ?? -1)) await this.#addressBook.markPaired(peer.account, pairedAt, 2);
      else if (peer.versionFloor < 2) await this.#addressBook.raiseFloor(peer.account, 2);
    }
  }

  /**
   * Durable: a transfer was settled in a session under the key of this epoch. Both sides have it, so older ones are erased.
   * Nothing where the peer is paired anew meanwhile.
   */
  noteSession(peer: AccountNumber, { epoch, longTermKey }: EpochKey): Promise<void> {
    const isOf = (run: StoredRun) =>
      isLive(run) && run.epochs.some((each) => Buffer.compare(each.longTermKey, longTermKey) === 0);
    return this.#ring.changePeer(peer, (before) => ({
      ...before,
      runs: before.runs.map((run) =>
        isOf(run)
          ? {
              ...run,
              sessions: run.sessions + 1,
              epochs: run.epochs.filter((each) => each.epoch >= epoch),
            }
          : run,
      ),
    }));
  }

  /** As last read: the live key is old or worn, and no answer of people is awaited that a refresh would take the place of. */
  isRefreshDue(peer: AccountNumber): boolean {
    const live = this.#ring.peer(peer)?.runs.find(isLive);
    if (!live || !this.mayRefresh(peer)) return false;
    const ageMs = this.#clock.utcMs() - (live.refreshedAt ?? live.pairedAt ?? 0);
    // A clock that was set back makes a key no younger.
    return Math.abs(ageMs) >= refreshAfterMs || live.sessions >= refreshAfterSessions;
  }

  /** As last read. */
  mayRefresh(peer: AccountNumber): boolean {
    const runs = this.#ring.peer(peer)?.runs ?? [];
    const awaitsPeople = runs.some((run) => standingOf(run.pairing) === 'pending' && !isRefresh(run));
    return runs.some(isLive) && !awaitsPeople;
  }

  /** What people have confirmed of the peer, as last read. */
  identityOf(peer: AccountNumber): Identity | undefined {
    return this.#ring.peer(peer)?.runs.find(isLive)?.peerIdentity;
  }

  async unfinishedRuns(peer: AccountNumber): Promise<readonly number[]> {
    await this.#ring.refresh();
    return this.#ring.peer(peer)?.unfinished ?? [];
  }

  noteRun(peer: AccountNumber, atMs: number): Promise<void> {
    const isCounted = (time: number) => Math.abs(atMs - time) < countedMs;
    return this.#ring.changePeer(peer, (before) => ({
      ...before,
      unfinished: [...before.unfinished.filter(isCounted), atMs],
    }));
  }

  finishRun(peer: AccountNumber, atMs: number): Promise<void> {
    return this.#ring.changePeer(peer, (before) => {
      const index = before.unfinished.indexOf(atMs);
      return { ...before, unfinished: before.unfinished.filter((_, each) => each !== index) };
    });
  }

  savePending(peer: AccountNumber, key: PendingKey): Promise<void> {
    const { kxid, role, confirmKeys, peerIdentity, longTermKey, epoch } = key;
    const run: StoredRun = {
      kxid: octetsOf(kxid),
      role,
      confirmKeys: { i: octetsOf(confirmKeys.i), r: octetsOf(confirmKeys.r) },
      peerIdentity: { ed25519: octetsOf(peerIdentity.ed25519), x25519: octetsOf(peerIdentity.x25519) },
      pairing: epoch === undefined ? unanswered : agreedAtOnce,
      epochs: [{ epoch: epoch ?? 0, longTermKey: octetsOf(longTermKey) }],
      pairedAt: null,
      sessions: 0,
    };
    return this.#ring.changePeer(peer, (before) => ({
      ...before,
      runs: [...before.runs.filter(isLive), run],
    }));
  }

  async runsWith(peer: AccountNumber): Promise<readonly KeptRun[]> {
    await this.#ring.refresh();
    return this.#ring.peer(peer)?.runs ?? [];
  }

  async note(peer: AccountNumber, kxid: Uint8Array, event: PairingEvent): Promise<Pairing> {
    const entry = await this.#addressBook.find(peer);
    let noted: StoredRun | undefined;
    await this.#ring.changePeer(peer, (before) => {
      const run = before.runs.find((each) => Buffer.compare(each.kxid, kxid) === 0);
      if (!run) throw new Error('this run of the Key Exchange is not kept');
      const [changed, others] = this.#afterEvent(run, event, before, entry?.pairedAt ?? -1);
      noted = changed;
      return { ...before, runs: [...others, changed] };
    });
    if (!noted) throw new Error('the change was not made');
    const { pairedAt, pairing } = noted;
    const isNews = pairedAt !== null && (entry?.pairedAt !== pairedAt || entry.versionFloor < 2);
    if (entry && isLive(noted) && isNews) await this.#addressBook.markPaired(peer, pairedAt, 2);
    return pairing;
  }

  #afterEvent(
    run: StoredRun,
    event: PairingEvent,
    { runs }: PeerSecrets,
    pairedBefore: number,
  ): [StoredRun, StoredRun[]] {
    const changed = { ...run, pairing: pairingAfter(run.pairing, event) };
    const others = runs.filter((each) => each !== run);
    switch (standingOf(changed.pairing)) {
      case 'pending':
        return [changed, others];
      case 'gone':
        return [{ ...changed, epochs: [] }, isLive(run) ? others.filter((each) => !isRefresh(each)) : others];
      case 'live': {
        if (isLive(run)) return [changed, others];
        const now = this.#clock.utcMs();
        const before = others.find(isLive);
        if (before && isRefresh(run)) return [refreshed(before, changed, now), []];
        // Later than any before, though the clock was set: so a key ring from a backup is known as such.
        const after = 1 + Math.max(pairedBefore, ...runs.map((each) => each.pairedAt ?? -1));
        return [{ ...changed, pairedAt: Math.max(now, after) }, []];
      }
    }
  }
}

function isLive({ pairing }: StoredRun): boolean {
  return standingOf(pairing) === 'live';
}

/** No person is asked of a later epoch than the first. */
function isRefresh({ epochs: [oldest] }: StoredRun): boolean {
  return oldest !== undefined && oldest.epoch > 0;
}

/** The next epoch beside the one that it came from: the people's pairing goes on. */
function refreshed({ pairedAt, epochs }: StoredRun, next: StoredRun, now: number): StoredRun {
  const from = epochs.filter(({ epoch }) => next.epochs.some((each) => each.epoch === epoch + 1));
  return { ...next, pairedAt, refreshedAt: now, sessions: 0, epochs: [...from, ...next.epochs] };
}

/** A copy of its own. */
function octetsOf(octets: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(octets);
}

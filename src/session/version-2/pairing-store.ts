import type { AccountNumber } from '../../bytes/account-number.js';
import type { Pairing, PairingEvent, PairingRun } from '../../protocol/key-exchange/version-2/pairing.js';
import type { Identity } from '../../protocol/key-exchange/version-2/rules.js';

/** A long-term key that nobody may use yet, and what belongs to it. */
export interface PendingKey extends PairingRun {
  /** 32 octets. */
  readonly longTermKey: Uint8Array;
  readonly peerIdentity: Identity;
  /** Of a refresh: one more than that of the session that carried it. Absent for a pairing by people, which begins at 0. */
  readonly epoch?: number;
}

/** A run as it is kept: pending, live or gone by `standingOf(pairing)`. */
export interface KeptRun extends PairingRun {
  readonly pairing: Pairing;
}

/**
 * What the Key Exchange asks of an endpoint's key ring. What is said to be durable is on the disk when the promise resolves, and survives
 * a power cut; a promise that rejects leaves everything as it was, or as it should have become.
 */
export interface PairingStore {
  /** UTC milliseconds of each run that `noteRun` told and `finishRun` did not; those older than two days may be left out. */
  unfinishedRuns(peer: AccountNumber): Promise<readonly number[]>;

  /** Durable: counted also when this process dies before anybody answers. @param atMs UTC milliseconds */
  noteRun(peer: AccountNumber, atMs: number): Promise<void>;

  /** A person answered the run that began at `atMs`: it counts no more. */
  finishRun(peer: AccountNumber, atMs: number): Promise<void>;

  /**
   * Durable, with the pairing `unanswered`, a refresh as `agreedAtOnce`. Replaces whatever is pending or gone of earlier runs with this peer. The peer's live key stays
   * beside it, and stays in use, until this one is live.
   */
  savePending(peer: AccountNumber, key: PendingKey): Promise<void>;

  /** Every run with the peer that is kept: at most a live one and one other. */
  runsWith(peer: AccountNumber): Promise<readonly KeptRun[]>;

  /**
   * `pairingAfter` applied to what is kept of the run, in one durable step, so that two processes lose no event. In the same step a run
   * that becomes live takes the place of the peer's live key, which is erased (a refreshed one keeps it beside, until a session has used the
   * new one), and one that becomes gone loses its long-term key. What is left of it is kept until `savePending`: the peer may ask. A rejection where the run is not kept.
   * @returns what is kept now
   */
  note(peer: AccountNumber, kxid: Uint8Array, event: PairingEvent): Promise<Pairing>;
}

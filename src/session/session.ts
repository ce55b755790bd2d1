import type { AccountNumber } from '../bytes/account-number.js';
import type { RandomSource } from '../crypto/random.js';
import type { Log } from '../log/log.js';
import type { DataConnection } from '../pstn/modem/modem.js';
import type { Clock } from '../time/clock.js';

/** What every session is given: one machine runs over one connection, with this time and this entropy. */
export interface SessionWorld {
  readonly connection: DataConnection;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Log;
  /** The operator gave up: NAK where the peer waits for a packet, then release. */
  readonly signal?: AbortSignal;
}

/** Why a session ended without success. `step` is where (`KX-450`); `reason` is for the own log only, never sent. */
export interface SessionFailure {
  readonly kind: 'failed';
  readonly step: string;
  readonly outcome: SessionFailureOutcome;
  readonly reason: string;
  readonly peer: AccountNumber | undefined;
}

/** Names for scripts and exit codes; the reason beside it says more. */
export type SessionFailureOutcome =
  /** The peer sent NAK; it does not say why. */
  | 'refused'
  /** The peer's packet or proof was wrong; this side sent NAK. */
  | 'not-authentic'
  /** The peer speaks no version that is spoken here. */
  | 'no-common-version'
  /** No key is shared with the peer. */
  | 'unpaired'
  /** Another session with this peer is open on this endpoint (G2). */
  | 'busy'
  /** A human said no, typed another string, or did not answer. */
  | 'not-confirmed'
  /** Too many pairings with the peer were broken off before a human answered; none begins for a day. */
  | 'pairing-locked'
  | 'timed-out'
  /** The line was released in the middle. */
  | 'interrupted'
  /** The content did not match its proof, or broke a limit; nothing was delivered. */
  | 'file-refused'
  /** This side could not read or store. */
  | 'local-error'
  | 'cancelled';

// ---- Key Exchange (Figure 5) ----

/**
 * The people at the screen of Figure 6A and 6B. The session waits 600 s for either promise; when it waits no
 * longer, `signal` aborts, so that no question stays on the screen.
 */
export interface PairingScreen {
  /** 475 and 485: shows X; resolves to whether the human confirmed the recipient's identity. */
  confirmCheckString(peer: AccountNumber, checkString: string, signal?: AbortSignal): Promise<boolean>;
  /** 480: asks for X as heard on the telephone; resolves to what was typed. */
  typeCheckString(peer: AccountNumber, signal?: AbortSignal): Promise<string>;
  /** Version 2: what was typed last is right, and the other side's person may say yes. Nothing is asked. */
  showTaken?(peer: AccountNumber): void;
  /** Version 2, recipient, where both strings are wanted: shows X2 to be read out; resolves to whether the sender's people said that it is right. */
  confirmSecondString?(peer: AccountNumber, secondString: string, signal?: AbortSignal): Promise<boolean>;
  /** Version 2, sender, where both strings are wanted: asks for X2 as heard on the telephone. */
  typeSecondString?(peer: AccountNumber, signal?: AbortSignal): Promise<string>;
}

export interface KeyExchangeOptions extends SessionWorld {
  readonly own: AccountNumber;
  readonly screen: PairingScreen;
  /** Guard G2: one session with a peer at a time, pairing included. */
  readonly openSessions: OpenSessions;
  /** 495, 500: durable before it resolves. Replaces an older key of the pair. */
  saveLongTermKey(peer: AccountNumber, longTermKey: Uint8Array): Promise<void>;
}

export type KeyExchangeResult = { readonly kind: 'paired'; readonly peer: AccountNumber } | SessionFailure;

// ---- Data Exchange (Figure 7) ----

/** A container, sealed before the call (600 to 610). */
export interface SealedTransfer {
  /** 20 octets, fresh for this session and recipient. */
  readonly sessionKey: Uint8Array;
  /** HMAC{SKey}("File_Check" | F), 20 octets. */
  readonly fileHash: Uint8Array;
  /** Octets of C. */
  readonly size: number;
  /** C from the start; each call a fresh pass. */
  read(): AsyncIterable<Uint8Array>;
}

/** Where the content of one inbound session goes: quarantine first (775 to 785). */
export interface Quarantine {
  /** The next octets of the decrypted container F, in order; resolves when more may come. Rejects with `ContentRefused` at content that must not be unpacked. */
  write(container: Uint8Array): Promise<void>;
  /** The proofs matched and F is complete: moves every file to the inbox, durably, and returns them. Rejects with `ContentRefused` when the container is not whole. */
  release(): Promise<ReceivedFile[]>;
  /** Nothing is delivered; leaves no trace on disk. */
  discard(): Promise<void>;
}

/** The content is the peer's fault (bad archive, bomb, hostile name): logged, never a crash. */
export class ContentRefused extends Error {
  override readonly name = 'ContentRefused';
}

export interface ReceivedFile {
  /** As filed in the inbox, after names were made safe. */
  readonly name: string;
  readonly size: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** UTC, whole seconds as the container carries them. */
  readonly mtime: Date;
}

export interface SendOptions extends SessionWorld {
  readonly own: AccountNumber;
  readonly peer: AccountNumber;
  readonly longTermKey: Uint8Array;
  readonly transfer: SealedTransfer;
  /** Guard G1: the registry keeps the challenge while this session is open. */
  readonly openSessions: OpenSessions;
  onProgress(sentOctets: number, totalOctets: number): void;
}

export type SendResult =
  /** Version 1 has no delivery report: sent is not delivered. */
  { readonly kind: 'sent'; readonly octets: number } | SessionFailure;

export interface ReceiveOptions extends SessionWorld {
  readonly own: AccountNumber;
  /** 630 and 655: the long-term key, where the authorisation file allows this account version 1 (G6). */
  longTermKeyOf(account: AccountNumber): Uint8Array | undefined;
  readonly openSessions: OpenSessions;
  openQuarantine(peer: AccountNumber): Promise<Quarantine>;
  onProgress(receivedOctets: number): void;
}

export type ReceiveResult =
  | { readonly kind: 'received'; readonly peer: AccountNumber; readonly files: readonly ReceivedFile[] }
  | SessionFailure;

/** What one endpoint has under way, over all its lines: guards G1 and G2. */
export interface OpenSessions {
  /** False when a session with this peer is open already, in either direction (G2). */
  enter(peer: AccountNumber, challenge?: Uint8Array): boolean;
  leave(peer: AccountNumber): void;
  /** Whether an own outbound session is open whose Challenge_A this is (G1). */
  ownsChallenge(challenge: Uint8Array): boolean;
}

import type { AccountNumber } from '../../bytes/account-number.js';
import type { ReceivedFile } from '../session.js';

/**
 * What Data Exchange version 2 asks of the disk. The session decides when, the endpoint how. In this file "durable" means:
 * written and synced, with its folder where it is new, so that it is there after a power cut. Offsets are octets of the sealed
 * stream from its first (`protocol/data-exchange/version-2`, "The sealed stream"), unless they are said to be of the content.
 * A promise that rejects with anything but `ContentRefused` is a disk's or a store's fault: the call ends, the transfer stays.
 */

/** The content as both sides must have it: the runs, whole, with their padding. */
export interface ContentSummary {
  /** SHA-256, 32 octets. */
  readonly sha256: Uint8Array;
  readonly octets: number;
  readonly chunks: number;
}

/** 169 octets: the payload of RECEIPT without its zeros. `rules.ts` makes and checks it; nobody else looks inside. */
export type SignedReceipt = Uint8Array;

// ---- Sender ----

/**
 * One transfer in the spool of its sender, from its first call to its receipt. One call at a time uses it.
 * Its session id and transfer key are durable before the first call, and so is every chunk before its first octet is yielded:
 * each chunk number is sealed once under a key, whatever crashes, and a later call sends the same octets.
 * The endpoint gives a transfer up 29 days after its last call: the recipient forgets after 30, and would take it twice.
 */
export interface OutgoingTransfer {
  /** 16 random octets. Another value after `renew`. */
  readonly sessionId: Uint8Array;
  /** 32 random octets, for this session id alone. Another value after `renew`. */
  readonly transferKey: Uint8Array;
  /** Octets of the whole sealed stream, once the last chunk is in the spool; before that `undefined`. */
  readonly length: number | undefined;
  /** Of every call that passed KEY for this session id, 32 octets each; what `noteHandshake` made durable. Empty after `renew`. */
  readonly handshakeHashes: readonly Uint8Array[];

  /**
   * The first 16 octets of SHA-256 of the octets from `opened` up to `next`, at most 65,553, or `undefined` when the spool does not
   * hold all octets up to `next` (any more). `opened` equal to `next` is asked too.
   */
  tailDigest(opened: number, next: number): Promise<Uint8Array | undefined>;

  /**
   * The recipient holds what this spool does not: a new session id and key, durable before it resolves; the stream begins again,
   * sealed from the source. Rejects when the source cannot be read again (a pipe).
   */
  renew(): Promise<void>;

  /** Durable when it resolves: only then does the session send KEY, so that the receipt of this call can be known again. */
  noteHandshake(hash: Uint8Array): Promise<void>;

  /**
   * The stream from `from` on, in pieces of any length up to 65,554 octets, each durable in the spool before it is yielded. Waits for
   * live data as long as it takes. Ends after the last chunk, and at once when `signal` aborts, also while it waits (an async
   * generator alone cannot: its `return` waits for what it awaits). Rejects when the source or the spool cannot be read.
   */
  read(from: number, signal: AbortSignal): AsyncIterable<Uint8Array>;

  /** Octets of content in the chunks that begin before `offset`, which was yielded or is held; for the progress that people see. */
  contentOctets(offset: number): number;

  /** Defined when `length` is. Counted while it was sealed, not taken from the recipient. */
  content(): Promise<ContentSummary | undefined>;

  /**
   * The verified receipt. Durable before the spool is deleted, and both before it resolves: only then does the session send
   * RECEIPT_ACK, after which the recipient knows nothing of this session.
   */
  acknowledge(receipt: SignedReceipt): Promise<void>;
}

// ---- Recipient ----

/** What a recipient has of a session. */
export type FoundTransfer =
  /** Filed, or refused for good: the receipt that was stored in the same step. */
  | { readonly kind: 'filed'; readonly receipt: SignedReceipt }
  | { readonly kind: 'partial'; readonly held: HeldPart }
  | { readonly kind: 'none' }
  /** No room on the disk, or another call has this session. The reason is for the log. */
  | { readonly kind: 'not now'; readonly reason: string };

/** Octets that are durable: synced before they are told. */
export interface HeldPart {
  /** Octets in whole chunks, each of which was opened with the transfer key. Behind a crash they are opened again before they count. */
  readonly opened: number;
  /** Octets in all; less than one chunk (at most 65,553) behind `opened`. */
  readonly next: number;
  /** The first 16 octets of SHA-256 of the octets from `opened` up to `next`, also when there are none. */
  readonly tailDigest: Uint8Array;
}

/** The transfers that came here or are coming. A session id counts for its peer alone: no peer learns of another's. */
export interface IncomingTransfers {
  /**
   * What is here of this session. `partial` and `none` claim it for this call until `leave`, in every process of this endpoint;
   * a claim dies with its process. Nothing is written for `none`.
   * @param announced octets of the whole sealed stream, where the sender knows them: `not now` without room for them
   */
  find(peer: AccountNumber, sessionId: Uint8Array, announced?: number): Promise<FoundTransfer>;

  /**
   * Goes on at `from`, or begins at 0. A part is opened and unpacked again where that is needed; at most 60 s.
   * Durable when it resolves: the session id with its key, so that a part can be opened again after a crash; a part cut to `from`.
   * Resolves to `undefined` where that cannot be: the part came under another key, or `sessionId` is filed or open already.
   */
  open(peer: AccountNumber, start: TransferStart): Promise<IncomingTransfer | undefined>;

  /** The call is over, however it ended: claims are given back, files closed. What `write` took stays for a later call. */
  leave(peer: AccountNumber, sessionId: Uint8Array): Promise<void>;

  /** RECEIPT_ACK came: session id and receipt are needed no more (content stays). Without it they are kept for 30 days. */
  forget(peer: AccountNumber, sessionId: Uint8Array): Promise<void>;
}

export interface TransferStart {
  readonly sessionId: Uint8Array;
  /** 32 octets. */
  readonly transferKey: Uint8Array;
  /** `next` or `opened` of the part that was found; 0 otherwise. */
  readonly from: number;
  /** The session that the sender gave up for this one: its part is thrown away, and its claim goes over to this one. */
  readonly replaces: Uint8Array | undefined;
}

/** What `write` made of the octets so far. */
export type Intake =
  | { readonly kind: 'more' }
  /** The last chunk opened, and nothing is behind it. */
  | { readonly kind: 'complete'; readonly content: ContentSummary }
  /** A chunk does not open, or octets are behind the last one. It and all behind it is cut off, so that a later call can go on before it. */
  | { readonly kind: 'broken'; readonly fault: string };

/** One transfer while it comes. Calls follow one another: none begins before the one before has settled. */
export interface IncomingTransfer {
  /** Octets of content in the chunks that were opened. */
  readonly contentOctets: number;

  /**
   * What a part that is opened again already amounts to: `complete` where its sender never heard of the receipt, otherwise `more`.
   * Rejects with `ContentRefused` like `write`.
   */
  begin(): Promise<Intake>;

  /**
   * Appends the next octets to the part, any number of them; then opens each chunk that is whole and unpacks it in quarantine.
   * Nothing need be synced: `find` syncs what it tells. Resolves when more may come. Rejects with `ContentRefused` at content that
   * must not be unpacked.
   */
  write(octets: Uint8Array): Promise<Intake>;

  /**
   * After `complete`, once. In one step, durable when it resolves: every file is in the inbox, the session id is known as filed, and the
   * receipt is stored with it. Whatever crashes, all three are there or none. Rejects with `ContentRefused` when the archive is
   * not whole.
   */
  file(receipt: SignedReceipt): Promise<readonly ReceivedFile[]>;

  /**
   * After `ContentRefused`, once. In one step, durable when it resolves: the session id is known with this receipt, which says
   * that it is refused for good; part and quarantine are thrown away.
   */
  refuse(receipt: SignedReceipt): Promise<void>;
}

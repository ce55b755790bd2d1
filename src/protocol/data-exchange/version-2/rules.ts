import type { AccountNumber } from '../../../bytes/account-number.js';
import { type Ed25519Key, ed25519 } from '../../../crypto/ed25519.js';
import { sha256 } from '../../../crypto/hash.js';
import { equalOctets } from '../../../crypto/mac.js';
import { type Dx2, type Key, type Receipt, signedFields } from './packets.js';
import { sealedChunkMax } from './sealed-stream.js';

/** Octets of a fresh stream that may go out before DX2 is here: a second of the line, and no more than may be sent twice. */
export const headStart = 4_096;

/** Milliseconds of each wait; the last two of these are local. */
const sharedTimers = {
  message: 30_000,
  /** Between octets of content, where some are due. */
  idle: 60_000,
  /** Another part of this endpoint. */
  local: 20_000,
  /** Going on-hook, at the end after what was written has drained. */
  release: 300_000,
} as const;

export const senderTimers = {
  ...sharedTimers,
  /** From the last octet of content to RECEIPT: the recipient unpacks and syncs. */
  receipt: 120_000,
} as const;

export const recipientTimers = {
  ...sharedTimers,
  /** From DX1 to the release of the line, whatever is wrong with it. */
  refusal: 2_000,
  /** Live data: its sender gives a sign of life every 120 s. */
  silence: 300_000,
  /** Opening and unpacking again what an earlier call brought. */
  reopening: 60_000,
  /** Making durable what arrived. It goes on when the line is lost. */
  filing: 600_000,
} as const;

/** The two ends of one transfer in one call. The order of the accounts is what a reflected message has wrong. */
export interface CallEnds {
  readonly sender: AccountNumber;
  readonly recipient: AccountNumber;
  /** 16 octets. */
  readonly callId: Uint8Array;
}

/** What both ends must see alike: `"SCS2" | protocol 03 | suite 0201 | sender 12 | recipient 12 | call id 16`. */
export function prologueOf({ sender, recipient, callId }: CallEnds): Uint8Array {
  return Buffer.concat([ascii('SCS2'), Uint8Array.of(3, 2, 1), ascii(sender), ascii(recipient), callId]);
}

/** DX2's digest of the octets behind the last whole chunk: 16 octets. */
export function tailDigestOf(tail: Uint8Array): Uint8Array {
  return sha256.digest(tail).slice(0, 16);
}

/** A DX2 that no honest recipient sends: it may hold less than one chunk behind those that it has opened. */
export function isImpossiblePart({ opened, next }: Pick<Dx2, 'opened' | 'next'>): boolean {
  return next < opened || next - opened >= sealedChunkMax;
}

/**
 * Where the sender goes on.
 * @param ownDigest of its own octets from `opened` to `next`; `undefined` when it does not hold them all
 * @returns `undefined`: with another session, from 0
 */
export function whereToGoOn(
  { opened, next, tailDigest }: Pick<Dx2, 'opened' | 'next' | 'tailDigest'>,
  ownDigest: Uint8Array | undefined,
): number | undefined {
  if (!ownDigest) return undefined;
  return equalOctets(ownDigest, tailDigest) ? next : opened;
}

/** What KEY means to a recipient that has told what it holds of `sessionId`. */
export function startOf(
  key: Key,
  sessionId: Uint8Array,
  { opened, next }: { readonly opened: number; readonly next: number },
): 'goes on' | 'begins anew' | 'impossible' {
  if (!equalOctets(key.sessionId, sessionId)) return key.from === 0 ? 'begins anew' : 'impossible';
  return key.from === next || key.from === opened ? 'goes on' : 'impossible';
}

export type ReceiptFields = Omit<Receipt, 'kind' | 'signature'>;

export function signReceipt(ends: CallEnds, fields: ReceiptFields, signing: Ed25519Key): Receipt {
  const unsigned = { kind: 'RECEIPT', ...fields } as const;
  return { ...unsigned, signature: signing.sign(receiptMessage(ends, unsigned)) };
}

/** Which receipt the sender takes. */
export interface AwaitedReceipt {
  readonly ends: CallEnds;
  /** The recipient's Ed25519 key. */
  readonly signingKey: Uint8Array;
  readonly sessionId: Uint8Array;
  /** Of every call in which this session may have been completed. */
  readonly handshakeHashes: readonly Uint8Array[];
  /** What was sent; `undefined` while the stream has not ended: then only a refusal can be right. */
  readonly content: Pick<Receipt, 'sha256' | 'octets' | 'chunks'> | undefined;
}

/** What is wrong with it, for the log; `undefined` when it is right. */
export function faultOfReceipt(receipt: Receipt, awaited: AwaitedReceipt): string | undefined {
  const { ends, signingKey, sessionId, handshakeHashes, content } = awaited;
  if (!equalOctets(receipt.sessionId, sessionId)) return 'another session';
  if (!handshakeHashes.some((hash) => equalOctets(hash, receipt.handshakeHash))) return 'another call';
  if (!ed25519.verify(signingKey, receiptMessage(ends, receipt), receipt.signature)) return 'signature';
  if (receipt.isRefusal) return undefined;
  if (!content) return 'before the end of the content';
  const isSame = equalOctets(receipt.sha256, content.sha256);
  if (!isSame || receipt.octets !== content.octets || receipt.chunks !== content.chunks)
    return 'other content';
  return undefined;
}

function receiptMessage({ sender, recipient }: CallEnds, receipt: Omit<Receipt, 'signature'>): Uint8Array {
  return Buffer.concat([ascii('SCS2 receipt'), ascii(sender), ascii(recipient), signedFields(receipt)]);
}

function ascii(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

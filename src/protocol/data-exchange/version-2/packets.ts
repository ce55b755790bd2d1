import { bigEndian, fromBigEndian } from '../../../bytes/big-endian.js';
import type { Malformed } from '../../../bytes/packet-reader.js';
import { Reader } from '../../../bytes/reader.js';
import { Writer } from '../../../bytes/writer.js';
import { tagLength } from '../../../crypto/aead.js';
import { signatureLength } from '../../../crypto/ed25519.js';

/** Which transfer, under which key. In the first message of the handshake. */
export interface Dx1 {
  readonly kind: 'DX1';
  /** 16 octets. */
  readonly sessionId: Uint8Array;
  readonly epoch: number;
  /** Octets of the sealed stream; `undefined` while it is not known. */
  readonly length: number | undefined;
}

/** What is here already. In the second message of the handshake. */
export interface Dx2 {
  readonly kind: 'DX2';
  readonly sessionId: Uint8Array;
  readonly status: Dx2Status;
  /** Octets of the sealed stream in chunks that were opened here; 0 unless `status` is `goOn`, like the next two. */
  readonly opened: number;
  /** Octets that are here in all. */
  readonly next: number;
  /** 16 octets: of SHA-256 of those from `opened` to `next`. */
  readonly tailDigest: Uint8Array;
  /** Octets of the sealed stream that are taken at most; `undefined`: no limit. */
  readonly limit: number | undefined;
}

/** In the order of their numbers. */
const statuses = ['goOn', 'filed', 'notNow', 'tooLarge'] as const;
export type Dx2Status = (typeof statuses)[number];

/** What opens the stream, and where it goes on. */
export interface Key {
  readonly kind: 'KEY';
  readonly sessionId: Uint8Array;
  /** 32 octets. */
  readonly transferKey: Uint8Array;
  readonly from: number;
}

/** The recipient's word for what it has filed, or has refused for good. */
export interface Receipt {
  readonly kind: 'RECEIPT';
  readonly sessionId: Uint8Array;
  /** 32 octets: SHA-256 of the content. Zeros, like the next two, when it is refused. */
  readonly sha256: Uint8Array;
  readonly octets: number;
  readonly chunks: number;
  /** Milliseconds since 1970 in UTC by the recipient's clock; nobody judges by it. */
  readonly utcMs: number;
  /** 32 octets: of the call in which the transfer was completed. */
  readonly handshakeHash: Uint8Array;
  readonly isRefusal: boolean;
  /** 64 octets. */
  readonly signature: Uint8Array;
}

export interface ReceiptAck {
  readonly kind: 'RECEIPT_ACK';
  readonly sessionId: Uint8Array;
}

/** Each message by its kind. */
export interface Messages {
  readonly DX1: Dx1;
  readonly DX2: Dx2;
  readonly KEY: Key;
  readonly RECEIPT: Receipt;
  readonly RECEIPT_ACK: ReceiptAck;
}

export type MessageKind = keyof Messages;
export type DataExchangeMessage = Messages[MessageKind];

/** The record type of each message in the outer channel. */
export const recordTypes = {
  DX1: 41,
  DX2: 42,
  KEY: 43,
  RECEIPT: 44,
  RECEIPT_ACK: 45,
} as const satisfies Record<MessageKind, number>;

/** Octets of each message's payload. */
export const payloadLengths = {
  DX1: 32,
  DX2: 64,
  KEY: 56,
  RECEIPT: 192,
  RECEIPT_ACK: 16,
} as const satisfies Record<MessageKind, number>;

/** Octets of each record's body: payload, tag and, in the handshake, the keys (`crypto/noise`). No other length is taken. */
export const bodyLengths = {
  DX1: 1_248 + payloadLengths.DX1,
  DX2: 1_152 + payloadLengths.DX2,
  KEY: payloadLengths.KEY + tagLength,
  RECEIPT: payloadLengths.RECEIPT + tagLength,
  RECEIPT_ACK: payloadLengths.RECEIPT_ACK + tagLength,
} as const satisfies Record<MessageKind, number>;

/** Octets of RECEIPT's payload that carry something: the fields that are signed, and the signature. */
export const receiptLength = 169;

/** 8 octets of ones: not known, or without a limit. */
const noNumber = new Uint8Array(8).fill(0xff);

export function encode(message: DataExchangeMessage): Uint8Array {
  const writer = new Writer(payloadLengths[message.kind]).octets(message.sessionId);
  switch (message.kind) {
    case 'DX1':
      writer
        .octets(bigEndian(message.epoch, 4))
        .octet(0)
        .octets(optional(message.length))
        .octets(new Uint8Array(3));
      break;
    case 'DX2':
      writer.octet(statuses.indexOf(message.status));
      writer
        .octets(bigEndian(message.opened, 8))
        .octets(bigEndian(message.next, 8))
        .octets(message.tailDigest);
      writer.octets(optional(message.limit)).octets(new Uint8Array(7));
      break;
    case 'KEY':
      writer.octets(message.transferKey).octets(bigEndian(message.from, 8));
      break;
    case 'RECEIPT':
      writer.octets(signedFields(message).subarray(16)).octets(message.signature).octets(new Uint8Array(23));
  }
  return writer.finish();
}

/** The fields before the signature, as they are signed. */
export function signedFields(receipt: Omit<Receipt, 'signature'>): Uint8Array {
  return new Writer(receiptLength - signatureLength)
    .octets(receipt.sessionId)
    .octets(receipt.sha256)
    .octets(bigEndian(receipt.octets, 8))
    .octets(bigEndian(receipt.chunks, 8))
    .octets(bigEndian(receipt.utcMs, 8))
    .octets(receipt.handshakeHash)
    .octet(receipt.isRefusal ? 1 : 0)
    .finish();
}

/** The payload of the kind that is awaited; what parses encodes to the same octets again. */
export function parse<Kind extends MessageKind>(kind: Kind, payload: Uint8Array): Messages[Kind] | Malformed;
export function parse(kind: MessageKind, payload: Uint8Array): DataExchangeMessage | Malformed {
  const length = payloadLengths[kind];
  if (payload.length !== length) return malformed(`${payload.length} octets, not ${length}`);
  const reader = new Reader(payload);
  const sessionId = reader.octets(16);
  switch (kind) {
    case 'DX1':
      return parseDx1(sessionId, reader);
    case 'DX2':
      return parseDx2(sessionId, reader);
    case 'KEY':
      return parseKey(sessionId, reader);
    case 'RECEIPT':
      return parseReceipt(sessionId, reader);
    case 'RECEIPT_ACK':
      return { kind, sessionId };
  }
}

function parseDx1(sessionId: Uint8Array, reader: Reader): Dx1 | Malformed {
  const epoch = number(reader, 4);
  const flags = reader.octet();
  const length = optionalNumber(reader);
  if (epoch === undefined || length === 'inexact') return malformed('a number is too large');
  if (flags !== 0 || !isZero(reader.octets(3))) return malformed('octets that are not zero');
  return { kind: 'DX1', sessionId, epoch, length };
}

function parseDx2(sessionId: Uint8Array, reader: Reader): Dx2 | Malformed {
  const status = statuses[reader.octet()];
  const opened = number(reader, 8);
  const next = number(reader, 8);
  const tailDigest = reader.octets(16);
  const limit = optionalNumber(reader);
  if (status === undefined) return malformed('unknown status');
  if (opened === undefined || next === undefined || limit === 'inexact')
    return malformed('a number is too large');
  if (status !== 'goOn' && (opened > 0 || next > 0 || !isZero(tailDigest)))
    return malformed('a part beside a refusal');
  if (!isZero(reader.octets(7))) return malformed('octets that are not zero');
  return { kind: 'DX2', sessionId, status, opened, next, tailDigest, limit };
}

function parseKey(sessionId: Uint8Array, reader: Reader): Key | Malformed {
  const transferKey = reader.octets(32);
  const from = number(reader, 8);
  return from === undefined
    ? malformed('a number is too large')
    : { kind: 'KEY', sessionId, transferKey, from };
}

function parseReceipt(sessionId: Uint8Array, reader: Reader): Receipt | Malformed {
  const sha256 = reader.octets(32);
  const octets = number(reader, 8);
  const chunks = number(reader, 8);
  const utcMs = number(reader, 8);
  const handshakeHash = reader.octets(32);
  const status = reader.octet();
  const signature = reader.octets(signatureLength);
  if (octets === undefined || chunks === undefined || utcMs === undefined)
    return malformed('a number is too large');
  if (status > 1) return malformed('unknown status');
  if (!isZero(reader.octets(23))) return malformed('octets that are not zero');
  const isRefusal = status === 1;
  if (isRefusal && (octets > 0 || chunks > 0 || !isZero(sha256)))
    return malformed('content beside a refusal');
  return { kind: 'RECEIPT', sessionId, sha256, octets, chunks, utcMs, handshakeHash, isRefusal, signature };
}

/** RECEIPT as it is kept, 169 octets: without the zeros. */
export function encodeStoredReceipt(receipt: Receipt): Uint8Array {
  return encode(receipt).slice(0, receiptLength);
}

export function parseStoredReceipt(octets: Uint8Array): Receipt | Malformed {
  if (octets.length !== receiptLength) return malformed(`a stored receipt of ${octets.length} octets`);
  return parse('RECEIPT', Buffer.concat([octets], payloadLengths.RECEIPT));
}

function optional(value: number | undefined): Uint8Array {
  return value === undefined ? noNumber : bigEndian(value, 8);
}

function optionalNumber(reader: Reader): number | undefined | 'inexact' {
  const octets = reader.octets(8);
  return octets.every((octet) => octet === 0xff) ? undefined : (fromBigEndian(octets) ?? 'inexact');
}

function number(reader: Reader, length: number): number | undefined {
  return fromBigEndian(reader.octets(length));
}

function isZero(octets: Uint8Array): boolean {
  return octets.every((octet) => octet === 0);
}

function malformed(fault: string): Malformed {
  return { kind: 'malformed', fault };
}

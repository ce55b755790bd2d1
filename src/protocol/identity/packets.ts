import { type AccountNumber, parseAccountNumber } from '../../bytes/account-number.js';
import { bigEndian, fromBigEndian } from '../../bytes/big-endian.js';
import type { MessageShape } from '../../bytes/message-reader.js';
import type { Malformed } from '../../bytes/packet-reader.js';
import { Reader } from '../../bytes/reader.js';
import { Writer } from '../../bytes/writer.js';
import { encodeKeyList, type KeyList, keyListLength, parseKeyList } from './key-list.js';

/** Types and lengths on the wire; the bodies are Noise's, of the payloads below. */
export const messages = {
  HELLO: { type: 21, length: 1248 },
  REPLY: { type: 22, length: 1152 },
  REQUEST: { type: 23, length: 128 },
  APPROVAL: { type: 24, length: 224 },
  BRIDGED: { type: 25, length: 48 },
  READY: { type: 26, length: 80 },
  INVITE: { type: 27, length: 256 },
  ANSWER: { type: 28, length: 48 },
  EARLY: { type: 29, length: 1299 },
} as const satisfies Record<string, MessageShape>;

export type MessageKind = keyof typeof messages;

/** The record in EARLY of a caller that has none to send yet: zeros, as many as DX1 has octets. Who receives it passes over it. */
export const emptyRecord = { recordType: 30, body: new Uint8Array(1280) } as const;

/** X25519, ML-KEM-768, ChaCha20-Poly1305, SHA-256: the one suite that is spoken. */
export const suite = 0x0201;
/** 2.0.0.0 */
export const softwareVersion = 0x02000000;

/** In the order of their numbers, from 1. */
const purposes = ['data', 'pairing'] as const;
export type Purpose = (typeof purposes)[number];

/** In the order of their numbers, from 0. */
const answers = ['accept', 'refuse', 'do-not-disturb'] as const;
export type Answer = (typeof answers)[number];

/** In the order of their numbers, from 1; 0: not said. */
const payers = ['caller', 'callee', 'third-party'] as const;
export type Payer = (typeof payers)[number];

/** An exact amount: `units` of 10^-`decimals` of the currency. */
export interface Price {
  readonly units: bigint;
  /** At most 8. */
  readonly decimals: number;
  /** ISO 4217. */
  readonly currency: string;
}

const mostDecimals = 8;

/** What the server says of a call before it is made. */
export interface CallTerms {
  /** From the bridge on; then the server releases the call. 0: no limit. */
  readonly longestSeconds: number;
  readonly priceClass: number;
  /** Of as many seconds as REQUEST has estimated, of none where it did not; `undefined`: not said. */
  readonly price: Price | undefined;
  readonly payer: Payer | undefined;
}

/** 64 octets: purpose 0 | flags 1 | callee 2 | request id 14 | time 30 | size class 38 | version 39 | suite floor 43 | estimate 45 | zeros 49. */
export interface Request {
  readonly kind: 'REQUEST';
  readonly purpose: Purpose;
  /** Bit 0 of the flags: what the call would cost; it is not made. */
  readonly isQuote: boolean;
  /** Bit 1: the callee is asked to pay. */
  readonly isCollect: boolean;
  readonly callee: AccountNumber;
  /** 16 octets, the same for each try of one request. */
  readonly requestId: Uint8Array;
  readonly utcMs: number;
  readonly version: number;
  /** How long the call will carry data; 0: not said. */
  readonly estimatedSeconds: number;
}

/**
 * 208 octets: status 0 | call id 1 | K_call 17 | time 49 | longest call 57 | price class 61 | key list 63 | price 195 | currency 203 |
 * decimals 206 | payer 207. Neither of `approved` and `quoted` in a refusal, which says nothing but its time.
 */
export interface Approval {
  readonly kind: 'APPROVAL';
  readonly approved?: CallTerms & {
    /** 16 octets. */
    readonly callId: Uint8Array;
    /** K_call, 32 octets. */
    readonly callKey: Uint8Array;
    readonly keyList: KeyList;
  };
  /** The answer to a quote: no call has this id and this key. */
  readonly quoted?: CallTerms & { readonly keyList: KeyList };
  readonly utcMs: number;
}

/** 32 octets: cause 0 | call id 1 | time 17 | zeros 25. */
export interface Bridged {
  readonly kind: 'BRIDGED';
  /** 0: bridged. Otherwise why not, by Q.850. */
  readonly cause: number;
  readonly callId: Uint8Array;
  readonly utcMs: number;
}

/** 16 octets: flags 0 | version 1 | suite floor 5 | time 7 | zeros 15. */
export interface Ready {
  readonly kind: 'READY';
  readonly doNotDisturb: boolean;
  readonly version: number;
  readonly utcMs: number;
}

/** 240 octets: call id 0 | caller 16 | fingerprint 28 | K_call 60 | purpose 92 | time 93 | key list 101 | flags 233 | zeros 234. */
export interface Invite {
  readonly kind: 'INVITE';
  readonly callId: Uint8Array;
  readonly caller: AccountNumber;
  /** SHA-256 of the caller's static key, 32 octets. */
  readonly fingerprint: Uint8Array;
  readonly callKey: Uint8Array;
  readonly purpose: Purpose;
  readonly utcMs: number;
  readonly keyList: KeyList;
  /** Bit 0 of the flags: who accepts the call pays for it. */
  readonly isCollect: boolean;
}

/** 32 octets: answer 0 | call id 1 | zeros 17. */
export interface AnswerPayload {
  readonly kind: 'ANSWER';
  readonly answer: Answer;
  readonly callId: Uint8Array;
}

export type Payload = Request | Approval | Bridged | Ready | Invite | AnswerPayload;
export type PayloadKind = Payload['kind'];
export type PayloadOf<Kind extends PayloadKind> = Extract<Payload, { readonly kind: Kind }>;

const payloadLengths = {
  REQUEST: 64,
  APPROVAL: 208,
  BRIDGED: 32,
  READY: 16,
  INVITE: 240,
  ANSWER: 32,
} as const satisfies Record<PayloadKind, number>;

/** The payload, before Noise encrypts it. */
export function encode(payload: Payload): Uint8Array {
  const octets = new Uint8Array(payloadLengths[payload.kind]);
  octets.set(fieldsOf(payload));
  return octets;
}

function fieldsOf(payload: Payload): Uint8Array {
  switch (payload.kind) {
    case 'REQUEST': {
      const { purpose, isQuote, isCollect, callee, requestId, utcMs, version, estimatedSeconds } = payload;
      const flags = (isQuote ? 1 : 0) | (isCollect ? 2 : 0);
      const writer = new Writer(49).octet(numberOf(purpose)).octet(flags).ascii(callee).octets(requestId);
      writer.octets(bigEndian(utcMs, 8)).octet(0).octets(bigEndian(version, 4));
      return writer.octets(bigEndian(suite, 2)).octets(bigEndian(estimatedSeconds, 4)).finish();
    }
    case 'APPROVAL':
      return approvalFields(payload);
    case 'BRIDGED':
      return new Writer(25)
        .octet(payload.cause)
        .octets(payload.callId)
        .octets(bigEndian(payload.utcMs, 8))
        .finish();
    case 'READY': {
      const writer = new Writer(15).octet(payload.doNotDisturb ? 1 : 0).octets(bigEndian(payload.version, 4));
      return writer.octets(bigEndian(suite, 2)).octets(bigEndian(payload.utcMs, 8)).finish();
    }
    case 'INVITE': {
      const { callId, caller, fingerprint, callKey, purpose, utcMs, keyList, isCollect } = payload;
      const writer = new Writer(234).octets(callId).ascii(caller).octets(fingerprint).octets(callKey);
      writer.octet(numberOf(purpose)).octets(bigEndian(utcMs, 8));
      return writer
        .octets(encodeKeyList(keyList))
        .octet(isCollect ? 1 : 0)
        .finish();
    }
    case 'ANSWER':
      return new Writer(17).octet(answers.indexOf(payload.answer)).octets(payload.callId).finish();
  }
}

function approvalFields({ approved, quoted, utcMs }: Approval): Uint8Array {
  const said = approved ?? quoted;
  const writer = new Writer(208).octet(approved ? 0 : quoted ? 2 : 1);
  writer.octets(approved?.callId ?? new Uint8Array(16)).octets(approved?.callKey ?? new Uint8Array(32));
  writer.octets(bigEndian(utcMs, 8)).octets(bigEndian(said?.longestSeconds ?? 0, 4));
  writer.octets(bigEndian(said?.priceClass ?? 0, 2));
  writer.octets(said ? encodeKeyList(said.keyList) : new Uint8Array(keyListLength));
  const { units = 0n, currency = '\0\0\0', decimals = 0 } = said?.price ?? {};
  const amount = new Uint8Array(8);
  new DataView(amount.buffer).setBigUint64(0, units);
  writer.octets(amount).ascii(currency).octet(decimals);
  return writer.octet(said?.payer ? payers.indexOf(said.payer) + 1 : 0).finish();
}

/** What parses encodes to the same octets again: zeros are zeros, and a suite floor is that of the suite that is spoken. */
export function parse<Kind extends PayloadKind>(kind: Kind, octets: Uint8Array): PayloadOf<Kind> | Malformed {
  if (octets.length !== payloadLengths[kind]) return malformed(`${kind} of ${octets.length} octets`);
  const payload = parseFields(kind, new Reader(octets));
  if (payload.kind === 'malformed') return payload;
  if (Buffer.compare(encode(payload), octets) !== 0)
    return malformed(`${kind} with a flag, a suite or an octet that must be another`);
  return payload as PayloadOf<Kind>;
}

function parseFields(kind: PayloadKind, reader: Reader): Payload | Malformed {
  switch (kind) {
    case 'REQUEST':
      return parseRequest(reader);
    case 'APPROVAL':
      return parseApproval(reader);
    case 'BRIDGED': {
      const [cause, callId] = [reader.octet(), reader.octets(16)];
      return timed(reader, (utcMs) => ({ kind, cause, callId, utcMs }));
    }
    case 'READY': {
      const doNotDisturb = reader.octet() === 1;
      const version = fromBigEndian(reader.octets(4)) ?? 0;
      reader.octets(2);
      return timed(reader, (utcMs) => ({ kind, doNotDisturb, version, utcMs }));
    }
    case 'INVITE':
      return parseInvite(reader);
    case 'ANSWER': {
      const answer = answers[reader.octet()];
      return answer ? { kind, answer, callId: reader.octets(16) } : malformed('an unknown answer');
    }
  }
}

function parseRequest(reader: Reader): Request | Malformed {
  const purpose = purposeOf(reader.octet());
  const flags = reader.octet();
  const [isQuote, isCollect] = [(flags & 1) !== 0, (flags & 2) !== 0];
  const callee = parseAccountNumber(reader.ascii(12));
  if (!purpose || !callee) return malformed('an unknown purpose, or a callee that is no account');
  const requestId = reader.octets(16);
  return timed(reader, (utcMs) => {
    reader.octet();
    const version = fromBigEndian(reader.octets(4)) ?? 0;
    reader.octets(2);
    const estimatedSeconds = fromBigEndian(reader.octets(4)) ?? 0;
    const wish = { purpose, isQuote, isCollect, callee, requestId };
    return { kind: 'REQUEST', ...wish, utcMs, version, estimatedSeconds };
  });
}

function parseApproval(reader: Reader): Approval | Malformed {
  const status = reader.octet();
  const [callId, callKey] = [reader.octets(16), reader.octets(32)];
  return timed(reader, (utcMs) => {
    if (status === 1) return { kind: 'APPROVAL', utcMs };
    const longestSeconds = fromBigEndian(reader.octets(4)) ?? 0;
    const priceClass = fromBigEndian(reader.octets(2)) ?? 0;
    const keyList = parseKeyList(reader.octets(keyListLength));
    const price = parsePrice(reader);
    if (price && 'fault' in price) return price;
    const said = { longestSeconds, priceClass, price, payer: payers[reader.octet() - 1], keyList };
    return status === 0
      ? { kind: 'APPROVAL', utcMs, approved: { callId, callKey, ...said } }
      : { kind: 'APPROVAL', utcMs, quoted: said };
  });
}

function parsePrice(reader: Reader): Price | Malformed | undefined {
  const units = Buffer.from(reader.octets(8)).readBigUInt64BE();
  const [currency, decimals] = [reader.ascii(3), reader.octet()];
  if (currency === '\0\0\0') return undefined;
  if (!/^[A-Z]{3}$/.test(currency) || decimals > mostDecimals) return malformed('a price that is none');
  return { units, decimals, currency };
}

function parseInvite(reader: Reader): Invite | Malformed {
  const callId = reader.octets(16);
  const caller = parseAccountNumber(reader.ascii(12));
  const [fingerprint, callKey] = [reader.octets(32), reader.octets(32)];
  const purpose = purposeOf(reader.octet());
  if (!purpose || !caller) return malformed('an unknown purpose, or a caller that is no account');
  return timed(reader, (utcMs) => {
    const keyList = parseKeyList(reader.octets(keyListLength));
    const isCollect = reader.octet() === 1;
    return { kind: 'INVITE', callId, caller, fingerprint, callKey, purpose, utcMs, keyList, isCollect };
  });
}

function timed<Kind extends Payload>(
  reader: Reader,
  payloadAt: (utcMs: number) => Kind | Malformed,
): Kind | Malformed {
  const utcMs = fromBigEndian(reader.octets(8));
  return utcMs === undefined ? malformed('a time beyond all calendars') : payloadAt(utcMs);
}

function numberOf(purpose: Purpose): number {
  return purposes.indexOf(purpose) + 1;
}

function purposeOf(number: number): Purpose | undefined {
  return purposes[number - 1];
}

function malformed(fault: string): Malformed {
  return { kind: 'malformed', fault };
}

import { type AccountNumber, parseAccountNumber } from '../../../bytes/account-number.js';
import type { MessageShape } from '../../../bytes/message-reader.js';
import type { Malformed } from '../../../bytes/packet-reader.js';
import { Reader } from '../../../bytes/reader.js';
import { Writer } from '../../../bytes/writer.js';
import * as xWing from '../../../crypto/x-wing.js';

/** X25519, ML-KEM-768, ChaCha20-Poly1305, SHA-256, Ed25519. */
export const suite = 0x0201;

/** i is the sender, who calls; r the recipient. */
export type Role = 'i' | 'r';

export type Verdict = 'yes' | 'no';

/** What KX1 and KX2 say of who sends them. */
interface Introduction {
  readonly suite: number;
  /** Bit 0 of the flags: each side types a string (X and X2). The other bits are 0. */
  readonly wantsBothStrings: boolean;
  readonly accountI: AccountNumber;
  readonly accountR: AccountNumber;
  /** The sender's of this message, 32 octets: signs receipts. */
  readonly ed25519: Uint8Array;
  /** The sender's of this message, 32 octets: the static key of the Data Exchange. */
  readonly x25519: Uint8Array;
}

/** Body of 1,339 octets: suite 0 | flags 2 | account i 3 | account r 15 | Ed25519 27 | X25519 59 | X-Wing public key 91 | commit 1307. */
export interface Kx1 extends Introduction {
  readonly kind: 'KX1';
  /** 1,216 octets. */
  readonly xWingKey: Uint8Array;
  /** 32 octets. */
  readonly commit: Uint8Array;
}

/** Body of 1,275 octets: suite 0 | flags 2 | account r 3 | account i 15 | Ed25519 27 | X25519 59 | nR 91 | X-Wing ciphertext 123 | macR 1243. */
export interface Kx2 extends Introduction {
  readonly kind: 'KX2';
  /** 32 octets. */
  readonly nR: Uint8Array;
  /** 1,120 octets. */
  readonly ciphertext: Uint8Array;
  /** 32 octets. */
  readonly macR: Uint8Array;
}

/** Body of 64 octets: nI 0 | macI 32. */
export interface Kx3 {
  readonly kind: 'KX3';
  readonly nI: Uint8Array;
  readonly macI: Uint8Array;
}

/** Body of 49 octets: kxid 0 | verdict 16 | mac 17. */
export interface Conf {
  readonly kind: 'CONF';
  /** 16 octets. */
  readonly kxid: Uint8Array;
  readonly verdict: Verdict;
  /** 32 octets. */
  readonly mac: Uint8Array;
}

/** As CONF; the verdict is the one that it acknowledges. A mac of zeros: the run is not known here. */
export interface ConfAck {
  readonly kind: 'CONF_ACK';
  readonly kxid: Uint8Array;
  readonly verdict: Verdict;
  readonly mac: Uint8Array;
}

export type KeyExchangeMessage = Kx1 | Kx2 | Kx3 | Conf | ConfAck;

/** Record types of the outer channel, and octets of the body. */
export const shapes = {
  KX1: { type: 31, length: 1339 },
  KX2: { type: 32, length: 1275 },
  KX3: { type: 33, length: 64 },
  CONF: { type: 34, length: 49 },
  CONF_ACK: { type: 35, length: 49 },
} as const satisfies Record<KeyExchangeMessage['kind'], MessageShape>;

const kinds = Object.keys(shapes) as KeyExchangeMessage['kind'][];

/** The body. */
export function encode(message: KeyExchangeMessage): Uint8Array {
  const writer = new Writer(shapes[message.kind].length);
  switch (message.kind) {
    case 'KX1':
      introduce(writer, message, message.accountI, message.accountR);
      return writer.octets(message.xWingKey).octets(message.commit).finish();
    case 'KX2':
      introduce(writer, message, message.accountR, message.accountI);
      return writer.octets(message.nR).octets(message.ciphertext).octets(message.macR).finish();
    case 'KX3':
      return writer.octets(message.nI).octets(message.macI).finish();
    case 'CONF':
    case 'CONF_ACK':
      return writer.octets(message.kxid).octet(octetOf(message.verdict)).octets(message.mac).finish();
  }
}

/** What parses encodes to the same octets again, so transcripts can be taken from the message. */
export function parse(recordType: number, body: Uint8Array): KeyExchangeMessage | Malformed {
  const kind = kinds.find((each) => shapes[each].type === recordType);
  if (!kind) return malformed(`record of type ${recordType}`);
  const { length } = shapes[kind];
  if (body.length !== length) return malformed(`${kind} of ${body.length} octets, not ${length}`);
  const reader = new Reader(body);
  switch (kind) {
    case 'KX1':
      return parseKx1(reader);
    case 'KX2':
      return parseKx2(reader);
    case 'KX3':
      return { kind, nI: reader.octets(32), macI: reader.octets(32) };
    case 'CONF':
    case 'CONF_ACK':
      return parseVerdict(kind, reader);
  }
}

/** 1 for yes, 0 for no, on the wire and in what the macs cover. */
export function octetOf(verdict: Verdict): number {
  return verdict === 'yes' ? 1 : 0;
}

function introduce(writer: Writer, message: Introduction, first: AccountNumber, second: AccountNumber): void {
  writer.octet(message.suite >> 8).octet(message.suite & 0xff);
  writer.octet(message.wantsBothStrings ? 1 : 0);
  writer.ascii(first).ascii(second).octets(message.ed25519).octets(message.x25519);
}

function parseKx1(reader: Reader): Kx1 | Malformed {
  const introduction = parseIntroduction(reader);
  if ('fault' in introduction) return introduction;
  const { first: accountI, second: accountR, ...rest } = introduction;
  return {
    kind: 'KX1',
    accountI,
    accountR,
    ...rest,
    xWingKey: reader.octets(xWing.publicKeyLength),
    commit: reader.octets(32),
  };
}

function parseKx2(reader: Reader): Kx2 | Malformed {
  const introduction = parseIntroduction(reader);
  if ('fault' in introduction) return introduction;
  const { first: accountR, second: accountI, ...rest } = introduction;
  return {
    kind: 'KX2',
    accountI,
    accountR,
    ...rest,
    nR: reader.octets(32),
    ciphertext: reader.octets(xWing.ciphertextLength),
    macR: reader.octets(32),
  };
}

function parseIntroduction(reader: Reader) {
  const suiteOffered = (reader.octet() << 8) | reader.octet();
  const flags = reader.octet();
  if (flags > 1) return malformed(`flags ${flags}`);
  const first = parseAccountNumber(reader.ascii(12));
  const second = parseAccountNumber(reader.ascii(12));
  if (!first || !second) return malformed('an account is not twelve digits');
  const wantsBothStrings = flags === 1;
  const [ed25519, x25519] = [reader.octets(32), reader.octets(32)];
  return { suite: suiteOffered, wantsBothStrings, first, second, ed25519, x25519 };
}

function parseVerdict(kind: 'CONF' | 'CONF_ACK', reader: Reader): Conf | ConfAck | Malformed {
  const kxid = reader.octets(16);
  const octet = reader.octet();
  if (octet > 1) return malformed(`verdict ${octet}`);
  return { kind, kxid, verdict: octet === 1 ? 'yes' : 'no', mac: reader.octets(32) };
}

function malformed(fault: string): Malformed {
  return { kind: 'malformed', fault };
}

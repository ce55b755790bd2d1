import { type AccountNumber, parseAccountNumber } from '../../bytes/account-number.js';
import { ETB, ETX, STX } from '../../bytes/framing.js';
import type { Malformed, PacketShape } from '../../bytes/packet-reader.js';
import { Reader } from '../../bytes/reader.js';
import { Writer } from '../../bytes/writer.js';

/** Transfer Packet A1, 36 octets: STX 0 | low 1 | high 2 | Account_A 3 | Challenge_A 15 | ETX 35. */
export interface PacketA1 {
  readonly kind: 'A1';
  readonly lowVersion: number;
  readonly highVersion: number;
  readonly accountA: AccountNumber;
  /** 20 octets, as are all the challenges, proofs and keys below. */
  readonly challengeA: Uint8Array;
}

/** Transfer Packet B, 55 octets: STX 0 | version 1 | Account_B 2 | Challenge_B 14 | Proof_B 34 | ETX 54. */
export interface PacketB {
  readonly kind: 'B';
  readonly version: number;
  readonly accountB: AccountNumber;
  readonly challengeB: Uint8Array;
  readonly proofB: Uint8Array;
}

/** Transfer Packet A2, 94 octets: STX 0 | Account_B 1 | Proof_A 13 | DeltaKey_A 33 | KeyProof_A 53 | FileProof_A 73 | ETB 93. */
export interface PacketA2 {
  readonly kind: 'A2';
  readonly accountB: AccountNumber;
  readonly proofA: Uint8Array;
  readonly deltaKeyA: Uint8Array;
  readonly keyProofA: Uint8Array;
  readonly fileProofA: Uint8Array;
}

export type DataExchangePacket = PacketA1 | PacketB | PacketA2;

export const shapes = {
  A1: { length: 36, trailer: ETX },
  B: { length: 55, trailer: ETX },
  A2: { length: 94, trailer: ETB },
} as const satisfies Record<DataExchangePacket['kind'], PacketShape>;

export function encode(packet: DataExchangePacket): Uint8Array {
  const { length, trailer } = shapes[packet.kind];
  const writer = new Writer(length).octet(STX);
  switch (packet.kind) {
    case 'A1':
      writer.octet(packet.lowVersion).octet(packet.highVersion).ascii(packet.accountA);
      writer.octets(packet.challengeA);
      break;
    case 'B':
      writer.octet(packet.version).ascii(packet.accountB).octets(packet.challengeB).octets(packet.proofB);
      break;
    case 'A2':
      writer.ascii(packet.accountB).octets(packet.proofA).octets(packet.deltaKeyA);
      writer.octets(packet.keyProofA).octets(packet.fileProofA);
  }
  return writer.octet(trailer).finish();
}

/** The packet of the kind that is awaited; what parses encodes to the same octets again. */
export function parse(kind: DataExchangePacket['kind'], octets: Uint8Array): DataExchangePacket | Malformed {
  const { length, trailer } = shapes[kind];
  if (octets.length !== length) return malformed(`${octets.length} octets, not ${length}`);
  if (octets[0] !== STX || octets[length - 1] !== trailer) return malformed('framing');
  const reader = new Reader(octets.subarray(1, -1));
  switch (kind) {
    case 'A1':
      return parseA1(reader);
    case 'B':
      return parseB(reader);
    case 'A2':
      return parseA2(reader);
  }
}

function parseA1(reader: Reader): PacketA1 | Malformed {
  const lowVersion = reader.octet();
  const highVersion = reader.octet();
  if (lowVersion > highVersion) return malformed(`version range ${lowVersion} to ${highVersion}`);
  const accountA = parseAccountNumber(reader.ascii(12));
  if (!accountA) return malformed('Account_A is not twelve digits');
  return { kind: 'A1', lowVersion, highVersion, accountA, challengeA: reader.octets(20) };
}

function parseB(reader: Reader): PacketB | Malformed {
  const version = reader.octet();
  const accountB = parseAccountNumber(reader.ascii(12));
  if (!accountB) return malformed('Account_B is not twelve digits');
  return { kind: 'B', version, accountB, challengeB: reader.octets(20), proofB: reader.octets(20) };
}

function parseA2(reader: Reader): PacketA2 | Malformed {
  const accountB = parseAccountNumber(reader.ascii(12));
  if (!accountB) return malformed('Account_B is not twelve digits');
  return {
    kind: 'A2',
    accountB,
    proofA: reader.octets(20),
    deltaKeyA: reader.octets(20),
    keyProofA: reader.octets(20),
    fileProofA: reader.octets(20),
  };
}

function malformed(fault: string): Malformed {
  return { kind: 'malformed', fault };
}

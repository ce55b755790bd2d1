import { type AccountNumber, parseAccountNumber } from '../../bytes/account-number.js';
import { EM, STX } from '../../bytes/framing.js';
import type { Malformed, PacketShape } from '../../bytes/packet-reader.js';
import { Reader } from '../../bytes/reader.js';
import { Writer } from '../../bytes/writer.js';

/** Handshake Packet A1, 164 octets: STX 0 | low 1 | high 2 | AccountA 3 | DH_result_A 15 | Hash_RandomA 143 | EM 163. */
export interface PacketA1 {
  readonly kind: 'A1';
  readonly lowVersion: number;
  readonly highVersion: number;
  readonly accountA: AccountNumber;
  /** g^eA mod n, 128 octets. */
  readonly dhResultA: Uint8Array;
  /** SHA(RandomA), 20 octets. */
  readonly hashRandomA: Uint8Array;
}

/** Handshake Packet B, 163 octets: STX 0 | version 1 | AccountB 2 | DH_result_B 14 | ProofB 142 | EM 162. */
export interface PacketB {
  readonly kind: 'B';
  readonly version: number;
  readonly accountB: AccountNumber;
  /** g^eB mod n, 128 octets. */
  readonly dhResultB: Uint8Array;
  /** SHA("KEY_ID" | Z), 20 octets. */
  readonly proofB: Uint8Array;
}

/** Handshake Packet A2, 22 octets: STX 0 | RandomA 1 | EM 21. */
export interface PacketA2 {
  readonly kind: 'A2';
  /** 20 octets. */
  readonly randomA: Uint8Array;
}

export type KeyExchangePacket = PacketA1 | PacketB | PacketA2;

export const shapes = {
  A1: { length: 164, trailer: EM },
  B: { length: 163, trailer: EM },
  A2: { length: 22, trailer: EM },
} as const satisfies Record<KeyExchangePacket['kind'], PacketShape>;

export function encode(packet: KeyExchangePacket): Uint8Array {
  const writer = new Writer(shapes[packet.kind].length).octet(STX);
  switch (packet.kind) {
    case 'A1':
      writer.octet(packet.lowVersion).octet(packet.highVersion).ascii(packet.accountA);
      writer.octets(packet.dhResultA).octets(packet.hashRandomA);
      break;
    case 'B':
      writer.octet(packet.version).ascii(packet.accountB).octets(packet.dhResultB).octets(packet.proofB);
      break;
    case 'A2':
      writer.octets(packet.randomA);
  }
  return writer.octet(EM).finish();
}

/**
 * The packet of the kind that is awaited. What parses encodes to the same octets again, so the transcript can
 * be taken from the packet. Whether its numbers are in the group is for the rules.
 */
export function parse(kind: KeyExchangePacket['kind'], octets: Uint8Array): KeyExchangePacket | Malformed {
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
      return { kind, randomA: reader.octets(20) };
  }
}

function parseA1(reader: Reader): PacketA1 | Malformed {
  const lowVersion = reader.octet();
  const highVersion = reader.octet();
  if (lowVersion > highVersion) return malformed(`version range ${lowVersion} to ${highVersion}`);
  const accountA = parseAccountNumber(reader.ascii(12));
  if (!accountA) return malformed('AccountA is not twelve digits');
  return {
    kind: 'A1',
    lowVersion,
    highVersion,
    accountA,
    dhResultA: reader.octets(128),
    hashRandomA: reader.octets(20),
  };
}

function parseB(reader: Reader): PacketB | Malformed {
  const version = reader.octet();
  const accountB = parseAccountNumber(reader.ascii(12));
  if (!accountB) return malformed('AccountB is not twelve digits');
  return { kind: 'B', version, accountB, dhResultB: reader.octets(128), proofB: reader.octets(20) };
}

function malformed(fault: string): Malformed {
  return { kind: 'malformed', fault };
}

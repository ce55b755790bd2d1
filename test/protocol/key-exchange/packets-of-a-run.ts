import type { AccountNumber } from '../../../src/bytes/account-number.js';
import { exponentFrom, publicValue, sharedSecret } from '../../../src/crypto/group.js';
import type { PacketA1, PacketA2, PacketB } from '../../../src/protocol/key-exchange/packets.js';
import {
  checkStringOf,
  hashOf,
  longTermKeyOf,
  proofOf,
  transcriptOf,
} from '../../../src/protocol/key-exchange/rules.js';
import { seeded } from '../../support/seeded.js';

export const alice = '000000000001' as AccountNumber;
export const bob = '000000000002' as AccountNumber;
export const mallory = '000000000666' as AccountNumber;

const random = seeded('key exchange');
export const exponentA = exponentFrom(random(32));
export const exponentB = exponentFrom(random(32));
export const randomA = random(20);
export const secret = sharedSecret(publicValue(exponentB), exponentA);

/** A number of the group's field as 128 octets. */
export function number(value: bigint): Uint8Array {
  return Buffer.from(value.toString(16).padStart(256, '0'), 'hex');
}

export const a1: PacketA1 = {
  kind: 'A1',
  lowVersion: 1,
  highVersion: 1,
  accountA: alice,
  dhResultA: publicValue(exponentA),
  hashRandomA: hashOf(randomA),
};

export const b: PacketB = {
  kind: 'B',
  version: 1,
  accountB: bob,
  dhResultB: publicValue(exponentB),
  proofB: proofOf(secret),
};

export const a2: PacketA2 = { kind: 'A2', randomA };

export const checkString = checkStringOf(secret, transcriptOf(a1, b, a2));
export const longTermKey = longTermKeyOf(secret, transcriptOf(a1, b, a2));

/** The same octets with the bits of `mask` turned over in one of them. */
export function flipped(octets: Uint8Array, place = 0, mask = 1): Uint8Array {
  return octets.map((octet, index) => (index === place ? octet ^ mask : octet));
}

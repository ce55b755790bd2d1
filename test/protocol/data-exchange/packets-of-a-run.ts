import type { AccountNumber } from '../../../src/bytes/account-number.js';
import type { PacketA1, PacketA2, PacketB } from '../../../src/protocol/data-exchange/packets.js';
import {
  maskKey,
  proofOfFile,
  proofOfKey,
  proofOfRecipient,
  proofOfSender,
} from '../../../src/protocol/data-exchange/rules.js';
import { seeded } from '../../support/seeded.js';

export const alice = '000000000001' as AccountNumber;
export const bob = '000000000002' as AccountNumber;
export const mallory = '000000000666' as AccountNumber;

const random = seeded('data exchange');
export const longTermKey = random(20);
export const sessionKey = random(20);
export const fileHash = random(20);
export const call = { challengeA: random(20), challengeB: random(20) };

export const a1: PacketA1 = {
  kind: 'A1',
  lowVersion: 1,
  highVersion: 1,
  accountA: alice,
  challengeA: call.challengeA,
};

export const b: PacketB = {
  kind: 'B',
  version: 1,
  accountB: bob,
  challengeB: call.challengeB,
  proofB: proofOfRecipient(longTermKey, call),
};

export const a2: PacketA2 = {
  kind: 'A2',
  accountB: bob,
  proofA: proofOfSender(longTermKey, call),
  deltaKeyA: maskKey(longTermKey, call, sessionKey),
  keyProofA: proofOfKey(sessionKey, call),
  fileProofA: proofOfFile(sessionKey, call, fileHash),
};

/** The same octets with the bits of `mask` turned over in one of them. */
export function flipped(octets: Uint8Array, place = 0, mask = 1): Uint8Array {
  return octets.map((octet, index) => (index === place ? octet ^ mask : octet));
}

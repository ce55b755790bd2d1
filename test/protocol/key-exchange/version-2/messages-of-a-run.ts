import type { AccountNumber } from '../../../../src/bytes/account-number.js';
import { ed25519 } from '../../../../src/crypto/ed25519.js';
import { xWingEncapsulate, xWingPublicKey } from '../../../../src/crypto/x-wing.js';
import { x25519 } from '../../../../src/crypto/x25519.js';
import type { Agreement } from '../../../../src/protocol/key-exchange/version-2/events.js';
import {
  type Kx1,
  type Kx2,
  type Kx3,
  suite,
} from '../../../../src/protocol/key-exchange/version-2/packets.js';
import type { RecipientInput } from '../../../../src/protocol/key-exchange/version-2/recipient.js';
import {
  agreedKeysOf,
  commitOf,
  macROf,
  transcriptOf,
} from '../../../../src/protocol/key-exchange/version-2/rules.js';
import type { SenderInput } from '../../../../src/protocol/key-exchange/version-2/sender.js';
import { seeded } from '../../../support/seeded.js';

export const alice = '000000000001' as AccountNumber;
export const bob = '000000000002' as AccountNumber;
export const mallory = '000000000666' as AccountNumber;

const random = seeded('key exchange 2');
const identity = () => ({ ed25519: ed25519.key(random(32)).publicKey, x25519: x25519(random(32)).publicKey });
export const callKey = random(32);

export const senderInput: SenderInput = {
  own: alice,
  peer: bob,
  identity: identity(),
  nI: random(32),
  xWingSeed: random(32),
  callKey,
  wantsBothStrings: false,
};

export const recipientInput: RecipientInput = {
  own: bob,
  peer: alice,
  identity: identity(),
  nR: random(32),
  xWingEntropy: random(64),
  callKey,
  wantsBothStrings: false,
};

const openKx1: Kx1 = {
  kind: 'KX1',
  suite,
  wantsBothStrings: false,
  accountI: alice,
  accountR: bob,
  ...senderInput.identity,
  xWingKey: xWingPublicKey(senderInput.xWingSeed),
  commit: new Uint8Array(32),
};

export const kx1: Kx1 = committed(openKx1);

const encapsulated = xWingEncapsulate(kx1.xWingKey, recipientInput.xWingEntropy);
if (!encapsulated) throw new Error('the key of the run is no X-Wing key');
export const { ciphertext, sharedSecret } = encapsulated;

export const kx2: Kx2 = proven({
  kind: 'KX2',
  suite,
  wantsBothStrings: false,
  accountI: alice,
  accountR: bob,
  ...recipientInput.identity,
  nR: recipientInput.nR,
  ciphertext,
  macR: new Uint8Array(32),
});

export const keys = agreedKeysOf(
  { th2: transcriptOf(kx1, kx2), macR: kx2.macR, nI: senderInput.nI },
  sharedSecret,
  callKey,
);

export const kx3: Kx3 = { kind: 'KX3', nI: senderInput.nI, macI: keys.macI };

export const senderAgreement: Agreement = {
  role: 'i',
  peer: bob,
  peerIdentity: recipientInput.identity,
  keys,
  wantsBothStrings: false,
};

export const recipientAgreement: Agreement = {
  role: 'r',
  peer: alice,
  peerIdentity: senderInput.identity,
  keys,
  wantsBothStrings: false,
};

/** With a commitment that opens. */
export function committed(open: Kx1): Kx1 {
  return { ...open, commit: commitOf(open, senderInput.nI) };
}

/** With a mac that matches. */
export function proven(open: Kx2): Kx2 {
  return { ...open, macR: macROf(sharedSecret, transcriptOf(kx1, open)) };
}

/** The same octets with the bits of `mask` turned over in one of them. */
export function flipped(octets: Uint8Array, place = 0, mask = 1): Uint8Array {
  return octets.map((octet, index) => (index === place ? octet ^ mask : octet));
}

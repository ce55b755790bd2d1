import type { AccountNumber } from '../../../../src/bytes/account-number.js';
import { known } from '../../../../src/bytes/known.js';
import { ed25519 } from '../../../../src/crypto/ed25519.js';
import { x25519 } from '../../../../src/crypto/x25519.js';
import {
  type ChannelRecord,
  hear,
  hearDx1,
  hearDx2,
  say,
  sayDx1,
  sayDx2,
} from '../../../../src/protocol/data-exchange/version-2/handshake.js';
import type { Dx1, Dx2, Key } from '../../../../src/protocol/data-exchange/version-2/packets.js';
import type { RecipientInput } from '../../../../src/protocol/data-exchange/version-2/recipient.js';
import { signReceipt, tailDigestOf } from '../../../../src/protocol/data-exchange/version-2/rules.js';
import type { SenderInput } from '../../../../src/protocol/data-exchange/version-2/sender.js';
import { seeded } from '../../../support/seeded.js';

export const alice = '000000000001' as AccountNumber;
export const bob = '000000000002' as AccountNumber;
export const mallory = '000000000666' as AccountNumber;

const random = seeded('data exchange 2');
const aliceStatic = x25519(random(32));
const bobStatic = x25519(random(32));
const bobSigning = ed25519.key(random(32));
export const longTermKey = random(32);
export const nextLongTermKey = random(32);
export const ends = { sender: alice, recipient: bob, callId: random(16) };
export const sessionId = random(16);
export const transferKey = random(32);
export const content = { sha256: random(32), octets: 450, chunks: 5 };
export const epoch = 3;

export const senderInput: SenderInput = {
  ends,
  staticKey: aliceStatic,
  remoteStatic: bobStatic.publicKey,
  signingKey: bobSigning.publicKey,
  epoch,
  longTermKey,
  ephemeral: random(32),
  kemSeed: random(64),
  // An earlier call has begun it.
  transfer: { sessionId, transferKey, length: 540, content, handshakeHashes: [new Uint8Array(32)] },
};

export const recipientInput: RecipientInput = {
  ends,
  staticKey: bobStatic,
  signing: bobSigning,
  peer: {
    remoteStatic: aliceStatic.publicKey,
    present: { epoch, longTermKey },
    next: { epoch: epoch + 1, longTermKey: nextLongTermKey },
  },
  limit: 1_000,
  ephemeral: random(32),
  kemEntropy: random(32),
  decoy: random(64),
};

export const dx1: Dx1 = { kind: 'DX1', sessionId, epoch, length: 540 };
export const tailDigest = tailDigestOf(new Uint8Array(20));
export const dx2: Dx2 = {
  kind: 'DX2',
  sessionId,
  status: 'goOn',
  opened: 118,
  next: 138,
  tailDigest,
  limit: 1_000,
};
export const key: Key = { kind: 'KEY', sessionId, transferKey, from: 138 };

/** Both sides of a handshake in which the recipient answers `answer`. */
export function shakenHands(greeting = dx1, answer = dx2) {
  const sender = sayDx1(senderInput, greeting);
  const peer = known(recipientInput.peer);
  const heard1 = hearDx1({ ...recipientInput, ...peer }, [peer.present, known(peer.next)], sender.record);
  if (heard1.kind === 'malformed') throw new Error(heard1.fault);
  const recipient = sayDx2(heard1.state, answer);
  const heard2 = hearDx2(sender.state, recipient.record);
  if (heard2.kind === 'malformed') throw new Error(heard2.fault);
  return {
    dx1: sender.record,
    dx2: recipient.record,
    sender: heard2.state,
    recipient: recipient.state,
    handshakeHash: recipient.state.handshakeHash,
  };
}

export const hands = shakenHands();
export const frame = { sessionId, handshakeHash: hands.handshakeHash, utcMs: 1_700_000_000_000 };
export const receipt = signReceipt(ends, { ...frame, ...content, isRefusal: false }, bobSigning);
export const refusal = signReceipt(
  ends,
  { ...frame, sha256: new Uint8Array(32), octets: 0, chunks: 0, isRefusal: true },
  bobSigning,
);
export const signingOfBob = bobSigning;

/** A record that the recipient says, and one that the sender says. */
export function fromRecipient(message: Parameters<typeof say>[1]): ChannelRecord {
  return say(hands.recipient, message).record;
}

export function fromSender(...messages: Parameters<typeof say>[1][]): ChannelRecord[] {
  let state = hands.sender;
  return messages.map((message) => {
    const said = say(state, message);
    state = said.state;
    return said.record;
  });
}

/** The same octets with a bit turned over in one of them. */
export function flipped(octets: Uint8Array, place = 0, mask = 1): Uint8Array {
  return octets.map((octet, index) => (index === place ? octet ^ mask : octet));
}

export { hear };

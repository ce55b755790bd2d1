import { describe, expect, test } from 'vitest';
import {
  startInitiator,
  startResponder,
  transportOf,
  withPsk,
} from '../../../src/crypto/noise/handshake-state.js';
import { peekRemoteStatic, readMessage } from '../../../src/crypto/noise/messages.js';
import { type NoiseProtocol, noiseProtocol } from '../../../src/crypto/noise/protocol.js';
import { type X25519Key, x25519 } from '../../../src/crypto/x25519.js';
import { sample } from '../vectors.js';
import {
  exchange,
  failureOf,
  hybrids,
  initiatorInput,
  responderInput,
  type Sides,
  start,
  staticI,
  staticR,
  write,
} from './two-sides.js';

const [XK, KK] = hybrids;
const nothing = new Uint8Array();

describe('fault 24: wrong keys', () => {
  test('fault 24: an unknown static key and a wrong psk fail alike, after the same work', () => {
    const work = { dh: 0, aead: 0, hash: 0 };
    const protocol = counting(noiseProtocol(XK), work);
    const attempt = (staticKey: X25519Key, psk: Uint8Array) => {
      const sides: Sides = [
        startInitiator(noiseProtocol(XK), initiatorInput({ staticKey, psk })),
        startResponder(protocol, { ...responderInput({ psk: sample(0) }), remoteStatic: nothing }),
      ];
      const [initiator, server] = exchange(sides, 2).sides;
      const { message } = write(initiator, sample(256));
      Object.assign(work, { dh: 0, aead: 0, hash: 0 });
      const peeked = peekRemoteStatic(server, message);
      if (peeked.kind === 'failure') throw new Error(peeked.reason);
      const isKnown = Buffer.compare(peeked.remoteStatic, staticI.publicKey) === 0;
      const outcome = readMessage(withPsk(server, isKnown ? sample(32, 15) : sample(32, 99)), message);
      return { failure: failureOf(outcome), ...work };
    };
    const right = attempt(staticI, sample(32, 15));
    const wrongPsk = attempt(staticI, sample(32, 98));
    const unknownKey = attempt(x25519(sample(32, 97)), sample(32, 15));
    expect(right.failure).toBeUndefined();
    expect(wrongPsk.failure).toEqual({ message: 3, at: 'payload', reason: 'not authentic' });
    expect(unknownKey).toEqual(wrongPsk);
    expect(wrongPsk).toMatchObject({ dh: right.dh, aead: right.aead });
    expect(right.dh).toBe(1);
  });

  test('fault 24: a caller with another server`s key fails at message 1', () => {
    const [initiator, responder] = start(XK, { remoteStatic: staticI.publicKey });
    const outcome = readMessage(responder, write(initiator).message);
    expect(failureOf(outcome)).toEqual({ message: 1, at: 'e1', reason: 'not authentic' });
  });

  test('fault 24: a pair with another long-term key, or another peer, fails at message 1', () => {
    const stranger = x25519(sample(32, 96));
    for (const changes of [
      { psk: sample(32, 95) },
      { staticKey: stranger },
      { remoteStatic: stranger.publicKey },
    ]) {
      const [initiator, responder] = start(KK, changes);
      expect(failureOf(readMessage(responder, write(initiator).message))).toMatchObject({ message: 1 });
    }
  });

  test('the pre-shared key can wait for the static key that it is chosen by', () => {
    const { sides } = exchange(start(XK, {}, { psk: sample(32, 99) }), 2);
    const { message, state: initiator } = write(sides[0], sample(20));
    expect(sides[1].remoteStatic).toBeUndefined(); // whatever its input says
    expect(peekRemoteStatic(sides[1], message)).toEqual({ kind: 'peeked', remoteStatic: staticI.publicKey });
    const read = readMessage(withPsk(sides[1], sample(32, 15)), message);
    if (read.kind === 'failure') throw new Error(read.reason);
    expect(read.state.remoteStatic).toEqual(staticI.publicKey);
    expect(transportOf(read.state).handshakeHash).toEqual(transportOf(initiator).handshakeHash);
    expect(failureOf(peekRemoteStatic(sides[1], sample(64)))).toMatchObject({ message: 3, at: 's' });
  });
});

describe('fault 25: reflection', () => {
  /** Alice's own message 1 comes back to her as a call from Bob, and her answer as Bob's. */
  function reflect(name: string, outgoing: Uint8Array, incoming: Uint8Array): boolean {
    const protocol = noiseProtocol(name);
    const alice = { staticKey: staticI, remoteStatic: staticR.publicKey };
    const caller = startInitiator(protocol, initiatorInput({ ...alice, prologue: outgoing }));
    const callee = startResponder(protocol, responderInput({ ...alice, prologue: incoming }));
    const first = write(caller);
    const read = readMessage(callee, first.message);
    if (read.kind === 'failure') return false;
    return readMessage(first.state, write(read.state).message).kind === 'read';
  }

  const aliceThenBob = Buffer.from('000000000001000000000002');
  const bobThenAlice = Buffer.from('000000000002000000000001');

  test('fault 25: it completes under a symmetric key alone, and not with ordered accounts in the prologue', () => {
    const name = 'Noise_NNpsk0_25519_ChaChaPoly_SHA256';
    expect(reflect(name, nothing, nothing)).toBe(true);
    expect(reflect(name, aliceThenBob, bobThenAlice)).toBe(false);
  });

  test('fault 25: KK refuses it by the order of its static keys, whatever the prologue', () => {
    expect(reflect(KK, nothing, nothing)).toBe(false);
    expect(reflect(KK, aliceThenBob, bobThenAlice)).toBe(false);
  });

  test.each(hybrids)('fault 25: %s: a prologue with the accounts swapped is refused', (name) => {
    const [initiator, responder] = start(name, { prologue: aliceThenBob }, { prologue: bobThenAlice });
    expect(failureOf(readMessage(responder, write(initiator).message))).toMatchObject({
      message: 1,
      at: 'e1',
    });
  });
});

/** The protocol with its calls counted. */
function counting(protocol: NoiseProtocol, work: { dh: number; aead: number; hash: number }): NoiseProtocol {
  const { dh, cipher, hash } = protocol;
  const counted = <Out>(kind: keyof typeof work, result: Out): Out => {
    work[kind]++;
    return result;
  };
  const { seal, open } = cipher.aead;
  return {
    ...protocol,
    dh: (secret) => {
      const { publicKey, sharedSecret } = dh(secret);
      return { publicKey, sharedSecret: (theirs) => counted('dh', sharedSecret(theirs)) };
    },
    cipher: { ...cipher, aead: { seal, open: (...values) => counted('aead', open(...values)) } },
    hash: {
      length: hash.length,
      digest: (...parts) => counted('hash', hash.digest(...parts)),
      hmac: (key, ...parts) => counted('hash', hash.hmac(key, ...parts)),
    },
  };
}

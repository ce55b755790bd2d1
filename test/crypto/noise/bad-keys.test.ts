import { describe, expect, test } from 'vitest';
import type { HandshakeState } from '../../../src/crypto/noise/handshake-state.js';
import { readMessage, writeMessage } from '../../../src/crypto/noise/messages.js';
import { encryptAndHash, mixKey } from '../../../src/crypto/noise/symmetric-state.js';
import { writeToken } from '../../../src/crypto/noise/tokens.js';
import type { X25519Key } from '../../../src/crypto/x25519.js';
import { sample } from '../vectors.js';
import { exchange, failureOf, hybrids, pending, start, write } from './two-sides.js';

const [XK, KK, NK] = hybrids;
const nothing = new Uint8Array();

/** A key that claims any public key. Its shared secrets are zeros, as those of a low-order point. */
const claiming = (publicKey: Uint8Array): X25519Key => ({
  publicKey,
  sharedSecret: () => new Uint8Array(32),
});

describe('fault 21: low-order points', () => {
  const zero = new Uint8Array(32);

  test.each([
    [XK, 1, 'es'],
    [KK, 1, 'es'],
    [NK, 1, 'es'],
    [XK, 2, 'ee'],
    [KK, 2, 'ee'],
    [NK, 2, 'ee'],
  ] as const)('fault 21: %s: an ephemeral of all zeros in message %i ends at %s', (name, number, at) => {
    const { reader, message } = pending(name, number);
    const outcome = readMessage(reader, Uint8Array.of(...zero, ...message.subarray(32)));
    expect(failureOf(outcome)).toEqual({ message: number, at, reason: 'low-order key' });
  });

  test('fault 21: a static key of all zeros, well encrypted, ends at se', () => {
    const { sides } = exchange(start(XK, { staticKey: claiming(zero) }), 2);
    const { message } = write(sides[0]);
    expect(failureOf(readMessage(sides[1], message))).toEqual({
      message: 3,
      at: 'se',
      reason: 'low-order key',
    });
  });

  test('fault 21: where the first Diffie-Hellman is the writer`s, to write fails as a value', () => {
    const [, responder] = start('Noise_NN_25519_ChaChaPoly_SHA256');
    const read = readMessage(responder, zero);
    if (read.kind === 'failure') throw new Error(read.reason);
    const outcome = writeMessage(read.state, nothing);
    expect(failureOf(outcome)).toEqual({ message: 2, at: 'ee', reason: 'low-order key' });
  });
});

describe('fault 22: ML-KEM', () => {
  test('fault 22: a key with a coefficient of q, well encrypted, ends at e1', () => {
    const [initiator, responder] = start(NK);
    const badKey = new Uint8Array(1184);
    badKey.set([0x01, 0x0d]); // 3329
    const message = forge(initiator, ['e', 'es'], badKey, undefined);
    expect(failureOf(readMessage(responder, message))).toEqual({
      message: 1,
      at: 'e1',
      reason: 'bad ML-KEM key',
    });
  });

  test('fault 22: a random ciphertext, well encrypted, fails as any wrong payload does', () => {
    const [initiator, responder] = exchange(start(NK), 1).sides;
    const message = forge(responder, ['e', 'ee'], sample(1088), sample(32));
    expect(message).toHaveLength(1152);
    const expected = { message: 2, at: 'payload', reason: 'not authentic' };
    expect(failureOf(readMessage(initiator, message))).toEqual(expected);
    const honest = write(responder).message;
    honest[1151] = (honest[1151] as number) ^ 1;
    expect(failureOf(readMessage(initiator, honest))).toEqual(expected);
  });

  test('fault 22: a ciphertext shorter or longer than ML-KEM`s ends at ekem1', () => {
    for (const length of [1087, 1089]) {
      const [initiator, responder] = exchange(start(NK), 1).sides;
      const message = forge(responder, ['e', 'ee'], sample(length), sample(32));
      expect(failureOf(readMessage(initiator, message))).toMatchObject({ message: 2, at: 'ekem1' });
    }
  });

  /** A message whose ML-KEM field is `field`, with all else as it should be. */
  function forge(
    before: HandshakeState,
    tokens: ('e' | 'es' | 'ee')[],
    field: Uint8Array,
    secret: Uint8Array | undefined,
  ): Uint8Array {
    const parts: Uint8Array[] = [];
    let state = before;
    for (const token of tokens) {
      const written = writeToken(state, token);
      if (typeof written === 'string') throw new Error(written);
      state = written.state;
      parts.push(written.octets);
    }
    const sealed = encryptAndHash(state.symmetric, field);
    const symmetric = secret ? mixKey(sealed.state, secret) : sealed.state;
    return Uint8Array.from(
      Buffer.concat([...parts, sealed.ciphertext, encryptAndHash(symmetric, nothing).ciphertext]),
    );
  }
});

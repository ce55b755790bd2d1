import { expect, test } from 'vitest';
import { sha256 } from '../../../src/crypto/hash.js';
import { noiseProtocol } from '../../../src/crypto/noise/protocol.js';
import {
  decryptAndHash,
  encryptAndHash,
  initializeSymmetric,
  mixKey,
} from '../../../src/crypto/noise/symmetric-state.js';
import { sample } from '../vectors.js';

const { cipher, hash } = noiseProtocol('Noise_NN_25519_ChaChaPoly_SHA256');
const octetsOf = (text: string) => new TextEncoder().encode(text);

test('a name up to the length of a digest is filled up with zeros, a longer one hashed', () => {
  const nameOf = (length: number) => 'N'.repeat(length);
  const first = (length: number) => initializeSymmetric(nameOf(length), cipher, hash);
  expect(first(31).handshakeHash).toEqual(Uint8Array.of(...octetsOf(nameOf(31)), 0));
  expect(first(32).handshakeHash).toEqual(octetsOf(nameOf(32)));
  expect(first(33).handshakeHash).toEqual(sha256.digest(octetsOf(nameOf(33))));
  expect(first(33).chainingKey).toEqual(first(33).handshakeHash);
});

test('before the first key a payload passes in clear, after it with a tag; both are in the transcript', () => {
  const clear = initializeSymmetric('name', cipher, hash);
  const passed = encryptAndHash(clear, sample(5));
  expect(passed.ciphertext).toEqual(sample(5));
  expect(passed.state.handshakeHash).toEqual(sha256.digest(clear.handshakeHash, sample(5)));
  const keyed = mixKey(clear, sample(32));
  const sealed = encryptAndHash(keyed, sample(5));
  expect(sealed.ciphertext).toHaveLength(21);
  expect(decryptAndHash(keyed, sealed.ciphertext)).toEqual({ state: sealed.state, plaintext: sample(5) });
});

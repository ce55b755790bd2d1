import { describe, expect, test } from 'vitest';
import { chaCha20Poly1305 } from '../../../src/crypto/aead.js';
import {
  type CipherState,
  decryptWithAd,
  encryptWithAd,
  initializeKey,
  rekey,
} from '../../../src/crypto/noise/cipher-state.js';
import { transportOf } from '../../../src/crypto/noise/handshake-state.js';
import { noiseProtocol } from '../../../src/crypto/noise/protocol.js';
import { octets, sample } from '../vectors.js';
import { exchange, hybrids, start } from './two-sides.js';

const none = new Uint8Array();
const chaCha = initializeKey(noiseProtocol('Noise_NN_25519_ChaChaPoly_SHA256').cipher, sample(32));
const aes = initializeKey(noiseProtocol('Noise_NN_25519_AESGCM_SHA256').cipher, sample(32));
const at = (state: CipherState, nonce: bigint): CipherState => ({ ...state, nonce });

describe.each([
  ['ChaChaPoly', chaCha],
  ['AESGCM', aes],
])('%s', (_, fresh) => {
  test('fault 27: the number 2^64-2 is the last, to encrypt and to decrypt', () => {
    const last = at(fresh, 2n ** 64n - 2n);
    const { state: spent, ciphertext } = encryptWithAd(last, none, sample(5));
    expect(spent.nonce).toBe(2n ** 64n - 1n);
    expect(() => encryptWithAd(spent, none, sample(5))).toThrow(RangeError);
    const opened = decryptWithAd(last, none, ciphertext);
    expect(opened?.plaintext).toEqual(sample(5));
    expect(opened && decryptWithAd(opened.state, none, ciphertext)).toBeUndefined();
  });

  test('fault 27: even a message that was sealed under 2^64-1 is refused', () => {
    const reserved = Uint8Array.of(0, 0, 0, 0, ...Array(8).fill(0xff));
    const sealed = fresh.cipher.aead.seal(fresh.key, reserved, none, sample(5));
    expect(decryptWithAd(at(fresh, 2n ** 64n - 1n), none, sealed)).toBeUndefined();
  });

  test('fault 23: a message out of order, doubled or of the other direction does not open, and costs nothing', () => {
    const first = encryptWithAd(fresh, none, sample(5));
    const second = encryptWithAd(first.state, none, sample(6));
    const other = encryptWithAd(initializeKey(fresh.cipher, sample(32, 2)), none, sample(5));
    expect(decryptWithAd(fresh, none, second.ciphertext)).toBeUndefined();
    expect(decryptWithAd(fresh, none, other.ciphertext)).toBeUndefined();
    const opened = decryptWithAd(fresh, none, first.ciphertext);
    expect(opened?.plaintext).toEqual(sample(5));
    const after = opened?.state ?? fresh;
    expect(decryptWithAd(after, none, first.ciphertext)).toBeUndefined();
    expect(decryptWithAd(after, none, second.ciphertext)?.plaintext).toEqual(sample(6));
  });

  test('rekey: the first 32 octets of zeros sealed under 2^64-1, and the numbers go on', () => {
    const reserved = Uint8Array.of(0, 0, 0, 0, ...Array(8).fill(0xff));
    const before = at(fresh, 7n);
    const after = rekey(before);
    expect(after.key).toEqual(
      fresh.cipher.aead.seal(fresh.key, reserved, none, new Uint8Array(32)).slice(0, 32),
    );
    expect(after.nonce).toBe(7n);
    const sealed = encryptWithAd(after, none, sample(5)).ciphertext;
    expect(decryptWithAd(before, none, sealed)).toBeUndefined();
    expect(decryptWithAd(after, none, sealed)?.plaintext).toEqual(sample(5));
  });
});

test('a number stands little-endian for ChaChaPoly and big-endian for AESGCM', () => {
  const number = 0x0102030405060708n;
  const little = chaCha20Poly1305.seal(chaCha.key, octets('000000000807060504030201'), none, sample(5));
  expect(encryptWithAd(at(chaCha, number), none, sample(5)).ciphertext).toEqual(little);
  const big = aes.cipher.aead.seal(aes.key, octets('000000000102030405060708'), none, sample(5));
  expect(encryptWithAd(at(aes, number), none, sample(5)).ciphertext).toEqual(big);
});

test.each(hybrids)('%s: each side opens what the other sends, and not its own', (name) => {
  const length = noiseProtocol(name).pattern.messages.length;
  const [initiator, responder] = exchange(start(name), length).sides.map(transportOf);
  if (initiator === undefined || responder === undefined) throw new Error('two sides');
  const up = encryptWithAd(initiator.send, none, sample(9)).ciphertext;
  const down = encryptWithAd(responder.send, none, sample(9)).ciphertext;
  expect(decryptWithAd(responder.receive, none, up)?.plaintext).toEqual(sample(9));
  expect(decryptWithAd(initiator.receive, none, down)?.plaintext).toEqual(sample(9));
  expect(decryptWithAd(initiator.receive, none, up)).toBeUndefined();
  expect(initiator.handshakeHash).toEqual(responder.handshakeHash);
});

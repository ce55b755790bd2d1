import { sha3_256, shake256 } from '@noble/hashes/sha3.js';
import { expect, test } from 'vitest';
import { mlKemDecapsulate, mlKemKeyPair } from '../../src/crypto/ml-kem.js';
import { xWingDecapsulate, xWingEncapsulate, xWingPublicKey } from '../../src/crypto/x-wing.js';
import { nodeX25519 } from '../../src/crypto/x25519.js';
import { hex, octets, sample, vectorText } from './vectors.js';

test('X-Wing: the vectors of draft-connolly-cfrg-xwing-kem', (context) => {
  type Case = { seed: string; eseed: string; ss: string; pk: string; ct: string };
  const cases = JSON.parse(vectorText(context, 'xwing/draft-connolly-xwing-test-vectors.json')) as Case[];
  expect(cases).toHaveLength(3);
  for (const { seed, eseed, ss, pk, ct } of cases) check(seed, eseed, pk, ct, ss);
});

test('X-Wing: the vectors of noble', (context) => {
  type Case = { seed: string; randomness: string; ss: string; pk: string; ct: string };
  const cases = JSON.parse(vectorText(context, 'xwing/noble-MLKEM768X25519.json')) as Case[];
  expect(cases).toHaveLength(10);
  for (const { seed, randomness, ss, pk, ct } of cases) check(seed, randomness, pk, ct, ss);
});

function check(seed: string, entropy: string, publicKey: string, ciphertext: string, secret: string): void {
  expect(hex(xWingPublicKey(octets(seed)))).toBe(publicKey);
  const made = xWingEncapsulate(octets(publicKey), octets(entropy));
  expect(hex(made?.ciphertext)).toBe(ciphertext);
  expect(hex(made?.sharedSecret)).toBe(secret);
  expect(hex(xWingDecapsulate(octets(ciphertext), octets(seed)))).toBe(secret);
}

test('X-Wing is ML-KEM-768 and X25519 under SHA3-256, as its draft puts them together', () => {
  const seed = sample(32);
  const made = xWingEncapsulate(xWingPublicKey(seed), sample(64, 2));
  const ciphertext = made?.ciphertext ?? new Uint8Array();
  const expanded = shake256(seed, { dkLen: 96 });
  const curve = nodeX25519(expanded.subarray(64));
  const { decapsulationKey } = mlKemKeyPair(expanded.subarray(0, 64));
  const combined = Buffer.concat([
    mlKemDecapsulate(ciphertext.subarray(0, 1088), decapsulationKey) ?? new Uint8Array(),
    curve.sharedSecret(ciphertext.subarray(1088)) ?? new Uint8Array(),
    ciphertext.subarray(1088),
    curve.publicKey,
    Buffer.from('\\.//^\\'),
  ]);
  expect(made?.sharedSecret).toEqual(sha3_256(combined));
});

test('fault 22: keys and ciphertexts of wrong length and coefficients of q or more are refused', () => {
  const publicKey = xWingPublicKey(sample(32));
  for (const length of [0, 1184, 1215]) {
    expect(xWingEncapsulate(publicKey.subarray(0, length), sample(64))).toBeUndefined();
  }
  const outOfRange = publicKey.slice();
  outOfRange.fill(0xff, 0, 3);
  expect(xWingEncapsulate(outOfRange, sample(64))).toBeUndefined();
  for (const length of [0, 1088, 1119, 1121])
    expect(xWingDecapsulate(sample(length), sample(32))).toBeUndefined();
  expect(xWingDecapsulate(sample(1120), sample(32))).toHaveLength(32);
});

test('fault 21: a low-order X25519 part is refused', () => {
  const publicKey = xWingPublicKey(sample(32));
  const ciphertext = xWingEncapsulate(publicKey, sample(64))?.ciphertext ?? new Uint8Array();
  expect(xWingDecapsulate(ciphertext, sample(32))).toHaveLength(32);
  expect(xWingDecapsulate(ciphertext.slice().fill(0, 1088), sample(32))).toBeUndefined();
  expect(xWingEncapsulate(publicKey.slice().fill(0, 1184), sample(64))).toBeUndefined();
});

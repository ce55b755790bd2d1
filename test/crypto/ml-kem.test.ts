import { expect, test } from 'vitest';
import {
  isEncapsulationKey,
  mlKemDecapsulate,
  mlKemEncapsulate,
  mlKemKeyPair,
} from '../../src/crypto/ml-kem.js';
import { hex, octets, records, sample, vectorText, wycheproof } from './vectors.js';

test('fault 22: an encapsulation key with any coefficient of q or more is refused', () => {
  const { encapsulationKey } = mlKemKeyPair(sample(64));
  expect(isEncapsulationKey(encapsulationKey)).toBe(true);
  for (let coefficient = 0; coefficient < 768; coefficient++) {
    expect(isEncapsulationKey(withCoefficient(encapsulationKey, coefficient, 3329))).toBe(false);
    expect(isEncapsulationKey(withCoefficient(encapsulationKey, coefficient, 3328))).toBe(true);
  }
  expect(mlKemEncapsulate(withCoefficient(encapsulationKey, 767, 4095), sample(32))).toBeUndefined();
});

test('fault 22: a key or ciphertext of wrong length is refused', () => {
  const { encapsulationKey, decapsulationKey } = mlKemKeyPair(sample(64));
  for (const length of [0, 1, 1183, 1185]) expect(isEncapsulationKey(new Uint8Array(length))).toBe(false);
  expect(mlKemEncapsulate(encapsulationKey.subarray(1), sample(32))).toBeUndefined();
  for (const length of [0, 1, 1087, 1089]) {
    expect(mlKemDecapsulate(sample(length), decapsulationKey)).toBeUndefined();
  }
});

test('fault 22: a random or altered ciphertext gives a secret like any other, and always the same', () => {
  const { encapsulationKey, decapsulationKey } = mlKemKeyPair(sample(64));
  const encapsulation = mlKemEncapsulate(encapsulationKey, sample(32));
  const altered = (encapsulation?.ciphertext ?? sample(1088)).slice();
  altered[1087] = (altered[1087] as number) ^ 1;
  for (const forged of [sample(1088), altered]) {
    const secret = mlKemDecapsulate(forged, decapsulationKey);
    expect(secret).toHaveLength(32);
    expect(secret).toEqual(mlKemDecapsulate(forged, decapsulationKey));
    expect(secret).not.toEqual(encapsulation?.sharedSecret);
  }
});

test('key generation: Wycheproof', (context) => {
  type Case = { seed: string; ek: string; dk: string };
  for (const one of wycheproof<Case>(context, 'mlkem_768_keygen_seed_test.json')) {
    const { encapsulationKey, decapsulationKey } = mlKemKeyPair(octets(one.seed));
    expect(hex(encapsulationKey), `case ${one.tcId}`).toBe(one.ek);
    expect(hex(decapsulationKey), `case ${one.tcId}`).toBe(one.dk);
  }
});

test('fault 22: encapsulation, keys out of range and of wrong length: Wycheproof', (context) => {
  type Case = { m: string; ek: string; c: string; K: string };
  for (const one of wycheproof<Case>(context, 'mlkem_768_encaps_test.json')) {
    const made = mlKemEncapsulate(octets(one.ek), octets(one.m));
    const expected = one.result === 'valid' ? one.c + one.K : '';
    expect(`${hex(made?.ciphertext) ?? ''}${hex(made?.sharedSecret) ?? ''}`, `case ${one.tcId}`).toBe(
      expected,
    );
  }
});

test('fault 22: decapsulation, random and altered ciphertexts and wrong lengths: Wycheproof', (context) => {
  type Case = { seed: string; ek: string; c: string; K: string };
  for (const one of wycheproof<Case>(context, 'mlkem_768_test.json')) {
    const about = `case ${one.tcId}: ${one.comment}`;
    const seed = octets(one.seed);
    if (seed.length !== 64) {
      expect(() => mlKemKeyPair(seed), about).toThrow(RangeError);
      continue;
    }
    const { encapsulationKey, decapsulationKey } = mlKemKeyPair(seed);
    const secret = mlKemDecapsulate(octets(one.c), decapsulationKey);
    expect(hex(encapsulationKey), about).toBe(one.ek);
    expect(hex(secret), about).toBe(one.result === 'valid' ? one.K : undefined);
  }
});

test('decapsulation keys from elsewhere: Wycheproof', (context) => {
  type Case = { dk: string; c: string; K: string };
  for (const one of wycheproof<Case>(context, 'mlkem_768_semi_expanded_decaps_test.json')) {
    const decapsulate = () => hex(mlKemDecapsulate(octets(one.c), octets(one.dk)));
    const about = `case ${one.tcId}: ${one.comment}`;
    if (one.result === 'valid') expect(decapsulate(), about).toBe(one.K);
    else if (one.flags.includes('IncorrectCiphertextLength')) expect(decapsulate(), about).toBeUndefined();
    else expect(decapsulate, about).toThrow();
  }
});

test('CCTV: intermediate values, and a key whose matrix takes more than the usual samples', (context) => {
  for (const name of ['intermediate', 'unluckysample']) {
    const [one = {}] = records(vectorText(context, `cctv-mlkem/${name}-ML-KEM-768.txt`));
    // Their keys come from d as in the draft of FIPS 203 (C2SP/CCTV issue 12); only what follows is the standard's.
    const made = mlKemEncapsulate(octets(one.ek), octets(one.m));
    expect(hex(made?.ciphertext)).toBe(one.c);
    expect(hex(made?.sharedSecret)).toBe(one.K);
    expect(hex(mlKemDecapsulate(octets(one.c), octets(one.dk)))).toBe(one.K);
  }
});

test('CCTV: ciphertexts are compared beyond a zero octet', (context) => {
  const [one = {}] = records(vectorText(context, 'cctv-mlkem/strcmp-ML-KEM-768.txt'));
  expect(hex(mlKemDecapsulate(octets(one.c), octets(one.dk)))).toBe(one.K);
});

/** Coefficients are 12 bits each, little-endian. */
function withCoefficient(key: Uint8Array, index: number, value: number): Uint8Array {
  const altered = key.slice();
  const at = (index >> 1) * 3 + (index & 1);
  const before = (altered[at] as number) | ((altered[at + 1] as number) << 8);
  const after = index & 1 ? (before & 0x000f) | (value << 4) : (before & 0xf000) | value;
  altered.set([after & 0xff, after >> 8], at);
  return altered;
}

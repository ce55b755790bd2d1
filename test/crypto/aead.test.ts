import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AeadName, chaCha20Poly1305, nobleAead, nodeAead } from '../../src/crypto/aead.js';
import { edgeLengths, hex, octets, records, sample, vectorText, wycheproof } from './vectors.js';

const names: AeadName[] = ['chaCha20Poly1305', 'aes256Gcm'];
const key = sample(32);
const nonce = sample(12);

describe.each(names)('%s', (name) => {
  const node = nodeAead(name);
  const noble = nobleAead(name);

  test('node:crypto and noble seal alike and open each other around the ends of blocks', () => {
    for (const length of edgeLengths(16, 64, 128, 4096)) {
      const [text, associated] = [sample(length), sample(length % 50, 2)];
      const sealed = node.seal(key, nonce, associated, text);
      expect(sealed).toEqual(noble.seal(key, nonce, associated, text));
      expect(sealed).toHaveLength(length + 16);
      expect(node.open(key, nonce, associated, sealed)).toEqual(text);
      expect(noble.open(key, nonce, associated, sealed)).toEqual(text);
    }
  });

  test('a change of one bit anywhere, or a missing octet, opens to nothing', () => {
    const octetsOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    const cases = fc.tuple(octetsOf(32), octetsOf(12), fc.uint8Array(), fc.uint8Array(), fc.nat());
    fc.assert(
      fc.property(cases, ([anyKey, anyNonce, associated, text, at]) => {
        const sealed = node.seal(anyKey, anyNonce, associated, text);
        const altered = sealed.slice();
        const bit = at % (8 * sealed.length);
        altered[bit >> 3] = (altered[bit >> 3] as number) ^ (1 << (bit & 7));
        for (const aead of [node, noble]) {
          expect(aead.open(anyKey, anyNonce, associated, sealed)).toEqual(text);
          expect(aead.open(anyKey, anyNonce, associated, altered)).toBeUndefined();
          expect(aead.open(anyKey, anyNonce, associated, sealed.subarray(1))).toBeUndefined();
          expect(aead.open(anyKey, anyNonce, Uint8Array.of(...associated, 0), sealed)).toBeUndefined();
        }
      }),
    );
  });

  test.each(edgeLengths(15))('%i octets in place of a ciphertext and its tag open to nothing', (length) => {
    for (const aead of [node, noble]) {
      expect(aead.open(key, nonce, new Uint8Array(), sample(length))).toBeUndefined();
    }
  });

  test('a key or nonce of another length is a bug and throws', () => {
    for (const aead of [node, noble]) {
      expect(() => aead.seal(sample(31), nonce, sample(0), sample(1))).toThrow(RangeError);
      for (const length of [0, 8, 11, 13, 16]) {
        expect(() => aead.seal(key, sample(length), sample(0), sample(1))).toThrow(RangeError);
        expect(() => aead.open(key, sample(length), sample(0), sample(17))).toThrow(RangeError);
      }
    }
  });
});

test('AL-7 a stream cipher does what the block cipher did: ChaCha20-Poly1305 by Wycheproof', (context) => {
  type Case = { key: string; iv: string; aad: string; msg: string; ct: string; tag: string };
  for (const aead of [chaCha20Poly1305, nobleAead('chaCha20Poly1305')]) {
    for (const one of wycheproof<Case>(context, 'chacha20_poly1305_test.json')) {
      const [itsKey, iv, associated, sealed] = [one.key, one.iv, one.aad, one.ct + one.tag].map(octets);
      const open = () =>
        hex(
          aead.open(itsKey as Uint8Array, iv as Uint8Array, associated as Uint8Array, sealed as Uint8Array),
        );
      if (one.flags.includes('InvalidNonceSize')) expect(open, `case ${one.tcId}`).toThrow(RangeError);
      else expect(open(), `case ${one.tcId}`).toBe(one.result === 'valid' ? one.msg : undefined);
    }
  }
});

test('ChaCha20-Poly1305: RFC 8439 and BoringSSL', (context) => {
  const cases = records(vectorText(context, 'rfc/chacha20poly1305-boringssl.txt')).slice(1);
  expect(cases).toHaveLength(66);
  for (const one of cases) {
    const sealed = chaCha20Poly1305.seal(octets(one.KEY), octets(one.NONCE), octets(one.AD), octets(one.IN));
    expect(hex(sealed)).toBe(`${hex(octets(one.CT))}${one.TAG}`);
  }
});

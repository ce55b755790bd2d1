import { hkdfSync } from 'node:crypto';
import { expand as nobleExpand, extract as nobleExtract } from '@noble/hashes/hkdf.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { expect, test } from 'vitest';
import { sha256 } from '../../src/crypto/hash.js';
import { expand, extract } from '../../src/crypto/hkdf.js';
import { edgeLengths, hex, octets, records, sample, vectorText, wycheproof } from './vectors.js';

test('extract and expand agree with noble and with node:crypto around the ends of blocks', () => {
  for (const length of edgeLengths(32, 64, 255 * 32 - 1)) {
    const [key, salt, info] = [sample(length % 100), sample(32, 2), sample(length % 40, 3)];
    const pseudoRandom = extract(sha256, salt, key);
    const output = expand(sha256, pseudoRandom, info, length);
    expect(pseudoRandom).toEqual(nobleExtract(nobleSha256, key, salt));
    expect(hex(output)).toBe(hex(new Uint8Array(hkdfSync('sha256', key, salt, info, length))));
    if (length > 0) expect(hex(output)).toBe(hex(nobleExpand(nobleSha256, pseudoRandom, info, length)));
  }
});

test('HKDF ends after 255 digests', () => {
  expect(expand(sha256, sample(32), sample(0), 8160)).toHaveLength(8160);
  expect(() => expand(sha256, sample(32), sample(0), 8161)).toThrow(RangeError);
});

test('HKDF-SHA256: Wycheproof', (context) => {
  type Case = { ikm: string; salt: string; info: string; size: number; okm: string };
  for (const one of wycheproof<Case>(context, 'hkdf_sha256_test.json')) {
    const derive = () =>
      expand(sha256, extract(sha256, octets(one.salt), octets(one.ikm)), octets(one.info), one.size);
    if (one.result === 'valid') expect(hex(derive()), `case ${one.tcId}`).toBe(one.okm);
    else expect(derive, `case ${one.tcId}`).toThrow(RangeError);
  }
});

test('HKDF-SHA256: RFC 5869', (context) => {
  const cases = records(vectorText(context, 'rfc/rfc-5869-HKDF-SHA256.txt')).slice(1);
  expect(cases).toHaveLength(3);
  for (const { IKM, salt, info, L, PRK, OKM } of cases) {
    const pseudoRandom = extract(sha256, octets(salt), octets(IKM));
    expect(hex(pseudoRandom)).toBe(PRK);
    expect(hex(expand(sha256, pseudoRandom, octets(info), Number(L)))).toBe(OKM);
  }
});

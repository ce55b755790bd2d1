import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type HashName, nobleHash, nodeHash, sha256 } from '../../src/crypto/hash.js';
import { edgeLengths, hex, octets, sample, vectorText, wycheproof } from './vectors.js';

const names: HashName[] = ['sha256', 'sha512', 'blake2s', 'blake2b'];

describe.each(names)('%s', (name) => {
  const node = nodeHash(name);
  const noble = nobleHash(name);

  test('node:crypto and noble agree around the ends of blocks, for messages and keys', () => {
    for (const length of edgeLengths(55, 64, 111, 128)) {
      const message = sample(length);
      expect(node.digest(message)).toEqual(noble.digest(message));
      expect(node.hmac(message, sample(7))).toEqual(noble.hmac(message, sample(7)));
      expect(node.hmac(sample(32), message)).toEqual(noble.hmac(sample(32), message));
      expect(node.digest(message)).toHaveLength(node.length);
    }
  });

  test('node:crypto and noble agree on messages in parts', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.array(fc.uint8Array()), (key, parts) => {
        expect(node.digest(...parts)).toEqual(noble.digest(...parts));
        expect(node.digest(...parts)).toEqual(node.digest(Buffer.concat(parts)));
        expect(node.hmac(key, ...parts)).toEqual(noble.hmac(key, ...parts));
        expect(node.hmac(key, ...parts)).toEqual(node.hmac(key, Buffer.concat(parts)));
      }),
    );
  });
});

describe('public vectors', () => {
  test('HMAC-SHA256: Wycheproof', (context) => {
    type Case = { key: string; msg: string; tag: string; tagSize: number };
    for (const hash of [sha256, nobleHash('sha256')]) {
      for (const one of wycheproof<Case>(context, 'hmac_sha256_test.json')) {
        const tag = hash.hmac(octets(one.key), octets(one.msg)).subarray(0, one.tagSize / 8);
        expect(hex(tag) === one.tag, `case ${one.tcId}`).toBe(one.result === 'valid');
      }
    }
  });

  test('HMAC-SHA256: RFC 4231', (context) => {
    const cases = vectorText(context, 'rfc/rfc-4231-sha256.txt').matchAll(
      /Key = (\w+)\s+(?:#.*\s+)*Msg = (\w+)\s+MD = (\w+)/g,
    );
    let count = 0;
    for (const [, key, message, digest] of cases) {
      expect(hex(sha256.hmac(octets(key), octets(message)))).toBe(digest);
      count++;
    }
    expect(count).toBeGreaterThanOrEqual(5);
  });
});

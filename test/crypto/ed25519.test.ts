import { ed25519 as curve } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nobleEd25519, nodeEd25519 } from '../../src/crypto/ed25519.js';
import { sha512 } from '../../src/crypto/hash.js';
import { octets, sample, wycheproof } from './vectors.js';

const both = [
  ['node:crypto', nodeEd25519],
  ['noble', nobleEd25519],
] as const;

test('node:crypto and noble make the same keys and signatures, and accept them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array(), (secret, message) => {
      const [node, noble] = [nodeEd25519.key(secret), nobleEd25519.key(secret)];
      const signature = node.sign(message);
      expect(node.publicKey).toEqual(noble.publicKey);
      expect(signature).toEqual(noble.sign(message));
      expect(nodeEd25519.verify(node.publicKey, message, signature)).toBe(true);
      expect(nobleEd25519.verify(node.publicKey, message, signature)).toBe(true);
    }),
    { numRuns: 25 },
  );
});

describe.each(both)('%s', (_, ed25519) => {
  test('Ed25519: Wycheproof', (context) => {
    type Case = { publicKey: { pk: string }; msg: string; sig: string };
    for (const one of wycheproof<Case>(context, 'ed25519_test.json')) {
      const verdict = ed25519.verify(octets(one.publicKey.pk), octets(one.msg), octets(one.sig));
      expect(verdict, `case ${one.tcId}: ${one.comment}`).toBe(one.result === 'valid');
    }
  });

  test('a public key of small order or written above p is refused, though its signature holds', () => {
    const neutral = curve.Point.ZERO.toBytes();
    const neutralAboveP = octets(`ee${'ff'.repeat(30)}7f`);
    const signature = Uint8Array.of(...neutral, ...new Uint8Array(32)); // R neutral, S zero
    for (const key of [...smallOrderKeys(), neutralAboveP]) {
      for (let message = 0; message < 16; message++) {
        expect(ed25519.verify(key, Uint8Array.of(message), signature)).toBe(false);
      }
    }
  });

  test('a key or signature of another length verifies nothing', () => {
    const key = ed25519.key(sample(32));
    const signature = key.sign(sample(5));
    expect(ed25519.verify(key.publicKey, sample(5), signature)).toBe(true);
    expect(ed25519.verify(key.publicKey.subarray(1), sample(5), signature)).toBe(false);
    for (const length of [0, 63]) {
      expect(ed25519.verify(key.publicKey, sample(5), signature.subarray(0, length))).toBe(false);
    }
    expect(ed25519.verify(key.publicKey, sample(5), Uint8Array.of(...signature, 0))).toBe(false);
  });
});

test('a signature that holds only times the cofactor gets one verdict from both', () => {
  const verdicts = Array.from({ length: 24 }, (_, index) => {
    const message = sample(4, index);
    const { publicKey, signature } = signatureUnderMixedKey(message);
    expect(curve.verify(signature, message, publicKey, { zip215: true })).toBe(true);
    const verdict = nodeEd25519.verify(publicKey, message, signature);
    expect(nobleEd25519.verify(publicKey, message, signature)).toBe(verdict);
    return verdict;
  });
  expect(verdicts).toContain(false);
});

/** Torsion: a point of order 8, from a y that the libraries agree on. */
const torsion = curve.Point.fromBytes(
  octets('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'),
);

function smallOrderKeys(): Uint8Array[] {
  return Array.from({ length: 8 }, (_, index) =>
    index === 0 ? curve.Point.ZERO.toBytes() : torsion.multiplyUnsafe(BigInt(index)).toBytes(),
  );
}

/** The key a·B + T with T of order 8: [8][S]B = [8]R + [8][k]A always, the same without the 8 for one k in eight. */
function signatureUnderMixedKey(message: Uint8Array) {
  const { Fn, BASE } = curve.Point;
  const [a, r] = [Fn.create(0x1234567890abcdefn), Fn.create(0xfedcba0987654321n)];
  const publicKey = BASE.multiply(a).add(torsion).toBytes();
  const point = BASE.multiply(r).toBytes();
  const digest = sha512.digest(point, publicKey, message);
  const k = Fn.create(BigInt(`0x${Buffer.from(digest).reverse().toString('hex')}`));
  const s = Fn.toBytes(Fn.add(r, Fn.mul(k, a)));
  return { publicKey, signature: Uint8Array.of(...point, ...s) };
}

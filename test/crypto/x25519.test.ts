import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nobleX25519, nodeX25519, x25519 } from '../../src/crypto/x25519.js';
import { edgeLengths, hex, octets, records, sample, vectorText, wycheproof } from './vectors.js';

const both = [
  ['node:crypto', nodeX25519],
  ['noble', nobleX25519],
] as const;

/** One point of each small order, 0, 1 and p - 1 among them, and the same numbers written above p. */
const lowOrder = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
];

test('node:crypto and noble agree on public keys and shared secrets, from both sides', () => {
  const secret = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(secret, secret, (one, other) => {
      const [node, noble] = [nodeX25519(one), nobleX25519(other)];
      expect(node.publicKey).toEqual(nobleX25519(one).publicKey);
      expect(node.sharedSecret(noble.publicKey)).toEqual(noble.sharedSecret(node.publicKey));
    }),
    { numRuns: 25 },
  );
});

describe.each(both)('%s', (_, make) => {
  test('AL-7 an elliptic curve does what the Diffie-Hellman group did: X25519 by RFC 7748', (context) => {
    const cases = records(vectorText(context, 'rfc/x25519-rfc7748.txt')).slice(1);
    expect(cases.length).toBeGreaterThanOrEqual(3);
    for (const { INPUT_SCALAR, INPUT_U, OUTPUT_U } of cases) {
      expect(hex(make(octets(INPUT_SCALAR)).sharedSecret(octets(INPUT_U)))).toBe(OUTPUT_U);
    }
  });

  test('fault 21: all-zero, low-order and non-canonical points by Wycheproof', (context) => {
    type Case = { public: string; private: string; shared: string };
    for (const one of wycheproof<Case>(context, 'x25519_test.json')) {
      const isRefused = one.flags.includes('ZeroSharedSecret');
      const shared = make(octets(one.private)).sharedSecret(octets(one.public));
      expect(hex(shared), `case ${one.tcId}`).toBe(isRefused ? undefined : one.shared);
    }
  });

  test('fault 21: low-order points give no secret, with the top bit set too', () => {
    for (const point of lowOrder.map(octets)) {
      const withTopBit = Uint8Array.of(...point.subarray(0, 31), (point[31] as number) | 0x80);
      expect(make(sample(32)).sharedSecret(point)).toBeUndefined();
      expect(make(sample(32)).sharedSecret(withTopBit)).toBeUndefined();
    }
  });

  test('fault 21: a public key of another length gives no secret', () => {
    for (const length of [...edgeLengths(32), 64].filter((one) => one !== 32)) {
      expect(make(sample(32)).sharedSecret(sample(length))).toBeUndefined();
    }
  });

  test('a secret of another length is a bug and throws', () => {
    for (const length of [0, 31, 33]) expect(() => make(sample(length))).toThrow(RangeError);
  });
});

test('the door is the one of OpenSSL where that has the curve', () => {
  expect(x25519).toBe(nodeX25519);
});

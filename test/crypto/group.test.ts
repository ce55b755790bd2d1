import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { exponentFrom, isPublicValue, publicValue, sharedSecret } from '../../src/crypto/group.js';
import { seeded } from '../support/seeded.js';

/** RFC 2409 section 6.2: 2^1024 - 2^960 - 1 + 2^64 * (floor(2^894 pi) + 129093). */
const n = BigInt(
  `0xffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7edee386bfb5a899fa5ae9f24117c4b1fe649286651ece65381ffffffffffffffff`,
);

function octets(value: bigint): Uint8Array {
  return Buffer.from(value.toString(16).padStart(256, '0'), 'hex');
}

function toNumber(value: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(value).toString('hex')}`);
}

/** Schoolbook, to check OpenSSL's against. */
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base % n;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % n;
    square = (square * square) % n;
  }
  return result;
}

test('the prime is that of RFC 2409 group 2', () => {
  expect(createHash('sha256').update(octets(n)).digest('hex').slice(0, 8)).toBe('3f35a3f5');
});

describe('powers', () => {
  const random = seeded('group');
  const mine = exponentFrom(random(32));
  const theirs = exponentFrom(random(32));

  test('are those of schoolbook arithmetic, and both sides agree', () => {
    expect(toNumber(publicValue(mine))).toBe(power(2n, toNumber(mine)));
    const secret = sharedSecret(publicValue(theirs), mine);
    expect(secret).toEqual(sharedSecret(publicValue(mine), theirs));
    expect(toNumber(secret)).toBe(power(power(2n, toNumber(theirs)), toNumber(mine)));
  });

  test('an exponent has 256 bits, and the other bits are the random ones', () => {
    expect(exponentFrom(new Uint8Array(32))[0]).toBe(0x80);
    const random = Buffer.alloc(32, 0x7f);
    expect(exponentFrom(random)).toEqual(Uint8Array.of(0xff, ...random.subarray(1)));
    expect(random, 'the octets that were given stay as they were').toEqual(Buffer.alloc(32, 0x7f));
    expect(() => exponentFrom(new Uint8Array(31))).toThrow(RangeError);
  });

  test('fault 9: values and secrets that begin with 00 have 128 octets all the same', () => {
    let values = 0;
    let secrets = 0;
    for (let tries = 0; values === 0 || secrets === 0; tries++) {
      if (tries > 20_000) throw new Error('no leading zero found');
      const exponent = exponentFrom(random(32));
      const value = publicValue(exponent);
      const secret = sharedSecret(value, mine);
      expect([value.length, secret.length]).toEqual([128, 128]);
      if (value[0] === 0) {
        values++;
        expect(toNumber(value)).toBe(power(2n, toNumber(exponent)));
      }
      if (secret[0] === 0) {
        secrets++;
        expect(toNumber(secret)).toBe(power(toNumber(value), toNumber(mine)));
      }
    }
  });
});

describe('fault 8: guard G3', () => {
  test('fault 8: 0, 1, n-1, n and above are refused', () => {
    for (const value of [0n, 1n, n - 1n, n, n + 1n, n + 2n, 2n ** 1024n - 1n]) {
      expect(isPublicValue(octets(value))).toBe(false);
    }
  });

  test('fault 8: the subgroup test agrees with Euler’s criterion', () => {
    const q = (n - 1n) / 2n;
    const values = Array.from({ length: 20 }, (_, index) => BigInt(index + 2));
    for (const value of [...values, n - 2n, n - 4n]) {
      expect([value, isPublicValue(octets(value))]).toEqual([value, power(value, q) === 1n]);
    }
  });

  test('fault 8: another length than 128 octets is refused', () => {
    expect(isPublicValue(octets(4n).subarray(1))).toBe(false);
    expect(isPublicValue(Buffer.concat([Buffer.alloc(1), octets(4n)]))).toBe(false);
  });
});

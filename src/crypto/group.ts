import { createDiffieHellman, getDiffieHellman } from 'node:crypto';

/**
 * The group of version 1: RFC 2409 section 6.2 (Oakley group 2), a safe prime n of 1024 bits with generator 2,
 * which generates the subgroup of prime order q = (n-1)/2. Numbers are 128 octets, big-endian, left-padded.
 */
const prime = new Uint8Array(getDiffieHellman('modp2').getPrime());
export const numberLength = prime.length;

/** Octets of an exponent. */
export const exponentLength = 32;

/** (n-1)/2 + 1, which is (n+1)/2. */
const subgroupOrderPlusOne = halfOf(toNumber(prime) + 1n);

// Making one costs 40 ms (OpenSSL checks the prime), raising to a power 0.1 to 0.3 ms: so there is one for all.
const engine = createDiffieHellman(prime, 2);

/** A secret exponent of 256 bits from 32 random octets: the top bit is set. */
export function exponentFrom(random: Uint8Array): Uint8Array {
  if (random.length !== exponentLength) throw new RangeError('an exponent takes 32 random octets');
  const exponent = new Uint8Array(random);
  exponent[0] = (exponent[0] as number) | 0x80;
  return exponent;
}

/** 2^exponent mod n. */
export function publicValue(exponent: Uint8Array): Uint8Array {
  return power(Uint8Array.of(2), exponent);
}

/** Z = y^exponent mod n, of a `y` that `isPublicValue` has accepted. */
export function sharedSecret(y: Uint8Array, exponent: Uint8Array): Uint8Array {
  return power(y, exponent);
}

/** Guard G3: 2 <= y <= n-2, and y in the subgroup of order q. */
export function isPublicValue(y: Uint8Array): boolean {
  if (y.length !== numberLength) return false;
  const value = toNumber(y);
  if (value < 2n || value > toNumber(prime) - 2n) return false;
  // y^q = 1 as y^(q+1) = y, because OpenSSL refuses to hand out a power that is 1.
  return Buffer.compare(power(y, subgroupOrderPlusOne), y) === 0;
}

/** `computeSecret` pads to 128 octets, which `getPublicKey` and `generateKeys` do not do. */
function power(base: Uint8Array, exponent: Uint8Array): Uint8Array {
  engine.setPrivateKey(exponent);
  const result = new Uint8Array(engine.computeSecret(base));
  engine.setPrivateKey(Uint8Array.of(1));
  return result;
}

function toNumber(octets: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(octets).toString('hex')}`);
}

function halfOf(value: bigint): Uint8Array {
  return Buffer.from((value / 2n).toString(16).padStart(2 * numberLength, '0'), 'hex');
}

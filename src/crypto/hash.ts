import { createHash, createHmac, getHashes } from 'node:crypto';
import { blake2b as nobleBlake2b, blake2s as nobleBlake2s } from '@noble/hashes/blake2.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 as nobleSha256, sha512 as nobleSha512 } from '@noble/hashes/sha2.js';
import { type CHash, concatBytes } from '@noble/hashes/utils.js';

/** A hash function and the HMAC (RFC 2104) over it. Both take their message in parts, one after the other. */
export interface Hash {
  /** Octets of a digest. */
  readonly length: number;
  digest(...parts: readonly Uint8Array[]): Uint8Array;
  hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array;
}

const algorithms = {
  sha256: { opensslName: 'sha256', noble: nobleSha256 },
  sha512: { opensslName: 'sha512', noble: nobleSha512 },
  blake2s: { opensslName: 'blake2s256', noble: nobleBlake2s },
  blake2b: { opensslName: 'blake2b512', noble: nobleBlake2b },
} as const;

export type HashName = keyof typeof algorithms;

/** By OpenSSL. */
export function nodeHash(name: HashName): Hash {
  const { opensslName, noble } = algorithms[name];
  const all = (
    sink: { update(part: Uint8Array): unknown; digest(): Buffer },
    parts: readonly Uint8Array[],
  ) => {
    for (const part of parts) sink.update(part);
    return new Uint8Array(sink.digest());
  };
  return {
    length: noble.outputLen,
    digest: (...parts) => all(createHash(opensslName), parts),
    hmac: (key, ...parts) => all(createHmac(opensslName, key), parts),
  };
}

/** In JavaScript, for a Node whose OpenSSL lacks the function. */
export function nobleHash(name: HashName): Hash {
  const noble: CHash = algorithms[name].noble;
  return {
    length: noble.outputLen,
    digest: (...parts) => noble(concatBytes(...parts)),
    hmac: (key, ...parts) => hmac(noble, key, concatBytes(...parts)),
  };
}

const native = new Set(getHashes());
const door = (name: HashName): Hash =>
  native.has(algorithms[name].opensslName) ? nodeHash(name) : nobleHash(name);

/** SHA-256 (FIPS 180-4); 32 octets. */
export const sha256 = door('sha256');
/** SHA-512 (FIPS 180-4); 64 octets. */
export const sha512 = door('sha512');
/** BLAKE2s (RFC 7693); 32 octets. */
export const blake2s = door('blake2s');
/** BLAKE2b (RFC 7693); 64 octets. */
export const blake2b = door('blake2b');

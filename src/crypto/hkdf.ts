import type { Hash } from './hash.js';

/** HKDF-Extract (RFC 5869 section 2.2): a pseudo-random key of `hash.length` octets. */
export function extract(hash: Hash, salt: Uint8Array, keyMaterial: Uint8Array): Uint8Array {
  return hash.hmac(salt, keyMaterial);
}

/**
 * HKDF-Expand (RFC 5869 section 2.3): `length` octets for the purpose that `info` names.
 * @throws RangeError above 255 digests, where the RFC ends
 */
export function expand(hash: Hash, key: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  const blocks = Math.ceil(length / hash.length);
  if (blocks > 255) throw new RangeError(`HKDF gives at most ${255 * hash.length} octets, not ${length}`);
  const output = new Uint8Array(blocks * hash.length);
  let block = new Uint8Array();
  for (let index = 1; index <= blocks; index++) {
    block = new Uint8Array(hash.hmac(key, block, info, Uint8Array.of(index)));
    output.set(block, (index - 1) * hash.length);
  }
  return output.subarray(0, length);
}

import { ml_kem768_x25519 } from '@noble/post-quantum/hybrid.js';
import type { Encapsulation } from './ml-kem.js';

/** Sizes of X-Wing (draft-connolly-cfrg-xwing-kem), in octets. */
export const seedLength = 32;
export const publicKeyLength = 1216;
export const entropyLength = 64;
export const ciphertextLength = 1120;
export const sharedSecretLength = 32;

/** The public key, 1,216 octets, that 32 random octets make; the seed is the secret key. */
export function xWingPublicKey(seed: Uint8Array): Uint8Array {
  return ml_kem768_x25519.keygen(seed).publicKey;
}

/** `undefined` for octets that are no public key, or whose X25519 part has low order. @param entropy 64 random octets */
export function xWingEncapsulate(publicKey: Uint8Array, entropy: Uint8Array): Encapsulation | undefined {
  if (entropy.length !== entropyLength) throw new RangeError(`X-Wing takes 64 octets, not ${entropy.length}`);
  try {
    const { cipherText, sharedSecret } = ml_kem768_x25519.encapsulate(publicKey, entropy);
    return { ciphertext: cipherText, sharedSecret };
  } catch {
    return undefined; // Length, modulus or low order.
  }
}

/**
 * `undefined` when the ciphertext has another length or its X25519 part low order; any other forged one gives
 * a secret that only the forger does not know.
 */
export function xWingDecapsulate(ciphertext: Uint8Array, seed: Uint8Array): Uint8Array | undefined {
  if (seed.length !== seedLength) throw new RangeError(`an X-Wing seed has 32 octets, not ${seed.length}`);
  try {
    return ml_kem768_x25519.decapsulate(ciphertext, seed);
  } catch {
    return undefined; // Length or low order.
  }
}

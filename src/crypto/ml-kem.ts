import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';

/** Sizes of ML-KEM-768 (FIPS 203 section 8), in octets. */
export const seedLength = 64;
export const encapsulationKeyLength = 1184;
export const entropyLength = 32;
export const ciphertextLength = 1088;
export const sharedSecretLength = 32;

/** The coefficients' modulus. */
const q = 3329;

export interface MlKemKeyPair {
  /** 1,184 octets, for the peer. */
  readonly encapsulationKey: Uint8Array;
  /** 2,400 octets, secret. */
  readonly decapsulationKey: Uint8Array;
}

/** What goes to the key's owner, and the secret that both then have. */
export interface Encapsulation {
  readonly ciphertext: Uint8Array;
  readonly sharedSecret: Uint8Array;
}

// noble has the only deterministic form: Node 24's encapsulation draws its own entropy.

/** ML-KEM.KeyGen_internal (FIPS 203 section 6.1). @param seed 64 random octets, d | z */
export function mlKemKeyPair(seed: Uint8Array): MlKemKeyPair {
  const { publicKey, secretKey } = ml_kem768.keygen(seed);
  return { encapsulationKey: publicKey, decapsulationKey: secretKey };
}

/** The checks of FIPS 203 section 7.2: the length, and every coefficient below q. */
export function isEncapsulationKey(octets: Uint8Array): boolean {
  if (octets.length !== encapsulationKeyLength) return false;
  const octetAt = (at: number) => octets[at] as number;
  for (let at = 0; at < encapsulationKeyLength - 32; at += 3) {
    const pair = octetAt(at) | (octetAt(at + 1) << 8) | (octetAt(at + 2) << 16);
    if ((pair & 0xfff) >= q || pair >> 12 >= q) return false;
  }
  return true;
}

/**
 * ML-KEM.Encaps_internal (FIPS 203 section 6.2); `undefined` for octets that are no encapsulation key.
 * @param entropy 32 random octets
 */
export function mlKemEncapsulate(
  encapsulationKey: Uint8Array,
  entropy: Uint8Array,
): Encapsulation | undefined {
  if (!isEncapsulationKey(encapsulationKey)) return undefined;
  const { cipherText, sharedSecret } = ml_kem768.encapsulate(encapsulationKey, entropy);
  return { ciphertext: cipherText, sharedSecret };
}

/**
 * ML-KEM.Decaps (FIPS 203 section 7.3); `undefined` when the ciphertext has another length. A forged ciphertext of
 * the right length gives a secret that only the forger does not know: the rejection is implicit and looks alike.
 */
export function mlKemDecapsulate(
  ciphertext: Uint8Array,
  decapsulationKey: Uint8Array,
): Uint8Array | undefined {
  if (ciphertext.length !== ciphertextLength) return undefined;
  return ml_kem768.decapsulate(ciphertext, decapsulationKey);
}

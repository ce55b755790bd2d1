import { diffieHellman } from 'node:crypto';
import { x25519 as noble } from '@noble/curves/ed25519.js';
import { isNativeCurve, okpPrivateKey, okpPublicKey, okpPublicOctets } from './okp.js';

/** Octets of a secret key, a public key and a shared secret. */
export const keyLength = 32;

/** One side's X25519 key (RFC 7748 section 5). */
export interface X25519Key {
  /** 32 octets. */
  readonly publicKey: Uint8Array;
  /**
   * 32 octets; `undefined` when `theirs` has another length or the result is all zeros, which it is for
   * every secret when `theirs` has low order (RFC 7748 section 6.1).
   */
  sharedSecret(theirs: Uint8Array): Uint8Array | undefined;
}

/** The key that 32 random octets make. */
export type X25519 = (secret: Uint8Array) => X25519Key;

/** By OpenSSL: constant time, and thirty times faster. */
export const nodeX25519: X25519 = (secret) => {
  checkLength(secret);
  const privateKey = okpPrivateKey('X25519', secret);
  return {
    publicKey: okpPublicOctets(privateKey),
    sharedSecret(theirs) {
      if (theirs.length !== keyLength) return undefined;
      const publicKey = okpPublicKey('X25519', theirs);
      try {
        return new Uint8Array(diffieHellman({ privateKey, publicKey }));
      } catch {
        return undefined; // OpenSSL refuses to give an all-zero secret.
      }
    },
  };
};

/** In JavaScript, for a Node whose OpenSSL lacks the curve. */
export const nobleX25519: X25519 = (secret) => {
  checkLength(secret);
  const own = Uint8Array.from(secret);
  return {
    publicKey: noble.getPublicKey(own),
    sharedSecret(theirs) {
      if (theirs.length !== keyLength) return undefined;
      try {
        return noble.getSharedSecret(own, theirs);
      } catch {
        return undefined; // noble refuses to give an all-zero secret.
      }
    },
  };
};

function checkLength(secret: Uint8Array): void {
  if (secret.length !== keyLength)
    throw new RangeError(`an X25519 secret has 32 octets, not ${secret.length}`);
}

export const x25519: X25519 = isNativeCurve('X25519') ? nodeX25519 : nobleX25519;

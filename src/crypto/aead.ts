import {
  type CipherChaCha20Poly1305Types,
  type CipherGCMTypes,
  createCipheriv,
  createDecipheriv,
  getCiphers,
} from 'node:crypto';
import { gcm } from '@noble/ciphers/aes.js';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';

export const keyLength = 32;
export const nonceLength = 12;
export const tagLength = 16;

/** Authenticated encryption with associated data (RFC 5116): 32-octet keys, 12-octet nonces, 16-octet tags. */
export interface Aead {
  /** Ciphertext and tag, `plaintext.length + 16` octets. A nonce serves once under a key. */
  seal(key: Uint8Array, nonce: Uint8Array, associated: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** The plaintext, or `undefined` when the octets are not what was sealed. */
  open(
    key: Uint8Array,
    nonce: Uint8Array,
    associated: Uint8Array,
    sealed: Uint8Array,
  ): Uint8Array | undefined;
}

const algorithms = {
  chaCha20Poly1305: { opensslName: 'chacha20-poly1305', noble: chacha20poly1305 },
  aes256Gcm: { opensslName: 'aes-256-gcm', noble: gcm },
} as const;

export type AeadName = keyof typeof algorithms;

/** By OpenSSL: constant time, and eight times faster. */
export function nodeAead(name: AeadName): Aead {
  // Node types the two names apart, and both take the same options.
  const algorithm = algorithms[name].opensslName as CipherGCMTypes & CipherChaCha20Poly1305Types;
  const options = { authTagLength: tagLength };
  return {
    seal(key, nonce, associated, plaintext) {
      checkLengths(key, nonce);
      const cipher = createCipheriv(algorithm, key, nonce, options);
      cipher.setAAD(associated, { plaintextLength: plaintext.length });
      const sealed = new Uint8Array(plaintext.length + tagLength);
      sealed.set(cipher.update(plaintext));
      cipher.final();
      sealed.set(cipher.getAuthTag(), plaintext.length);
      return sealed;
    },
    open(key, nonce, associated, sealed) {
      checkLengths(key, nonce);
      const length = sealed.length - tagLength;
      if (length < 0) return undefined;
      const decipher = createDecipheriv(algorithm, key, nonce, options);
      decipher.setAuthTag(sealed.subarray(length));
      decipher.setAAD(associated, { plaintextLength: length });
      const plaintext = new Uint8Array(decipher.update(sealed.subarray(0, length)));
      try {
        decipher.final();
      } catch {
        return undefined;
      }
      return plaintext;
    },
  };
}

/** In JavaScript, for a Node whose OpenSSL lacks the cipher. */
export function nobleAead(name: AeadName): Aead {
  const { noble } = algorithms[name];
  return {
    seal(key, nonce, associated, plaintext) {
      checkLengths(key, nonce);
      return noble(key, nonce, associated).encrypt(plaintext);
    },
    open(key, nonce, associated, sealed) {
      checkLengths(key, nonce);
      if (sealed.length < tagLength) return undefined;
      try {
        return noble(key, nonce, associated).decrypt(sealed);
      } catch {
        return undefined;
      }
    },
  };
}

// OpenSSL takes a shorter nonce for ChaCha20-Poly1305 and fills it up in silence.
function checkLengths(key: Uint8Array, nonce: Uint8Array): void {
  if (key.length !== keyLength) throw new RangeError(`an AEAD key has 32 octets, not ${key.length}`);
  if (nonce.length !== nonceLength) throw new RangeError(`an AEAD nonce has 12 octets, not ${nonce.length}`);
}

const native = new Set(getCiphers());
const door = (name: AeadName): Aead =>
  native.has(algorithms[name].opensslName) ? nodeAead(name) : nobleAead(name);

/** ChaCha20-Poly1305 (RFC 8439 section 2.8). */
export const chaCha20Poly1305 = door('chaCha20Poly1305');
/** AES-256-GCM (NIST SP 800-38D). */
export const aes256Gcm = door('aes256Gcm');

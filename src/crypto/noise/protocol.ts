import { aes256Gcm, chaCha20Poly1305 } from '../aead.js';
import { blake2b, blake2s, type Hash, sha256, sha512 } from '../hash.js';
import { type X25519, x25519 } from '../x25519.js';
import type { NoiseCipher } from './cipher-state.js';
import { type HandshakePattern, patternOf } from './patterns.js';

/** A Noise protocol (Noise section 8): a pattern and the functions that fill it. */
export interface NoiseProtocol {
  readonly name: string;
  readonly pattern: HandshakePattern;
  readonly dh: X25519;
  readonly cipher: NoiseCipher;
  readonly hash: Hash;
}

const ciphers: Partial<Record<string, NoiseCipher>> = {
  ChaChaPoly: { aead: chaCha20Poly1305, littleEndian: true },
  AESGCM: { aead: aes256Gcm, littleEndian: false },
};

const hashes: Partial<Record<string, Hash>> = {
  SHA256: sha256,
  SHA512: sha512,
  BLAKE2s: blake2s,
  BLAKE2b: blake2b,
};

/**
 * The protocol of a name such as `Noise_XKhfs+psk3_25519+MLKEM768_ChaChaPoly_SHA256`.
 * @throws RangeError for a name that asks for what is not here
 */
export function noiseProtocol(name: string): NoiseProtocol {
  const [prefix, patternName = '', agreement, cipherName = '', hashName = ''] = name.split('_');
  const cipher = ciphers[cipherName];
  const hash = hashes[hashName];
  const expectedAgreement = patternName.includes('hfs') ? '25519+MLKEM768' : '25519';
  if (prefix !== 'Noise' || agreement !== expectedAgreement || cipher === undefined || hash === undefined) {
    throw new RangeError(`${name} is no Noise protocol of this program`);
  }
  return { name, pattern: patternOf(patternName), dh: x25519, cipher, hash };
}

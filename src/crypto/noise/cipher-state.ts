import { type Aead, nonceLength } from '../aead.js';

/** A cipher of Noise section 12: an AEAD and how a message number becomes its nonce. */
export interface NoiseCipher {
  readonly aead: Aead;
  /** ChaChaPoly numbers little-endian, AESGCM big-endian, each after four zero octets. */
  readonly littleEndian: boolean;
}

/**
 * A key and the number of the next message under it (Noise section 5.1). A value: to encrypt gives the next state,
 * and a state that has encrypted must never encrypt again, for its nonce is spent.
 */
export interface CipherState {
  readonly cipher: NoiseCipher;
  readonly key: Uint8Array;
  readonly nonce: bigint;
}

/** Reserved: a key ends before this number, which serves `rekey` alone. */
const lastNonce = 2n ** 64n - 1n;

export function initializeKey(cipher: NoiseCipher, key: Uint8Array): CipherState {
  return { cipher, key, nonce: 0n };
}

/** @throws RangeError when the key has no number left: whoever sends that much must `rekey` or start again */
export function encryptWithAd(
  state: CipherState,
  associated: Uint8Array,
  plaintext: Uint8Array,
): { state: CipherState; ciphertext: Uint8Array } {
  if (state.nonce >= lastNonce) throw new RangeError('this Noise key has encrypted all that it may');
  const { cipher, key, nonce } = state;
  const ciphertext = cipher.aead.seal(key, nonceOctets(cipher, nonce), associated, plaintext);
  return { state: { ...state, nonce: nonce + 1n }, ciphertext };
}

/** `undefined` when the octets are not the next message under this key, or the key has no number left. */
export function decryptWithAd(
  state: CipherState,
  associated: Uint8Array,
  ciphertext: Uint8Array,
): { state: CipherState; plaintext: Uint8Array } | undefined {
  if (state.nonce >= lastNonce) return undefined;
  const { cipher, key, nonce } = state;
  const plaintext = cipher.aead.open(key, nonceOctets(cipher, nonce), associated, ciphertext);
  return plaintext && { state: { ...state, nonce: nonce + 1n }, plaintext };
}

/** The next key, from which this one cannot be found (Noise section 11.3). The numbers go on. */
export function rekey(state: CipherState): CipherState {
  const { cipher, key } = state;
  const sealed = cipher.aead.seal(key, nonceOctets(cipher, lastNonce), new Uint8Array(), new Uint8Array(32));
  return { ...state, key: sealed.slice(0, 32) };
}

function nonceOctets(cipher: NoiseCipher, nonce: bigint): Uint8Array {
  const octets = new Uint8Array(nonceLength);
  new DataView(octets.buffer).setBigUint64(4, nonce, cipher.littleEndian);
  return octets;
}

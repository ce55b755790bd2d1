import type { Hash } from '../hash.js';
import { expand, extract } from '../hkdf.js';
import {
  type CipherState,
  decryptWithAd,
  encryptWithAd,
  initializeKey,
  type NoiseCipher,
} from './cipher-state.js';

/** What both sides have mixed so far (Noise section 5.2): a value, each operation gives the next. */
export interface SymmetricState {
  readonly hash: Hash;
  readonly cipher: NoiseCipher;
  /** Absent until the first key is mixed: until then payloads pass in clear. */
  readonly key: CipherState | undefined;
  readonly chainingKey: Uint8Array;
  /** h: the transcript. After the last message it names the session. */
  readonly handshakeHash: Uint8Array;
}

const empty = new Uint8Array();

export function initializeSymmetric(protocolName: string, cipher: NoiseCipher, hash: Hash): SymmetricState {
  const name = new TextEncoder().encode(protocolName);
  const padded = new Uint8Array(hash.length);
  if (name.length <= hash.length) padded.set(name);
  const handshakeHash = name.length <= hash.length ? padded : hash.digest(name);
  return { hash, cipher, key: undefined, chainingKey: handshakeHash, handshakeHash };
}

export function mixHash(state: SymmetricState, data: Uint8Array): SymmetricState {
  return { ...state, handshakeHash: state.hash.digest(state.handshakeHash, data) };
}

export function mixKey(state: SymmetricState, keyMaterial: Uint8Array): SymmetricState {
  const [chainingKey, key] = derive(state, keyMaterial, 2);
  return { ...state, chainingKey, key: initializeKey(state.cipher, key.slice(0, 32)) };
}

export function mixKeyAndHash(state: SymmetricState, keyMaterial: Uint8Array): SymmetricState {
  const [chainingKey, data, key] = derive(state, keyMaterial, 3);
  return mixHash({ ...state, chainingKey, key: initializeKey(state.cipher, key.slice(0, 32)) }, data);
}

export function encryptAndHash(
  state: SymmetricState,
  plaintext: Uint8Array,
): { state: SymmetricState; ciphertext: Uint8Array } {
  if (state.key === undefined) return { state: mixHash(state, plaintext), ciphertext: plaintext };
  const { state: key, ciphertext } = encryptWithAd(state.key, state.handshakeHash, plaintext);
  return { state: mixHash({ ...state, key }, ciphertext), ciphertext };
}

/** `undefined` when the octets are not what the other side encrypted at this point of this handshake. */
export function decryptAndHash(
  state: SymmetricState,
  ciphertext: Uint8Array,
): { state: SymmetricState; plaintext: Uint8Array } | undefined {
  if (state.key === undefined) return { state: mixHash(state, ciphertext), plaintext: ciphertext };
  const opened = decryptWithAd(state.key, state.handshakeHash, ciphertext);
  return (
    opened && { state: mixHash({ ...state, key: opened.state }, ciphertext), plaintext: opened.plaintext }
  );
}

/** The two transport keys: the initiator sends under the first, the responder under the second. */
export function split(state: SymmetricState): [CipherState, CipherState] {
  const [first, second] = derive(state, empty, 2);
  return [initializeKey(state.cipher, first.slice(0, 32)), initializeKey(state.cipher, second.slice(0, 32))];
}

/** HKDF of Noise section 4.3, which is RFC 5869 with the chaining key as salt and empty info. */
function derive(state: SymmetricState, keyMaterial: Uint8Array, outputs: 2): [Uint8Array, Uint8Array];
function derive(
  state: SymmetricState,
  keyMaterial: Uint8Array,
  outputs: 3,
): [Uint8Array, Uint8Array, Uint8Array];
function derive(state: SymmetricState, keyMaterial: Uint8Array, outputs: number): Uint8Array[] {
  const { hash } = state;
  const all = expand(hash, extract(hash, state.chainingKey, keyMaterial), empty, outputs * hash.length);
  return Array.from({ length: outputs }, (_, index) =>
    all.slice(index * hash.length, (index + 1) * hash.length),
  );
}

import { tagLength } from '../aead.js';
import * as mlKem from '../ml-kem.js';
import * as x25519 from '../x25519.js';
import { type HandshakeState, needed } from './handshake-state.js';
import type { Token } from './patterns.js';
import { decryptAndHash, encryptAndHash, mixHash, mixKey, mixKeyAndHash } from './symmetric-state.js';

/** Why a message failed. For the log alone: told to the peer, it would help an attacker. */
export type FailureReason =
  | 'too short'
  | 'too long'
  /** X25519 gave all zeros: the peer's public key has low order. */
  | 'low-order key'
  /** The peer's ML-KEM key has a coefficient of q or more. */
  | 'bad ML-KEM key'
  /** Another key on either side, another prologue, another session, or altered octets. */
  | 'not authentic';

/** A token written: the octets that it adds to the message. */
export interface TokenWritten {
  readonly state: HandshakeState;
  readonly octets: Uint8Array;
}

/** A token read: what is left of the message. */
export interface TokenRead {
  readonly state: HandshakeState;
  readonly rest: Uint8Array;
}

const nothing = new Uint8Array();

/** One step of WriteMessage (Noise section 5.3). */
export function writeToken(state: HandshakeState, token: Token): TokenWritten | FailureReason {
  switch (token) {
    case 'e': {
      const { publicKey } = needed(state.ephemeralKey, 'entropy for an ephemeral key');
      return { state: mixEphemeral(state, publicKey), octets: publicKey };
    }
    case 's':
      return encrypt(state, needed(state.staticKey, 'a static key').publicKey);
    case 'e1': {
      const pair = mlKem.mlKemKeyPair(needed(state.kemEntropy, 'entropy for an ML-KEM key'));
      return encrypt({ ...state, decapsulationKey: pair.decapsulationKey }, pair.encapsulationKey);
    }
    case 'ekem1': {
      const key = needed(state.remoteEncapsulationKey, 'an ML-KEM key read before');
      const entropy = needed(state.kemEntropy, 'entropy for an ML-KEM ciphertext');
      const encapsulation = mlKem.mlKemEncapsulate(key, entropy);
      if (encapsulation === undefined) return 'bad ML-KEM key';
      const { state: next, octets } = encrypt(state, encapsulation.ciphertext);
      return { state: mixed(next, encapsulation.sharedSecret), octets };
    }
    default: {
      const next = mixSecret(state, token);
      return typeof next === 'string' ? next : { state: next, octets: nothing };
    }
  }
}

/** One step of ReadMessage (Noise section 5.3). */
export function readToken(
  state: HandshakeState,
  token: Token,
  octets: Uint8Array,
): TokenRead | FailureReason {
  switch (token) {
    case 'e': {
      if (octets.length < x25519.keyLength) return 'too short';
      const remoteEphemeral = octets.slice(0, x25519.keyLength);
      const next = mixEphemeral({ ...state, remoteEphemeral }, remoteEphemeral);
      return { state: next, rest: octets.subarray(x25519.keyLength) };
    }
    case 's':
      return decrypt(state, octets, x25519.keyLength, (next, remoteStatic) => ({ ...next, remoteStatic }));
    case 'e1':
      return decrypt(state, octets, mlKem.encapsulationKeyLength, (next, remoteEncapsulationKey) =>
        mlKem.isEncapsulationKey(remoteEncapsulationKey)
          ? { ...next, remoteEncapsulationKey }
          : 'bad ML-KEM key',
      );
    case 'ekem1':
      return decrypt(state, octets, mlKem.ciphertextLength, (next, ciphertext) => {
        const key = needed(state.decapsulationKey, 'an ML-KEM key sent before');
        const secret = mlKem.mlKemDecapsulate(ciphertext, key);
        return mixed(next, needed(secret, 'an ML-KEM ciphertext'));
      });
    default: {
      const next = mixSecret(state, token);
      return typeof next === 'string' ? next : { state: next, rest: octets };
    }
  }
}

/** The tokens that put nothing on the wire. */
function mixSecret(
  state: HandshakeState,
  token: 'ee' | 'es' | 'se' | 'ss' | 'psk',
): HandshakeState | FailureReason {
  if (token === 'psk') {
    const psk = needed(state.psk, 'a pre-shared key');
    return { ...state, symmetric: mixKeyAndHash(state.symmetric, psk) };
  }
  // The first letter is the initiator's key, the second the responder's.
  const [initiators, responders] = token;
  const [ours, theirs] = state.role === 'initiator' ? [initiators, responders] : [responders, initiators];
  const key = needed(ours === 'e' ? state.ephemeralKey : state.staticKey, 'a static key');
  const remote = needed(theirs === 'e' ? state.remoteEphemeral : state.remoteStatic, `the peer's static key`);
  const secret = key.sharedSecret(remote);
  return secret === undefined ? 'low-order key' : mixed(state, secret);
}

/** In a handshake with a pre-shared key the ephemeral keys are keys too (Noise section 9.2). */
function mixEphemeral(state: HandshakeState, publicKey: Uint8Array): HandshakeState {
  const hashed = { ...state, symmetric: mixHash(state.symmetric, publicKey) };
  const usesPsk = state.protocol.pattern.messages.some((tokens) => tokens.includes('psk'));
  return usesPsk ? mixed(hashed, publicKey) : hashed;
}

function mixed(state: HandshakeState, secret: Uint8Array): HandshakeState {
  return { ...state, symmetric: mixKey(state.symmetric, secret) };
}

function encrypt(state: HandshakeState, field: Uint8Array): TokenWritten {
  const { state: symmetric, ciphertext } = encryptAndHash(state.symmetric, field);
  return { state: { ...state, symmetric }, octets: ciphertext };
}

function decrypt(
  state: HandshakeState,
  octets: Uint8Array,
  fieldLength: number,
  accept: (state: HandshakeState, field: Uint8Array) => HandshakeState | FailureReason,
): TokenRead | FailureReason {
  const length = fieldLength + (state.symmetric.key ? tagLength : 0);
  if (octets.length < length) return 'too short';
  const opened = decryptAndHash(state.symmetric, octets.slice(0, length));
  if (opened === undefined) return 'not authentic';
  const next = accept({ ...state, symmetric: opened.state }, opened.plaintext);
  return typeof next === 'string' ? next : { state: next, rest: octets.subarray(length) };
}

import { tagLength } from '../aead.js';
import * as mlKem from '../ml-kem.js';
import { keyLength } from '../x25519.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { type HandshakeState, needed, nextTokens, turnOf } from './handshake-state.js';
import type { Token } from './patterns.js';
import { decryptAndHash, encryptAndHash, mixHash, mixKey, mixKeyAndHash } from './symmetric-state.js';

/** Octets of the longest message (Noise section 3). */
export const longestMessage = 65535;

/** Why a message failed. For the log alone: told to the peer it would help an attacker. */
export type FailureReason =
  | 'too short'
  | 'too long'
  /** X25519 gave all zeros: the peer's public key has low order. */
  | 'low-order key'
  /** The peer's ML-KEM key has a coefficient of q or more. */
  | 'bad ML-KEM key'
  /** A wrong key on either side, another prologue, another session, or altered octets. */
  | 'not authentic';

/** Where a handshake failed: the number of the message, from 1, and the token. */
export interface HandshakeFailure {
  readonly reason: FailureReason;
  readonly message: number;
  readonly at: Token | 'payload';
}

export type Written =
  | { readonly ok: true; readonly state: HandshakeState; readonly message: Uint8Array }
  | { readonly ok: false; readonly failure: HandshakeFailure };

export type Read =
  | { readonly ok: true; readonly state: HandshakeState; readonly payload: Uint8Array }
  | { readonly ok: false; readonly failure: HandshakeFailure };

/**
 * The next message, with `payload` in it. It fails only through a key of the peer's.
 * @throws Error out of turn; RangeError for a payload that fits no message
 */
export function writeMessage(before: HandshakeState, payload: Uint8Array): Written {
  let state = onTurn(before, 'write');
  const parts: Uint8Array[] = [];
  for (const token of nextTokens(state) ?? []) {
    const step = writeToken(state, token);
    if (typeof step === 'string') return failed(state, step, token);
    state = step.state;
    parts.push(step.octets);
  }
  const { state: symmetric, ciphertext } = encryptAndHash(state.symmetric, payload);
  const message = concatBytes(...parts, ciphertext);
  if (message.length > longestMessage) throw new RangeError('a Noise message holds 65,535 octets');
  return { ok: true, state: { ...state, symmetric, done: state.done + 1 }, message };
}

/** The payload of the peer's next message. @throws Error out of turn */
export function readMessage(before: HandshakeState, message: Uint8Array): Read {
  const read = readTokens(before, message, nextTokens(before) ?? []);
  if ('reason' in read) return { ok: false, failure: read };
  const opened = decryptAndHash(read.state.symmetric, read.rest);
  if (opened === undefined) {
    return failed(before, isShort(read) ? 'too short' : 'not authentic', 'payload');
  }
  const state = { ...read.state, symmetric: opened.state, done: before.done + 1 };
  return { ok: true, state, payload: opened.plaintext };
}

/**
 * The static key in the peer's next message, so that a pre-shared key can be chosen by it: then `withPsk`, then
 * `readMessage` with the same message. Until that has passed nobody has proved to own the key.
 * @throws Error out of turn
 */
export function peekRemoteStatic(
  state: HandshakeState,
  message: Uint8Array,
): { readonly ok: true; readonly remoteStatic: Uint8Array } | { readonly ok: false; readonly failure: HandshakeFailure } {
  const tokens = nextTokens(state) ?? [];
  const read = readTokens(state, message, tokens.slice(0, tokens.indexOf('s') + 1));
  if ('reason' in read) return { ok: false, failure: read };
  return { ok: true, remoteStatic: needed(read.state.remoteStatic, 'a static key in this message') };
}

interface Reading {
  readonly state: HandshakeState;
  readonly rest: Uint8Array;
}

function readTokens(
  before: HandshakeState,
  message: Uint8Array,
  tokens: readonly Token[],
): Reading | HandshakeFailure {
  let reading: Reading = { state: onTurn(before, 'read'), rest: message };
  if (message.length > longestMessage) return failure(before, 'too long', 'payload');
  for (const token of tokens) {
    const step = readToken(reading, token);
    if (typeof step === 'string') return failure(before, step, token);
    reading = step;
  }
  return reading;
}

function writeToken(
  state: HandshakeState,
  token: Token,
): { state: HandshakeState; octets: Uint8Array } | FailureReason {
  switch (token) {
    case 'e': {
      const { publicKey } = needed(state.ephemeralKey, 'entropy for an ephemeral key');
      return { state: mixEphemeral(state, publicKey), octets: publicKey };
    }
    case 's':
      return encrypted(state, needed(state.staticKey, 'a static key').publicKey);
    case 'e1': {
      const pair = mlKem.mlKemKeyPair(needed(state.kemEntropy, 'entropy for an ML-KEM key'));
      return encrypted({ ...state, decapsulationKey: pair.decapsulationKey }, pair.encapsulationKey);
    }
    case 'ekem1':
      return writeCiphertext(state);
    default: {
      const mixed = mixSecret(state, token);
      return typeof mixed === 'string' ? mixed : { state: mixed, octets: new Uint8Array() };
    }
  }
}

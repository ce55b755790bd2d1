import { concatBytes } from '@noble/hashes/utils.js';
import { tagLength } from '../aead.js';
import { type HandshakeState, needed, nextTokens, turnOf } from './handshake-state.js';
import type { Token } from './patterns.js';
import { decryptAndHash, encryptAndHash } from './symmetric-state.js';
import { type FailureReason, readToken, type TokenRead, writeToken } from './tokens.js';

/** Octets of the longest message (Noise section 3). */
export const longestMessage = 65535;

/** Where and why a handshake failed. It is for the log alone; the peer gets the answer that every failure gets. */
export interface HandshakeFailure {
  readonly kind: 'failure';
  readonly reason: FailureReason;
  /** The message's number in the handshake, from 1. */
  readonly message: number;
  readonly at: Token | 'payload';
}

export interface Written {
  readonly kind: 'written';
  readonly state: HandshakeState;
  readonly message: Uint8Array;
}

export interface Read {
  readonly kind: 'read';
  readonly state: HandshakeState;
  readonly payload: Uint8Array;
}

export interface Peeked {
  readonly kind: 'peeked';
  readonly remoteStatic: Uint8Array;
}

/**
 * The next message, with `payload` in it. Only a bad key of the peer's makes it fail.
 * @throws Error out of turn; RangeError for a payload that fits no message or a key that the input did not bring
 */
export function writeMessage(before: HandshakeState, payload: Uint8Array): Written | HandshakeFailure {
  let state = onTurn(before, 'write');
  const parts: Uint8Array[] = [];
  for (const token of nextTokens(before)) {
    const step = writeToken(state, token);
    if (typeof step === 'string') return failure(before, token, step);
    state = step.state;
    parts.push(step.octets);
  }
  const { state: symmetric, ciphertext } = encryptAndHash(state.symmetric, payload);
  const message = concatBytes(...parts, ciphertext);
  if (message.length > longestMessage) throw new RangeError(`a Noise message has ${longestMessage} octets`);
  return { kind: 'written', state: { ...state, symmetric, done: state.done + 1 }, message };
}

/**
 * The payload of the peer's next message.
 * @throws Error out of turn; RangeError for a key that the input did not bring
 */
export function readMessage(before: HandshakeState, message: Uint8Array): Read | HandshakeFailure {
  const read = readTokens(before, message, nextTokens(before));
  if ('kind' in read) return read;
  const { state, rest } = read;
  if (state.symmetric.key && rest.length < tagLength) return failure(before, 'payload', 'too short');
  const opened = decryptAndHash(state.symmetric, rest);
  if (opened === undefined) return failure(before, 'payload', 'not authentic');
  const after = { ...state, symmetric: opened.state, done: state.done + 1 };
  return { kind: 'read', state: after, payload: opened.plaintext };
}

/**
 * The static key in the peer's next message, so that a pre-shared key can be chosen by it: then `withPsk`, then
 * `readMessage` with the same message. Until that has passed, nobody has proved to own the key.
 * @throws Error out of turn; RangeError for a message without a static key
 */
export function peekRemoteStatic(before: HandshakeState, message: Uint8Array): Peeked | HandshakeFailure {
  const tokens = nextTokens(before);
  const read = readTokens(before, message, tokens.slice(0, tokens.indexOf('s') + 1));
  if ('kind' in read) return read;
  return { kind: 'peeked', remoteStatic: needed(read.state.remoteStatic, 'a static key in this message') };
}

function readTokens(
  before: HandshakeState,
  message: Uint8Array,
  tokens: readonly Token[],
): TokenRead | HandshakeFailure {
  let read: TokenRead = { state: onTurn(before, 'read'), rest: message };
  if (message.length > longestMessage) return failure(before, 'payload', 'too long');
  for (const token of tokens) {
    const step = readToken(read.state, token, read.rest);
    if (typeof step === 'string') return failure(before, token, step);
    read = step;
  }
  return read;
}

function onTurn(state: HandshakeState, wanted: 'write' | 'read'): HandshakeState {
  const turn = turnOf(state);
  if (turn !== wanted) throw new Error(`this side's turn is to ${turn}, not to ${wanted}`);
  return state;
}

function failure(
  before: HandshakeState,
  at: HandshakeFailure['at'],
  reason: FailureReason,
): HandshakeFailure {
  return { kind: 'failure', reason, message: before.done + 1, at };
}

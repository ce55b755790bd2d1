import type { X25519Key } from '../x25519.js';
import type { CipherState } from './cipher-state.js';
import type { Token } from './patterns.js';
import type { NoiseProtocol } from './protocol.js';
import { initializeSymmetric, mixHash, type SymmetricState, split } from './symmetric-state.js';

export type Role = 'initiator' | 'responder';

/** What a side brings to a handshake. The pattern says which of the keys it needs. */
interface Input {
  /** What both sides must see alike before they begin. */
  readonly prologue: Uint8Array;
  readonly staticKey?: X25519Key;
  /** The other side's static public key, where it is known beforehand. */
  readonly remoteStatic?: Uint8Array;
  /** 32 random octets, for this handshake alone. */
  readonly ephemeral?: Uint8Array;
  /** 32 octets; `withPsk` gives it later. */
  readonly psk?: Uint8Array;
}

export interface InitiatorInput extends Input {
  /** 64 random octets for the ML-KEM key (hfs). */
  readonly kemSeed?: Uint8Array;
}

export interface ResponderInput extends Input {
  /** 32 random octets for the ML-KEM ciphertext (hfs). */
  readonly kemEntropy?: Uint8Array;
}

/**
 * One side of a handshake between two messages (Noise section 5.3). It is a value: to write or read a message gives the
 * next one and leaves this one as it was, so a bad message changes nothing. A value that has written must not write
 * again: two messages would go out under one nonce.
 */
export interface HandshakeState {
  readonly protocol: NoiseProtocol;
  readonly role: Role;
  /** Messages done, of either side. */
  readonly done: number;
  readonly symmetric: SymmetricState;
  readonly staticKey: X25519Key | undefined;
  readonly ephemeralKey: X25519Key | undefined;
  readonly remoteStatic: Uint8Array | undefined;
  readonly remoteEphemeral: Uint8Array | undefined;
  readonly psk: Uint8Array | undefined;
  /** The initiator's 64 octets for e1, the responder's 32 for ekem1. */
  readonly kemEntropy: Uint8Array | undefined;
  /** The secret half of the initiator's e1. */
  readonly decapsulationKey: Uint8Array | undefined;
  /** The responder's copy of the initiator's e1. */
  readonly remoteEncapsulationKey: Uint8Array | undefined;
}

/** @throws RangeError for a static key that the pattern takes for known and the input lacks */
export function startInitiator(protocol: NoiseProtocol, input: InitiatorInput): HandshakeState {
  return start(protocol, 'initiator', input, input.kemSeed);
}

/** @throws RangeError for a static key that the pattern takes for known and the input lacks */
export function startResponder(protocol: NoiseProtocol, input: ResponderInput): HandshakeState {
  return start(protocol, 'responder', input, input.kemEntropy);
}

function start(
  protocol: NoiseProtocol,
  role: Role,
  input: Input,
  kemEntropy: Uint8Array | undefined,
): HandshakeState {
  const { name, cipher, hash, pattern, dh } = protocol;
  let symmetric = mixHash(initializeSymmetric(name, cipher, hash), input.prologue);
  for (const side of ['initiator', 'responder'] as const) {
    if (!pattern.known[side]) continue;
    const key = side === role ? input.staticKey?.publicKey : input.remoteStatic;
    symmetric = mixHash(symmetric, needed(key, `the ${side}'s static key`));
  }
  return {
    protocol,
    role,
    done: 0,
    symmetric,
    staticKey: input.staticKey,
    ephemeralKey: input.ephemeral && dh(input.ephemeral),
    remoteStatic: pattern.known[other(role)] ? input.remoteStatic : undefined,
    remoteEphemeral: undefined,
    psk: input.psk,
    kemEntropy,
    decapsulationKey: undefined,
    remoteEncapsulationKey: undefined,
  };
}

/** The pre-shared key, chosen after the start: psk3 comes after the initiator's static key is read. */
export function withPsk(state: HandshakeState, psk: Uint8Array): HandshakeState {
  return { ...state, psk };
}

/** What this side does next. */
export function turnOf(state: HandshakeState): 'write' | 'read' | 'done' {
  if (state.done === state.protocol.pattern.messages.length) return 'done';
  const writer: Role = state.done % 2 === 0 ? 'initiator' : 'responder';
  return writer === state.role ? 'write' : 'read';
}

/** What both sides have after the last message. One-way patterns use the initiator's direction alone. */
export interface Transport {
  readonly send: CipherState;
  readonly receive: CipherState;
  /** The same on both sides, and never the same again: channel binding (Noise section 11.2). */
  readonly handshakeHash: Uint8Array;
}

/** Split() of Noise section 5.2. @throws Error while messages are outstanding */
export function transportOf(state: HandshakeState): Transport {
  if (turnOf(state) !== 'done') throw new Error('the handshake has messages left');
  const [first, second] = split(state.symmetric);
  const { handshakeHash } = state.symmetric;
  return state.role === 'initiator'
    ? { send: first, receive: second, handshakeHash }
    : { send: second, receive: first, handshakeHash };
}

/** The tokens of the next message; none after the last. */
export function nextTokens(state: HandshakeState): readonly Token[] {
  return state.protocol.pattern.messages[state.done] ?? [];
}

/** @throws RangeError a bug of the caller's: the pattern needs what the input did not bring */
export function needed<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new RangeError(`this Noise handshake needs ${what}`);
  return value;
}

function other(role: Role): Role {
  return role === 'initiator' ? 'responder' : 'initiator';
}

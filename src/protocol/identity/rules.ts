import { bigEndian } from '../../bytes/big-endian.js';
import type { Malformed } from '../../bytes/packet-reader.js';
import { sha256 } from '../../crypto/hash.js';
import { decryptWithAd, encryptWithAd } from '../../crypto/noise/cipher-state.js';
import {
  type HandshakeState,
  startInitiator,
  startResponder,
  type Transport,
  transportOf,
  withPsk,
} from '../../crypto/noise/handshake-state.js';
import { type HandshakeFailure, readMessage, writeMessage } from '../../crypto/noise/messages.js';
import { noiseProtocol } from '../../crypto/noise/protocol.js';
import type { X25519Key } from '../../crypto/x25519.js';
import type { KeyList } from './key-list.js';
import { encode, type Payload, type PayloadKind, type PayloadOf, parse, suite } from './packets.js';

const protocol = noiseProtocol('Noise_XKhfs+psk3_25519+MLKEM768_ChaChaPoly_SHA256');

/** Milliseconds of each wait. */
export const timers = {
  message: 30_000,
  /** The caller's, for BRIDGED: the callee's telephone rings meanwhile. */
  bridged: 180_000,
  /** The callee's, for INVITE. */
  invite: 60_000,
  /** The callee's own, for its ANSWER: below the server's patience. */
  decision: 20_000,
  /** The server's, from APPROVAL to what became of the callee's leg. */
  calleeLeg: 170_000,
  /** From REQUEST or READY to what whoever is refused sees. */
  refusalPad: 1_000,
  /** The account database, and the server's checks. */
  lookUp: 5_000,
  /** Draining what was sent and going on-hook. */
  release: 60_000,
} as const;

export type Leg = 'caller' | 'callee';

/** Both sides' view before the first message: `"SCS2" | protocol 1 | suite 2 | leg 1 | key number 1`. */
export function prologueOf(leg: Leg, keySequence: number): Uint8Array {
  const fixed = Buffer.concat([Buffer.from('SCS2'), Uint8Array.of(0x01), bigEndian(suite, 2)]);
  return Buffer.concat([fixed, Uint8Array.of(leg === 'caller' ? 1 : 2, keySequence & 0xff)]);
}

/** What an endpoint proves itself with, and the entropy of one handshake. */
export interface EndpointSecrets {
  readonly staticKey: X25519Key;
  /** The account's, 32 octets. */
  readonly psk: Uint8Array;
  /** 32 random octets. */
  readonly ephemeral: Uint8Array;
  /** 64 random octets. */
  readonly kemSeed: Uint8Array;
}

/** One of the server's static keys, by its sequence number. */
export interface ServerKey {
  readonly sequence: number;
  readonly key: X25519Key;
}

/** What a server proves itself with, and the entropy of one handshake. */
export interface ServerSecrets {
  /** The present key first, then the next, then older ones that the operator has not withdrawn. */
  readonly keys: readonly ServerKey[];
  /** Told to each endpoint that is let in. */
  readonly keyList: KeyList;
  /** 32 random octets each. */
  readonly ephemeral: Uint8Array;
  readonly kemEntropy: Uint8Array;
  /** Stands for the psk of an account that there is not. */
  readonly strangersPsk: Uint8Array;
}

/** A step of the handshake: what goes out, and the state after it; or what is wrong, for the log. */
export type Step = { readonly noise: HandshakeState; readonly body: Uint8Array } | { readonly fault: string };

/** HELLO. */
export function greet(leg: Leg, server: KeyList, secrets: EndpointSecrets): Step {
  const prologue = prologueOf(leg, server.sequence);
  const start = startInitiator(protocol, { ...secrets, prologue, remoteStatic: server.present });
  return stepOf(writeMessage(start, new Uint8Array()));
}

/** REPLY, under the one of the server's keys that the endpoint has used. */
export function replyTo(leg: Leg, hello: Uint8Array, { keys, ephemeral, kemEntropy }: ServerSecrets): Step {
  let fault = 'the server has no key';
  for (const { sequence, key } of keys) {
    const prologue = prologueOf(leg, sequence);
    const start = startResponder(protocol, { prologue, staticKey: key, ephemeral, kemEntropy });
    const read = readMessage(start, hello);
    if (read.kind === 'read') return stepOf(writeMessage(read.state, new Uint8Array()));
    fault = faultOf(read);
  }
  return { fault };
}

/** REQUEST or READY: the third message, with the payload in it. */
export function introduce(noise: HandshakeState, reply: Uint8Array, payload: Payload): Step {
  const read = readMessage(noise, reply);
  return read.kind === 'read' ? stepOf(writeMessage(read.state, encode(payload))) : { fault: faultOf(read) };
}

/** A payload that opened and is what it must be, with the keys after it. */
export type Opened<Kind extends PayloadKind> =
  | { readonly payload: PayloadOf<Kind>; readonly transport: Transport }
  | { readonly fault: string };

/** The third message, under the psk that its static key has called for. */
export function openIntroduction<Kind extends 'REQUEST' | 'READY'>(
  noise: HandshakeState,
  psk: Uint8Array,
  kind: Kind,
  body: Uint8Array,
): Opened<Kind> {
  const read = readMessage(withPsk(noise, psk), body);
  if (read.kind === 'failure') return { fault: faultOf(read) };
  return parsed(kind, read.payload, transportOf(read.state));
}

/** The next message under the transport keys. */
export function sealed(transport: Transport, payload: Payload): { transport: Transport; body: Uint8Array } {
  const { state: send, ciphertext: body } = encryptWithAd(transport.send, none, encode(payload));
  return { transport: { ...transport, send }, body };
}

/** The peer's next message under the transport keys. */
export function opened<Kind extends PayloadKind>(
  transport: Transport,
  kind: Kind,
  body: Uint8Array,
): Opened<Kind> {
  const read = decryptWithAd(transport.receive, none, body);
  if (!read) return { fault: `${kind} does not open` };
  return parsed(kind, read.plaintext, { ...transport, receive: read.state });
}

function parsed<Kind extends PayloadKind>(
  kind: Kind,
  octets: Uint8Array,
  transport: Transport,
): Opened<Kind> {
  const payload: Payload | Malformed = parse(kind, octets);
  if (payload.kind === 'malformed') return { fault: payload.fault };
  return { payload: payload as PayloadOf<Kind>, transport };
}

/** How INVITE names the caller's static key: 32 octets. */
export function fingerprintOf(staticKey: Uint8Array): Uint8Array {
  return sha256.digest(staticKey);
}

const none = new Uint8Array();

function faultOf({ message, at, reason }: HandshakeFailure): string {
  return `message ${message} of the handshake at ${at}: ${reason}`;
}

function stepOf(written: ReturnType<typeof writeMessage>): Step {
  return written.kind === 'written'
    ? { noise: written.state, body: written.message }
    : { fault: faultOf(written) };
}

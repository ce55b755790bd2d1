import { nobleAead } from '../../../src/crypto/aead.js';
import { nobleHash } from '../../../src/crypto/hash.js';
import {
  type HandshakeState,
  type InitiatorInput,
  type ResponderInput,
  startInitiator,
  startResponder,
  turnOf,
} from '../../../src/crypto/noise/handshake-state.js';
import { type HandshakeFailure, readMessage, writeMessage } from '../../../src/crypto/noise/messages.js';
import { type NoiseProtocol, noiseProtocol } from '../../../src/crypto/noise/protocol.js';
import { nobleX25519, x25519 } from '../../../src/crypto/x25519.js';
import { sample } from '../vectors.js';

/** The three hybrid protocols of version 2. */
export const hybrids = [
  'Noise_XKhfs+psk3_25519+MLKEM768_ChaChaPoly_SHA256',
  'Noise_KKhfs+psk0_25519+MLKEM768_ChaChaPoly_SHA256',
  'Noise_NKhfs_25519+MLKEM768_ChaChaPoly_SHA256',
] as const;

/** The same protocol on noble alone (ChaChaPoly, SHA256). */
export function onNoble(protocol: NoiseProtocol): NoiseProtocol {
  return {
    ...protocol,
    dh: nobleX25519,
    cipher: { ...protocol.cipher, aead: nobleAead('chaCha20Poly1305') },
    hash: nobleHash('sha256'),
  };
}

export const staticI = x25519(sample(32, 11));
export const staticR = x25519(sample(32, 12));

export function initiatorInput(changes: Partial<InitiatorInput> = {}): InitiatorInput {
  return {
    prologue: sample(9),
    staticKey: staticI,
    remoteStatic: staticR.publicKey,
    ephemeral: sample(32, 13),
    psk: sample(32, 15),
    kemSeed: sample(64, 16),
    ...changes,
  };
}

export function responderInput(changes: Partial<ResponderInput> = {}): ResponderInput {
  return {
    prologue: sample(9),
    staticKey: staticR,
    remoteStatic: staticI.publicKey,
    ephemeral: sample(32, 14),
    psk: sample(32, 15),
    kemEntropy: sample(32, 17),
    ...changes,
  };
}

export type Sides = [initiator: HandshakeState, responder: HandshakeState];

export function start(
  name: string,
  initiator: Partial<InitiatorInput> = {},
  responder: Partial<ResponderInput> = {},
): Sides {
  const protocol = noiseProtocol(name);
  return [
    startInitiator(protocol, initiatorInput(initiator)),
    startResponder(protocol, responderInput(responder)),
  ];
}

/** The next message of the side whose turn it is. */
export function write(state: HandshakeState, payload: Uint8Array = new Uint8Array()) {
  const written = writeMessage(state, payload);
  if (written.kind === 'failure') throw new Error(`${written.at}: ${written.reason}`);
  return written;
}

/** Both sides after `count` more messages, with the messages. */
export function exchange(sides: Sides, count: number): { sides: Sides; messages: Uint8Array[] } {
  let [initiator, responder] = sides;
  const messages: Uint8Array[] = [];
  for (let index = 0; index < count; index++) {
    const initiatorWrites = turnOf(initiator) === 'write';
    const written = write(initiatorWrites ? initiator : responder);
    const read = readMessage(initiatorWrites ? responder : initiator, written.message);
    if (read.kind === 'failure') throw new Error(`${read.at}: ${read.reason}`);
    [initiator, responder] = initiatorWrites ? [written.state, read.state] : [read.state, written.state];
    messages.push(written.message);
  }
  return { sides: [initiator, responder], messages };
}

/** Message `number` of a handshake, the side that reads it and that side's state before. */
export function pending(name: string, number: number): { reader: HandshakeState; message: Uint8Array } {
  const { sides } = exchange(start(name), number - 1);
  const [writer, reader] = turnOf(sides[0]) === 'write' ? sides : sides.toReversed();
  if (writer === undefined || reader === undefined) throw new Error('two sides');
  return { reader, message: write(writer, sample(20)).message };
}

/** What the log would say. */
export function failureOf(
  outcome: { kind: string } | HandshakeFailure,
): Omit<HandshakeFailure, 'kind'> | undefined {
  if (!('reason' in outcome)) return undefined;
  const { message, at, reason } = outcome;
  return { message, at, reason };
}

import { known } from '../../../bytes/known.js';
import type { Malformed } from '../../../bytes/packet-reader.js';
import { decryptWithAd, encryptWithAd } from '../../../crypto/noise/cipher-state.js';
import {
  type HandshakeState,
  startInitiator,
  startResponder,
  type Transport,
  transportOf,
} from '../../../crypto/noise/handshake-state.js';
import { readMessage, writeMessage } from '../../../crypto/noise/messages.js';
import { noiseProtocol } from '../../../crypto/noise/protocol.js';
import type { X25519Key } from '../../../crypto/x25519.js';
import {
  bodyLengths,
  type Dx1,
  type Dx2,
  encode,
  type Key,
  type MessageKind,
  type Messages,
  parse,
  type Receipt,
  type ReceiptAck,
  recordTypes,
} from './packets.js';
import { type CallEnds, prologueOf } from './rules.js';

/** Suite 0201 is the only one: there is nothing to bring a peer down to (fault 102). */
const protocol = noiseProtocol('Noise_KKhfs+psk0_25519+MLKEM768_ChaChaPoly_SHA256');

/** The long-term key of one epoch, 32 octets. */
export interface EpochKey {
  readonly epoch: number;
  readonly longTermKey: Uint8Array;
}

/** What a message is in the outer channel. */
export interface ChannelRecord {
  readonly recordType: number;
  readonly body: Uint8Array;
}

/** A message that opened and parsed, and the state behind it. */
export interface Heard<Message, State> {
  readonly kind: 'heard';
  readonly message: Message;
  readonly state: State;
}

/** A message as it goes out, and the state behind it; the state before must write no more. */
export interface Said<State> {
  readonly record: ChannelRecord;
  readonly state: State;
}

export interface SenderHandshake {
  readonly ends: CallEnds;
  /** The sender's own X25519 key, and the recipient's. */
  readonly staticKey: X25519Key;
  readonly remoteStatic: Uint8Array;
  readonly longTermKey: Uint8Array;
  /** 32 random octets, and 64. */
  readonly ephemeral: Uint8Array;
  readonly kemSeed: Uint8Array;
}

export function sayDx1(input: SenderHandshake, dx1: Dx1): Said<HandshakeState> {
  const { ends, longTermKey: psk, ...keys } = input;
  const start = startInitiator(protocol, { prologue: prologueOf(ends), psk, ...keys });
  return said('DX1', written(start, dx1));
}

export function hearDx2(state: HandshakeState, record: ChannelRecord): Heard<Dx2, Transport> | Malformed {
  return heard('DX2', state, record, transportOf);
}

export interface RecipientHandshake {
  readonly ends: CallEnds;
  readonly staticKey: X25519Key;
  readonly remoteStatic: Uint8Array;
  /** 32 random octets each. */
  readonly ephemeral: Uint8Array;
  readonly kemEntropy: Uint8Array;
}

/** Tries the one key, as many keys as there are: how long it takes does not depend on which of them opens. */
export function hearDx1(
  input: RecipientHandshake,
  keys: readonly EpochKey[],
  record: ChannelRecord,
): Heard<Dx1, HandshakeState> | Malformed {
  const { ends, ...own } = input;
  const tried = keys.map(({ epoch, longTermKey: psk }) => {
    const start = startResponder(protocol, { prologue: prologueOf(ends), psk, ...own });
    const reading = heard('DX1', start, record, (state) => state);
    if (reading.kind === 'malformed' || reading.message.epoch === epoch) return reading;
    return { kind: 'malformed', fault: 'the key of another epoch' } as const;
  });
  return tried.find(({ kind }) => kind === 'heard') ?? known(tried[0]);
}

export function sayDx2(state: HandshakeState, dx2: Dx2): Said<Transport> {
  const { record, state: after } = said('DX2', written(state, dx2));
  return { record, state: transportOf(after) };
}

/** A message behind the handshake, under the transport keys. */
export function say(transport: Transport, message: Key | Receipt | ReceiptAck): Said<Transport> {
  const { state: send, ciphertext: body } = encryptWithAd(transport.send, nothing, encode(message));
  return { record: { recordType: recordTypes[message.kind], body }, state: { ...transport, send } };
}

export function hear<Kind extends 'KEY' | 'RECEIPT' | 'RECEIPT_ACK'>(
  kind: Kind,
  transport: Transport,
  record: ChannelRecord,
): Heard<Messages[Kind], Transport> | Malformed {
  const fault = faultOfRecord(kind, record);
  if (fault) return { kind: 'malformed', fault };
  const opened = decryptWithAd(transport.receive, nothing, record.body);
  if (!opened) return { kind: 'malformed', fault: `${kind} does not open` };
  const message = parse(kind, opened.plaintext);
  if (isMalformed(message)) return message;
  return heardAs(message, { ...transport, receive: opened.state });
}

/** A record of another protocol inside the session: under the transport keys, its type as associated data. */
export function sayWithin(transport: Transport, { recordType, body }: ChannelRecord): Said<Transport> {
  const { state: send, ciphertext } = encryptWithAd(transport.send, Uint8Array.of(recordType), body);
  return { record: { recordType, body: ciphertext }, state: { ...transport, send } };
}

export function hearWithin(
  transport: Transport,
  { recordType, body }: ChannelRecord,
): Heard<ChannelRecord, Transport> | Malformed {
  const opened = decryptWithAd(transport.receive, Uint8Array.of(recordType), body);
  if (!opened) return { kind: 'malformed', fault: `record ${recordType} does not open` };
  const message = { recordType, body: opened.plaintext };
  return { kind: 'heard', message, state: { ...transport, receive: opened.state } };
}

const nothing = new Uint8Array();

function written(state: HandshakeState, message: Dx1 | Dx2): { state: HandshakeState; message: Uint8Array } {
  const result = writeMessage(state, encode(message));
  // Only a key of low order could fail here, and none passes the Key Exchange; an ML-KEM key was checked when it was read.
  if (result.kind === 'failure') throw new TypeError(`${message.kind} cannot be written: ${result.reason}`);
  return result;
}

function said(
  kind: 'DX1' | 'DX2',
  result: { state: HandshakeState; message: Uint8Array },
): Said<HandshakeState> {
  return { record: { recordType: recordTypes[kind], body: result.message }, state: result.state };
}

function heard<Kind extends 'DX1' | 'DX2', State>(
  kind: Kind,
  state: HandshakeState,
  record: ChannelRecord,
  after: (state: HandshakeState) => State,
): Heard<Messages[Kind], State> | Malformed {
  const fault = faultOfRecord(kind, record);
  if (fault) return { kind: 'malformed', fault };
  const read = readMessage(state, record.body);
  if (read.kind === 'failure') {
    return { kind: 'malformed', fault: `${kind} does not open: ${read.reason} at ${read.at}` };
  }
  const message = parse(kind, read.payload);
  return isMalformed(message) ? message : heardAs(message, after(read.state));
}

function heardAs<Message, State>(message: Message, state: State): Heard<Message, State> {
  return { kind: 'heard', message, state };
}

function faultOfRecord(kind: MessageKind, { recordType, body }: ChannelRecord): string | undefined {
  if (recordType !== recordTypes[kind]) return `record ${recordType}, not ${recordTypes[kind]} (${kind})`;
  if (body.length !== bodyLengths[kind]) return `${kind} of ${body.length} octets, not ${bodyLengths[kind]}`;
  return undefined;
}

function isMalformed<Message extends { readonly kind: string }>(
  reading: Message | Malformed,
): reading is Malformed {
  return reading.kind === 'malformed';
}

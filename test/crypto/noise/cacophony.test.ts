import { expect, type TestContext, test } from 'vitest';
import { type CipherState, decryptWithAd, encryptWithAd } from '../../../src/crypto/noise/cipher-state.js';
import {
  startInitiator,
  startResponder,
  transportOf,
  turnOf,
} from '../../../src/crypto/noise/handshake-state.js';
import { readMessage } from '../../../src/crypto/noise/messages.js';
import { type NoiseProtocol, noiseProtocol } from '../../../src/crypto/noise/protocol.js';
import { x25519 } from '../../../src/crypto/x25519.js';
import { hex, octets, vectorText } from '../vectors.js';
import { onNoble, type Sides, write } from './two-sides.js';

type Vector = {
  protocol_name: string;
  handshake_hash: string;
  messages: { payload: string; ciphertext: string }[];
} & Partial<Record<`${'init' | 'resp'}_${'prologue' | 'static' | 'ephemeral' | 'remote_static'}`, string>> &
  Partial<Record<`${'init' | 'resp'}_psks`, string[]>>;

/** All with X25519; the other half of the file is X448's. */
function cacophony(context: TestContext): Vector[] {
  const { vectors } = JSON.parse(vectorText(context, 'noise/cacophony.txt')) as { vectors: Vector[] };
  return vectors.filter(({ protocol_name: name }) => name.includes('_25519_'));
}

test('cacophony: 472 handshakes of 59 patterns, two ciphers, four hashes', { timeout: 60_000 }, (context) => {
  const vectors = cacophony(context);
  expect(vectors).toHaveLength(472);
  expect(new Set(vectors.map((one) => one.protocol_name.split('_')[1])).size).toBe(59);
  for (const vector of vectors) check(noiseProtocol(vector.protocol_name), vector);
});

test('cacophony: the same on noble alone, for the suite of version 2', { timeout: 60_000 }, (context) => {
  const vectors = cacophony(context).filter((one) => one.protocol_name.endsWith('ChaChaPoly_SHA256'));
  expect(vectors.length).toBeGreaterThan(50);
  for (const vector of vectors) check(onNoble(noiseProtocol(vector.protocol_name)), vector);
});

function check(protocol: NoiseProtocol, vector: Vector): void {
  let sides = startBoth(protocol, vector);
  const handshakes = protocol.pattern.messages.length;
  for (const { payload, ciphertext } of vector.messages.slice(0, handshakes)) {
    const [writer, reader] = sides;
    const written = write(writer, octets(payload));
    expect(hex(written.message), protocol.name).toBe(ciphertext);
    const read = readMessage(reader, written.message);
    if (read.kind === 'failure') throw new Error(`${protocol.name}, ${read.at}: ${read.reason}`);
    expect(hex(read.payload), protocol.name).toBe(payload);
    sides = [read.state, written.state];
  }
  expect(sides.map(turnOf)).toEqual(['done', 'done']);
  checkTransport(sides, vector, handshakes);
}

/** The sides continue to take turns; after a one-way pattern the initiator alone sends. */
function checkTransport(sides: Sides, vector: Vector, handshakes: number): void {
  const [one, other] = sides.map(transportOf);
  if (one === undefined || other === undefined) throw new Error('two sides');
  expect([one, other].map((side) => hex(side.handshakeHash))).toEqual(Array(2).fill(vector.handshake_hash));
  let directions: [CipherState, CipherState][] = [
    [one.send, other.receive],
    [other.send, one.receive],
  ];
  if (handshakes === 1) directions = [[other.send, one.receive]];
  const nothing = new Uint8Array();
  for (const [index, { payload, ciphertext }] of vector.messages.slice(handshakes).entries()) {
    const direction = directions[index % directions.length];
    if (direction === undefined) throw new Error('a direction');
    const sealed = encryptWithAd(direction[0], nothing, octets(payload));
    expect(hex(sealed.ciphertext), vector.protocol_name).toBe(ciphertext);
    const opened = decryptWithAd(direction[1], nothing, sealed.ciphertext);
    if (opened === undefined) throw new Error(`${vector.protocol_name}: message ${index} does not open`);
    expect(hex(opened.plaintext)).toBe(payload);
    directions[index % directions.length] = [sealed.state, opened.state];
  }
}

function startBoth(protocol: NoiseProtocol, vector: Vector): Sides {
  const input = (side: 'init' | 'resp') => {
    const staticKey = vector[`${side}_static`];
    const remoteStatic = vector[`${side}_remote_static`];
    const ephemeral = vector[`${side}_ephemeral`];
    const psk = vector[`${side}_psks`]?.[0];
    return {
      prologue: octets(vector[`${side}_prologue`]),
      ...(staticKey && { staticKey: x25519(octets(staticKey)) }),
      ...(remoteStatic && { remoteStatic: octets(remoteStatic) }),
      ...(ephemeral && { ephemeral: octets(ephemeral) }),
      ...(psk && { psk: octets(psk) }),
    };
  };
  return [startInitiator(protocol, input('init')), startResponder(protocol, input('resp'))];
}

import { describe, expect, type TestContext, test } from 'vitest';
import { startInitiator, startResponder, transportOf } from '../../../src/crypto/noise/handshake-state.js';
import { readMessage } from '../../../src/crypto/noise/messages.js';
import { type NoiseProtocol, noiseProtocol } from '../../../src/crypto/noise/protocol.js';
import { x25519 } from '../../../src/crypto/x25519.js';
import { hex, octets, vectorText } from '../vectors.js';
import { exchange, hybrids, onNoble, type Sides, start, write } from './two-sides.js';

interface KnownAnswer {
  name: string;
  tokens: string[][];
  prologue: string;
  init_static: string;
  resp_static: string;
  psk?: string;
  init_ephemeral: string;
  resp_ephemeral: string;
  kem_keygen_seed: string;
  kem_encaps_randomness: string;
  messages: { payload: string; ciphertext: string; length: number }[];
  handshake_hash: string;
  k_initiator: string;
  k_responder: string;
}

function knownAnswers(context: TestContext): KnownAnswer[] {
  return JSON.parse(vectorText(context, 'self/v2-kat.json')).noise;
}

test('the three hybrids have the token lists that their known answers name', (context) => {
  const lists = knownAnswers(context).map(({ name, tokens }) => [name, tokens]);
  expect(lists).toEqual(hybrids.map((name) => [name, noiseProtocol(name).pattern.messages]));
});

describe.each(hybrids)('%s', (name) => {
  test('AL-7 both sides give the known octets, by node:crypto', (context) => {
    check(noiseProtocol(name), knownAnswers(context));
  });

  test('both sides give the known octets, by noble', (context) => {
    check(onNoble(noiseProtocol(name)), knownAnswers(context));
  });
});

// Written down from a run that passed the known answers above, for checkouts without them.
test.each([
  [hybrids[0], 3, '388ae909367bb14dc3db3b3737b97aae5e737a663ea175ed878cd78362d52417'],
  [hybrids[1], 2, '51dd2efc99151d547112edacf0c17698b7ba4c75cae4386b167b0cb1b6f76da4'],
  [hybrids[2], 2, 'e968a327da31a23feddf290c3ef2835a6a713f6507d07ae71ceee311cdfffb25'],
])('%s: fixed input, fixed session', (name, messages, handshakeHash) => {
  const { sides } = exchange(start(name), messages);
  expect(sides.map((side) => hex(transportOf(side).handshakeHash))).toEqual(Array(2).fill(handshakeHash));
});

function check(protocol: NoiseProtocol, answers: KnownAnswer[]): void {
  const answer = answers.find(({ name }) => name === protocol.name);
  if (answer === undefined) throw new Error(`no known answer for ${protocol.name}`);
  let sides = startBoth(protocol, answer);
  for (const { payload, ciphertext, length } of answer.messages) {
    const [writer, reader] = sides;
    const written = write(writer, octets(payload));
    expect(hex(written.message)).toBe(ciphertext);
    expect(written.message).toHaveLength(length);
    const read = readMessage(reader, octets(ciphertext));
    if (read.kind === 'failure') throw new Error(`${read.at}: ${read.reason}`);
    expect(hex(read.payload)).toBe(payload);
    sides = [read.state, written.state];
  }
  const [first, second] = sides.map(transportOf);
  const [initiator, responder] = answer.messages.length % 2 === 0 ? [first, second] : [second, first];
  expect(hex(initiator?.handshakeHash)).toBe(answer.handshake_hash);
  expect(hex(responder?.handshakeHash)).toBe(answer.handshake_hash);
  expect([initiator?.send.key, responder?.receive.key].map(hex)).toEqual(Array(2).fill(answer.k_initiator));
  expect([initiator?.receive.key, responder?.send.key].map(hex)).toEqual(Array(2).fill(answer.k_responder));
}

function startBoth(protocol: NoiseProtocol, answer: KnownAnswer): Sides {
  const [staticI, staticR] = [x25519(octets(answer.init_static)), x25519(octets(answer.resp_static))];
  const shared = { prologue: octets(answer.prologue), psk: octets(answer.psk) };
  return [
    startInitiator(protocol, {
      ...shared,
      staticKey: staticI,
      remoteStatic: staticR.publicKey,
      ephemeral: octets(answer.init_ephemeral),
      kemSeed: octets(answer.kem_keygen_seed),
    }),
    startResponder(protocol, {
      ...shared,
      staticKey: staticR,
      remoteStatic: staticI.publicKey,
      ephemeral: octets(answer.resp_ephemeral),
      kemEntropy: octets(answer.kem_encaps_randomness),
    }),
  ];
}

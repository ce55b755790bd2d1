import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createActor } from 'xstate';
import type { KeyExchangeEvent } from '../../../src/protocol/key-exchange/events.js';
import { recipientFailures, senderFailures } from '../../../src/protocol/key-exchange/failures.js';
import type { KeyExchangePacket } from '../../../src/protocol/key-exchange/packets.js';
import { keyExchangeRecipient } from '../../../src/protocol/key-exchange/recipient.js';
import { keyExchangeSender } from '../../../src/protocol/key-exchange/sender.js';
import { SimulatedClock } from '../../../src/time/simulated-clock.js';
import { delaysUsed, isBounded, waitsOf, walkMachine } from '../../support/machine-walk.js';
import { redrawn } from '../../support/state-diagram.js';
import {
  a1,
  a2,
  alice,
  b,
  bob,
  checkString,
  exponentA,
  exponentB,
  flipped,
  mallory,
  number,
  randomA,
} from './packets-of-a-run.js';

const happenings: KeyExchangeEvent[] = [
  { type: 'peer.claimed' },
  { type: 'peer.busy' },
  { type: 'line.connected' },
  { type: 'packet.malformed', fault: 'trailer 0x03, not 0x19' },
  { type: 'nak.received' },
  { type: 'ack.received' },
  { type: 'carrier.lost' },
  { type: 'line.released' },
  { type: 'human.confirmed' },
  { type: 'human.refused' },
  { type: 'human.typed', text: checkString },
  { type: 'human.typed', text: 'AAAAA' },
  { type: 'human.typed', text: 'HELLO' },
  { type: 'operator.cancelled' },
  { type: 'key.saved' },
  { type: 'key.notSaved', fault: 'the disk is full' },
];

function receiving(...packets: KeyExchangePacket[]): KeyExchangeEvent[] {
  return packets.map((packet) => ({ type: 'packet.received', packet }));
}

const senderInput = { own: alice, peer: bob, exponent: exponentA, randomA };
const recipientInput = { own: bob, exponent: exponentB };

const senderWalk = walkMachine(keyExchangeSender, {
  inputs: [senderInput],
  events: () => [
    ...happenings,
    ...receiving(
      b,
      { ...b, version: 2 },
      { ...b, accountB: mallory },
      { ...b, dhResultB: number(1n) },
      { ...b, dhResultB: a1.dhResultA },
      { ...b, proofB: flipped(b.proofB) },
      a1,
    ),
  ],
  serialize: ({ value, context }) => JSON.stringify([value, context.failure]),
});

const recipientWalk = walkMachine(keyExchangeRecipient, {
  inputs: [recipientInput],
  events: () => [
    ...happenings,
    ...receiving(
      a1,
      { ...a1, lowVersion: 2, highVersion: 3 },
      { ...a1, accountA: bob },
      { ...a1, dhResultA: number(0n) },
      a2,
      { kind: 'A2', randomA: flipped(randomA) },
      b,
    ),
  ],
  serialize: ({ value, context }) => JSON.stringify([value, context.failure]),
});

describe.each([
  { machine: keyExchangeSender, walk: senderWalk, input: senderInput, failures: senderFailures },
  { machine: keyExchangeRecipient, walk: recipientWalk, input: recipientInput, failures: recipientFailures },
])('$machine.id', ({ machine, walk, input, failures }) => {
  test('every transition is taken on some path', () => {
    expect([...walk.all].filter((transition) => !walk.taken.has(transition))).toEqual([]);
  });

  test('every way to fail of the table is reached, and no end is without a verdict', () => {
    const ends = walk.reached.filter(({ status }) => status === 'done');
    const reached = ends.map(({ context }) => context.failure).filter((failure) => failure !== undefined);
    expect([...new Set(reached)].sort()).toEqual(Object.keys(failures).sort());
    for (const end of ends) {
      expect(end.output.kind).toBe(end.value === 'paired' ? 'paired' : 'failed');
    }
  });

  test('every wait has a time-out', () => {
    expect(
      waitsOf(machine)
        .filter((node) => !isBounded(node))
        .map((node) => node.key),
    ).toEqual([]);
  });

  test('the delays that are declared are those that are used', () => {
    const declared = Object.keys(machine.implementations.delays);
    expect(declared.filter((delay) => !delaysUsed(machine).has(delay))).toEqual([]);
    expect([...delaysUsed(machine)].filter((delay) => !declared.includes(delay))).toEqual([]);
  });

  test('an event that no state awaits is counted and changes nothing', () => {
    let counted = 0;
    const counting = machine.provide({ actions: { noteUnexpected: () => counted++ } } as never);
    for (const { value, status, context } of walk.reached) {
      if (status !== 'active') continue;
      const snapshot = machine.resolveState({ value, context } as never);
      const actor = createActor(counting, { input, snapshot, clock: new SimulatedClock() } as never).start();
      counted = 0;
      actor.send({ type: 'moon.full' } as never);
      expect([counted, actor.getSnapshot().value]).toEqual([1, value]);
      actor.stop();
    }
  });

  test('the README shows this machine', () => {
    const readme = new URL('../../../src/protocol/key-exchange/README.md', import.meta.url);
    expect(redrawn(readme, [keyExchangeSender, keyExchangeRecipient])).toBe(readFileSync(readme, 'utf8'));
    expect(readFileSync(readme, 'utf8')).toContain(`<!-- machine: ${machine.id} -->`);
  });
});

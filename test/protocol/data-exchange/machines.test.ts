import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createActor } from 'xstate';
import type { DataRecipientEvent, DataSenderEvent } from '../../../src/protocol/data-exchange/events.js';
import { recipientFailures, senderFailures } from '../../../src/protocol/data-exchange/failures.js';
import type { DataExchangePacket } from '../../../src/protocol/data-exchange/packets.js';
import { dataExchangeRecipient } from '../../../src/protocol/data-exchange/recipient.js';
import { dataExchangeSender } from '../../../src/protocol/data-exchange/sender.js';
import { SimulatedClock } from '../../../src/time/simulated-clock.js';
import { delaysUsed, isBounded, waitsOf, walkMachine } from '../../support/machine-walk.js';
import { redrawn } from '../../support/state-diagram.js';
import {
  a1,
  a2,
  alice,
  b,
  bob,
  call,
  fileHash,
  flipped,
  longTermKey,
  mallory,
  sessionKey,
} from './packets-of-a-run.js';

const onTheLine = [
  { type: 'line.connected' },
  { type: 'packet.malformed', fault: 'trailer 0x19, not 0x03' },
  { type: 'nak.received' },
  { type: 'ack.received' },
  { type: 'carrier.lost' },
  { type: 'line.released' },
  { type: 'operator.cancelled' },
  { type: 'file.progress' },
] as const satisfies DataSenderEvent[];

function receiving(...packets: DataExchangePacket[]) {
  return packets.map((packet) => ({ type: 'packet.received', packet }) as const);
}

const senderInput = { own: alice, peer: bob, longTermKey, challengeA: call.challengeA };
const recipientInput = { own: bob, challengeB: call.challengeB };

const senderWalk = walkMachine(dataExchangeSender, {
  inputs: [senderInput],
  events: (): DataSenderEvent[] => [
    ...onTheLine,
    { type: 'transfer.sealed', sessionKey, fileHash },
    { type: 'peer.claimed' },
    { type: 'peer.busy' },
    { type: 'file.sent' },
    { type: 'file.unreadable', fault: 'the spool is gone' },
    ...receiving(
      b,
      { ...b, version: 2 },
      { ...b, accountB: mallory },
      { ...b, proofB: flipped(b.proofB) },
      a1,
    ),
  ],
  serialize: ({ value, context }) => JSON.stringify([value, context.failure]),
});

const recipientWalk = walkMachine(dataExchangeRecipient, {
  inputs: [recipientInput],
  events: (): DataRecipientEvent[] => [
    ...onTheLine,
    { type: 'account.known', longTermKey },
    { type: 'account.refused', cause: 'unknownAccount' },
    { type: 'account.refused', cause: 'reflectedChallenge' },
    { type: 'account.refused', cause: 'peerBusy' },
    { type: 'quarantine.opened' },
    { type: 'quarantine.failed', fault: 'the disk is full' },
    { type: 'quarantine.discarded' },
    { type: 'file.tooLong' },
    { type: 'file.intact', fileHash },
    { type: 'file.intact', fileHash: flipped(fileHash) },
    { type: 'file.broken' },
    { type: 'content.released' },
    { type: 'content.refused', fault: 'a link' },
    { type: 'content.notStored', fault: 'the disk is full' },
    ...receiving(
      a1,
      { ...a1, lowVersion: 2, highVersion: 3 },
      { ...a1, accountA: bob },
      a2,
      { ...a2, proofA: flipped(a2.proofA) },
      b,
    ),
  ],
  serialize: ({ value, context }) => JSON.stringify([value, context.failure, context.hasQuarantine]),
});

describe.each([
  { machine: dataExchangeSender, walk: senderWalk, input: senderInput, failures: senderFailures },
  { machine: dataExchangeRecipient, walk: recipientWalk, input: recipientInput, failures: recipientFailures },
])('$machine.id', ({ machine, walk, input, failures }) => {
  test('every transition is taken on some path', () => {
    expect([...walk.all].filter((transition) => !walk.taken.has(transition))).toEqual([]);
  });

  test('every way to fail of the table is reached, and no end is without a verdict', () => {
    const ends = walk.reached.filter(({ status }) => status === 'done');
    const reached = ends.map(({ context }) => context.failure).filter((failure) => failure !== undefined);
    expect([...new Set(reached)].sort()).toEqual(Object.keys(failures).sort());
    for (const end of ends) {
      expect(end.output.kind).toBe(end.value === 'failed' ? 'failed' : end.value);
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
    const readme = new URL('../../../src/protocol/data-exchange/README.md', import.meta.url);
    expect(redrawn(readme, [dataExchangeSender, dataExchangeRecipient])).toBe(readFileSync(readme, 'utf8'));
    expect(readFileSync(readme, 'utf8')).toContain(`<!-- machine: ${machine.id} -->`);
  });
});

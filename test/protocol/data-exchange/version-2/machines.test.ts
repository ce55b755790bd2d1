import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createActor } from 'xstate';
import type {
  DataRecipientEvent,
  DataSenderEvent,
} from '../../../../src/protocol/data-exchange/version-2/events.js';
import {
  recipientFailures,
  senderFailures,
} from '../../../../src/protocol/data-exchange/version-2/failures.js';
import { type ChannelRecord, sayDx1 } from '../../../../src/protocol/data-exchange/version-2/handshake.js';
import type { Dx2 } from '../../../../src/protocol/data-exchange/version-2/packets.js';
import { dataExchangeRecipient2 } from '../../../../src/protocol/data-exchange/version-2/recipient.js';
import { dataExchangeSender2 } from '../../../../src/protocol/data-exchange/version-2/sender.js';
import { SimulatedClock } from '../../../../src/time/simulated-clock.js';
import { delaysUsed, isBounded, waitsOf, walkMachine } from '../../../support/machine-walk.js';
import { redrawn } from '../../../support/state-diagram.js';
import {
  content,
  dx1,
  dx2,
  flipped,
  fromRecipient,
  fromSender,
  hands,
  key,
  receipt,
  recipientInput,
  refusal,
  senderInput,
  sessionId,
  shakenHands,
  tailDigest,
  transferKey,
} from './messages-of-a-run.js';

const onTheLine = [
  { type: 'bulk.unexpected' },
  { type: 'channel.broken', fault: 'a record does not open' },
  { type: 'carrier.lost' },
  { type: 'line.released' },
  { type: 'operator.cancelled' },
  { type: 'store.failed', fault: 'the disk is full' },
  { type: 'content.moving' },
] as const satisfies (DataSenderEvent & DataRecipientEvent)[];

const receiving = (...records: ChannelRecord[]) =>
  records.map((record) => ({ type: 'record.received', record }) as const);

const none = { opened: 0, next: 0, tailDigest: new Uint8Array(16) };
const answers: Dx2[] = [
  dx2,
  { ...dx2, ...none },
  { ...dx2, ...none, status: 'filed' },
  { ...dx2, ...none, status: 'notNow' },
  { ...dx2, ...none, status: 'tooLarge' },
];
const knownAnswers = answers.map((answer) => shakenHands(dx1, answer).dx2);
const liveDx1 = { ...dx1, length: undefined };
const liveAnswers = answers.map((answer) => shakenHands(liveDx1, answer).dx2);
const liveGreeting = shakenHands(liveDx1).dx1;
const otherSession = flipped(sessionId);

const senderWalk = walkMachine(dataExchangeSender2, {
  inputs: [
    senderInput,
    { ...senderInput, transfer: { ...senderInput.transfer, length: undefined } },
    { ...senderInput, early: sayDx1(senderInput, dx1) },
    { ...senderInput, transfer: { ...senderInput.transfer, handshakeHashes: [] } },
  ],
  events: ({ context }): DataSenderEvent[] => [
    ...onTheLine,
    ...receiving(...(context.transfer.length === undefined ? liveAnswers : knownAnswers)),
    ...receiving(...lateRecords(context)),
    { type: 'tail.read', digest: tailDigest },
    { type: 'tail.read', digest: flipped(tailDigest) },
    { type: 'tail.read', digest: undefined },
    { type: 'transfer.renewed', sessionId: otherSession, transferKey },
    { type: 'handshake.noted' },
    { type: 'content.awaited' },
    { type: 'content.sent', content },
    { type: 'content.tooLarge' },
    { type: 'receipt.kept' },
  ],
  serialize: ({ value, context: { failure, dx2, transfer } }) =>
    JSON.stringify([value, failure, dx2?.status, transfer.length, transfer.sessionId[0]]),
});

/** Behind a handshake that went well: the receipt, the refusal, and one that is altered. */
function lateRecords({ transport }: { transport: unknown }): ChannelRecord[] {
  if (!transport) return [{ recordType: 42, body: new Uint8Array(1_216) }];
  const altered = fromRecipient(receipt);
  return [fromRecipient(receipt), fromRecipient(refusal), { ...altered, body: flipped(altered.body) }];
}

const [keyRecord, ackRecord] = fromSender(key, { kind: 'RECEIPT_ACK', sessionId }) as [
  ChannelRecord,
  ChannelRecord,
];
const [impossibleKey] = fromSender({ ...key, from: 7 });
const [renewingKey] = fromSender({ ...key, sessionId: otherSession, from: 0 });

const recipientWalk = walkMachine(dataExchangeRecipient2, {
  inputs: [
    recipientInput,
    { ...recipientInput, peer: undefined },
    { ...recipientInput, limit: 100 },
    { ...recipientInput, limit: undefined },
  ],
  events: (): DataRecipientEvent[] => [
    ...onTheLine,
    ...receiving(hands.dx1, liveGreeting),
    ...receiving(keyRecord, ackRecord, impossibleKey as ChannelRecord, renewingKey as ChannelRecord),
    ...receiving({ ...hands.dx1, body: flipped(hands.dx1.body) }, { ...keyRecord, recordType: 41 }),
    { type: 'transfer.filed', receipt },
    { type: 'transfer.found', opened: 118, next: 138, tailDigest },
    { type: 'transfer.notNow', fault: 'no room' },
    { type: 'transfer.opened' },
    { type: 'transfer.impossible' },
    { type: 'content.complete', content, utcMs: 0 },
    { type: 'content.broken', fault: 'chunk 2 does not open' },
    { type: 'content.refused', fault: 'a bomb', utcMs: 0 },
    { type: 'content.filed' },
    { type: 'refusal.kept' },
    { type: 'transfer.forgotten' },
  ],
  serialize: ({
    value,
    context: { failure, dx1, replaced, isLineLost, wasSettledBefore, fault, transport },
  }) =>
    JSON.stringify([
      value,
      failure,
      dx1?.length ?? 'unknown',
      replaced?.length,
      isLineLost,
      wasSettledBefore,
      fault !== undefined,
      transport?.receive.nonce.toString(),
    ]),
});

describe.each([
  {
    machine: dataExchangeSender2,
    walk: senderWalk,
    input: senderInput,
    failures: senderFailures,
    unbounded: ['pausing'],
  },
  {
    machine: dataExchangeRecipient2,
    walk: recipientWalk,
    input: recipientInput,
    failures: recipientFailures,
    unbounded: [],
  },
])('$machine.id', ({ machine, walk, input, failures, unbounded }) => {
  test('every transition is taken on some path', () => {
    expect([...walk.all].filter((transition) => !walk.taken.has(transition))).toEqual([]);
  });

  test('every way to fail of the table is reached, and no end is without a verdict', () => {
    const ends = walk.reached.filter(({ status }) => status === 'done');
    const reached = ends.map(({ context }) => context.failure).filter((failure) => failure !== undefined);
    expect([...new Set(reached)].sort()).toEqual(Object.keys(failures).sort());
    for (const { context, output } of ends)
      expect(output.kind === 'failed').toBe(context.failure !== undefined);
  });

  test('every wait has a time-out, but for live data while the carrier stands', () => {
    const waits = waitsOf(machine).filter((node) => !isBounded(node));
    expect(waits.map((node) => node.key)).toEqual(unbounded);
    const leaves = waits.map((node) => [
      ...node.transitions.keys(),
      ...(node.parent?.transitions.keys() ?? []),
    ]);
    for (const events of leaves)
      expect(events).toEqual(expect.arrayContaining(['carrier.lost', 'operator.cancelled']));
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
    const readme = new URL('../../../../src/protocol/data-exchange/version-2/README.md', import.meta.url);
    expect(redrawn(readme, [dataExchangeSender2, dataExchangeRecipient2])).toBe(readFileSync(readme, 'utf8'));
    expect(readFileSync(readme, 'utf8')).toContain(`<!-- machine: ${machine.id} -->`);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createActor } from 'xstate';
import { keyExchange2Confirmation } from '../../../../src/protocol/key-exchange/version-2/confirmation.js';
import type {
  ChannelReport,
  ConfirmationEvent,
  KeyExchangeEvent,
} from '../../../../src/protocol/key-exchange/version-2/events.js';
import {
  confirmationFailures,
  recipientFailures,
  senderFailures,
} from '../../../../src/protocol/key-exchange/version-2/failures.js';
import type { KeyExchangeMessage, Verdict } from '../../../../src/protocol/key-exchange/version-2/packets.js';
import { type PairingEvent, pairingAfter } from '../../../../src/protocol/key-exchange/version-2/pairing.js';
import { keyExchange2Recipient } from '../../../../src/protocol/key-exchange/version-2/recipient.js';
import { confAckOf, confOf, unknownRun } from '../../../../src/protocol/key-exchange/version-2/rules.js';
import { keyExchange2Sender } from '../../../../src/protocol/key-exchange/version-2/sender.js';
import { SimulatedClock } from '../../../../src/time/simulated-clock.js';
import { delaysUsed, isBounded, waitsOf, walkMachine } from '../../../support/machine-walk.js';
import { redrawn } from '../../../support/state-diagram.js';
import {
  alice,
  bob,
  committed,
  flipped,
  keys,
  kx1,
  kx2,
  kx3,
  mallory,
  proven,
  recipientAgreement,
  recipientInput,
  senderAgreement,
  senderInput,
} from './messages-of-a-run.js';

const receiving = (...messages: KeyExchangeMessage[]): ChannelReport[] =>
  messages.map((message) => ({ type: 'message.received', message }));

const line: ChannelReport[] = [
  { type: 'message.malformed', fault: 'record 7 does not open' },
  { type: 'carrier.lost' },
  { type: 'line.released' },
];

const happenings: KeyExchangeEvent[] = [
  ...line,
  { type: 'peer.claimed' },
  { type: 'peer.busy' },
  { type: 'peer.locked' },
  { type: 'run.noted' },
  { type: 'run.notNoted', fault: 'the disk is full' },
  { type: 'pending.saved' },
  { type: 'pending.notSaved', fault: 'the disk is full' },
  { type: 'operator.cancelled' },
];

/** X25519 points of low order: what is derived with them is known to everybody. */
const lowOrder = [new Uint8Array(32), Uint8Array.of(1, ...new Uint8Array(31))];

const senderWalk = walkMachine(keyExchange2Sender, {
  inputs: [senderInput],
  events: () => [
    ...happenings,
    ...receiving(
      kx2,
      proven({ ...kx2, suite: 0x0202 }),
      proven({ ...kx2, accountR: mallory }),
      proven({ ...kx2, accountI: mallory }),
      ...lowOrder.map((x25519) => proven({ ...kx2, x25519 })),
      proven({ ...kx2, ed25519: senderInput.identity.ed25519 }),
      { ...kx2, macR: flipped(kx2.macR, 31) },
      kx1,
    ),
  ],
  serialize: ({ value, context }) => JSON.stringify([value, context.failure]),
});

const recipientWalk = walkMachine(keyExchange2Recipient, {
  inputs: [recipientInput],
  events: () => [
    ...happenings,
    ...receiving(
      kx1,
      committed({ ...kx1, suite: 0 }),
      committed({ ...kx1, accountI: bob }),
      committed({ ...kx1, accountR: alice }),
      ...lowOrder.map((x25519) => committed({ ...kx1, x25519 })),
      committed({ ...kx1, xWingKey: kx1.xWingKey.map(() => 255) }),
      committed({ ...kx1, x25519: recipientInput.identity.x25519 }),
      kx3,
      { ...kx3, nI: flipped(kx3.nI) },
      { ...kx3, macI: flipped(kx3.macI) },
      kx2,
    ),
  ],
  serialize: ({ value, context }) => JSON.stringify([value, context.failure]),
});

const verdicts: Verdict[] = ['yes', 'no'];
const answers: PairingEvent[] = verdicts.flatMap((verdict) => [
  { type: 'own.answered', verdict },
  { type: 'peer.answered', verdict },
  { type: 'own.acknowledged', verdict },
]);

const confirmationInputs = [senderAgreement, recipientAgreement].flatMap((agreement) => [
  { agreement },
  { agreement: { ...agreement, wantsBothStrings: true } },
]);

const confirmationWalk = walkMachine(keyExchange2Confirmation, {
  inputs: confirmationInputs,
  events: ({ context: { pairing, agreement } }): ConfirmationEvent[] => {
    const theirs = keys.confirmKeys[agreement.role === 'i' ? 'r' : 'i'];
    return [
      ...line,
      ...receiving(
        ...verdicts.flatMap((verdict) => [
          confOf(theirs, keys.kxid, verdict),
          confAckOf(theirs, keys.kxid, verdict),
        ]),
        unknownRun(keys.kxid),
        confOf(flipped(theirs), keys.kxid, 'yes'),
        kx3,
      ),
      { type: 'human.confirmed' },
      { type: 'human.refused' },
      ...[keys.checkString, keys.secondString, 'AAAAA', 'HELLO'].map((text) => ({
        type: 'human.typed' as const,
        text,
      })),
      { type: 'operator.cancelled' },
      ...answers.map((event) => ({
        type: 'pairing.noted' as const,
        event,
        pairing: pairingAfter(pairing, event),
      })),
      ...answers.map((event) => ({ type: 'pairing.notNoted' as const, event, fault: 'the disk is full' })),
    ];
  },
  serialize: ({ value, context }) =>
    JSON.stringify([value, context.failure, context.pairing, context.verdict, context.lineIsUp]),
});

const machines = [keyExchange2Sender, keyExchange2Recipient, keyExchange2Confirmation];
const readme = new URL('../../../../src/protocol/key-exchange/version-2/README.md', import.meta.url);

describe.each([
  { machine: keyExchange2Sender, walk: senderWalk, input: senderInput, failures: senderFailures },
  { machine: keyExchange2Recipient, walk: recipientWalk, input: recipientInput, failures: recipientFailures },
  {
    machine: keyExchange2Confirmation,
    walk: confirmationWalk,
    input: confirmationInputs[0],
    failures: confirmationFailures,
  },
])('$machine.id', ({ machine, walk, input, failures }) => {
  test('every transition is taken on some path', () => {
    expect([...walk.all].filter((transition) => !walk.taken.has(transition))).toEqual([]);
  });

  test('every way to fail of the table is reached, and no end is without a verdict', () => {
    const ends = walk.reached.filter(({ status }) => status === 'done');
    const reached = ends.map(({ context }) => context.failure).filter((failure) => failure !== undefined);
    expect([...new Set(reached)].sort()).toEqual(Object.keys(failures).sort());
    for (const { output, context } of ends)
      expect(output.kind === 'failed').toBe(context.failure !== undefined);
  });

  test('every wait has a time-out', () => {
    expect(
      waitsOf(machine)
        .filter((node) => !isBounded(node))
        .map((node) => node.key),
    ).toEqual([]);
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
    expect(redrawn(readme, machines)).toBe(readFileSync(readme, 'utf8'));
    expect(readFileSync(readme, 'utf8')).toContain(`<!-- machine: ${machine.id} -->`);
  });
});

test('the delays that are declared are those that some machine uses', () => {
  const used = new Set(machines.flatMap((machine) => [...delaysUsed(machine)]));
  expect([...used].sort()).toEqual(Object.keys(keyExchange2Sender.implementations.delays).sort());
});

test('never live on one no: no path of the people’s machine ends as paired unless both said yes', () => {
  const ends = confirmationWalk.reached.filter(({ status }) => status === 'done');
  const paired = ends.filter(({ output }) => output.kind === 'paired');
  expect(paired.length).toBeGreaterThan(0);
  for (const { context } of paired)
    expect([context.pairing.own, context.pairing.peer]).toEqual(['yes', 'yes']);
});

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createActor } from 'xstate';
import { identityCallee } from '../../../src/protocol/identity/callee.js';
import { identityCalleeLeg } from '../../../src/protocol/identity/callee-leg.js';
import { identityCaller } from '../../../src/protocol/identity/caller.js';
import { identityCallerLeg } from '../../../src/protocol/identity/caller-leg.js';
import {
  calleeFailures,
  calleeLegFailures,
  callerFailures,
  callerLegFailures,
} from '../../../src/protocol/identity/failures.js';
import type { Payload } from '../../../src/protocol/identity/packets.js';
import { SimulatedClock } from '../../../src/time/simulated-clock.js';
import { delaysUsed, isBounded, waitsOf, walkMachine } from '../../support/machine-walk.js';
import { redrawn } from '../../support/state-diagram.js';
import {
  alice,
  aliceSecrets,
  approval,
  approvedCall,
  bob,
  bobSecrets,
  bodiesOf,
  callId,
  callKey,
  forgedKeyList,
  knownServer,
  malloryKey,
  olderKeyList,
  quote,
  ready,
  refusal,
  request,
  requestId,
  runLeg,
  secondBody,
  serverSecrets,
  strangersApproval,
  terms,
  utcMs,
} from './messages-of-a-run.js';

const early = new Uint8Array(1299).fill(7);

const happenings = [
  { type: 'line.connected' },
  { type: 'message.malformed', fault: 'message 99 in place of 22' },
  { type: 'carrier.lost' },
  { type: 'line.released' },
  { type: 'operator.cancelled' },
];

const receiving = (...bodies: readonly (Uint8Array | undefined)[]) =>
  bodies.map((body) => ({ type: 'message.received', body }));
const first = (transport: Parameters<typeof bodiesOf>[0], payload: Payload) =>
  bodiesOf(transport, payload)[0];

const serialize = ({ value, context }: { value: unknown; context: Record<string, unknown> }) => {
  const { failure, isPadOver, cause, answer, detail } = context;
  const shape = [value, failure, isPadOver, cause, answer, detail];
  const present = [
    'noise',
    'outgoing',
    'transport',
    'approval',
    'invite',
    'request',
    'callerKey',
    'ready',
  ].map((key) => context[key] !== undefined);
  return JSON.stringify([shape, present]);
};

const callerInput = {
  ...aliceSecrets,
  server: knownServer,
  callee: bob,
  purpose: 'data' as const,
  isQuote: false,
  isCollect: false,
  requestId,
  utcMs,
  estimatedSeconds: 0,
};
const onCallerLeg = runLeg('caller', aliceSecrets, request);
const bridged = { kind: 'BRIDGED', cause: 0, callId, utcMs } as const;
const newer = { ...approval, approved: { ...approval.approved, keyList: { ...approval.approved.keyList } } };

const badServer = { ...knownServer, keyList: { ...knownServer.keyList, present: new Uint8Array(32) } };
const awayForLong = { ...knownServer, keyList: olderKeyList };
const sinceLong = runLeg('caller', aliceSecrets, request, aliceSecrets.psk, olderKeyList);

const callerWalk = walkMachine(identityCaller, {
  inputs: [
    callerInput,
    { ...callerInput, server: badServer },
    { ...callerInput, server: awayForLong },
    { ...callerInput, isQuote: true },
  ],
  events: () => [
    ...happenings,
    ...receiving(
      onCallerLeg.reply,
      sinceLong.reply,
      first(sinceLong.server, approval),
      new Uint8Array(1152),
      first(onCallerLeg.server, approval),
      first(onCallerLeg.server, newer),
      first(onCallerLeg.server, refusal),
      first(onCallerLeg.server, quote),
      first(onCallerLeg.server, { ...approval, approved: { ...approval.approved, keyList: forgedKeyList } }),
      strangersApproval,
      secondBody(onCallerLeg.server, bridged),
      secondBody(onCallerLeg.server, { ...bridged, cause: 17 }),
      secondBody(onCallerLeg.server, { ...bridged, callId: new Uint8Array(16) }),
    ),
  ],
  serialize: serialize as never,
});

const calleeInput = { ...bobSecrets, server: knownServer, doNotDisturb: false, utcMs };
const onCalleeLeg = runLeg('callee', bobSecrets, ready);
const notNow = runLeg('callee', bobSecrets, { ...ready, doNotDisturb: true });
const bobAway = runLeg('callee', bobSecrets, ready, bobSecrets.psk, olderKeyList);
const invite = {
  kind: 'INVITE',
  callId,
  caller: alice,
  fingerprint: new Uint8Array(32),
  callKey,
  purpose: 'data',
  utcMs,
  keyList: knownServer.keyList,
  isCollect: false,
} as const;

const calleeWalk = walkMachine(identityCallee, {
  inputs: [
    calleeInput,
    { ...calleeInput, doNotDisturb: true },
    { ...calleeInput, server: badServer },
    { ...calleeInput, server: awayForLong },
  ],
  events: () => [
    ...happenings,
    { type: 'answer.given', answer: 'accept' },
    { type: 'answer.given', answer: 'refuse' },
    ...receiving(
      early,
      onCalleeLeg.reply,
      bobAway.reply,
      first(bobAway.server, invite),
      first(notNow.server, invite),
      new Uint8Array(1152),
      first(onCalleeLeg.server, invite),
      first(onCalleeLeg.server, { ...invite, keyList: forgedKeyList }),
      new Uint8Array(256),
    ),
  ],
  serialize: serialize as never,
});

const callerLegInput = { ...serverSecrets, strangersApproval, utcMs };
const callerLegWalk = walkMachine(identityCallerLeg, {
  inputs: [callerLegInput],
  events: () => [
    ...happenings,
    { type: 'account.found', psk: aliceSecrets.psk },
    { type: 'account.found', psk: bobSecrets.psk },
    { type: 'account.unknown' },
    { type: 'account.failed', fault: 'the database is down' },
    { type: 'call.approved', call: { ...approvedCall, price: undefined } },
    // The walk writes events as JSON, which has no bigint.
    { type: 'call.quoted', terms: { ...terms, price: undefined } },
    { type: 'call.refused', fault: 'the callee does not accept the caller' },
    { type: 'callee.bridged' },
    { type: 'callee.failed', cause: 17 },
    { type: 'line.drained' },
    ...receiving(
      onCallerLeg.hello,
      new Uint8Array(1248),
      onCallerLeg.introduction,
      new Uint8Array(128),
      early,
    ),
  ],
  serialize: serialize as never,
});

const calleeLegInput = {
  ...serverSecrets,
  callee: { account: bob, staticKey: bobSecrets.staticKey.publicKey, psk: bobSecrets.psk },
  caller: { account: alice, staticKey: aliceSecrets.staticKey.publicKey },
  callId,
  callKey,
  purpose: 'data' as const,
  isCollect: false,
  early,
  utcMs,
};
const calleeLegWalk = walkMachine(identityCalleeLeg, {
  inputs: [
    calleeLegInput,
    { ...calleeLegInput, callee: { ...calleeLegInput.callee, staticKey: malloryKey.publicKey } },
  ],
  events: () => [
    ...happenings,
    ...receiving(
      onCalleeLeg.hello,
      new Uint8Array(1248),
      onCalleeLeg.introduction,
      notNow.introduction,
      new Uint8Array(80),
      first(onCalleeLeg.endpoint, { kind: 'ANSWER', answer: 'accept', callId }),
      first(onCalleeLeg.endpoint, { kind: 'ANSWER', answer: 'refuse', callId }),
      first(onCalleeLeg.endpoint, { kind: 'ANSWER', answer: 'accept', callId: new Uint8Array(16) }),
      new Uint8Array(48),
    ),
  ],
  serialize: serialize as never,
});

const machines = [identityCaller, identityCallee, identityCallerLeg, identityCalleeLeg];

describe.each([
  {
    machine: identityCaller,
    walk: callerWalk,
    input: callerInput,
    failures: callerFailures,
    good: 'bridged',
  },
  {
    machine: identityCallee,
    walk: calleeWalk,
    input: calleeInput,
    failures: calleeFailures,
    good: 'bridged',
  },
  {
    machine: identityCallerLeg,
    walk: callerLegWalk,
    input: callerLegInput,
    failures: callerLegFailures,
    good: 'bridged',
  },
  {
    machine: identityCalleeLeg,
    walk: calleeLegWalk,
    input: calleeLegInput,
    failures: calleeLegFailures,
    good: 'accepted',
  },
])('$machine.id', ({ machine, walk, input, failures, good }) => {
  test('every transition is taken on some path', () => {
    expect([...walk.all].filter((transition) => !walk.taken.has(transition))).toEqual([]);
  });

  test('every way to fail of the table is reached, and no end is without a verdict', () => {
    const ends = walk.reached.filter(({ status }) => status === 'done');
    const reached = ends.map(({ context }) => context.failure).filter((failure) => failure !== undefined);
    expect([...new Set(reached)].sort()).toEqual(Object.keys(failures).sort());
    for (const end of ends) expect(end.output.kind === good).toBe(end.value === good);
    expect(ends.some(({ value }) => value === good)).toBe(true);
  });

  test('CM-A8 every wait has a time-out', () => {
    expect(
      waitsOf(machine)
        .filter((node) => !isBounded(node))
        .map((node) => node.key),
    ).toEqual([]);
  });

  test('every delay that is used is declared', () => {
    const declared = Object.keys(machine.implementations.delays);
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
    const readme = new URL('../../../src/protocol/identity/README.md', import.meta.url);
    expect(redrawn(readme, machines)).toBe(readFileSync(readme, 'utf8'));
    expect(readFileSync(readme, 'utf8')).toContain(`<!-- machine: ${machine.id} -->`);
  });
});

test('the delays that are declared are those that are used', () => {
  const used = new Set(machines.flatMap((machine) => [...delaysUsed(machine)]));
  expect(Object.keys(identityCaller.implementations.delays).filter((delay) => !used.has(delay))).toEqual([]);
});

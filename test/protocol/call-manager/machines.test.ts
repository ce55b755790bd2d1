import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { AnyMachineSnapshot } from 'xstate';
import { callerMachine } from '../../../src/protocol/call-manager/caller.js';
import { calleeReleases, releases, transferReleases } from '../../../src/protocol/call-manager/failures.js';
import { trunkMachine } from '../../../src/protocol/call-manager/trunk.js';
import type { TrunkContext, TrunkEvent } from '../../../src/protocol/call-manager/trunk-setup.js';
import { delaysUsed, isBounded, waitsOf, walkMachine } from '../../support/machine-walk.js';
import { redrawn } from '../../support/state-diagram.js';
import { account, subscriber } from './subscribers.js';

const caller = account('1');
const callee = account('2');
const both = { versions: [1, 2] } as const;
const right = [...`${caller}${callee}#`] as TrunkContext['symbols'];

/** Any event in any state; of the digits only the next right one and one of each wrong kind. */
function trunkEvents(snapshot: AnyMachineSnapshot): TrunkEvent[] {
  const { symbols } = snapshot.context as TrunkContext;
  const next = right[symbols.length];
  return [
    { type: 'ring' },
    { type: 'callerId', id: { kind: 'number', number: '5550101' } },
    { type: 'callerId', id: { kind: 'withheld' } },
    { type: 'record.opened' },
    { type: 'record.failed', reason: 'no database' },
    { type: 'caller.answered' },
    { type: 'caller.failed', reason: 'no-carrier' },
    { type: 'caller.gone' },
    ...(next ? [{ type: 'digit', symbol: next } as const] : []),
    { type: 'digit', symbol: '*' },
    { type: 'digit', symbol: '#' },
    { type: 'caller.requested', caller, callee, isRepeated: false, isQuote: false },
    { type: 'caller.requested', caller, callee, isRepeated: false, isQuote: true },
    { type: 'caller.bridged' },
    { type: 'caller.left', release: releases.callerGone },
    { type: 'callee.accepted' },
    { type: 'callee.declined', release: calleeReleases.busy },
    {
      type: 'accounts.found',
      caller: subscriber('1', both),
      callee: subscriber('2', both),
      payerRefusal: undefined,
    },
    {
      type: 'accounts.found',
      caller: subscriber('1', both),
      callee: subscriber('2', both),
      payerRefusal: 'over the limit',
    },
    { type: 'accounts.found', caller: undefined, callee: subscriber('2'), payerRefusal: undefined },
    { type: 'accounts.failed', reason: 'no database' },
    { type: 'funds.held' },
    { type: 'funds.short', reason: 'over the limit' },
    { type: 'funds.failed', reason: 'no database' },
    { type: 'trunk.reserved' },
    { type: 'trunk.none' },
    { type: 'callee.connected' },
    ...Object.keys(calleeReleases).map((result) => ({ type: 'callee.failed', result }) as TrunkEvent),
    { type: 'transfer.joined' },
    { type: 'transfer.alone' },
    ...Object.keys(transferReleases).map((result) => ({ type: 'transfer.failed', result }) as TrunkEvent),
    { type: 'caller.connected' },
    { type: 'bridge.ending' },
    { type: 'bridge.stalled' },
    { type: 'bridge.limit', reason: 'the limit' },
    { type: 'bridge.released' },
    { type: 'caller.onHook' },
    { type: 'caller.lost' },
    { type: 'callee.lost' },
    { type: 'server.stopped' },
  ];
}

const trunkWalk = walkMachine(trunkMachine, {
  inputs: [
    { serverNumber: '5550100', transfer: 'bridge' },
    { serverNumber: '5550100', transfer: 'hook-flash' },
  ],
  events: trunkEvents,
  serialize: ({ value, context }) =>
    JSON.stringify([
      value,
      context.symbols.length,
      context.protocolVersion,
      context.ani?.kind,
      context.isPadOver,
      context.isQuote,
      context.calleeTrunksTried,
      context.release?.outcome,
    ]),
});

const number = { serverNumber: '5550100', own: caller, peer: callee };
const callerWalk = walkMachine(callerMachine, {
  inputs: [
    { ...number, lockedTo: undefined },
    { ...number, lockedTo: '5550199' },
    { ...number, serverNumber: 'ring Bob', lockedTo: undefined },
  ],
  events: () => [
    ...['connected', 'busy', 'no-answer', 'no-carrier', 'no-dial-tone', 'refused-by-modem', 'silent'].map(
      (result) => ({ type: `result.${result}` }),
    ),
    { type: 'line.lost' },
    { type: 'operator.cancelled' },
    { type: 'line.onHook' },
  ],
  serialize: ({ value, context }) => JSON.stringify([value, context.failure?.outcome]),
});

describe.each([
  { machine: trunkMachine, walk: trunkWalk },
  { machine: callerMachine, walk: callerWalk },
])('$machine.id machine', ({ machine, walk }) => {
  test('every transition is taken on some path', () => {
    expect([...walk.all].filter((transition) => !walk.taken.has(transition))).toEqual([]);
  });

  test('CM-A8 every wait has a time-out, and only a bridged call may last', () => {
    const unlimited = waitsOf(machine).filter((node) => !isBounded(node));
    expect(unlimited.map((node) => node.key)).toEqual(machine.id === 'trunk' ? ['bridged'] : []);
  });

  test('the delays that are declared are those that are used', () => {
    const declared = Object.keys(machine.implementations.delays);
    expect([...delaysUsed(machine)].sort()).toEqual(declared.sort());
  });

  test('the README shows this machine', () => {
    const readme = new URL('../../../src/protocol/call-manager/README.md', import.meta.url);
    expect(redrawn(readme, [trunkMachine, callerMachine])).toBe(readFileSync(readme, 'utf8'));
    expect(readFileSync(readme, 'utf8')).toContain(`<!-- machine: ${machine.id} -->`);
  });
});

import { describe, expect, test } from 'vitest';
import { x25519 } from '../../src/crypto/x25519.js';
import type { Pricing } from '../../src/server/pricing.js';
import type { EndpointIdentity } from '../../src/session/version-2/identity.js';
import type { BridgedCallResult, QuoteResult } from '../../src/session/version-2/place-call.js';
import type { CallRecord } from '../../src/store/calls.js';
import type { Subscriber } from '../../src/store/subscribers.js';
import { account } from '../protocol/call-manager/subscribers.js';
import { seeded } from '../support/seeded.js';
import { answer, ask, bridgedCall, endCall, place } from './endpoints.js';
import { LineTap } from './line-tap.js';
import { type Network, network } from './network.js';
import { endpointIdentity, subscribersOfVersion2 } from './subscriptions.js';

const random = seeded('refusals');

/** Every way in which a request of account 1 for account 2 fails before the callee's line rings. */
const causes: readonly {
  readonly cause: string;
  readonly changes?: Readonly<Record<string, Partial<Subscriber>>>;
  readonly trunks?: number;
  readonly identity?: Partial<EndpointIdentity>;
  readonly to?: string;
  readonly pricing?: Pricing;
  readonly isCollect?: boolean;
  readonly prepare?: (net: Network) => void;
  readonly record: Partial<CallRecord>;
  /** Whether the caller could prove to be anybody. */
  readonly isIdentified: boolean;
}[] = [
  {
    cause: 'fault 45: unknown callee',
    to: '7',
    record: { outcome: 'refused', releaseCause: 21, reason: 'callee 000000000007 unknown' },
    isIdentified: true,
  },
  {
    cause: 'fault 45: callee suspended',
    changes: { '2': { state: 'suspended' } },
    record: { outcome: 'refused', reason: 'callee 000000000002 suspended' },
    isIdentified: true,
  },
  {
    cause: 'fault 45: callee = caller',
    to: '1',
    record: { outcome: 'refused', reason: 'caller and callee are the same account' },
    isIdentified: true,
  },
  {
    cause: 'CM-A2: not authorised',
    changes: { '2': { accepts: [account('3')] } },
    record: { outcome: 'refused', reason: 'callee does not accept this caller' },
    isIdentified: true,
  },
  {
    cause: 'fault 19: the callee speaks version 1 alone',
    changes: { '2': { versions: [1] } },
    record: { outcome: 'refused', reason: 'callee 000000000002 may not use version 2' },
    isIdentified: true,
  },
  {
    cause: 'nothing was issued for the callee',
    changes: { '2': { hasKey: false } },
    record: { outcome: 'refused', reason: 'callee 000000000002 has no subscription for version 2' },
    isIdentified: true,
  },
  {
    cause: 'fault 45: BL-A2 over budget',
    pricing: { price: async () => ({ kind: 'refused', reason: 'over the limit' }) },
    record: { outcome: 'refused', releaseCause: 21, reason: 'over the limit' },
    isIdentified: true,
  },
  {
    cause: 'fault 45: BL-A2 over budget, and unknown callee',
    to: '7',
    pricing: { price: async () => ({ kind: 'refused', reason: 'over the limit' }) },
    record: { outcome: 'refused', reason: 'callee 000000000007 unknown; over the limit' },
    isIdentified: true,
  },
  {
    cause: 'BL-A2 collect, and the callee is over its budget',
    isCollect: true,
    pricing: {
      price: async ({ isCollect }) => ({ kind: 'refused', reason: `over the limit, collect: ${isCollect}` }),
    },
    record: {
      outcome: 'refused',
      releaseCause: 21,
      reason: 'over the limit, collect: true',
      isCollect: true,
    },
    isIdentified: true,
  },
  {
    cause: 'fault 61: database away at the price',
    pricing: { price: () => Promise.reject(new Error('away at price')) },
    record: { outcome: 'failed', releaseCause: 41, reason: 'account database: away at price' },
    isIdentified: true,
  },
  {
    cause: 'no free trunk',
    trunks: 1,
    record: { outcome: 'failed', releaseCause: 34 },
    isIdentified: true,
  },
  {
    cause: 'fault 61: database away at the look-up of the accounts',
    prepare: (net) => net.store.away.add('find'),
    record: { outcome: 'failed', releaseCause: 41, reason: 'account database: away at find' },
    isIdentified: true,
  },
  {
    cause: "fault 61: database away at the look-up of the callee's keys",
    prepare: (net) => net.store.away.add('credentials'),
    record: { outcome: 'failed', releaseCause: 41, reason: 'account database: away at credentials' },
    isIdentified: true,
  },
  {
    cause: 'fault 62: database slow, and the callee suspended',
    changes: { '2': { state: 'suspended' } },
    prepare: (net) => {
      net.store.slowMs = 400;
    },
    record: { outcome: 'refused', reason: 'callee 000000000002 suspended' },
    isIdentified: true,
  },
  {
    cause: 'fault 24: unknown static key',
    identity: { staticKey: x25519(random(32)) },
    record: { outcome: 'refused', releaseCause: 21 },
    isIdentified: false,
  },
  {
    cause: 'fault 24: right key, wrong psk',
    identity: { psk: random(32) },
    record: { outcome: 'refused', releaseCause: 21 },
    isIdentified: false,
  },
  {
    cause: 'fault 45: caller suspended',
    changes: { '1': { state: 'suspended' } },
    record: { outcome: 'refused', releaseCause: 21 },
    isIdentified: false,
  },
  {
    cause: 'fault 46: caller closed',
    changes: { '1': { state: 'closed' } },
    record: { outcome: 'refused', releaseCause: 21 },
    isIdentified: false,
  },
  {
    cause: 'fault 61: database away at the look-up of the key',
    prepare: (net) => net.store.away.add('findByKey'),
    record: { outcome: 'failed', releaseCause: 41 },
    isIdentified: false,
  },
  {
    cause: 'fault 62: database slow at the look-up of the key, and the key unknown',
    identity: { staticKey: x25519(random(32)) },
    prepare: (net) => {
      net.store.slowMs = 900;
    },
    record: { outcome: 'refused', releaseCause: 21 },
    isIdentified: false,
  },
];

type Cause = (typeof causes)[number];

/** What the caller's modem gets after REQUEST has gone, and when: milliseconds after it, and octets. */
async function refusal(cause: Cause, asks: typeof place | typeof ask = place) {
  const net = await network({
    subscribers: subscribersOfVersion2(cause.changes),
    ...(cause.trunks && { trunks: cause.trunks }),
    ...(cause.pricing && { pricing: cause.pricing }),
  });
  const modem = await net.modem('5550101');
  const tap = new LineTap(net.clock.monotonicMs);
  tap.listen(modem);
  const identity = { ...endpointIdentity(account('1')), ...cause.identity };
  const { isCollect = false } = cause;
  const wish = { identity, isCollect, requestId: new Uint8Array(16) };
  const placed: Promise<BridgedCallResult | QuoteResult> = asks(net, modem, '1', cause.to ?? '2', wish);
  // The call's record is open by then.
  await net.runUntil(() => tap.from('program').length > 1_248);
  cause.prepare?.(net);
  const result = await net.inTime(placed);
  const endMs = net.clock.monotonicMs();
  const requestMs = requestTime(tap);
  const heard = tap.passed
    .filter(({ from, atMs }) => from === 'line' && atMs > requestMs)
    .map(({ octets, atMs }) => `+${Math.round(atMs - requestMs)} ${octets.length}`);
  const record = await net.closedRecord();
  await net.runUntil(net.isIdle);
  return { heard: [...heard, `over +${Math.round(endMs - requestMs)}`], result, record, log: net.log.text() };
}

/** REQUEST is the one frame behind HELLO that is longer than an acknowledgement. */
function requestTime(tap: LineTap): number {
  const times = tap.passed.filter(({ from, octets }) => from === 'program' && octets.length > 300);
  return times.at(-1)?.atMs ?? 0;
}

describe('negative acknowledge in version 2', () => {
  test('CM-315 CM-A4 fault 24: whatever failed, the caller gets as many octets at the same milliseconds', async () => {
    const first = await refusal(causes[0] as Cause);
    // The acknowledgement of REQUEST, the one message, then the line is released.
    expect(first.heard.length).toBeGreaterThan(2);
    for (const cause of causes) {
      const { heard } = await refusal(cause);
      expect({ cause: cause.cause, heard }).toEqual({ cause: cause.cause, heard: first.heard });
    }
  });

  test('BL-A2 CM-315 a quote is refused wherever the call would be, by as many octets at the same milliseconds', async () => {
    const first = await refusal(causes[0] as Cause);
    for (const cause of causes.filter(({ trunks }) => trunks === undefined)) {
      const { heard, record, result } = await refusal(cause, ask);
      expect({ cause: cause.cause, heard }).toEqual({ cause: cause.cause, heard: first.heard });
      expect(record).toMatchObject(cause.record);
      expect(result).toMatchObject({ outcome: 'refused', step: cause.isIdentified ? 'CM-315' : 'CM-A4' });
    }
  });

  test.each(causes)(
    'CM-310 CM-315 CM-A2 the record says why, the caller learns no more than it may: $cause',
    async (cause) => {
      const { result, record, log } = await refusal(cause);
      expect(record).toMatchObject({ ...cause.record, protocolVersion: 2, billableSeconds: 0 });
      expect(result).toMatchObject({
        kind: 'failed',
        outcome: 'refused',
        step: cause.isIdentified ? 'CM-315' : 'CM-A4',
      });
      // An account is recorded where it was proved.
      expect(record.callerAccount).toBe(cause.isIdentified ? account('1') : undefined);
      expect(log).not.toContain('BUG');
      if (cause.changes?.['1']) expect(record.reason).toContain('caller 000000000001');
    },
  );
});

/** Account 1 has a second place to call from. */
const busyNetwork = { trunks: 4, subscribers: subscribersOfVersion2(), lines: { '5550177': {} } };

describe('requests and accounts', () => {
  test('fault 47: the same request id twice, with other contents: refused while the first call is under way', async () => {
    const net = await network(busyNetwork);
    const [home, office, bob] = [
      await net.modem('5550101'),
      await net.modem('5550177'),
      await net.modem('5550102'),
    ];
    const requestId = new Uint8Array(16).fill(7);
    const answered = answer(net, bob, '2');
    const first = await net.inTime(place(net, home, '1', '2', { requestId }));
    if (first.kind !== 'bridged') throw new Error(first.reason);
    const taken = await net.inTime(answered);

    expect(await net.inTime(place(net, office, '1', '3', { requestId }))).toMatchObject({ step: 'CM-315' });
    const reason = 'a call under this request id is under way';
    await net.runUntil(() => net.records().some((record) => record.reason === reason));

    if (taken.kind !== 'bridged') throw new Error(taken.kind);
    await net.inTime(first.call.channel.hangUp());
    await net.inTime(taken.call.channel.hangUp());
    await net.runUntil(net.isIdle);
    const again = answer(net, bob, '2');
    expect(await net.inTime(place(net, office, '1', '2', { requestId }))).toMatchObject({ kind: 'bridged' });
    await net.inTime(again);
  });

  test("fault 47: another account's request id is no concern of this one's", async () => {
    const net = await network(busyNetwork);
    const requestId = new Uint8Array(16).fill(7);
    const [alice, bob, carol] = [
      await net.modem('5550101'),
      await net.modem('5550102'),
      await net.modem('5550103'),
    ];
    const answered = answer(net, bob, '2');
    const first = await net.inTime(place(net, alice, '1', '2', { requestId }));
    await net.inTime(answered);
    expect(first.kind).toBe('bridged');
    expect(await net.inTime(place(net, carol, '3', '2', { requestId }))).toMatchObject({ outcome: 'busy' });
  });

  test('fault 47: one account on two lines at once has two calls', async () => {
    const net = await network(busyNetwork);
    const [home, office] = [await net.modem('5550101'), await net.modem('5550177')];
    const [bob, carol] = [await net.modem('5550102'), await net.modem('5550103')];
    const answered = [answer(net, bob, '2'), answer(net, carol, '3')];
    const placed = await net.inTime(
      Promise.all([
        place(net, home, '1', '2', { requestId: new Uint8Array(16).fill(1) }),
        place(net, office, '1', '3', { requestId: new Uint8Array(16).fill(2) }),
      ]),
    );
    expect(placed.map(({ kind }) => kind)).toEqual(['bridged', 'bridged']);
    expect((await net.inTime(Promise.all(answered))).map(({ kind }) => kind)).toEqual(['bridged', 'bridged']);
  });

  test('fault 46: an account that is suspended during its call keeps the call', async () => {
    const net = await network({ subscribers: subscribersOfVersion2() });
    const call = await bridgedCall(net);
    for (const digits of ['1', '2']) {
      const found = net.store.accounts.get(account(digits));
      if (found) net.store.accounts.set(account(digits), { ...found, state: 'suspended' });
    }
    await net.runFor(60_000);
    expect(await endCall(net, call)).toMatchObject({ outcome: 'completed', callerAccount: account('1') });
  });

  test('fault 46: a callee that is closed while its telephone rings is let finish this one call', async () => {
    const net = await network({ subscribers: subscribersOfVersion2() });
    const [alice, bob] = [await net.modem('5550101'), await net.modem('5550102')];
    const answered = answer(net, bob, '2');
    const placed = place(net, alice, '1', '2');
    await net.runUntil(() => net.store.statements.includes(`credentials ${account('2')}`));
    net.store.accounts.delete(account('2'));
    net.store.keys.delete(account('2'));
    expect(await net.inTime(placed)).toMatchObject({ kind: 'bridged' });
    await net.inTime(answered);
  });
});

import { describe, expect, test } from 'vitest';
import { encodeMessage } from '../../src/bytes/message-reader.js';
import { messages } from '../../src/protocol/identity/packets.js';
import { greet } from '../../src/protocol/identity/rules.js';
import type { DataConnection } from '../../src/pstn/modem/modem.js';
import { placeCall } from '../../src/session/place-call.js';
import { LineLink } from '../../src/session/version-2/line-link.js';
import { account } from '../protocol/call-manager/subscribers.js';
import { seeded } from '../support/seeded.js';
import { answer, bridgedCall, heardOn, type Manner, place } from './endpoints.js';
import { LineTap } from './line-tap.js';
import { answerNext, type Network, network, serverNumber } from './network.js';
import { endpointIdentity, serverIdentity, subscribersOfVersion2 } from './subscriptions.js';

const subscribers = subscribersOfVersion2();

/** A data call to the server by somebody who follows the protocol no further. */
async function stranger(net: Network): Promise<DataConnection> {
  const modem = await net.modem('5550101');
  const placed = await net.inTime(placeCall({ modem, clock: net.clock, log: net.log, serverNumber }));
  if (placed.kind !== 'connected') throw new Error(placed.reason);
  return placed.connection;
}

describe("the callee's leg comes to nothing: the caller learns the cause, the record the reason", () => {
  const outcomes: readonly {
    readonly what: string;
    readonly callee: 'off-hook' | 'rings' | 'person' | Manner;
    readonly told: object;
    readonly record: object;
  }[] = [
    {
      what: 'CM-A3 busy',
      callee: 'off-hook',
      told: { outcome: 'busy' },
      record: { outcome: 'busy', releaseCause: 17 },
    },
    {
      what: 'CM-A3 not answering',
      callee: 'rings',
      told: { outcome: 'no-answer' },
      record: { outcome: 'no-answer', releaseCause: 19 },
    },
    {
      what: 'CM-A3 a person, not a modem',
      callee: 'person',
      told: { outcome: 'no-carrier' },
      record: { outcome: 'no-carrier', releaseCause: 31 },
    },
    {
      what: 'fault 45: do not disturb',
      callee: { doNotDisturb: true },
      told: { outcome: 'refused' },
      record: { outcome: 'refused', releaseCause: 21, reason: 'the callee does not want to be disturbed' },
    },
    {
      what: 'CM-A5 do not disturb, told only in the answer',
      callee: { decide: async () => 'do-not-disturb' },
      told: { outcome: 'refused' },
      record: { outcome: 'refused', releaseCause: 21, reason: 'the callee does not want to be disturbed' },
    },
    {
      what: 'CM-A5 another account answers',
      callee: { identity: endpointIdentity(account('3')) },
      told: { outcome: 'no-carrier' },
      record: { outcome: 'refused', releaseCause: 31 },
    },
    {
      what: 'fault 24: the account with another psk',
      callee: { identity: { ...endpointIdentity(account('2')), psk: new Uint8Array(32) } },
      told: { outcome: 'no-carrier' },
      record: { outcome: 'refused', releaseCause: 31 },
    },
  ];

  test.each(outcomes)('$what', async ({ callee, told, record }) => {
    const net = await network({ subscribers });
    const alice = await net.modem('5550101');
    if (typeof callee === 'object') {
      void answer(net, await net.modem('5550102'), '2', callee);
    }
    const phone = callee === 'off-hook' || callee === 'person' ? net.phone('5550102') : undefined;
    if (callee === 'off-hook') phone?.line.offHook();
    const placed = place(net, alice, '1', '2');
    if (callee === 'person') {
      await net.runUntil(() => phone?.isRinging === true);
      phone?.line.offHook();
    }
    expect(await net.inTime(placed, 300_000)).toMatchObject({ kind: 'failed', step: 'CM-A3', ...told });
    expect(await net.closedRecord()).toMatchObject({
      ...{ ...record, protocolVersion: 2, billableSeconds: 0, calledNumber: '5550102' },
      ...{ callerAccount: account('1'), calleeAccount: account('2') },
    });
    phone?.line.onHook();
    await net.runUntil(net.isIdle, 200_000);
  });

  test('CM-A8 a callee that answers with a carrier and then says nothing', async () => {
    const net = await network({ subscribers });
    const alice = await net.modem('5550101');
    void answerNext(await net.modem('5550102'));
    const placed = await net.inTime(place(net, alice, '1', '2'), 300_000);
    expect(placed).toMatchObject({ kind: 'failed', outcome: 'no-answer' });
    expect(await net.closedRecord()).toMatchObject({ outcome: 'no-answer', releaseCause: 19 });
    await net.runUntil(net.isIdle, 200_000);
  });
});

describe('somebody hangs up', () => {
  /** Octets that have gone from the caller to the server, and from the server to the callee, when it does. */
  const phases: readonly (readonly [string, { caller?: number; callee?: number }, object])[] = [
    ['before HELLO', { caller: 1 }, { outcome: 'abandoned' }],
    ['in the middle of HELLO', { caller: 700 }, { outcome: 'abandoned' }],
    ['behind HELLO', { caller: 1_300 }, { outcome: 'abandoned' }],
    ['behind REQUEST', { caller: 1_600 }, { outcome: 'abandoned', callerAccount: account('1') }],
    ['in the middle of REPLY to the callee', { callee: 600 }, { outcome: 'abandoned' }],
    ['behind INVITE', { callee: 1_400 }, { outcome: 'abandoned' }],
  ];

  test.each(phases)('fault 17 CM-A8 the caller, %s', async (_, { caller = 0, callee = 0 }, record) => {
    const [toServer, toCallee] = [new LineTap(() => 0), new LineTap(() => 0)];
    const net = await network({
      subscribers,
      tap: (modem, number) => number !== serverNumber && toCallee.listen(modem),
    });
    const [alice, bob] = [await net.modem('5550101'), await net.modem('5550102')];
    toServer.listen(alice);
    void answer(net, bob, '2');
    const cancel = new AbortController();
    const placed = place(net, alice, '1', '2', { signal: cancel.signal });
    const hasCome = () =>
      toServer.from('program').length >= caller && toCallee.from('program').length >= callee;
    await net.runUntil(hasCome);
    cancel.abort();
    expect(await net.inTime(placed)).toMatchObject({ kind: 'failed' });
    expect(await net.closedRecord()).toMatchObject({ protocolVersion: 2, billableSeconds: 0, ...record });
    await net.runUntil(net.isIdle, 200_000);
  });

  test('fault 17 CM-A8 the caller, while the callee rings: it stops ringing', async () => {
    const net = await network({ subscribers });
    const [alice, bob] = [await net.modem('5550101'), net.phone('5550102')];
    const cancel = new AbortController();
    const placed = place(net, alice, '1', '2', { signal: cancel.signal });
    await net.runUntil(() => bob.isRinging);
    cancel.abort();
    expect(await net.inTime(placed)).toMatchObject({ outcome: 'cancelled' });
    expect(await net.closedRecord()).toMatchObject({ outcome: 'abandoned', calledNumber: '5550102' });
    await net.runUntil(net.isIdle);
    const rings = bob.timesOf('ring').length;
    await net.runFor(30_000);
    expect(bob.timesOf('ring').length - rings).toBeLessThanOrEqual(1);
  });

  test.each([300, 1_300, 1_450])(
    'fault 17 CM-A3 the callee, when %i octets of it have gone',
    async (octets) => {
      const net = await network({ subscribers });
      const [alice, bob] = [await net.modem('5550101'), await net.modem('5550102')];
      const fromBob = new LineTap(() => 0);
      fromBob.listen(bob);
      void answer(net, bob, '2', { decide: () => new Promise(() => {}) });
      const placed = place(net, alice, '1', '2');
      await net.runUntil(() => fromBob.from('program').length >= octets);
      net.office.line('5550102').cut(true);
      expect(await net.inTime(placed, 200_000)).toMatchObject({ kind: 'failed', outcome: 'no-carrier' });
      expect(await net.closedRecord()).toMatchObject({ outcome: 'no-carrier', releaseCause: 31 });
      await net.runUntil(net.isIdle, 200_000);
    },
  );

  test('fault 17 CM-335 the callee, in the middle of the bridge: the caller has all that it sent', async () => {
    const net = await network({ subscribers });
    const { alice, bob } = await bridgedCall(net);
    const heard = heardOn(alice);
    bob.channel.sendRecord(50, Buffer.from('goodbye'));
    await net.inTime(bob.channel.drained());
    await net.inTime(bob.channel.hangUp());
    await net.runUntil(() => heard.isOver);
    expect(heard.text).toBe('goodbye');
    await net.inTime(alice.channel.hangUp());
    expect(await net.closedRecord()).toMatchObject({ outcome: 'completed', releaseCause: 16 });
    await net.runUntil(net.isIdle);
  });

  test.each(['identified', 'invited', 'bridged'])(
    'CM-A8 the server stops while a call is %s',
    async (phase) => {
      const net = await network({ subscribers });
      const [alice, bob] = [await net.modem('5550101'), await net.modem('5550102')];
      const toServer = new LineTap(() => 0);
      toServer.listen(phase === 'invited' ? bob : alice);
      void answer(net, bob, '2');
      const placed = place(net, alice, '1', '2');
      if (phase === 'bridged') await net.runUntil(() => net.log.with('bridged').length > 0);
      else await net.runUntil(() => toServer.from('program').length > 700);
      await net.inTime(net.server.stop(0));
      expect(await net.closedRecord()).toMatchObject({ outcome: 'interrupted', releaseCause: 41 });
      const result = await net.inTime(placed, 300_000);
      expect(result.kind).toBe(phase === 'bridged' ? 'bridged' : 'failed');
    },
  );
});

describe('strangers', () => {
  test('fault 86: a line that says nothing, or an octet now and then, is released within 40 s of its carrier', async () => {
    for (const pauseMs of [undefined, 2_900]) {
      const net = await network({ subscribers });
      const { octets } = await stranger(net);
      const startMs = net.clock.monotonicMs();
      let isReleased = false;
      octets.on('end', () => {
        isReleased = true;
      });
      octets.resume();
      const drip = () => {
        if (isReleased) return;
        octets.write(Uint8Array.of(0xb6));
        net.clock.setTimeout(drip, pauseMs ?? 0);
      };
      if (pauseMs) drip();
      await net.runUntil(() => isReleased);
      expect(net.clock.monotonicMs() - startMs).toBeLessThan(40_000);
      expect(await net.closedRecord()).toMatchObject({ outcome: 'abandoned', releaseCause: 31 });
      await net.runUntil(net.isIdle);
    }
  });

  test('fault 90: a HELLO that nobody meant for this server costs no ML-KEM; one that is right costs it once', async () => {
    const random = seeded('stranger');
    const secrets = { staticKey: endpointIdentity(account('1')).staticKey, psk: random(32) };
    const entropy = { ephemeral: random(32), kemSeed: random(64) };
    const right = greet('caller', serverIdentity.keyList, { ...secrets, ...entropy });
    if ('fault' in right) throw new Error(right.fault);
    for (const [hello, replies] of [
      [random(messages.HELLO.length), 0],
      [right.body, 1],
    ] as const) {
      const net = await network({ subscribers });
      const connection = await stranger(net);
      const heard = { octets: 0, isOver: false };
      const link = new LineLink(connection, net.clock, { incarnation: 7 });
      link.use({
        deliver: (octets) => {
          heard.octets += octets.length;
          link.release(octets.length);
        },
        ended: () => {
          heard.isOver = true;
        },
      });
      link.begin();
      for (let time = 0; time < 5; time++) link.send(encodeMessage(messages.HELLO.type, hello));
      await net.runUntil(() => heard.isOver, 60_000);
      expect(heard.octets).toBe(replies * (3 + messages.REPLY.length));
      expect(await net.closedRecord()).toMatchObject({ outcome: 'refused', releaseCause: 21 });
      await net.runUntil(net.isIdle);
    }
  });

  test('fault 92: every trunk rings at once: who finds no second trunk is refused, and all trunks are free again', async () => {
    const lines = ['5550101', '5550102', '5550103', '5550104'];
    const net = await network({
      subscribers,
      trunks: lines.length,
      lines: Object.fromEntries(lines.map((number) => [number, {}])),
    });
    const modems = await Promise.all(lines.map((number) => net.modem(number)));
    const placed = modems.map((modem, index) =>
      place(net, modem, '1', '2', { requestId: new Uint8Array(16).fill(index) }),
    );
    const results = await net.inTime(Promise.all(placed), 200_000);
    expect(results.map(({ kind }) => kind)).toEqual(lines.map(() => 'failed'));
    await net.runUntil(() => net.records().every(({ endAt }) => endAt));
    const causes = net.records().map(({ releaseCause }) => releaseCause);
    // The first refusals set trunks free: a later call gets as far as the callee's line.
    expect(causes.filter((cause) => cause === 34).length).toBeGreaterThan(1);
    for (const cause of causes) expect([17, 19, 34]).toContain(cause);
    await net.runUntil(net.isIdle);
  });
});

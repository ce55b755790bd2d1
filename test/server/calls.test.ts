import { describe, expect, test } from 'vitest';
import { tones } from '../../src/pstn/signals.js';
import { account, subscriber } from '../protocol/call-manager/subscribers.js';
import { answerNext, isTone, network, received, ringBackMs, serverNumber } from './network.js';

describe('a call through the server', () => {
  test('CM-275 CM-280 CM-285 CM-290 CM-295 CM-300 CM-305 CM-310 CM-320 CM-325 CM-330 CM-335 AL-4 AL-5 from ring to record', async () => {
    const net = await network();
    const alice = await net.modem('5550101');
    const bob = await net.modem('5550102');
    const answered = answerNext(bob);
    const placed = await net.inTime(net.place(alice, '1', '2'));
    if (placed.kind !== 'connected') throw new Error(placed.reason);
    const callee = await net.inTime(answered);
    const bridgedMs = net.clock.monotonicMs();

    // No line may be taken for the escape, a result code or flow control.
    const binary = Buffer.from(Array.from({ length: 4_096 }, (_, index) => index % 256));
    const upward = `+++ATH\rNO CARRIER\r\n${binary.toString('latin1')}`;
    const atBob = received(callee);
    const atAlice: Buffer[] = [];
    placed.connection.octets.on('data', (chunk: Buffer) => atAlice.push(chunk));
    placed.connection.octets.write(Buffer.from(upward, 'latin1'));
    callee.octets.write('to Alice');
    await net.runUntil(() => Buffer.concat(atAlice).toString() === 'to Alice');
    await net.inTime(placed.connection.hangUp());
    expect(await net.inTime(atBob)).toBe(upward);
    await net.inTime(callee.hangUp());

    const record = await net.closedRecord();
    expect(record).toMatchObject({
      port: `sim:${serverNumber}`,
      ani: '5550101',
      callerAccount: account('1'),
      calleeAccount: account('2'),
      calledNumber: '5550102',
      protocolVersion: 1,
      octetsFromCaller: upward.length,
      octetsFromCallee: 8,
      outcome: 'completed',
      releaseCause: 16,
    });
    const { ringAt, answerAt, bridgeAt, endAt } = record;
    if (!answerAt || !bridgeAt || !endAt) throw new Error('a time is missing');
    expect(ringAt < answerAt && answerAt < bridgeAt && bridgeAt < endAt).toBe(true);
    expect(
      Math.abs(bridgeAt.getTime() - net.clock.utcMs() + net.clock.monotonicMs() - bridgedMs),
    ).toBeLessThan(1_000);
    expect(record.durationSeconds).toBe(Math.ceil((endAt.getTime() - ringAt.getTime()) / 1_000));
    expect(record.billableSeconds).toBe(Math.ceil((endAt.getTime() - bridgeAt.getTime()) / 1_000));
    await net.runUntil(net.isIdle);
  });

  test('CM-285 the record is durable before the answer, and its ID tells the time', async () => {
    const net = await network();
    net.store.slowMs = 4_500;
    const phone = net.phone('5550101');
    await net.reachServer(phone);
    const [opened] = net.store.statements.filter((statement) => statement.startsWith('open '));
    const [record] = net.records();
    expect(opened).toBe(`open ${record?.trackingId}`);
    expect(record?.endAt).toBeUndefined();
    expect(record?.trackingId).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(Number.parseInt(record?.trackingId.replaceAll('-', '').slice(0, 12) ?? '', 16)).toBe(
      record?.ringAt.getTime(),
    );
    // Slower than the caller ID: the answer waited for the record.
    expect(net.clock.monotonicMs() - ringBackMs(phone)).toBeGreaterThanOrEqual(5_000);
    phone.line.onHook();
    net.store.slowMs = 0;
    await net.runUntil(net.isIdle, 60_000);
  });

  test('CM-290 CM-295 answered when the caller ID is there, after 6 s without one, then 500 ms of silence', async () => {
    const waits: Record<string, number> = {};
    for (const callerId of ['number', 'withheld', 'unavailable', 'none'] as const) {
      const net = await network({ lines: { '5550101': { callerId } } });
      const phone = net.phone('5550101');
      await net.reachServer(phone);
      waits[callerId] = Math.round((net.clock.monotonicMs() - ringBackMs(phone)) / 100) * 100;
    }
    // The ID is sent 1 s after the first burst of 2 s and takes the driver a quarter of a second to be sure of.
    expect(waits).toEqual({ number: 3_800, withheld: 3_800, unavailable: 3_800, none: 6_500 });
  });

  test('CM-300 the second dial tone lasts until the first digit, at most 10 s', async () => {
    const net = await network();
    const phone = net.phone('5550101');
    await net.reachServer(phone);
    const readyMs = net.clock.monotonicMs();
    await net.runUntil(() => isTone(phone.hears, tones.busyOrReorder));
    expect(net.clock.monotonicMs() - readyMs).toBeGreaterThanOrEqual(9_999);
    expect(net.clock.monotonicMs() - readyMs).toBeLessThan(12_100);
    phone.line.onHook();
    expect(await net.closedRecord()).toMatchObject({ outcome: 'abandoned', releaseCause: 31 });
  });

  test.each([
    ['busy', { outcome: 'busy', releaseCause: 17 }],
    ['not answering', { outcome: 'no-answer', releaseCause: 19, reason: 'the callee does not answer' }],
    [
      'a person, not a modem',
      { outcome: 'no-carrier', releaseCause: 31, reason: 'no answer or no carrier from the callee' },
    ],
  ])(
    'CM-A3 CM-315 a callee that is %s: the caller hears the refusal, the record says why',
    async (what, record) => {
      const net = await network();
      const alice = await net.modem('5550101');
      const bob = net.phone('5550102');
      if (what === 'busy') bob.line.offHook();
      const placed = net.place(alice, '1', '2');
      if (what.startsWith('a person')) {
        await net.runUntil(() => bob.isRinging);
        bob.line.offHook();
      }
      expect(await net.inTime(placed, 200_000)).toMatchObject({
        kind: 'failed',
        outcome: 'busy',
        step: 'CM-315',
      });
      expect(await net.closedRecord()).toMatchObject({
        ...record,
        calledNumber: '5550102',
        billableSeconds: 0,
      });
      bob.line.onHook();
      await net.runUntil(net.isIdle);
    },
  );

  test('CM-A3 CM-330 a number that is not in service is not recorded as busy', async () => {
    const net = await network();
    net.store.accounts.set(account('2'), subscriber('2', { number: '5550999' }));
    const alice = await net.modem('5550101');
    await net.inTime(net.place(alice, '1', '2'), 200_000);
    expect(await net.closedRecord()).toMatchObject({
      outcome: 'no-carrier',
      releaseCause: 31,
      calledNumber: '5550999',
    });
  });

  test('CM-A3 CM-330 no free trunk: refused like everything else, cause 34 in the record', async () => {
    const net = await network({ trunks: 1 });
    const alice = await net.modem('5550101');
    expect(await net.inTime(net.place(alice, '1', '2'))).toMatchObject({ outcome: 'busy', step: 'CM-315' });
    expect(await net.closedRecord()).toMatchObject({
      outcome: 'failed',
      releaseCause: 34,
      calledNumber: '5550102',
    });
    await net.runUntil(net.isIdle);
  });

  test("CM-330 the callee is dialled at the database's number, not at one that the caller could name", async () => {
    const moved = subscriber('2', { number: '5550177' });
    const net = await network({ subscribers: [subscriber('1'), moved] });
    const alice = await net.modem('5550101');
    const answered = answerNext(await net.modem('5550177'));
    const placed = await net.inTime(net.place(alice, '1', '2'));
    expect(placed.kind).toBe('connected');
    await net.inTime(answered);
    if (placed.kind === 'connected') await net.inTime(placed.connection.hangUp());
    expect(await net.closedRecord()).toMatchObject({ calleeAccount: account('2'), calledNumber: '5550177' });
  });
});

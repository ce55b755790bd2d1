import { describe, expect, test } from 'vitest';
import { silentLog } from '../../src/log/log.js';
import { tones } from '../../src/pstn/signals.js';
import { unpriced } from '../../src/server/pricing.js';
import { startServer } from '../../src/server/start-server.js';
import { StoreUnavailable } from '../../src/store/store.js';
import { SimulatedClock } from '../../src/time/simulated-clock.js';
import { account } from '../protocol/call-manager/subscribers.js';
import { FakeModem } from '../support/fake-modem.js';
import { FakeStore } from '../support/fake-store.js';
import { answerNext, isTone, network } from './network.js';
import { serverIdentity } from './subscriptions.js';

describe('the database is away', () => {
  test('fault 61: at the start, the server does not start, and says why', async () => {
    const clock = new SimulatedClock();
    const store = new FakeStore(clock, []);
    store.away.add('closeInterrupted');
    let opened = 0;
    const trunk = {
      url: 'fake:0',
      open: async () => {
        opened += 1;
        return new FakeModem(clock, 'fake:0');
      },
    };
    const options = {
      store,
      trunks: [trunk],
      number: '5550100',
      pricing: unpriced,
      identity: serverIdentity,
      clock,
      random: (n: number) => new Uint8Array(n),
    };
    await expect(startServer({ ...options, log: silentLog })).rejects.toBeInstanceOf(StoreUnavailable);
    expect(opened).toBe(0);
  });

  test.each([
    ['CM-285 fault 61: at the ring', 'away', 0],
    ['CM-285 fault 62: slower than 5 s at the ring', 'slow', 10_000],
  ])('%s: the call is left ringing, never answered; the next one is', async (_, fault, slowMs) => {
    const net = await network();
    if (fault === 'away') net.store.away.add('open');
    net.store.slowMs = slowMs;
    const phone = net.phone('5550101');
    phone.line.offHook();
    await net.runUntil(() => phone.hears === tones.dial);
    await net.inTime(phone.dial('5550100'));
    await net.runFor(60_000);
    const heard = phone.log.filter((entry) => entry.what === 'tone' && isTone(entry.tone, tones.ringBack));
    expect(heard.length).toBeGreaterThanOrEqual(9);
    expect(net.log.with('ring')).toHaveLength(1);
    phone.line.onHook();
    await net.runUntil(net.isIdle);
    expect(net.log.with('call over')).toMatchObject([{ outcome: 'failed', releaseCause: 41 }]);

    net.store.away.clear();
    net.store.slowMs = 0;
    await net.reachServer(phone);
    phone.line.onHook();
    await net.runUntil(net.isIdle);
  });

  test('CM-285 fault 63: the reply to the open record is lost: not answered, and the record that exists is closed', async () => {
    const net = await network();
    net.store.replyLost.add('open');
    const phone = net.phone('5550101');
    phone.line.offHook();
    await net.runUntil(() => phone.hears === tones.dial);
    await net.inTime(phone.dial('5550100'));
    await net.runFor(20_000);
    phone.line.onHook();
    expect(await net.closedRecord()).toMatchObject({
      outcome: 'failed',
      releaseCause: 41,
      answerAt: undefined,
    });
    await net.runUntil(net.isIdle);
  });

  test('CM-310 CM-315 fault 61: between the record and the look-up: refused, and closed when it is back', async () => {
    const net = await network();
    const phone = net.phone('5550101');
    await net.reachServer(phone);
    net.store.away.add('find').add('close');
    await net.keys(phone, `${account('1')}${account('2')}#`);
    await net.runUntil(() => isTone(phone.hears, tones.busyOrReorder), 2_000);
    phone.line.onHook();
    await net.runUntil(net.isIdle);
    await net.runFor(120_000);
    expect(net.records()[0]?.endAt).toBeUndefined();
    net.store.away.clear();
    const backMs = net.clock.monotonicMs();
    expect(await net.closedRecord()).toMatchObject({ outcome: 'failed', releaseCause: 41 });
    expect(net.clock.monotonicMs() - backMs).toBeLessThanOrEqual(30_000);
  });

  test('CM-310 CM-A8 fault 62: a look-up of 60 s counts as failed after 5 s', async () => {
    const net = await network();
    const phone = net.phone('5550101');
    await net.reachServer(phone);
    net.store.slowMs = 60_000;
    const keyedMs = await net.keys(phone, `${account('1')}${account('2')}#`);
    await net.runUntil(() => isTone(phone.hears, tones.busyOrReorder));
    expect(net.clock.monotonicMs() - keyedMs).toBeLessThan(5_200);
    phone.line.onHook();
    await net.closedRecord();
    await net.runUntil(net.isIdle);
  });

  test('CM-335 fault 61 fault 63: at the close, for ten minutes: closed once, with the times of the call', async () => {
    const net = await network();
    const alice = await net.modem('5550101');
    const answered = answerNext(await net.modem('5550102'));
    const placed = await net.inTime(net.place(alice, '1', '2'));
    if (placed.kind !== 'connected') throw new Error(placed.reason);
    const callee = await net.inTime(answered);
    net.store.away.add('close');
    await net.inTime(placed.connection.hangUp());
    await net.inTime(callee.hangUp());
    const endMs = net.clock.utcMs();
    await net.runUntil(net.isIdle);
    await net.runFor(600_000);
    net.store.away.clear();
    // It is written now, and the reply is lost: written again, to no effect.
    net.store.replyLost.add('close');
    const record = await net.closedRecord();
    net.store.replyLost.clear();
    await net.runFor(60_000);
    expect(await net.closedRecord()).toEqual(record);
    expect(record).toMatchObject({ outcome: 'completed' });
    expect(Math.abs((record.endAt?.getTime() ?? 0) - endMs)).toBeLessThan(5_000);
    const closes = net.store.statements.filter((statement) => statement.startsWith('close ')).length;
    expect(closes).toBeGreaterThan(10);
    await net.runFor(600_000);
    expect(net.store.statements.filter((statement) => statement.startsWith('close '))).toHaveLength(closes);
  });

  test.each([
    ['the record waits in the spool', false],
    ['and the disk is full: the record is in the log, whole', true],
  ])('CM-335 fault 61: the server stops before it is back: %s', async (_, isDiskFull) => {
    const net = await network();
    net.store.isDiskFull = isDiskFull;
    const phone = net.phone('5550101');
    await net.reachServer(phone);
    net.store.away.add('close');
    phone.line.onHook();
    await net.runUntil(net.isIdle);
    await net.inTime(net.server.stop(0));
    const [lost] = net.log.with('CALL RECORD LOST to the database; enter it by hand from this line');
    const trackingId = net.records()[0]?.trackingId ?? '';
    const record = isDiskFull ? JSON.parse(String(lost?.record)) : net.store.spooled.get(trackingId);
    expect(record).toMatchObject({ ani: '5550101', outcome: 'abandoned', releaseCause: 16 });
    expect(lost?.trackingId).toBe(isDiskFull ? trackingId : undefined);
  });

  test('CM-335 fault 69: killed while it dials, or in the bridge: the open record tells who called whom', async () => {
    const net = await network();
    const alice = await net.modem('5550101');
    const bob = await net.modem('5550102');
    const openRecord = () => net.records()[0];
    const placed = net.place(alice, '1', '2');
    const answered = answerNext(bob, 2);
    await net.runUntil(() => net.store.statements.some((statement) => statement.startsWith('note')));
    const dialled = {
      ani: '5550101',
      callerAccount: account('1'),
      calleeAccount: account('2'),
      calledNumber: '5550102',
      protocolVersion: 1,
      answerAt: expect.any(Date),
    };
    expect(openRecord()).toMatchObject(dialled);
    expect(openRecord()?.bridgeAt).toBeUndefined();
    await net.inTime(answered);
    const connected = await net.inTime(placed);
    if (connected.kind !== 'connected') throw new Error(connected.reason);
    expect(openRecord()).toMatchObject(dialled);
    const { bridgeAt, endAt } = openRecord() ?? {};
    expect(bridgeAt).toEqual(expect.any(Date));
    expect(endAt).toBeUndefined();
    await net.inTime(connected.connection.hangUp());
    expect(await net.closedRecord()).toMatchObject({ ...dialled, bridgeAt, outcome: 'completed' });
  });

  test('CM-335 fault 61 fault 62: in the middle of the call: said, and no octet waits for it', async () => {
    const net = await network();
    const alice = await net.modem('5550101');
    const answered = answerNext(await net.modem('5550102'));
    net.store.away.add('note');
    net.store.slowMs = 4_000;
    const placed = await net.inTime(net.place(alice, '1', '2'));
    if (placed.kind !== 'connected') throw new Error(placed.reason);
    const callee = await net.inTime(answered);
    const notes = () => net.store.statements.filter((statement) => statement.startsWith('note'));
    await net.runUntil(() => notes().length === 2);
    const bridgedMs = net.clock.monotonicMs();
    let atAlice = '';
    placed.connection.octets.on('data', (chunk: Buffer) => {
      atAlice += chunk;
    });
    callee.octets.write('at once');
    await net.runUntil(() => atAlice === 'at once');
    expect(net.clock.monotonicMs() - bridgedMs).toBeLessThan(4_000);
    await net.inTime(placed.connection.hangUp());
    expect(await net.closedRecord()).toMatchObject({ outcome: 'completed', calledNumber: '5550102' });
    expect(net.log.text()).toContain('not written yet who calls whom');
  });

  test('fault 46: an account that is deleted in the middle of a call does not end it', async () => {
    const net = await network();
    const alice = await net.modem('5550101');
    const answered = answerNext(await net.modem('5550102'));
    const placed = await net.inTime(net.place(alice, '1', '2'));
    if (placed.kind !== 'connected') throw new Error(placed.reason);
    const callee = await net.inTime(answered);
    net.store.accounts.clear();
    callee.octets.write('still here');
    let atAlice = '';
    placed.connection.octets.on('data', (chunk: Buffer) => {
      atAlice += chunk;
    });
    await net.runUntil(() => atAlice === 'still here');
    await net.inTime(placed.connection.hangUp());
    expect(await net.closedRecord()).toMatchObject({ outcome: 'completed', callerAccount: account('1') });
  });
});

import { describe, expect, test } from 'vitest';
import { tones } from '../../src/pstn/signals.js';
import { account } from '../protocol/call-manager/subscribers.js';
import { answerNext, isTone, network } from './network.js';

const accounts = `${account('1')}${account('2')}#`;

describe('the caller hangs up', () => {
  /** Each stage ends at the moment before the hang-up. */
  const stages = {
    'while it rings': { symbols: undefined, outcome: 'abandoned' },
    'at the ready signal': { symbols: '', outcome: 'abandoned' },
    'among the digits': { symbols: '00000000', outcome: 'abandoned' },
    'right after #': { symbols: accounts, outcome: 'abandoned' },
    'during the reorder tone': { symbols: '*', outcome: 'refused' },
  } as const;

  test.each(Object.entries(stages))('fault 17 CM-A8: %s', async (_, { symbols, outcome }) => {
    const net = await network();
    const phone = net.phone('5550101');
    if (symbols === undefined) {
      phone.line.offHook();
      await net.runUntil(() => phone.hears === tones.dial);
      await net.inTime(phone.dial('5550100'));
      await net.runUntil(() => phone.hears === tones.ringBack);
    } else {
      await net.reachServer(phone);
      if (symbols.length > 0) await net.keys(phone, symbols);
      if (symbols === '*') await net.runUntil(() => isTone(phone.hears, tones.busyOrReorder));
    }
    phone.line.onHook();
    expect(await net.closedRecord()).toMatchObject({ outcome, billableSeconds: 0 });
    await net.runUntil(net.isIdle, 60_000);
    await net.runFor(60_000);
    expect(net.records()).toHaveLength(1);
  });

  test('fault 17 CM-A3 CM-325: during ring-back, and the callee stops ringing', async () => {
    const net = await network();
    const phone = net.phone('5550101');
    const bob = net.phone('5550102');
    await net.reachServer(phone);
    await net.keys(phone, accounts);
    await net.runUntil(() => bob.isRinging);
    await net.runUntil(() => isTone(phone.hears, tones.ringBack));
    phone.line.onHook();
    expect(await net.closedRecord()).toMatchObject({
      outcome: 'abandoned',
      releaseCause: 16,
      calledNumber: '5550102',
    });
    await net.runUntil(net.isIdle);
    const rings = bob.timesOf('ring').length;
    await net.runFor(30_000);
    expect(bob.timesOf('ring').length - rings).toBeLessThanOrEqual(1);
  });

  test('fault 17 fault 40: while its own modem trains', async () => {
    const net = await network();
    const alice = await net.modem('5550101');
    const answered = answerNext(await net.modem('5550102'));
    const cancel = new AbortController();
    const placed = net.place(alice, '1', '2', cancel.signal);
    await net.inTime(answered);
    // The callee is connected; the server answers the caller now.
    await net.runFor(3_000);
    cancel.abort();
    expect(await net.inTime(placed)).toMatchObject({ kind: 'failed', outcome: 'cancelled' });
    expect(await net.closedRecord()).toMatchObject({ outcome: 'no-carrier', billableSeconds: 0 });
    await net.runUntil(net.isIdle);
  });

  test('fault 17 CM-335: in the middle of the bridge, with octets on their way to a slow callee', async () => {
    const net = await network({ lines: { '5550102': { rate: 2_400 } } });
    const alice = await net.modem('5550101');
    const answered = answerNext(await net.modem('5550102'));
    const placed = await net.inTime(net.place(alice, '1', '2'));
    if (placed.kind !== 'connected') throw new Error(placed.reason);
    const callee = await net.inTime(answered);
    let atBob = 0;
    callee.octets.on('data', (chunk: Buffer) => {
      atBob += chunk.length;
    });
    const sent = Buffer.alloc(20_000, 'x');
    placed.connection.octets.write(sent);
    await net.inTime(placed.connection.hangUp(), 300_000);
    await net.inTime(new Promise((resolve) => callee.octets.once('end', resolve)), 300_000);
    expect(atBob).toBe(sent.length);
    const record = await net.closedRecord();
    expect(record).toMatchObject({ outcome: 'completed', octetsFromCaller: sent.length });
    // What drained once the server had taken the last octet is not charged.
    expect(net.clock.utcMs() - (record.endAt?.getTime() ?? 0)).toBeGreaterThan(5_000);
    await net.inTime(callee.hangUp());
    await net.runUntil(net.isIdle);
  });
});

describe('the callee or a line gives up', () => {
  test('CM-335 the callee hangs up: the caller is released, all that it sent arrives', async () => {
    const net = await network();
    const alice = await net.modem('5550101');
    const answered = answerNext(await net.modem('5550102'));
    const placed = await net.inTime(net.place(alice, '1', '2'));
    if (placed.kind !== 'connected') throw new Error(placed.reason);
    const callee = await net.inTime(answered);
    const atAlice: Buffer[] = [];
    placed.connection.octets.on('data', (chunk: Buffer) => atAlice.push(chunk));
    const end = new Promise((resolve) => placed.connection.octets.once('end', resolve));
    callee.octets.write('goodbye');
    await net.inTime(callee.hangUp());
    await net.inTime(end);
    expect(Buffer.concat(atAlice).toString()).toBe('goodbye');
    expect(await net.closedRecord()).toMatchObject({
      outcome: 'completed',
      releaseCause: 16,
      octetsFromCallee: 7,
    });
    await net.inTime(placed.connection.hangUp());
    await net.runUntil(net.isIdle);
  });

  test('fault 17 the callee answers and hangs up while its modem trains', async () => {
    const net = await network();
    const alice = await net.modem('5550101');
    const bob = net.phone('5550102');
    const placed = net.place(alice, '1', '2');
    await net.runUntil(() => bob.isRinging);
    bob.line.offHook();
    bob.line.startCarrier('answer', 33_600);
    await net.runFor(2_000);
    bob.line.onHook();
    expect(await net.inTime(placed, 200_000)).toMatchObject({ kind: 'failed', outcome: 'busy' });
    expect(await net.closedRecord()).toMatchObject({ outcome: 'no-carrier', billableSeconds: 0 });
    await net.runUntil(net.isIdle);
  });

  test("fault 40 training fails on the callee's line, and on the caller's", async () => {
    for (const [line, outcome] of [
      ['5550102', 'busy'],
      ['5550101', 'no-carrier'],
    ] as const) {
      const net = await network();
      net.office.line(line).trainingFails = true;
      const alice = await net.modem('5550101');
      answerNext(await net.modem('5550102')).catch(() => {});
      expect(await net.inTime(net.place(alice, '1', '2'), 200_000)).toMatchObject({
        kind: 'failed',
        outcome,
      });
      expect(await net.closedRecord()).toMatchObject({
        outcome: 'no-carrier',
        releaseCause: 31,
        billableSeconds: 0,
      });
      await net.runUntil(net.isIdle, 200_000);
    }
  });

  test.each(['5550101', '5550102'])(
    'fault 40 the line %s is cut in the middle of the bridge',
    async (line) => {
      const net = await network();
      const alice = await net.modem('5550101');
      const answered = answerNext(await net.modem('5550102'));
      const placed = await net.inTime(net.place(alice, '1', '2'));
      if (placed.kind !== 'connected') throw new Error(placed.reason);
      const callee = await net.inTime(answered);
      net.office.line(line).cut(true);
      expect(await net.closedRecord()).toMatchObject({ outcome: 'completed' });
      await net.runUntil(net.isIdle);
      await net.inTime(Promise.all([placed.connection.hangUp(), callee.hangUp()]));
    },
  );
});

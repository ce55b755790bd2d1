import { describe, expect, test } from 'vitest';
import { tones } from '../../src/pstn/signals.js';
import { account, subscriber } from '../protocol/call-manager/subscribers.js';
import { answerNext, isTone, network } from './network.js';

const accounts = `${account('1')}${account('2')}#`;

describe('many ports', () => {
  test('CM-275 CM-285 fault 92: all ring at once; each starts one call with an ID and a record of its own', async () => {
    const digits = ['1', '2', '3', '4', '5', '6', '7', '8'];
    const net = await network({ trunks: 8, subscribers: digits.map((digit) => subscriber(digit)) });
    const phones = digits.map((digit) => net.phone(`555010${digit}`));
    for (const phone of phones) phone.line.offHook();
    await net.runUntil(() => phones.every((phone) => phone.hears === tones.dial));
    await net.inTime(Promise.all(phones.map((phone) => phone.dial('5550100'))));
    await net.runUntil(() => phones.every((phone) => isTone(phone.hears, tones.dial)));
    expect(new Set(net.records().map((record) => record.trackingId)).size).toBe(8);
    expect(new Set(net.records().map((record) => record.port)).size).toBe(8);
    expect(net.server.status().map((trunk) => trunk.state)).toEqual(Array(8).fill('in-call'));
    for (const phone of phones) phone.line.onHook();
    await net.runUntil(net.isIdle);
    await net.runFor(20_000);
    expect(net.records().map((record) => record.outcome)).toEqual(Array(8).fill('abandoned'));
    const callers = net.records().map((record) => record.ani);
    expect(new Set(callers).size).toBe(8);
  });

  test('CM-330 two calls at once cross four trunks without mixing', async () => {
    const net = await network({
      trunks: 4,
      subscribers: ['1', '2', '3', '4'].map((digit) => subscriber(digit)),
    });
    const [a, b, c, d] = [
      await net.modem('5550101'),
      await net.modem('5550102'),
      await net.modem('5550103'),
      await net.modem('5550104'),
    ];
    const answers = Promise.all([answerNext(b), answerNext(d)]);
    const [one, two] = await net.inTime(Promise.all([net.place(a, '1', '2'), net.place(c, '3', '4')]));
    const [atB, atD] = await net.inTime(answers);
    if (one.kind !== 'connected' || two.kind !== 'connected') throw new Error('not connected');
    expect(net.server.status().map((trunk) => trunk.state)).toEqual(['in-call', 'in-call', 'lent', 'lent']);
    one.connection.octets.write('for 2');
    two.connection.octets.write('for 4');
    const heard = { b: '', d: '' };
    atB.octets.on('data', (chunk: Buffer) => {
      heard.b += chunk;
    });
    atD.octets.on('data', (chunk: Buffer) => {
      heard.d += chunk;
    });
    await net.runUntil(() => heard.b.length + heard.d.length === 10);
    expect(heard).toEqual({ b: 'for 2', d: 'for 4' });
    await net.inTime(Promise.all([one.connection.hangUp(), two.connection.hangUp()]));
    await net.runUntil(net.isIdle);
    expect(net.records().map((record) => record.outcome)).toEqual(['completed', 'completed']);
  });

  test('CM-275 a free trunk takes the next call at once after the last', async () => {
    const net = await network({ trunks: 1 });
    const phone = net.phone('5550101');
    for (let call = 1; call <= 3; call++) {
      await net.reachServer(phone);
      phone.line.onHook();
      await net.runUntil(net.isIdle);
      expect(net.records()).toHaveLength(call);
    }
  });
});

describe('glare and half rings', () => {
  test('CM-330 fault 44: a trunk that rings as it is about to dial is given back, another one dials', async () => {
    const net = await network({ trunks: 3 });
    const alice = net.phone('5550101');
    const carol = net.phone('5550103');
    const bob = net.phone('5550102');
    await net.reachServer(alice);
    await net.keys(alice, accounts.slice(0, -1));
    // Carol calls the last trunk's own number, so that it rings when the server is to dial on it.
    carol.line.offHook();
    await net.runFor(500);
    await net.inTime(carol.dial('5550192'));
    await net.runUntil(() => carol.hears === tones.ringBack);
    expect(net.server.status()[2]?.state).toBe('in-call');
    await net.keys(alice, '#');
    await net.runUntil(() => bob.isRinging);
    expect(net.server.status().map((trunk) => trunk.state)).toEqual(['in-call', 'lent', 'in-call']);
    alice.line.onHook();
    carol.line.onHook();
    await net.runUntil(net.isIdle, 60_000);
  });

  test('fault 44 one half ring and no caller: answered, found empty, released', async () => {
    const net = await network();
    const phone = net.phone('5550101');
    phone.line.offHook();
    await net.runUntil(() => phone.hears === tones.dial);
    await net.inTime(phone.dial('5550100'));
    await net.runUntil(() => phone.hears === tones.ringBack);
    await net.runFor(300);
    phone.line.onHook();
    expect(await net.closedRecord()).toMatchObject({
      outcome: 'abandoned',
      ani: undefined,
      billableSeconds: 0,
    });
    await net.runUntil(net.isIdle, 60_000);
  });
});

describe('the server stops', () => {
  test('CM-335 fault 71: live calls may finish, no new one is taken, then everything is on-hook', async () => {
    const net = await network({ trunks: 3 });
    const alice = await net.modem('5550101');
    const answered = answerNext(await net.modem('5550102'));
    const placed = await net.inTime(net.place(alice, '1', '2'));
    if (placed.kind !== 'connected') throw new Error(placed.reason);
    const callee = await net.inTime(answered);
    const stopped = net.server.stop(60_000);
    const carol = net.phone('5550103');
    carol.line.offHook();
    await net.runUntil(() => carol.hears === tones.dial);
    await net.inTime(carol.dial('5550100'));
    await net.runFor(20_000);
    expect(isTone(carol.hears, tones.dial)).toBe(false);
    placed.connection.octets.write('last words');
    let atBob = '';
    callee.octets.on('data', (chunk: Buffer) => {
      atBob += chunk;
    });
    await net.runUntil(() => atBob === 'last words');
    await net.inTime(placed.connection.hangUp());
    await net.inTime(stopped);
    expect(net.records()).toHaveLength(1);
    expect(net.records()[0]).toMatchObject({ outcome: 'completed' });
    expect(net.server.status().map((trunk) => trunk.state)).toEqual(['closed', 'closed', 'closed']);
  });

  test('CM-335 CM-A8 fault 71: a call that goes on is released after the grace, its record closed', async () => {
    const net = await network();
    const alice = await net.modem('5550101');
    const answered = answerNext(await net.modem('5550102'));
    const placed = await net.inTime(net.place(alice, '1', '2'));
    if (placed.kind !== 'connected') throw new Error(placed.reason);
    const callee = await net.inTime(answered);
    const startMs = net.clock.monotonicMs();
    await net.inTime(net.server.stop(10_000));
    expect(net.clock.monotonicMs() - startMs).toBeGreaterThanOrEqual(10_000);
    expect(await net.closedRecord()).toMatchObject({ outcome: 'interrupted', releaseCause: 41 });
    await net.inTime(Promise.all([placed.connection.hangUp(), callee.hangUp()]));
  });
});

describe('a modem is lost', () => {
  test.each([
    ['of the caller', 0],
    ['of the callee', 1],
  ])(
    'CM-335 the trunk %s is pulled in the middle of the bridge: closed as failed, the other lives on',
    async (_, trunk) => {
      const net = await network({ trunks: 2 });
      const alice = await net.modem('5550101');
      const answered = answerNext(await net.modem('5550102'));
      const placed = await net.inTime(net.place(alice, '1', '2'));
      if (placed.kind !== 'connected') throw new Error(placed.reason);
      const callee = await net.inTime(answered);
      await net.office.port(trunk === 0 ? '5550100' : '5550191').close();
      expect(await net.closedRecord()).toMatchObject({ outcome: 'failed', releaseCause: 27 });
      // The line is opened again, and takes calls.
      await net.runUntil(net.isIdle);
      await net.inTime(Promise.all([placed.connection.hangUp(), callee.hangUp()]));
      const again = answerNext(await net.modem('5550103'));
      expect((await net.inTime(net.place(alice, '1', '3'))).kind).toBe('connected');
      await net.inTime(again);
    },
  );
});

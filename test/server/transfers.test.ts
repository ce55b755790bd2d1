import { describe, expect, test } from 'vitest';
import { tones } from '../../src/pstn/signals.js';
import { bridgedCall, endCall } from './endpoints.js';
import { answerNext, isTone, network, received } from './network.js';
import { subscribersOfVersion2 } from './subscriptions.js';

const byFlash = { transfer: 'hook-flash' } as const;

describe('CM-330 transfer by hook-flash', () => {
  test('CM-325 CM-330 CM-335 AL-4 AL-5 the caller is handed over, the server leaves, and the two have a carrier of their own', async () => {
    const net = await network(byFlash);
    const alice = await net.modem('5550101');
    const bob = await net.modem('5550102');
    const answered = answerNext(bob);
    const placed = await net.inTime(net.place(alice, '1', '2'));
    if (placed.kind !== 'connected') throw new Error(placed.kind);
    const bobs = await net.inTime(answered);

    const record = await net.closedRecord();
    expect(record).toMatchObject({
      callerAccount: '000000000001',
      calleeAccount: '000000000002',
      calledNumber: '5550102',
      protocolVersion: 1,
      outcome: 'transferred',
      releaseCause: 16,
      billableSeconds: 0,
    });
    expect(record.reason).toContain('hook-flash');
    expect(record.octetsFromCaller).toBeUndefined();
    expect(record.octetsFromCallee).toBeUndefined();
    expect(record.bridgeAt).toBeInstanceOf(Date);
    // The server is out of the call, and its trunk takes another one, while the two talk.
    await net.runUntil(net.isIdle);
    placed.connection.octets.write('from Alice');
    placed.connection.octets.end();
    const got = received(bobs);
    await net.inTime(placed.connection.hangUp());
    expect(await net.inTime(got)).toBe('from Alice');
    expect(net.records()).toHaveLength(1);
  });

  test('CM-330 one trunk is enough, and the next caller comes while the two still talk', async () => {
    const net = await network({ ...byFlash, trunks: 1 });
    const [alice, bob, carol] = [
      await net.modem('5550101'),
      await net.modem('5550102'),
      await net.modem('5550103'),
    ];
    const answered = answerNext(bob);
    const placed = await net.inTime(net.place(alice, '1', '2'));
    await net.inTime(answered);
    await net.runUntil(net.isIdle);
    const busy = await net.inTime(net.place(carol, '3', '1'));
    await net.runUntil(net.isIdle);
    expect([placed.kind, busy]).toMatchObject(['connected', { kind: 'failed', outcome: 'busy' }]);
    expect(net.records().map(({ outcome }) => outcome)).toEqual(['transferred', 'busy']);
  });

  test('CM-330 CM-315 CM-A3 busy: the server has the caller back, plays reorder tone, and records it', async () => {
    const net = await network(byFlash);
    net.phone('5550102').line.offHook();
    const alice = await net.modem('5550101');
    const placed = await net.inTime(net.place(alice, '1', '2'));
    expect(placed).toMatchObject({ kind: 'failed', outcome: 'busy' });
    expect(await net.closedRecord()).toMatchObject({
      outcome: 'busy',
      releaseCause: 17,
      octetsFromCaller: 0,
    });
    await net.runUntil(net.isIdle);
  });

  test('CM-330 CM-A3 nobody answers for a minute: the callee stops ringing, the caller is told', async () => {
    const net = await network(byFlash);
    const bob = net.phone('5550102');
    const alice = await net.modem('5550101');
    const placed = await net.inTime(net.place(alice, '1', '2'), 200_000);
    expect(placed).toMatchObject({ kind: 'failed', outcome: 'busy' });
    expect(await net.closedRecord()).toMatchObject({ outcome: 'no-answer', releaseCause: 19 });
    expect([bob.has('ring'), bob.isRinging]).toEqual([true, false]);
  });

  test('CM-330 a person answers, and says nothing that a modem knows: joined when ring-back has gone', async () => {
    const net = await network(byFlash);
    const bob = net.phone('5550102');
    const caller = net.phone('5550101');
    await net.reachServer(caller);
    await net.keys(caller, '000000000001000000000002#');
    await net.runUntil(() => bob.isRinging);
    bob.line.offHook();
    expect(await net.closedRecord()).toMatchObject({ outcome: 'transferred' });
    bob.line.sendTone([1000]);
    await net.runUntil(() => isTone(caller.hears, [1000]));
  });

  test('CM-330 the caller hangs up while the callee rings: it is called back by nobody, and nobody is joined', async () => {
    const net = await network(byFlash);
    const bob = net.phone('5550102');
    const caller = net.phone('5550101');
    await net.reachServer(caller);
    await net.keys(caller, '000000000001000000000002#');
    await net.runUntil(() => bob.isRinging);
    caller.line.onHook();
    await net.runFor(1_000);
    bob.line.offHook();
    bob.line.startCarrier('answer', 33_600);
    expect(await net.closedRecord()).toMatchObject({ outcome: 'abandoned', releaseCause: 16 });
    await net.runUntil(() => bob.has('loop-break'));
    await net.runUntil(net.isIdle);
  });

  test("CM-330 a trunk line that knows no consultation: said in the record, and the digits are not the caller's to hear", async () => {
    const net = await network({ ...byFlash, trunkServices: ['call-waiting'] });
    const caller = net.phone('5550101');
    await net.reachServer(caller);
    await net.keys(caller, '000000000001000000000002#');
    const record = await net.closedRecord();
    expect(record).toMatchObject({ outcome: 'failed', releaseCause: 27 });
    expect(record.reason).toContain('no transfer service');
    await net.runFor(1_200);
    expect([caller.has('digit'), caller.has('loop-break')]).toEqual([false, true]);
  });

  test('CM-330 a trunk line to which a flash is a hang-up: nobody is joined, and the record does not say so', async () => {
    const net = await network({ ...byFlash, trunkServices: [] });
    const bob = net.phone('5550102');
    const caller = net.phone('5550101');
    await net.reachServer(caller);
    await net.keys(caller, '000000000001000000000002#');
    await net.runUntil(() => bob.isRinging);
    bob.line.offHook();
    bob.line.startCarrier('answer', 33_600);
    expect(await net.closedRecord()).toMatchObject({ outcome: 'abandoned', releaseCause: 16 });
    expect([caller.has('digit'), caller.has('loop-break')]).toEqual([false, true]);
  });

  test('CM-330 fault 71: a server that stops meanwhile lets the callee be, and the caller go', async () => {
    const net = await network(byFlash);
    const bob = net.phone('5550102');
    const caller = net.phone('5550101');
    await net.reachServer(caller);
    await net.keys(caller, '000000000001000000000002#');
    await net.runUntil(() => bob.isRinging);
    await net.inTime(net.server.stop(1_000));
    expect(await net.closedRecord()).toMatchObject({ outcome: 'interrupted' });
    await net.runFor(1_200);
    expect([bob.isRinging, caller.has('loop-break')]).toEqual([false, true]);
  });

  test('CM-330 whoever calls on a trunk that has just hung up is not joined to the call before', async () => {
    const net = await network({ ...byFlash, trunks: 1 });
    const [alice, bob] = [await net.modem('5550101'), await net.modem('5550102')];
    const answered = answerNext(bob);
    const placed = net.inTime(net.place(alice, '1', '2'));
    await net.inTime(answered);
    await placed;
    const carol = net.phone('5550103');
    await net.reachServer(carol);
    expect(isTone(carol.hears, tones.dial)).toBe(true);
  });

  test('CM-330 CM-A7 version 2 is bridged all the same: its legs are proved before they are joined', async () => {
    const net = await network({ ...byFlash, subscribers: subscribersOfVersion2() });
    const call = await bridgedCall(net);
    expect(await endCall(net, call)).toMatchObject({ outcome: 'completed', protocolVersion: 2 });
  });
});

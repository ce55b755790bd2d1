import { describe, expect, test } from 'vitest';
import { account, subscriber } from '../protocol/call-manager/subscribers.js';
import { answer, ask, bridgedCall, endCall, heardOn, place } from './endpoints.js';
import { answerNext, network } from './network.js';
import { PriceBook, terms } from './price-book.js';
import { subscribersOfVersion2 } from './subscriptions.js';

const subscribers = subscribersOfVersion2();

describe('BL-A2 the price before the call', () => {
  test('BL-A2 a quote tells price, payer and limit, calls nobody, holds nothing and leaves a record', async () => {
    const pricing = new PriceBook();
    const net = await network({ subscribers, pricing, trunks: 1 });
    const bob = await net.modem('5550102');
    let rings = 0;
    bob.on('ring', () => rings++);
    const modem = await net.modem('5550101');
    const quoted = await net.inTime(ask(net, modem, '1', '2', { seconds: 61, isCollect: true }));
    expect(quoted).toMatchObject({ kind: 'quoted', terms, seconds: 61 });
    expect(pricing.asked).toMatchObject([
      {
        ...{ caller: account('1'), callee: account('2'), callClass: 'delivery', isCollect: true },
        estimatedSeconds: 61,
      },
    ]);
    expect(await net.closedRecord()).toMatchObject({
      ...{ outcome: 'abandoned', releaseCause: 16, billableSeconds: 0, bridgeAt: undefined },
      ...{ callClass: 'inquiry', calleeAccount: account('2'), calledNumber: undefined },
      reason: 'the caller asked for the price alone; nobody was called',
    });
    await net.runUntil(net.isIdle);
    expect([rings, pricing.held]).toEqual([0, []]);
    expect(net.log.text()).not.toContain('BUG');
  });

  test('BL-A2 a pairing is of a class of its own', async () => {
    const pricing = new PriceBook();
    const net = await network({ subscribers, pricing });
    const modem = await net.modem('5550101');
    const answered = answer(net, await net.modem('5550102'), '2', { decide: async () => 'refuse' });
    await net.inTime(place(net, modem, '1', '2', { purpose: 'pairing' }));
    await net.inTime(answered);
    expect(pricing.asked).toMatchObject([{ callClass: 'pairing' }]);
    expect(await net.closedRecord()).toMatchObject({ callClass: 'pairing', isCollect: false });
    expect(pricing.settled).toEqual([[pricing.held[0], false, 0]]);
  });
});

describe('BL-A2 who is called pays', () => {
  test.each(['accept', 'refuse'] as const)(
    'BL-A2 the callee hears it before it answers, and says %s',
    async (said) => {
      const net = await network({ subscribers, pricing: new PriceBook() });
      const asked: boolean[] = [];
      const answered = answer(net, await net.modem('5550102'), '2', {
        decide: async ({ isCollect }) => {
          asked.push(isCollect);
          return said;
        },
      });
      const placed = await net.inTime(place(net, await net.modem('5550101'), '1', '2', { isCollect: true }));
      const taken = await net.inTime(answered);
      expect(asked).toEqual([true]);
      if (placed.kind === 'bridged' && taken.kind === 'bridged') {
        const record = await endCall(net, { alice: placed.call, bob: taken.call });
        expect(record).toMatchObject({ isCollect: true, outcome: 'completed' });
      } else {
        expect(placed).toMatchObject({ step: 'CM-A3', outcome: 'refused' });
        expect(await net.closedRecord()).toMatchObject({
          ...{ isCollect: true, outcome: 'refused', billableSeconds: 0 },
          reason: 'the callee refused the call, for which it was to pay',
        });
      }
    },
  );
});

describe('BL-A2 limits', () => {
  test('BL-A2 at its limit the call is released within its last second; both ends hear a release, the record says why', async () => {
    const pricing = new PriceBook({ longestSeconds: 90 });
    const net = await network({ subscribers, pricing });
    const call = await bridgedCall(net);
    expect([call.alice.longestSeconds, call.bob.longestSeconds]).toEqual([90, undefined]);
    const [atAlice, atBob] = [heardOn(call.alice), heardOn(call.bob)];
    await net.runFor(85_000);
    expect([atAlice.isOver, atBob.isOver]).toEqual([false, false]);
    await net.runUntil(() => atAlice.isOver && atBob.isOver);
    const record = await endCall(net, call);
    expect(record).toMatchObject({
      ...{ outcome: 'completed', releaseCause: 31, billableSeconds: 90 },
      reason: 'released after 90 s: the limit of 5.00 USD a day',
    });
    expect(pricing.settled).toEqual([[record.trackingId, true, 90]]);
  });

  test.each([
    [30, 30],
    [0, 0],
  ])(
    'BL-A2 where prices have risen until the bridge, so that %d s are paid for, it is released after %d',
    async (fromBridge, billableSeconds) => {
      const net = await network({ subscribers, pricing: new PriceBook({ longestSeconds: 90, fromBridge }) });
      const call = await bridgedCall(net);
      const [atAlice, atBob] = [heardOn(call.alice), heardOn(call.bob)];
      await net.runUntil(() => atAlice.isOver && atBob.isOver);
      expect(await endCall(net, call)).toMatchObject({
        ...{ outcome: 'completed', releaseCause: 31, billableSeconds },
        reason: `released after ${fromBridge} s: the limit of 5.00 USD a day`,
      });
    },
  );

  test('BL-A2 a call that ends before its limit is settled for what it took, and no clock runs on', async () => {
    const pricing = new PriceBook({ longestSeconds: 90 });
    const net = await network({ subscribers, pricing });
    const call = await bridgedCall(net);
    const record = await endCall(net, call);
    expect(record).toMatchObject({ outcome: 'completed', releaseCause: 16, reason: undefined });
    expect(pricing.settled).toEqual([[record.trackingId, true, record.billableSeconds]]);
    await net.runFor(120_000);
    expect(net.log.text()).not.toContain('BUG');
  });

  test('BL-A2 fault 45: another call was first and has taken the rest: refused like any other', async () => {
    const net = await network({ subscribers, pricing: new PriceBook({ reason: 'over the limit' }) });
    const placed = await net.inTime(place(net, await net.modem('5550101'), '1', '2'));
    expect(placed).toMatchObject({ kind: 'failed', step: 'CM-315', outcome: 'refused' });
    expect(await net.closedRecord()).toMatchObject({
      outcome: 'refused',
      releaseCause: 21,
      reason: 'over the limit',
    });
  });

  test('BL-A2 version 1 has the same limit, and is not told', async () => {
    const pricing = new PriceBook({ longestSeconds: 30 });
    const both = ['1', '2'].map((digits) => subscriber(digits));
    const net = await network({ subscribers: both, pricing });
    const answered = answerNext(await net.modem('5550102'));
    const placed = await net.inTime(net.place(await net.modem('5550101'), '1', '2'));
    if (placed.kind !== 'connected') throw new Error(placed.reason);
    const { octets } = await net.inTime(answered);
    octets.resume();
    placed.connection.octets.resume();
    expect(await net.closedRecord()).toMatchObject({
      ...{ protocolVersion: 1, callClass: undefined, outcome: 'completed', billableSeconds: 30 },
      reason: 'released after 30 s: the limit of 5.00 USD a day',
    });
    expect(pricing.asked).toMatchObject([{ callClass: 'delivery', isCollect: false, estimatedSeconds: 0 }]);
  });
});

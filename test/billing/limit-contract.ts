import { describe, expect, test } from 'vitest';
import type { OpenCall } from '../../src/store/calls.js';
import type { Store } from '../../src/store/store.js';
import { byTenthsOfMinutes, held, noon, paidCalls, priced } from './paid-calls.js';

const bands = `
other_band = "night"
[[band]]
name = "day"
days = "mon-fri"
from = "08:00"
to = "17:00"`;
/** What every database must do alike for limits. */
export function limitContract(store: () => Store): void {
  describe('BL-A2 limits', () => {
    test('BL-A2 a call that says nothing gets all that is left, a second one at once is refused', async () => {
      const { pricing, account, call, limit } = await paidCalls(store());
      const [alice, bob] = [await account(), await account()];
      await limit(alice, 100n);
      const answers = [await pricing.price(call(alice, bob)), await pricing.price(call(alice, bob))];
      // 1.00 at 0.10 a minute.
      expect(answers.map((answer) => priced(answer).terms.longestSeconds)).toEqual([600, 600]);
      const holds = await Promise.all(answers.map((answer, index) => priced(answer).hold(uuid(index))));
      expect(holds.map(({ kind }) => kind).sort()).toEqual(['held', 'refused']);
      const reason = `over the limit of 1.00 USD a day of account ${alice}, which pays`;
      expect(holds.find(({ kind }) => kind === 'refused')).toEqual({ kind: 'refused', reason });
      expect(await pricing.price(call(alice, bob))).toEqual({ kind: 'refused', reason });
    });

    test('BL-A2 calls at once that say how long they are share the rest, and never go beyond it', async () => {
      const { pricing, account, call, limit } = await paidCalls(store());
      const [alice, bob] = [await account(), await account()];
      await limit(alice, undefined, 100n);
      const wish = call(alice, bob, { estimatedSeconds: 90 });
      const answers = await Promise.all(Array.from({ length: 5 }, () => pricing.price(wish)));
      const holds = await Promise.all(answers.map((answer, index) => priced(answer).hold(uuid(10 + index))));
      // Each 240 s, 0.40: two of them, and 0.20 for a third.
      const seconds = holds.map((hold) => (hold.kind === 'held' ? hold.longestSeconds : 0));
      expect(seconds.sort((a, b) => b - a)).toEqual([240, 240, 120, 0, 0]);
    });

    test('BL-A2 forty calls at the same moment, on as many connections as there are, never go beyond the limit', async () => {
      const { pricing, account, call, limit } = await paidCalls(store());
      const [alice, bob] = [await account(), await account()];
      await limit(alice, 100n);
      const wish = call(alice, bob, { estimatedSeconds: 1 });
      const answers = await Promise.all(Array.from({ length: 40 }, () => pricing.price(wish)));
      const holds = await Promise.all(answers.map((answer, index) => priced(answer).hold(uuid(100 + index))));
      // Each 62 s, 0.11, and 0.01 for a tenth; who asks in vain too often at such a moment is refused.
      const seconds = holds.map((hold) => (hold.kind === 'held' ? hold.longestSeconds : 0));
      expect(seconds.filter((each) => each === 62)).toHaveLength(9);
      const month = { dayFrom: noon, monthFrom: noon, monthTo: noon, period: '2026-11-01' };
      const { ofDay } = await store().payers.spent(alice, 'USD', month);
      expect(ofDay).toBeLessThanOrEqual(100_000_000n);
      expect(ofDay).toBeGreaterThanOrEqual(99_000_000n);
    });

    test('BL-A2 fault 63: a hold whose answer was lost is made again, and is the same hold', async () => {
      const { account, limit } = await paidCalls(store());
      const alice = await account();
      await limit(alice, 100n);
      const time = { dayFrom: noon, monthFrom: noon, monthTo: new Date('2026-12-01'), period: '2026-11-01' };
      const money = {
        trackingId: uuid(60),
        payer: alice,
        currency: 'USD',
        decimals: 2,
        units: 60n,
        at: noon,
      };
      const hold = { ...money, callClass: 'delivery', freeSeconds: 30, freeSecondsBefore: 0 } as const;
      const { payers } = store();
      expect([await payers.hold(hold, time), await payers.hold(hold, time)]).toEqual([true, true]);
      expect(await payers.spent(alice, 'USD', time)).toEqual({ ofDay: 60_000_000n, ofMonth: 60_000_000n });
      expect(await payers.freeSeconds(alice, time)).toEqual([{ callClass: 'delivery', seconds: 30 }]);
      const another = { ...hold, trackingId: uuid(61), freeSecondsBefore: 30 };
      expect(await payers.hold(another, time)).toBe(false);
      expect(await payers.hold({ ...another, units: 40n, freeSecondsBefore: 0 }, time)).toBe(false);
      expect(await payers.hold({ ...another, units: 40n }, time)).toBe(true);
    });

    test('BL-A2 what a call did not cost is free again; what it did counts until it is rated, and then once', async () => {
      const { pricing, account, call, limit, opened, close, rater } = await paidCalls(store());
      const [alice, bob] = [await account(), await account()];
      await limit(alice, 100n);
      const wanted = call(alice, bob);
      const left = async () => priced(await pricing.price(wanted)).terms.longestSeconds;
      const first = await opened();
      const hold = await held(await pricing.price(wanted), first.trackingId);
      await close(first, wanted, 60);
      // Before the server has said what it cost.
      expect(await pricing.price(wanted)).toMatchObject({ kind: 'refused' });
      await hold.settle(noon, 60);
      expect(await left()).toBe(540);
      await rater.rate();
      expect(await left()).toBe(540);
      const unanswered = await held(await pricing.price(wanted), uuid(20));
      await unanswered.settle(undefined, 0);
      expect(await left()).toBe(540);
    });

    test('BL-A2 a corrected call counts as it was corrected, and no more as it was', async () => {
      const { pricing, account, call, limit, opened, close, rater } = await paidCalls(store());
      const [alice, bob] = [await account(), await account()];
      await limit(alice, 100n);
      const wanted = call(alice, bob);
      const left = async () => priced(await pricing.price(wanted)).terms.longestSeconds;
      const wrong = await opened();
      const hold = await held(await pricing.price(wanted), wrong.trackingId);
      await close(wrong, wanted, 60);
      await hold.settle(noon, 60);
      await rater.rate();
      expect(await left()).toBe(540);
      const right = {
        trackingId: uuid(50),
        changes: { billableSeconds: 30, reason: 'miscounted' },
        enteredBy: 'anna',
      };
      await store().calls.correct(wrong.trackingId, right);
      await rater.rate();
      expect(await left()).toBe(570);
    });

    test('BL-A2 fault 61: a call of a server that died holds nothing once its record is closed', async () => {
      const { pricing, account, call, limit, opened } = await paidCalls(store());
      const [alice, bob] = [await account(), await account()];
      await limit(alice, 100n);
      const wanted = call(alice, bob);
      const open = await opened();
      await held(await pricing.price(wanted), open.trackingId);
      expect(await pricing.price(wanted)).toMatchObject({ kind: 'refused' });
      await store().calls.close(open.trackingId, {
        ...{
          ani: undefined,
          callerAccount: alice,
          calleeAccount: bob,
          calledNumber: '5550101',
          calleePort: undefined,
        },
        ...{
          protocolVersion: 2,
          callClass: 'delivery',
          isCollect: false,
          answerAt: undefined,
          bridgeAt: undefined,
        },
        ...{ endAt: noon, durationSeconds: 1, billableSeconds: 0, octetsFromCaller: 0, octetsFromCallee: 0 },
        ...{ outcome: 'interrupted', releaseCause: 41, reason: undefined },
      });
      expect(priced(await pricing.price(wanted)).terms.longestSeconds).toBe(600);
    });

    test("BL-A2 a day ends at its zone's midnight; a call across it counts for the day of its bridge, for both while it goes on", async () => {
      const { pricing, account, call, limit, opened, close, rater } = await paidCalls(store());
      const [alice, bob] = [await account(), await account()];
      await limit(alice, 100n);
      // Ten seconds before and after midnight in New York.
      const [before, after] = [new Date('2026-11-22T04:59:50Z'), new Date('2026-11-22T05:00:10Z')];
      const wanted = call(alice, bob, { at: before, ringAt: before, estimatedSeconds: 120 });
      const open = await opened(before);
      const hold = await held(await pricing.price(wanted), open.trackingId);
      expect(hold.longestSeconds).toBe(300);
      const next = call(alice, bob, { at: after, ringAt: after });
      expect(priced(await pricing.price(next)).terms.longestSeconds).toBe(300);
      await close(open, wanted, 200);
      await hold.settle(before, 200);
      expect(priced(await pricing.price(next)).terms.longestSeconds).toBe(600);
      await rater.rate();
      expect(priced(await pricing.price(next)).terms.longestSeconds).toBe(600);
      // 0.34 of the day before are gone.
      expect(priced(await pricing.price({ ...wanted, estimatedSeconds: 0 })).terms.longestSeconds).toBe(396);
    });

    test('BL-A2 free seconds go to one of two calls at once, the other is held against the limit', async () => {
      const { pricing, account, call, limit, opened, close, rater, charge } = await paidCalls(
        store(),
        (name) => `${byTenthsOfMinutes(name)}\n[[allowance]]\nseconds_per_month = 600`,
      );
      const [alice, bob] = [await account(), await account()];
      await limit(alice, 10n);
      const wanted = call(alice, bob, { estimatedSeconds: 270 });
      const answers = [await pricing.price(wanted), await pricing.price(wanted)];
      // 600 s, all of them free, is what either would have by itself.
      expect(answers.map((answer) => priced(answer).terms.longestSeconds)).toEqual([600, 600]);
      const opens = [await opened(), await opened()];
      const holds = await Promise.all(
        answers.map((answer, index) => held(answer, opens[index]?.trackingId ?? '')),
      );
      const seconds = holds.map(({ longestSeconds }) => longestSeconds);
      expect(seconds.toSorted((a, b) => b - a)).toEqual([600, 60]);
      // What was not used is free again, and what was used counts before it is rated, too.
      const first = seconds.indexOf(600);
      await holds[first]?.settle(noon, 480);
      await close(opens[first] as OpenCall, wanted, 480);
      await holds[1 - first]?.settle(undefined, 0);
      expect(priced(await pricing.price(wanted)).terms.longestSeconds).toBe(180);
      await rater.rate();
      expect(await charge(opens[first] as OpenCall)).toMatchObject({ units: 0n, freeSeconds: 480 });
      expect(priced(await pricing.price(wanted)).terms.longestSeconds).toBe(180);
    });

    test('BL-A2 a call that is allowed in a cheap band and joined in a dear one is as much shorter', async () => {
      const { pricing, account, call, limit } = await paidCalls(
        store(),
        (name) => `${byTenthsOfMinutes(name, bands)}
[[rate]]
name = "day"
band = "day"
step = [{ from = 0, increment = 6, price = "0.50", per = 60 }]`,
      );
      const [alice, bob] = [await account(), await account()];
      await limit(alice, 100n);
      const at = new Date('2026-11-23T12:59:00Z');
      const [beforeEight, eight] = [at, new Date('2026-11-23T13:00:00Z')];
      const wanted = call(alice, bob, { at, ringAt: at, estimatedSeconds: 30 });
      // A minute at 0.10 and another at 0.50.
      const hold = await held(await pricing.price(wanted), uuid(40));
      expect(hold.longestSeconds).toBe(120);
      // 0.60 are set aside.
      expect([beforeEight, eight].map((bridge) => hold.longestFrom(bridge))).toEqual([120, 72]);
    });

    test('BL-A2 the month leaves less than the day', async () => {
      const { pricing, account, call, limit } = await paidCalls(store());
      const [alice, bob] = [await account(), await account()];
      await limit(alice, 100n, 5n);
      expect(await held(await pricing.price(call(alice, bob)), uuid(30))).toMatchObject({
        longestSeconds: 30,
        limit: `the limit of 0.05 USD a month of account ${alice}`,
      });
      await limit(alice, 0n, 500n);
      expect(await pricing.price(call(alice, bob))).toMatchObject({
        reason: `over the limit of 0.00 USD a day of account ${alice}, which pays`,
      });
    });

    test('BL-A2 a limit in another currency than the tariff holds every call back, and says why', async () => {
      const { pricing, account, call, limit } = await paidCalls(store());
      const [alice, bob] = [await account(), await account()];
      await limit(alice, 100n, undefined, 'EUR');
      expect(await pricing.price(call(alice, bob))).toMatchObject({
        kind: 'refused',
        reason: `the limit of account ${alice}, which pays, is in EUR, and its tariff in USD`,
      });
    });

    test('BL-A2 the limit is that of who pays, not of who calls', async () => {
      const { pricing, account, call, limit } = await paidCalls(store());
      const [alice, bob] = [await account(), await account()];
      await limit(alice, 0n);
      const collect = call(alice, bob, { isCollect: true });
      expect(priced(await pricing.price(collect)).terms.longestSeconds).toBe(0);
      await limit(bob, 10n);
      expect(priced(await pricing.price(collect)).terms.longestSeconds).toBe(60);
    });
  });
}

let calls = 0;

function uuid(number: number): string {
  return `00000000-0000-7000-8000-${String(1_000 * ++calls + number).padStart(12, '0')}`;
}

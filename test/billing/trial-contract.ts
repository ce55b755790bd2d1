import { describe, expect, test } from 'vitest';
import { readyVersion } from '../../src/billing/tariff-book.js';
import { discardRun, keepRun, tryRating } from '../../src/billing/trial.js';
import type { CallPosition } from '../../src/store/charges.js';
import { type LedgerUnderTest, november, who } from './ledger-contract.js';
import { byTheMinute, nextTariff, ratedCalls } from './rated-calls.js';

/** What a database must do with calls that are rated anew. */
export function trialContract(ledger: () => LedgerUnderTest): void {
  describe('trials', () => {
    test('telephony 7.7: calls rated anew show the difference, and count when they are kept', async () => {
      const { store } = ledger();
      const { import: take, account, call, cost, rater, options, clock } = ratedCalls(store);
      const [cheap, dear] = [nextTariff(), nextTariff()];
      await take(`${byTheMinute(cheap, '0.10')}[[allowance]]\nseconds_per_month = 60`);
      await take(byTheMinute(dear, '0.25', 'decimals = 4'));
      const caller = await account(cheap);
      const calls = [await call(caller, 60), await call(caller, 60), await call(caller, 90)];
      await rater.rate();
      const costs = async () => Promise.all(calls.map(cost));
      expect(await costs()).toEqual(['0.00', '0.10', '0.20']);
      const draft = async (tariff: string | undefined) => {
        const trial = { ...november, account: caller, tariff };
        const id = await store.ratingRuns.begin({ ...trial, madeAt: new Date(clock.utcMs()), madeBy: who });
        const difference = await tryRating(options, trial, id);
        await store.ratingRuns.drafted(id, difference);
        return { id, difference };
      };

      const same = await draft(undefined);
      expect(same.difference.accounts).toEqual([
        { account: caller, currency: 'USD', calls: 3, changed: 0, old: '30000000', new: '30000000' },
      ]);
      const other = await draft(dear);
      const stale = await draft(dear);
      expect(other.difference).toEqual({
        accounts: [
          { account: caller, currency: 'USD', calls: 3, changed: 3, old: '30000000', new: '100000000' },
        ],
        unrated: [],
        billed: 0,
      });
      expect(await costs()).toEqual(['0.00', '0.10', '0.20']);
      expect((await store.ratingRuns.find(other.id))?.difference).toEqual(other.difference);

      clock.advance(1_000);
      expect(await keepRun(store.ratingRuns, other.id, { clock, who })).toEqual({
        replaced: 3,
        billed: 0,
        overtaken: 0,
      });
      expect(await costs()).toEqual(['0.2500', '0.2500', '0.5000']);
      expect(await keepRun(store.ratingRuns, other.id, { clock, who })).toBeUndefined();
      expect(await keepRun(store.ratingRuns, stale.id, { clock, who })).toMatchObject({
        replaced: 0,
        overtaken: 3,
      });
      expect(await discardRun(store.ratingRuns, same.id, { clock, who })).toBe(true);
      expect(await discardRun(store.ratingRuns, same.id, { clock, who })).toBe(false);
      expect((await rater.rate({ again: true })).charged).toBe(0);
    });

    test('telephony 7.7: a trial reads calls that ended long after their bridge, too, each once, in the order of ends', async () => {
      const { store } = ledger();
      const { account, call } = ratedCalls(store);
      const caller = await account();
      const day = 24 * 3_600_000;
      // A month that no other test has, and one after it, whose calls end first.
      const endingAfter = async (days: number, ringAt: string) => {
        const rung = new Date(ringAt);
        const endAt = new Date(rung.getTime() + days * day + 30_000);
        return (await call(caller, 60, { endAt }, rung)).trackingId;
      };
      const late = await endingAfter(365, '2024-02-27T12:00:00Z');
      const lateToo = await endingAfter(9, '2024-02-27T12:00:00Z');
      const long = await endingAfter(6.9, '2024-02-28T12:00:00Z');
      const early = await endingAfter(0, '2024-02-01T00:00:00Z');
      for (const ringAt of ['2024-03-07T12:00:00Z', '2024-03-20T12:00:00Z', '2024-03-30T12:00:00Z'])
        await endingAfter(0, ringAt);
      const february = { from: new Date('2024-02-01T00:00:00Z'), to: new Date('2024-03-01T00:00:00Z') };
      const read = async (most: number) => {
        const found: string[] = [];
        let next: CallPosition | undefined;
        do {
          const after: CallPosition | undefined = next;
          const stretch = await store.charges.alone((work) => work.callsBridged(february, after, most));
          found.push(...stretch.calls.map(({ trackingId }) => trackingId));
          next = stretch.next;
        } while (next);
        return found;
      };
      for (const most of [1, 2, 3, 2_000]) expect(await read(most)).toEqual([early, long, lateToo, late]);
    });

    test('BL-80 a trial that is kept leaves what is billed as it is', async () => {
      const { store, bill } = ledger();
      const { import: take, account, call, cost, rater, options, clock } = ratedCalls(store);
      const [cheap, dear] = [nextTariff(), nextTariff()];
      await take(byTheMinute(cheap, '0.10'));
      await take(byTheMinute(dear, '0.25'));
      const caller = await account(cheap);
      const october = await call(caller, 60, {}, new Date('2026-10-20T12:00:00Z'));
      const inNovember = await call(caller, 60);
      await rater.rate();
      await bill(caller, '2026-10-01');
      const trial = { from: new Date('2026-10-01'), to: november.to, account: caller, tariff: dear };
      const id = await store.ratingRuns.begin({ ...trial, madeAt: new Date(clock.utcMs()), madeBy: who });
      const difference = await tryRating(options, trial, id);
      expect(difference.billed).toBe(1);
      await store.ratingRuns.drafted(id, difference);
      clock.advance(1_000);
      expect(await keepRun(store.ratingRuns, id, { clock, who })).toEqual({
        replaced: 1,
        billed: 1,
        overtaken: 0,
      });
      expect([await cost(october), await cost(inNovember)]).toEqual(['0.10', '0.25']);
    });

    test('telephony 7.7: a file that is not imported is tried, and nothing is stored; one broken off is not kept', async () => {
      const { store } = ledger();
      const { import: take, account, call, cost, rater, options, clock } = ratedCalls(store);
      const tariff = nextTariff();
      await take(byTheMinute(tariff, '0.10'));
      const caller = await account(tariff);
      const first = await call(caller, 60);
      const abroad = await call(caller, 60, { calledNumber: '01144' });
      await rater.rate();
      const file = readyVersion({ id: undefined, content: byTheMinute('new', '0.01'), rates: undefined });
      if ('faults' in file) throw new Error(file.faults.join());
      const difference = await tryRating(options, { ...november, account: caller, tariff: file }, undefined);
      expect(difference.accounts).toMatchObject([{ calls: 1, changed: 1, old: '10000000', new: '1000000' }]);
      expect(difference.unrated).toEqual([
        { reason: 'tariff new has no rate for its number and class at that time', calls: 1 },
      ]);
      expect([await cost(first), await cost(abroad)]).toEqual(['0.10', expect.stringContaining(tariff)]);
      const made = { madeAt: new Date(clock.utcMs()), madeBy: who };
      const broken = await store.ratingRuns.begin({ ...november, account: caller, tariff, ...made });
      expect(await keepRun(store.ratingRuns, broken, { clock, who })).toBeUndefined();
    });
  });
}

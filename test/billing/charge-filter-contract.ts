import { describe, expect, test } from 'vitest';
import { LedgerRater } from '../../src/billing/rate-ledger.js';
import type { CallFilter } from '../../src/store/call-filter.js';
import type { OpenCall } from '../../src/store/calls.js';
import type { LedgerUnderTest } from './ledger-contract.js';
import { byTheMinute, nextTariff, ratedCalls } from './rated-calls.js';

/** What the filters find that go by the charge. */
export function chargeFilterContract(ledger: () => LedgerUnderTest): void {
  /** Of calls of one minute each, by the price of it: the rated calls, and what a filter finds of them, oldest first. */
  const minutes = async (
    prices: readonly (readonly [price: string, currency: string, decimals: number])[],
  ) => {
    const { store } = ledger();
    const { import: take, account, call, rater } = ratedCalls(store);
    const calls: OpenCall[] = [];
    const callers = [];
    for (const [price, currency, decimals] of prices) {
      const tariff = nextTariff();
      await take(byTheMinute(tariff, price, `decimals = ${decimals}`).replace('USD', currency));
      const caller = await account(tariff);
      callers.push(caller);
      calls.push(await call(caller, 60));
    }
    await rater.rate();
    const found = async (filter: CallFilter) => {
      const ids = new Set(
        (await store.calls.list({ ...filter, limit: 1_000 })).map((each) => each.trackingId),
      );
      return prices
        .filter((_, index) => ids.has(calls[index]?.trackingId ?? ''))
        .map((each) => each.join(' '));
    };
    return { found, callers };
  };

  describe('filters by the charge', () => {
    test('telephony 7.7: a cost equal to the limit is found, whatever its decimals and currency; one finer unit beyond it is not', async () => {
      const { found } = await minutes([
        ['7.77', 'USD', 2],
        ['7.77', 'USD', 4],
        ['7.7701', 'USD', 4],
        ['7.77', 'CHF', 2],
        ['8', 'JPY', 0],
        ['0', 'USD', 2],
      ]);
      const equal = ['7.77 USD 2', '7.77 USD 4', '7.77 CHF 2'];
      expect(await found({ minCost: '7.77', maxCost: '7.77' })).toEqual(equal);
      expect(await found({ minCost: '7.770000', maxCost: '7.7700000001' })).toEqual(equal);
      expect(await found({ minCost: '7.77' })).toEqual([
        ...equal.slice(0, 2),
        '7.7701 USD 4',
        '7.77 CHF 2',
        '8 JPY 0',
      ]);
      expect(await found({ minCost: '7.7700001' })).toEqual(['7.7701 USD 4', '8 JPY 0']);
      expect(await found({ maxCost: '7.77' })).toEqual([...equal, '0 USD 2']);
      expect(await found({ maxCost: '7.7699999' })).toEqual(['0 USD 2']);
      expect(await found({ minCost: '8', maxCost: '8' })).toEqual(['8 JPY 0']);
      expect(await found({ minCost: '0', maxCost: '0' })).toEqual(['0 USD 2']);
      expect(await found({ minCost: '8', maxCost: '7' })).toEqual([]);
    });

    test('telephony 7.7: a currency alone finds its calls; totals sum each by itself, exact', async () => {
      const { found, callers } = await minutes([
        ['0.1', 'USD', 2],
        ['12', 'JPY', 0],
        ['0.0001', 'SEK', 4],
      ]);
      expect(await found({ currency: 'USD' })).toEqual(['0.1 USD 2']);
      expect(await found({ currency: 'JPY' })).toEqual(['12 JPY 0']);
      expect(await found({ currency: 'NOK' })).toEqual([]);
      expect(await found({ currency: 'USD', minCost: '0.1001' })).toEqual([]);
      const { calls } = ledger().store;
      expect((await calls.totals({ currency: 'SEK' })).charges).toEqual([
        { currency: 'SEK', amount: '0.0001', calls: 1 },
      ]);
      const [, inYen] = callers;
      expect((await calls.totals(inYen ? { payer: inYen } : {})).charges).toEqual([
        { currency: 'JPY', amount: '12', calls: 1 },
      ]);
    });

    test('telephony 7.7: a payer is found by what it pays, whoever called; as a party it is in no call', async () => {
      const { store } = ledger();
      const { import: take, account, call, options } = ratedCalls(store);
      const tariff = nextTariff();
      await take(byTheMinute(tariff, '0.10'));
      const [caller, third] = [await account(tariff), await account(tariff)];
      const paid = await call(caller, 60);
      await new LedgerRater({ ...options, payers: async () => () => third }).rate();
      const found = async (filter: CallFilter) =>
        (await store.calls.list(filter)).map((each) => each.trackingId);
      expect(await found({ payer: third })).toEqual([paid.trackingId]);
      expect(await found({ payer: caller })).toEqual([]);
      expect(await found({ account: third })).toEqual([]);
      expect(await found({ caller, payer: third })).toEqual([paid.trackingId]);
    });
  });
}

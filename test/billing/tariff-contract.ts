import { describe, expect, test } from 'vitest';
import { explainCall } from '../../src/billing/explain-call.js';
import { TariffBook } from '../../src/billing/tariff-book.js';
import type { AccountNumber } from '../../src/bytes/account-number.js';
import { type LedgerUnderTest, who } from './ledger-contract.js';
import { byTheMinute, nextTariff, ratedCalls } from './rated-calls.js';

/** What a database must do with tariffs. */
export function tariffContract(ledger: () => LedgerUnderTest): void {
  describe('tariffs', () => {
    test('telephony 7.6: two versions of a tariff never hold at once; the one in the way is told', async () => {
      const { store } = ledger();
      const { import: take } = ratedCalls(store);
      const tariff = nextTariff();
      const first = await take(byTheMinute(tariff, '0.10'));
      expect(first).toMatchObject({ kind: 'imported', replaced: [] });
      expect(await take(byTheMinute(tariff, '0.10'))).toMatchObject({ kind: 'known' });
      const later = byTheMinute(tariff, '0.20', '', '2026-07-01');
      expect(await take(later)).toMatchObject({
        kind: 'overlaps',
        periods: [{ tariff, importedBy: 'anna' }],
      });
      expect(await store.tariffs.periods(tariff)).toHaveLength(1);
    });

    test('telephony 7.6: one that replaces another takes its time, and the rest of that stays', async () => {
      const { store } = ledger();
      const { import: take } = ratedCalls(store);
      const tariff = nextTariff();
      await take(byTheMinute(tariff, '0.10'));
      const inJuly = byTheMinute(tariff, '0.05', 'valid_to = "2026-08-01"', '2026-07-01');
      expect(await take(inJuly, true)).toMatchObject({ kind: 'imported', replaced: [{ tariff }] });
      const priceAt = async (time: string) =>
        /price = "([\d.]+)"/.exec((await store.tariffs.at(tariff, new Date(time)))?.content ?? '')?.[1];
      expect(await priceAt('2026-07-01T03:59:59Z')).toBe('0.10');
      expect(await priceAt('2026-07-01T04:00:00Z')).toBe('0.05');
      expect(await priceAt('2026-08-01T03:59:59Z')).toBe('0.05');
      expect(await priceAt('2026-08-01T04:00:00Z')).toBe('0.10');
      expect(await priceAt('2019-01-01T00:00:00Z')).toBeUndefined();
      const inForce = (await store.tariffs.periods(tariff)).filter((each) => !each.withdrawnAt);
      expect(inForce).toHaveLength(3);
    });

    test('telephony 7.6: two imports at once leave one that holds', async () => {
      const { store, other } = ledger();
      const tariff = nextTariff();
      const kinds = await Promise.all([
        ratedCalls(store).import(byTheMinute(tariff, '0.10')),
        ratedCalls(other).import(byTheMinute(tariff, '0.20')),
      ]);
      expect(kinds.map(({ kind }) => kind).sort()).toEqual(['imported', 'overlaps']);
    });

    test('telephony 7.6: a version that is withdrawn rates nothing more; its charges are explained still', async () => {
      const { store } = ledger();
      const { import: take, account, call, cost, rater } = ratedCalls(store);
      const tariff = nextTariff();
      const imported = await take(byTheMinute(tariff, '0.10'));
      if (imported.kind !== 'imported') throw new Error(imported.kind);
      const caller = await account(tariff);
      const before = await call(caller, 61);
      await rater.rate();
      const by = { at: new Date('2026-11-30'), who };
      expect(await store.tariffs.withdraw(imported.id, by)).toBe(true);
      expect(await store.tariffs.withdraw(imported.id, by)).toBe(false);
      const after = await call(caller, 61);
      await rater.rate();
      expect(await cost(after)).toBe(`tariff ${tariff} has no version for 2026-11-21`);
      const lines = await explainCall(store.charges, new TariffBook(store.tariffs), before.trackingId);
      expect(lines?.slice(-4)).toEqual([
        'Connect charge, all: 0.00',
        'Seconds 0 to 120, any, all: 2 x 60 s at 0.10 per 60 s: 0.20',
        'Sum 0.20, rounded up for the call',
        'Charge: 0.20 USD',
      ]);
    });

    test('telephony 7.6: an account pays by its own tariff, or else by the default one', async () => {
      const { store } = ledger();
      const { import: take, account, call, cost, rater } = ratedCalls(store);
      const [own, standard] = [nextTariff(), nextTariff()];
      await take(byTheMinute(own, '0.10'));
      await take(byTheMinute(standard, '0.30'));
      const [theirs, others] = [await account(own), await account()];
      expect(await store.tariffs.assign('999999999999' as AccountNumber, own)).toBe('no account');
      expect(await store.tariffs.assign(others, 'nothing')).toBe('no tariff');
      expect(await store.tariffs.makeDefault('nothing')).toBe(false);
      expect(await store.tariffs.makeDefault(own)).toBe(true);
      expect(await store.tariffs.makeDefault(standard)).toBe(true);
      expect([await store.tariffs.of(theirs), await store.tariffs.of(others)]).toEqual([own, standard]);
      const calls = [await call(theirs, 60), await call(others, 60)];
      await rater.rate();
      expect(await Promise.all(calls.map(cost))).toEqual(['0.10', '0.30']);
      await store.tariffs.assign(theirs, undefined);
      expect(await store.tariffs.of(theirs)).toBe(standard);
    });
  });
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Store } from '../../src/store/store.js';
import { byTenthsOfMinutes, held, noon, paidCalls, priced } from './paid-calls.js';

/** What every database must do alike for prices, and for who pays. */
export function pricingContract(store: () => Store): void {
  describe('BL-A2 prices before the call', () => {
    test('BL-A2 the price of the estimate, and the caller pays', async () => {
      const { pricing, account, call } = await paidCalls(store());
      const [alice, bob] = [await account(), await account()];
      const { terms } = priced(await pricing.price(call(alice, bob, { estimatedSeconds: 61 })));
      // 66 s in steps of 6 s at 0.10 a minute.
      expect(terms).toEqual({
        longestSeconds: 0,
        priceClass: 0,
        price: { units: 11n, decimals: 2, currency: 'USD' },
        payer: 'caller',
      });
    });

    test('BL-A2 the price is of the tariff of who pays: a third party, and then the callee that agrees', async () => {
      const dear = await paidCalls(
        store(),
        (name) => `
name = "${name}"
valid_from = "1980-01-01"
currency = "EUR"
decimals = 3
zone = "Europe/Berlin"
[[rate]]
name = "all"
step = [{ from = 0, increment = 1, price = "0.6" }]`,
      );
      const cheap = await paidCalls(store());
      const [alice, bob, carol] = [await cheap.account(), await cheap.account(), await dear.account()];
      const agreed = { validFrom: noon, validTo: undefined, agreedAt: noon, agreedBy: 'anna' };
      await store().payers.agree({ payer: carol, party: alice, role: 'caller', other: undefined, ...agreed });
      const wish = { estimatedSeconds: 10 };
      expect(priced(await cheap.pricing.price(cheap.call(alice, bob, wish))).terms).toMatchObject({
        price: { units: 100n, decimals: 3, currency: 'EUR' },
        payer: 'third-party',
      });
      const collect = cheap.call(alice, bob, { ...wish, isCollect: true });
      expect(priced(await cheap.pricing.price(collect)).terms).toMatchObject({
        price: { currency: 'USD' },
        payer: 'callee',
      });
      await store().subscribers.setState(carol, 'suspended');
      expect(await cheap.pricing.price(cheap.call(alice, bob))).toEqual({
        kind: 'refused',
        reason: `account ${carol}, which pays, is suspended`,
      });
    });

    test('BL-A2 without a tariff in force no price is told, and the log says so; who has a limit is not called into the unknown', async () => {
      const { pricing, account, call, limit, log } = await paidCalls(store());
      const [alice, bob] = [await account(), await account()];
      const then = new Date('1970-01-01T00:00:00Z');
      const unpriced = call(alice, bob, { at: then, ringAt: then, estimatedSeconds: 60 });
      const answer = await pricing.price(unpriced);
      expect(priced(answer).terms).toMatchObject({ price: undefined, longestSeconds: 0 });
      expect(await held(answer, 'a call')).toMatchObject({ longestSeconds: 0 });
      expect(log.with('no tariff has a price for this call: it is not rated')).toEqual([
        { trackingId: 'a call', account: alice },
      ]);
      await limit(alice, 100n);
      expect(await pricing.price(unpriced)).toEqual({
        kind: 'refused',
        reason: `no tariff has a price for this call, and account ${alice}, which pays, has a limit`,
      });
    });

    test('BL-A2 the same where its tariff has no rate for the number', async () => {
      const { pricing, account, call, limit } = await paidCalls(store(), (name) =>
        byTenthsOfMinutes(name).replace('name = "all"', 'name = "far"\nprefix = "9"'),
      );
      const [alice, bob] = [await account(), await account()];
      expect(priced(await pricing.price(call(alice, bob))).terms.price).toBeUndefined();
      await limit(alice, 100n);
      expect(await pricing.price(call(alice, bob))).toMatchObject({ kind: 'refused' });
    });

    test('BL-A2 accounts that there are not have no price and are no fault', async () => {
      const { pricing, call } = await paidCalls(store());
      const [nobody, noOne] = ['999999999998', '999999999999'] as never[] as [never, never];
      for (const isCollect of [true, false])
        expect(priced(await pricing.price(call(nobody, noOne, { isCollect }))).terms.price).toBeUndefined();
    });

    test('BL-A2 BL-A1 what was quoted is what is charged for as many seconds, in every minute of the week', async () => {
      const { pricing, account, call, opened, close, rater, charge } = await paidCalls(
        store(),
        (name) => `
name = "${name}"
valid_from = "1980-01-01"
currency = "USD"
decimals = 4
zone = "America/New_York"
other_band = "night"
crossing = "split"
minimum = "0.01"
[[band]]
name = "day"
days = "mon-fri"
from = "08:00"
to = "17:00"
[[rate]]
name = "day"
band = "day"
connect = "0.07"
step = [{ from = 0, increment = 60, price = "0.33" }, { from = 60, increment = 6, price = "0.21" }]
[[rate]]
name = "night"
band = "night"
step = [{ from = 0, increment = 30, price = "0.05" }]
[[allowance]]
seconds_per_month = 100`,
      );
      const bob = await account();
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 0, max: 7 * 1_440 }),
          fc.integer({ min: 0, max: 20_000 }),
          async (minute, seconds) => {
            const alice = await account();
            const at = new Date(noon.getTime() + 60_000 * minute);
            const wanted = call(alice, bob, { at, ringAt: at, estimatedSeconds: seconds });
            const { price } = priced(await pricing.price(wanted)).terms;
            const open = await opened(at);
            await close(open, wanted, seconds);
            await rater.rate();
            const { units, decimals, currency } = (await charge(open)) ?? {};
            expect({ units, decimals, currency }).toEqual(price);
          },
        ),
        { numRuns: 15 },
      );
    }, 60_000);
  });

  describe('BL-A2 rules of who pays', () => {
    const agreed = { validTo: undefined, agreedAt: noon, agreedBy: 'anna' };

    test('BL-A2 never two payers at once for the same calls; after one has ended another may begin', async () => {
      const { account } = await paidCalls(store());
      const [alice, bob, carol] = [await account(), await account(), await account()];
      const { payers } = store();
      const rule = {
        payer: bob,
        party: alice,
        role: 'caller',
        other: undefined,
        validFrom: noon,
        ...agreed,
      } as const;
      const id = await payers.agree(rule);
      if (id === undefined) throw new Error('not agreed');
      expect(await payers.agree({ ...rule, payer: carol })).toBeUndefined();
      expect(await payers.agree({ ...rule, payer: carol, role: 'callee' })).toEqual(expect.any(Number));
      expect(await payers.agree({ ...rule, payer: carol, other: bob })).toEqual(expect.any(Number));
      const end = new Date(noon.getTime() + 1_000);
      expect(await payers.end(id, end)).toBe(true);
      expect(await payers.end(id, end)).toBe(false);
      expect(await payers.agree({ ...rule, payer: carol, validFrom: end })).toEqual(expect.any(Number));
      expect((await payers.rules(bob)).map(({ validTo }) => validTo)).toEqual([end]);
      expect(await payers.agree({ ...rule, party: '999999999999' as never })).toBeUndefined();
    });

    test('BL-A2 a rule that has not begun is gone when it is ended', async () => {
      const { account } = await paidCalls(store());
      const [alice, bob] = [await account(), await account()];
      const { payers } = store();
      const rule = {
        payer: bob,
        party: alice,
        role: 'callee',
        other: undefined,
        validFrom: noon,
        ...agreed,
      } as const;
      const id = await payers.agree(rule);
      expect(await payers.end(id ?? 0, new Date(0))).toBe(true);
      expect(await payers.rules(alice)).toEqual([]);
    });

    test('BL-A2 the charge goes to who pays', async () => {
      const { account, call, opened, close, rater, charge } = await paidCalls(store());
      const [alice, bob, carol] = [await account(), await account(), await account()];
      await store().payers.agree({
        payer: carol,
        party: alice,
        role: 'caller',
        other: bob,
        validFrom: noon,
        ...agreed,
      });
      const [own, paid, collect] = [
        await opened(new Date(noon.getTime() - 1)),
        await opened(),
        await opened(),
      ];
      await close(own, call(alice, bob), 60);
      await close(paid, call(alice, bob), 60);
      await close(collect, call(alice, bob, { isCollect: true }), 60);
      await rater.rate();
      const payers = [await charge(own), await charge(paid), await charge(collect)].map(
        (each) => each?.payer,
      );
      expect(payers).toEqual([alice, carol, bob]);
    });
  });
}

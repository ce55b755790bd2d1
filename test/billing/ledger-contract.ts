import { afterEach, describe, expect, test } from 'vitest';
import { LedgerRater } from '../../src/billing/rate-ledger.js';
import type { AccountNumber } from '../../src/bytes/account-number.js';
import type { OpenCall } from '../../src/store/calls.js';
import type { Sql } from '../../src/store/database.js';
import type { Store } from '../../src/store/store.js';
import { newCall } from '../store/store-contract.js';
import { byTheMinute, nextTariff, ratedCalls } from './rated-calls.js';

/** A database, and what bills do to it. */
export interface LedgerUnderTest {
  readonly store: Store;
  /** The same database by other connections. */
  readonly other: Store;
  readonly sql: Sql;
  /** Issues the bill of a month, `2026-11-01`. */
  bill(account: AccountNumber, period: string): Promise<void>;
  /** Credits it. */
  credit(account: AccountNumber, period: string): Promise<void>;
}

export const november = { from: new Date('2026-11-01T00:00Z'), to: new Date('2026-12-01T00:00Z') };
export const who = 'anna';

/** What a database must do with charges. */
export function ledgerContract(ledger: () => LedgerUnderTest): void {
  /** Whatever a test has done: the triggers have kept what a look at all calls finds. */
  afterEach(async () => {
    const { sql } = ledger();
    const kept = await sql`select tracking_id from uncharged_call order by 1`;
    const found = await sql`
      select call.tracking_id from call_record call left join charge using (tracking_id)
      where end_at is not null and bridge_at is not null and corrected_by is null and charge.tracking_id is null
      order by 1`;
    expect([...kept]).toEqual([...found]);
  });

  describe('charges', () => {
    test('BL-A1 calls are charged by their tariff: once, however often they are rated', async () => {
      const { store } = ledger();
      const { import: take, account, call, cost, rater } = ratedCalls(store);
      const tariff = nextTariff();
      await take(byTheMinute(tariff, '0.10'));
      const caller = await account(tariff);
      const [short, long, notBridged] = [
        await call(caller, 1),
        await call(caller, 61),
        await call(caller, 0, { bridgeAt: undefined, outcome: 'busy', releaseCause: 17 }),
      ];
      const tally = await rater.rate();
      expect(tally.charged).toBe(2);
      expect(tally.sums).toEqual([{ currency: 'USD', decimals: 2, units: 30n }]);
      expect([await cost(short), await cost(long), await cost(notBridged)]).toEqual([
        '0.10',
        '0.20',
        undefined,
      ]);
      expect((await rater.rate({ again: true })).charged).toBe(0);
      const [record] = await store.calls.list({ account: caller, limit: 1, outcome: 'completed' });
      expect(record).toMatchObject({ billTo: caller, chargeMinor: 20n, currency: 'USD' });
    });

    test('BL-A1 a charge that is taken away by hand is made again', async () => {
      const { store, sql } = ledger();
      const { import: take, account, call, cost, rater } = ratedCalls(store);
      const tariff = nextTariff();
      await take(byTheMinute(tariff, '0.10'));
      const caller = await account(tariff);
      const made = await call(caller, 61);
      await rater.rate();
      await sql`delete from charge where tracking_id = ${made.trackingId}`;
      const [waiting] = await store.calls.list({ account: caller, isRated: false });
      expect(waiting?.trackingId).toBe(made.trackingId);
      await rater.rate({ again: true });
      expect(await cost(made)).toBe('0.20');
      expect(await store.calls.list({ account: caller, isRated: false })).toEqual([]);
    });

    test('BL-A1 nothing is charged for a call that is not on record', async () => {
      const { store, sql } = ledger();
      const { import: take, account, call, rater } = ratedCalls(store);
      const tariff = nextTariff();
      await take(byTheMinute(tariff, '0.10'));
      const made = await call(await account(tariff), 61);
      await rater.rate();
      const { trackingId: stray } = newCall();
      const charged = sql`
        insert into charge
        select (jsonb_populate_record(charge, jsonb_build_object('tracking_id', ${stray}::text))).*
        from charge where tracking_id = ${made.trackingId}`;
      await expect(charged).rejects.toMatchObject({
        code: '23503',
        message: `There is no call record ${stray}: nothing can be charged for it.`,
      });
    });

    test('BL-A1 two raters at once charge every call once, and grant no allowance twice', async () => {
      const { store, other } = ledger();
      const { import: take, account, call, options } = ratedCalls(store);
      const tariff = nextTariff();
      await take(`${byTheMinute(tariff, '0.10')}[[allowance]]\nseconds_per_month = 150`);
      const caller = await account(tariff);
      const calls: OpenCall[] = [];
      for (let index = 0; index < 12; index++) calls.push(await call(caller, 60));
      const raters = [
        new LedgerRater(options),
        new LedgerRater({ ...options, charges: other.charges, tariffs: other.tariffs }),
      ];
      const tallies = await Promise.all(raters.map((each) => each.rate()));
      expect(tallies.reduce((sum, { charged }) => sum + charged, 0)).toBe(12);
      const charges = await Promise.all(calls.map(({ trackingId }) => store.charges.find(trackingId)));
      expect(charges.map((each) => each?.freeSeconds)).toEqual([60, 60, 30, ...Array(9).fill(0)]);
      // Twelve minutes, of which two and the half of one are free; that half is charged as a whole.
      expect(charges.reduce((sum, each) => sum + (each?.units ?? 0n), 0n)).toBe(100n);
    });

    test('telephony 7.6: the version of the bridge rates the whole call, also where another one begins in it', async () => {
      const { store } = ledger();
      const { import: take, account, call, cost, rater } = ratedCalls(store);
      const tariff = nextTariff();
      await take(byTheMinute(tariff, '0.10', 'valid_to = "2026-11-15"'));
      await take(byTheMinute(tariff, '0.20', '', '2026-11-15'));
      const caller = await account(tariff);
      // Midnight in New York, 20 s after the ring.
      const [before, at] = ['2026-11-15T04:59:39.999Z', '2026-11-15T04:59:40Z'].map(
        (ringAt) => new Date(ringAt),
      );
      const calls = [await call(caller, 7_200, {}, before), await call(caller, 7_200, {}, at)];
      await rater.rate();
      expect(await Promise.all(calls.map(cost))).toEqual(['12.00', '24.00']);
    });

    test("telephony 7.6: an allowance begins anew with the month of the tariff's zone", async () => {
      const { store } = ledger();
      const { import: take, account, call, rater } = ratedCalls(store);
      const tariff = nextTariff();
      await take(`${byTheMinute(tariff, '0.10')}[[allowance]]\nclass = "delivery"\nseconds_per_month = 60`);
      const caller = await account(tariff);
      const lastOfOctober = await call(caller, 60, {}, new Date('2026-11-01T03:59:00Z'));
      const firstOfNovember = await call(caller, 60, {}, new Date('2026-11-01T04:00:00Z'));
      const pairing = await call(caller, 60, { callClass: 'pairing' }, new Date('2026-11-02T04:00:00Z'));
      await rater.rate();
      const find = async ({ trackingId }: OpenCall) => store.charges.find(trackingId);
      expect(await find(lastOfOctober)).toMatchObject({ period: '2026-10-01', freeSeconds: 60, units: 0n });
      expect(await find(firstOfNovember)).toMatchObject({ period: '2026-11-01', freeSeconds: 60, units: 0n });
      expect(await find(pairing)).toMatchObject({ freeSeconds: 0, units: 10n, callClass: 'pairing' });
    });

    test('telephony 7.7: what cannot be rated says why, and is rated when it can be', async () => {
      const { store } = ledger();
      const { import: take, account, call, cost, rater } = ratedCalls(store);
      const tariff = nextTariff();
      const caller = await account();
      const withoutTariff = await call(caller, 60);
      await rater.rate();
      expect(await cost(withoutTariff)).toBe('who pays has no tariff, and none is the default');
      await take(byTheMinute(tariff, '0.10'));
      await store.tariffs.assign(caller, tariff);
      const abroad = await call(caller, 60, { calledNumber: '01144' });
      const early = await call(caller, 60, {}, new Date('2019-11-20T12:00:00Z'));
      const backwards = await call(caller, 60, { endAt: new Date('2026-11-01T00:00:00Z') });
      const stranger = await call('999999999999' as AccountNumber, 60);
      await rater.rate({ again: true });
      expect(await cost(withoutTariff)).toBe('0.10');
      expect(await cost(abroad)).toBe(`tariff ${tariff} has no rate for its number and class at that time`);
      expect(await cost(early)).toBe(`tariff ${tariff} has no version for 2019-11-20`);
      expect(await cost(backwards)).toBe('it ends before it begins: a clock was set back');
      expect(await cost(stranger)).toBe('account 999999999999, which pays, does not exist');
      const reasons = await store.charges.unratedReasons();
      expect(reasons).toContainEqual({ reason: await cost(early), calls: 1 });
    });

    test('telephony 7.7: a call that its server did not live to measure waits for a person', async () => {
      const { store } = ledger();
      const { import: take, account, cost, rater } = ratedCalls(store);
      const tariff = nextTariff();
      await take(byTheMinute(tariff, '0.10'));
      const caller = await account(tariff);
      const open = newCall();
      await ledger().other.calls.open(open);
      const bridgeAt = new Date(open.ringAt.getTime() + 1_000);
      const known = { callerAccount: caller, calledNumber: '5550101', bridgeAt } as never;
      await store.calls.note(open.trackingId, known);
      await interrupted(ledger(), open);
      await rater.rate();
      expect(await cost(open)).toMatch(
        /^nobody measured it: its server stopped during the call; `cordboard calls correct`/,
      );
    });

    test('BL-80 what is rated after its month was billed stands on the bill of the next month', async () => {
      const { store, bill } = ledger();
      const { import: take, account, call, rater } = ratedCalls(store);
      const tariff = nextTariff();
      await take(byTheMinute(tariff, '0.10'));
      const caller = await account(tariff);
      await bill(caller, '2026-11-01');
      await bill(caller, '2026-12-01');
      const late = await call(caller, 60);
      await rater.rate();
      expect(await store.charges.find(late.trackingId)).toMatchObject({ period: '2027-01-01' });
    });
  });

  describe('corrections', () => {
    const correct = async (store: Store, call: OpenCall, seconds: number | undefined) => {
      const further = newCall({ ringAt: call.ringAt });
      const changes =
        seconds === undefined
          ? { bridgeAt: null, billableSeconds: 0, outcome: 'busy', reason: 'never joined' }
          : { billableSeconds: seconds, reason: 'measured anew' };
      await store.calls.correct(call.trackingId, {
        trackingId: further.trackingId,
        changes: changes as never,
        enteredBy: who,
      });
      return further;
    };

    test('BL-A1 a corrected record costs nothing any more, its correction does', async () => {
      const { store } = ledger();
      const { import: take, account, call, cost, rater } = ratedCalls(store);
      const tariff = nextTariff();
      await take(byTheMinute(tariff, '0.10'));
      const first = await call(await account(tariff), 60);
      await rater.rate();
      const second = await correct(store, first, 200);
      const third = await correct(store, second, 300);
      expect(await rater.rate({ since: november.to })).toMatchObject({ charged: 1, superseded: 1 });
      expect([await cost(first), await cost(second), await cost(third)]).toEqual([
        undefined,
        undefined,
        '0.50',
      ]);
      expect(await rater.rate()).toMatchObject({ charged: 0, superseded: 0 });
    });

    test('BL-80 a correction of what is billed waits until the bill is credited', async () => {
      const { store, bill, credit } = ledger();
      const { import: take, account, call, cost, rater } = ratedCalls(store);
      const tariff = nextTariff();
      await take(byTheMinute(tariff, '0.10'));
      const caller = await account(tariff);
      const first = await call(caller, 60);
      await rater.rate();
      await bill(caller, '2026-11-01');
      const second = await correct(store, first, 200);
      await rater.rate({ again: true });
      expect(await cost(first)).toBe('0.10');
      expect(await cost(second)).toBe(
        `a correction of a call on the bill of 2026-11 of account ${caller}: credit that bill first`,
      );
      await credit(caller, '2026-11-01');
      await rater.rate({ again: true });
      expect([await cost(first), await cost(second)]).toEqual([undefined, '0.40']);
    });
  });
}

/** As if the server that had this call were dead. */
async function interrupted({ other }: LedgerUnderTest, { trackingId }: OpenCall): Promise<void> {
  await other.calls.closeInterrupted(new Date('2026-11-21T12:00:00Z'));
  expect((await other.calls.find(trackingId))?.outcome).toBe('interrupted');
}

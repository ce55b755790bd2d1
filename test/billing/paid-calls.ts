import { CallPricing, type CallToPrice } from '../../src/billing/call-pricing.js';
import { payerBy } from '../../src/billing/payer.js';
import { LedgerRater } from '../../src/billing/rate-ledger.js';
import { TariffBook } from '../../src/billing/tariff-book.js';
import type { AccountNumber } from '../../src/bytes/account-number.js';
import type { OpenCall } from '../../src/store/calls.js';
import type { Store } from '../../src/store/store.js';
import { SimulatedClock } from '../../src/time/simulated-clock.js';
import { closed, newCall, newSubscriber } from '../store/store-contract.js';
import { LogBook } from '../support/log-book.js';

let tariffs = 0;

/** 0.10 a minute in steps of 6 s, by the clocks of New York. */
export const byTenthsOfMinutes = (name: string, more = '') => `
name = "${name}"
valid_from = "1980-01-01"
currency = "USD"
zone = "America/New_York"
${more}
[[rate]]
name = "all"
step = [{ from = 0, increment = 6, price = "0.10", per = 60 }]`;

/** Accounts with a tariff of their own, and what is needed to price and to rate their calls. */
export async function paidCalls(store: Store, content = byTenthsOfMinutes) {
  const tariff = `tariff ${++tariffs}`;
  const at = new Date('2020-01-01T00:00:00Z');
  const text = content(tariff);
  await store.tariffs.import(
    {
      tariff,
      validFrom: at,
      validTo: undefined,
      content: text,
      rates: undefined,
      sha256: '0'.repeat(64),
      importedAt: at,
      importedBy: 'anna',
    },
    { replaces: false },
  );
  const log = new LogBook();
  const book = new TariffBook(store.tariffs);
  const pricing = new CallPricing({ payers: store.payers, book, log });
  const payers = async () => payerBy(await store.payers.rules());
  const clock = new SimulatedClock();
  const rater = new LedgerRater({ charges: store.charges, tariffs: store.tariffs, clock, payers });
  const account = async () => {
    const subscriber = newSubscriber();
    await store.subscribers.add(subscriber);
    await store.tariffs.assign(subscriber.account, tariff);
    return subscriber.account;
  };
  const call = (
    caller: AccountNumber,
    callee: AccountNumber,
    given: Partial<CallToPrice> = {},
  ): CallToPrice => ({
    ...{ caller, callee, callClass: 'delivery', isCollect: false, estimatedSeconds: 0 },
    ...{ ringAt: noon, at: noon, ...given },
  });
  return {
    ...{ tariff, log, book, pricing, rater, account, call },
    async limit(payer: AccountNumber, daily: bigint | undefined, monthly?: bigint, currency = 'USD') {
      const limit = { account: payer, currency, decimals: 2, dailyUnits: daily, monthlyUnits: monthly };
      await store.payers.setLimit({ ...limit, setAt: at, setBy: 'anna' });
    },
    async opened(ringAt = noon): Promise<OpenCall> {
      const open = { ...newCall(), ringAt };
      await store.calls.open(open);
      return open;
    },
    /** Over and in the ledger: joined at its ring, for so many seconds. */
    async close(open: OpenCall, { caller, callee, isCollect }: CallToPrice, seconds: number): Promise<void> {
      const endAt = new Date(open.ringAt.getTime() + 1_000 * seconds);
      const parties = { callerAccount: caller, calleeAccount: callee, isCollect, calledNumber: '5550101' };
      const times = {
        answerAt: open.ringAt,
        bridgeAt: open.ringAt,
        endAt,
        durationSeconds: seconds,
        billableSeconds: seconds,
      };
      await store.calls.close(open.trackingId, closed(open, { ...parties, ...times }));
    },
    charge: (open: OpenCall) => store.charges.find(open.trackingId),
  };
}

export const noon = new Date('2026-11-21T17:00:00Z');

type Answer = Awaited<ReturnType<CallPricing['price']>>;

/** @throws where it is refused */
export function priced(answer: Answer) {
  if (answer.kind !== 'priced') throw new Error(answer.reason);
  return answer;
}

/** @throws where it is refused */
export async function held(answer: Answer, trackingId: string) {
  const hold = await priced(answer).hold(trackingId);
  if (hold.kind !== 'held') throw new Error(hold.reason);
  return hold;
}

import { createHash } from 'node:crypto';
import { LedgerRater, type LedgerRaterOptions } from '../../src/billing/rate-ledger.js';
import type { AccountNumber } from '../../src/bytes/account-number.js';
import type { ClosedCall, OpenCall } from '../../src/store/calls.js';
import type { Store } from '../../src/store/store.js';
import type { TariffImport } from '../../src/store/tariffs.js';
import { SimulatedClock } from '../../src/time/simulated-clock.js';
import { closed, newCall, newSubscriber } from '../store/store-contract.js';
import { callerPays } from './caller-pays.js';
import { tariffOf } from './tariffs.js';

let tariffs = 0;

/** A name that no other test's tariff has. */
export const nextTariff = () => `tariff-${++tariffs}`;

/** So much a minute that was begun. */
export const byTheMinute = (name: string, price: string, more = '', validFrom = '2020-01-01') => `
name = "${name}"
valid_from = "${validFrom}"
currency = "USD"
zone = "America/New_York"
${more}
[[rate]]
name = "all"
prefix = "555"
step = [{ from = 0, increment = 60, price = "${price}" }]
`;

/** Calls, tariffs and accounts of one test in a store that others use, too. */
export function ratedCalls(store: Store) {
  const clock = new SimulatedClock(Date.UTC(2026, 10, 30, 12));
  const options: LedgerRaterOptions = {
    charges: store.charges,
    tariffs: store.tariffs,
    clock,
    payers: async () => callerPays,
  };
  return {
    clock,
    options,
    rater: new LedgerRater(options),
    async account(tariff?: string): Promise<AccountNumber> {
      const subscriber = newSubscriber();
      await store.subscribers.add(subscriber);
      if (tariff !== undefined) await store.tariffs.assign(subscriber.account, tariff);
      return subscriber.account;
    },
    /** @throws where the text is faulty */
    async import(text: string, replaces = false): Promise<TariffImport> {
      const { tariff, validFrom, validTo } = tariffOf(text);
      const sha256 = createHash('sha256').update(text).digest('hex');
      const by = { importedAt: new Date(clock.utcMs()), importedBy: 'anna' };
      return store.tariffs.import(
        { tariff: tariff.name, validFrom, validTo, content: text, rates: undefined, sha256, ...by },
        { replaces },
      );
    },
    /** Over: bridged 20 s after its ring, for so many seconds. */
    async call(
      callerAccount: AccountNumber,
      seconds: number,
      given: Partial<ClosedCall> = {},
      ringAt?: Date,
    ): Promise<OpenCall> {
      const open = newCall(ringAt && { ringAt });
      const bridgeAt = new Date(open.ringAt.getTime() + 20_000);
      const endAt = new Date(bridgeAt.getTime() + 1_000 * seconds);
      await store.calls.open(open);
      const times = { bridgeAt, endAt, durationSeconds: 20 + seconds, billableSeconds: seconds };
      await store.calls.close(open.trackingId, closed(open, { callerAccount, ...times, ...given }));
      return open;
    },
    /** `0.20`, or why there is none. */
    async cost({ trackingId }: OpenCall): Promise<string | undefined> {
      const charge = await store.charges.find(trackingId);
      if (!charge) return store.charges.whyUnrated(trackingId);
      return `${(Number(charge.units) / 10 ** charge.decimals).toFixed(charge.decimals)}`;
    },
  };
}

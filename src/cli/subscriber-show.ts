import type { AccountNumber } from '../bytes/account-number.js';
import { realClock } from '../time/real-clock.js';
import { accountTariff, accountTariffText } from './account-tariff.js';
import { knownAccount } from './known-account.js';
import { payerRuleJson, payerRuleText } from './payers.js';
import { limitJson, limitText } from './spending-limit.js';
import { printable } from './table.js';
import { type StoreCommandOptions, withStore } from './with-store.js';

type ShowOptions = StoreCommandOptions & { readonly json?: true };

/** `subscriber show`: the account, by what and by whom its calls are paid, and how much at most. */
export async function showSubscriber(account: AccountNumber, options: ShowOptions): Promise<void> {
  await withStore(options, async (store) => {
    const found = await knownAccount(store, account);
    const now = new Date(realClock.utcMs());
    const tariff = await accountTariff(store, account, now);
    const rules = (await store.payers.rules(account)).filter(({ validTo }) => !validTo || validTo > now);
    const [limit] = await store.payers.limits(account);
    if (options.json) {
      const { terms, ...named } = tariff ?? {};
      const shown = {
        ...found,
        tariff: tariff ? { ...named, currency: terms?.currency ?? null, zone: terms?.zone ?? null } : null,
        payerRules: rules.map(payerRuleJson),
        limit: limitJson(limit),
      };
      process.stdout.write(`${JSON.stringify(shown, null, 1)}\n`);
      return;
    }
    const payments = rules.map((rule) =>
      rule.payer === account
        ? ['pays for', payerRuleText(rule)]
        : ['paid for', `${payerRuleText(rule)}, by ${rule.payer}`],
    );
    const rows = [
      ['account', found.account],
      ['name', printable(found.name)],
      ['state', found.state],
      ['number', found.number],
      ['may also call from', found.callingNumbers.join(' ') || '-'],
      ['withheld caller ID', found.allowsWithheldAni ? 'accepted' : 'refused'],
      ['protocol versions', found.versions.join(' ')],
      [
        'subscription',
        found.hasKey ? 'issued' : 'none: `cordboard subscriber issue` makes one for version 2',
      ],
      ['accepts calls of', found.accepts.join(' ') || 'nobody'],
      ['tariff', accountTariffText(tariff)],
      ['pays at most', limit ? limitText(limit) : 'no limit'],
      ...(payments.length > 0 ? payments : [['pays for', 'the calls that it makes']]),
    ];
    process.stdout.write(`${rows.map(([name = '', value]) => `${name.padEnd(20)}${value}`).join('\n')}\n`);
  });
}

import { type Command, InvalidArgumentError } from 'commander';
import { amountText, type Fraction, parseDecimal, rounded } from '../billing/amount.js';
import type { AccountNumber } from '../bytes/account-number.js';
import type { SpendingLimit } from '../store/payers.js';
import type { Store } from '../store/store.js';
import { realClock } from '../time/real-clock.js';
import { type AccountTariff, accountTariff } from './account-tariff.js';
import { accountOperand } from './arguments.js';
import { CommandFailed } from './exit-codes.js';
import { knownAccount, noSuchAccount } from './known-account.js';
import { systemUser } from './system-user.js';
import { printable } from './table.js';
import { addStoreOptions, type StoreCommandOptions, withStore } from './with-store.js';

interface LimitOptions extends StoreCommandOptions {
  readonly perDay?: Fraction;
  readonly perMonth?: Fraction;
  readonly currency?: string;
  readonly remove?: true;
  readonly json?: true;
}

const mostDecimals = 4;

/** What an account pays at most (BL-A2). */
export function addLimitCommand(parent: Command): void {
  addStoreOptions(parent.command('limit').addArgument(accountOperand('account')))
    .description(
      "what an account pays at most; without an amount: show it. Its tariff's zone tells days and months",
    )
    .option('--per-day <amount>', 'at most on a day, for example 5.00', amountArgument)
    .option('--per-month <amount>', 'at most in a month', amountArgument)
    .option('--currency <code>', 'of the amounts: that of its tariff', currencyArgument)
    .option('--remove', 'no limit any more')
    .option('--json', 'one JSON document')
    .action(limit);
}

async function limit(account: AccountNumber, options: LimitOptions): Promise<void> {
  const { perDay, perMonth, currency, remove, json } = options;
  const isSet = perDay !== undefined || perMonth !== undefined;
  if (remove && (isSet || currency !== undefined))
    throw new CommandFailed('usage', 'Either --remove, or amounts.');
  if (isSet && currency === undefined)
    throw new CommandFailed('usage', 'Add --currency, for example --currency USD.');
  if (!isSet && currency !== undefined)
    throw new CommandFailed('usage', 'Add an amount, for example --per-day 5.00.');
  await withStore(options, async (store) => {
    await knownAccount(store, account);
    if (remove) await removeLimit(store, account);
    else if (currency !== undefined) await setLimit(store, account, currency, options);
    const [found] = await store.payers.limits(account);
    if (json) process.stdout.write(`${JSON.stringify({ v: 1, limit: limitJson(found) }, null, 1)}\n`);
    else if (found) process.stdout.write(`${account} pays at most ${limitText(found)}.\n`);
    else process.stdout.write(`${account} has no limit${remove ? ' any more' : ''}.\n`);
  });
}

async function setLimit(
  store: Store,
  account: AccountNumber,
  currency: string,
  { perDay, perMonth }: LimitOptions,
): Promise<void> {
  const decimals = Math.max(decimalsOf(perDay), decimalsOf(perMonth));
  const units = (amount: Fraction | undefined) => amount && rounded(amount, decimals, 'down');
  const limits = { dailyUnits: units(perDay), monthlyUnits: units(perMonth) };
  const setAt = new Date(realClock.utcMs());
  const wanted = { account, currency, decimals, ...limits, setAt, setBy: systemUser() };
  if (!(await store.payers.setLimit(wanted))) throw noSuchAccount(account);
  const warning = warningOf(await accountTariff(store, account, setAt), { account, currency });
  if (warning) process.stderr.write(`${warning}\n`);
}

/** Where the limit does not do what who sets it expects. */
function warningOf(
  tariff: AccountTariff | undefined,
  { account, currency }: Pick<SpendingLimit, 'account' | 'currency'>,
): string | undefined {
  if (!tariff?.terms)
    return `No tariff in force tells what the calls of ${account} cost: until one does, they are neither limited nor rated.`;
  const rated = tariff.terms.currency;
  if (rated === currency) return undefined;
  return (
    `Its tariff ${printable(tariff.name)} is in ${rated}: a limit in ${currency} cannot be compared with that, and calls for which ` +
    `${account} would pay are refused. Set it in ${rated}, or remove it.`
  );
}

async function removeLimit({ payers }: Store, account: AccountNumber): Promise<void> {
  if (!(await payers.removeLimit(account)))
    throw new CommandFailed('failed', `Account ${account} has no limit.`);
}

/** `5.00 USD a day, and 100.00 USD a month` */
export function limitText({ currency, decimals, dailyUnits, monthlyUnits }: SpendingLimit): string {
  return [
    ...(dailyUnits === undefined ? [] : [`${amountText(dailyUnits, decimals)} ${currency} a day`]),
    ...(monthlyUnits === undefined ? [] : [`${amountText(monthlyUnits, decimals)} ${currency} a month`]),
  ].join(', and ');
}

/** Amounts as decimals in text: JSON's numbers are not exact. */
export function limitJson(limit: SpendingLimit | undefined): Record<string, string | null> | null {
  if (!limit) return null;
  const { account, currency, decimals, dailyUnits, monthlyUnits, setAt, setBy } = limit;
  const text = (units: bigint | undefined) => (units === undefined ? null : amountText(units, decimals));
  const amounts = { perDay: text(dailyUnits), perMonth: text(monthlyUnits) };
  return { account, currency, ...amounts, setAt: setAt.toISOString(), setBy };
}

function amountArgument(text: string): Fraction {
  const amount = parseDecimal(text);
  if (!amount || decimalsOf(amount) > mostDecimals)
    throw new InvalidArgumentError(`Not an amount with at most ${mostDecimals} decimals, e.g. 5.00.`);
  return amount;
}

/** As many as were written. */
function decimalsOf(amount: Fraction | undefined): number {
  return amount ? amount.denominator.toString().length - 1 : 0;
}

function currencyArgument(text: string): string {
  if (!Intl.supportedValuesOf('currency').includes(text))
    throw new InvalidArgumentError('Not a currency of ISO 4217, e.g. USD.');
  return text;
}

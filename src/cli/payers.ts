import { type Command, InvalidArgumentError, Option } from 'commander';
import { amountText, type Fraction, parseDecimal, rounded } from '../billing/amount.js';
import type { AccountNumber } from '../bytes/account-number.js';
import type { PayerRule, SpendingLimit } from '../store/payers.js';
import type { Store } from '../store/store.js';
import { realClock } from '../time/real-clock.js';
import { accountArgument, accountOperand, timeArgument } from './arguments.js';
import { CommandFailed } from './exit-codes.js';
import { systemUser } from './system-user.js';
import { textTable } from './table.js';
import { addStoreOptions, type StoreCommandOptions, withStore } from './with-store.js';

interface PaysOptions extends StoreCommandOptions {
  readonly for: AccountNumber;
  readonly calls: 'made' | 'received';
  readonly with?: AccountNumber;
  readonly from?: Date;
  readonly to?: Date;
}

interface LimitOptions extends StoreCommandOptions {
  readonly perDay?: Fraction;
  readonly perMonth?: Fraction;
  readonly currency?: string;
  readonly remove?: true;
  readonly json?: true;
}

type ShowOptions = StoreCommandOptions & { readonly json?: true };

const mostDecimals = 4;

/** Who pays for calls instead of their caller, and what an account pays at most (BL-A2). */
export function addPayerCommands(parent: Command): void {
  addStoreOptions(parent.command('pays').addArgument(accountOperand('payer')))
    .description("from now on PAYER, which has agreed, pays for an account's calls")
    .requiredOption('--for <account>', 'whose calls', accountArgument)
    .addOption(
      new Option('--calls <which>', 'those that it makes, or that come to it')
        .choices(['made', 'received'])
        .makeOptionMandatory(),
    )
    .option('--with <account>', 'only those with this account at the other end', accountArgument)
    .option('--from <time>', 'for calls that ring from then on, ISO 8601 (default: now)', timeArgument)
    .option('--to <time>', 'until then', timeArgument)
    .action(pays);
  addStoreOptions(parent.command('payers'))
    .argument('[account]', 'only where it pays, or others pay for it', accountArgument)
    .description("who pays for whose calls, where it is not each call's caller")
    .option('--json', 'one JSON document')
    .action(payers);
  addStoreOptions(parent.command('end-payer'))
    .argument('<rule>', 'its number, as `subscriber payers` shows it', ruleArgument)
    .description('end an agreement to pay: not for calls that ring from now on')
    .action(endPayer);
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

async function pays(payer: AccountNumber, options: PaysOptions): Promise<void> {
  const now = new Date(realClock.utcMs());
  const { for: party, calls, with: other, from = now, to } = options;
  if (to !== undefined && to <= from) throw new CommandFailed('usage', 'It would end before it begins.');
  const role = calls === 'made' ? 'caller' : 'callee';
  await withStore(options, async (store) => {
    const span = { validFrom: from, validTo: to };
    const id = await store.payers.agree({
      ...{ payer, party, role, other, ...span, agreedAt: now, agreedBy: systemUser() },
    });
    if (id === undefined) throw new CommandFailed('failed', await whyNotAgreed(store, payer, party));
    process.stdout.write(
      `${payer} pays for calls that ${party} ${calls === 'made' ? 'makes' : 'receives'} (rule ${id}).\n`,
    );
  });
}

async function whyNotAgreed({ subscribers }: Store, ...accounts: AccountNumber[]): Promise<string> {
  for (const account of accounts) {
    if (!(await subscribers.find(account))) return `There is no account ${account}.`;
  }
  return 'Somebody pays for these calls at that time already; see `cordboard subscriber payers`, and end that first.';
}

async function payers(account: AccountNumber | undefined, options: ShowOptions): Promise<void> {
  await withStore(options, async (store) => {
    const rules = await store.payers.rules(account);
    if (options.json) return printJson({ v: 1, rules: rules.map(ruleJson) });
    if (rules.length === 0) {
      process.stdout.write('Nobody: each caller pays.\n');
      return;
    }
    const headings = ['rule', 'payer', 'for', 'calls', 'with', 'from', 'to', 'agreed by'];
    process.stdout.write(`${textTable(headings, rules.map(ruleRow))}\n`);
  });
}

function ruleRow({ id, payer, party, role, other, validFrom, validTo, agreedBy }: PayerRule): string[] {
  const calls = role === 'caller' ? 'made' : 'received';
  const to = validTo ? minuteOf(validTo) : '-';
  return [String(id), payer, party, calls, other ?? 'any', minuteOf(validFrom), to, agreedBy];
}

function ruleJson({ other, validTo, ...rule }: PayerRule) {
  return { ...rule, other: other ?? null, validTo: validTo ?? null };
}

async function endPayer(rule: number, options: StoreCommandOptions): Promise<void> {
  await withStore(options, async (store) => {
    if (!(await store.payers.end(rule, new Date(realClock.utcMs()))))
      throw new CommandFailed('failed', `There is no rule ${rule} that still holds.`);
    process.stdout.write(`Rule ${rule} holds for no call from now on.\n`);
  });
}

async function limit(account: AccountNumber, options: LimitOptions): Promise<void> {
  const { perDay, perMonth, currency, remove } = options;
  const isSet = perDay !== undefined || perMonth !== undefined;
  if (remove && isSet) throw new CommandFailed('usage', 'Either --remove, or amounts.');
  if (isSet && currency === undefined)
    throw new CommandFailed('usage', 'Add --currency, for example --currency USD.');
  await withStore(options, async (store) => {
    if (remove) return removeLimit(store, account);
    if (!isSet || currency === undefined) return showLimit(store, account, options);
    const decimals = Math.max(decimalsOf(perDay), decimalsOf(perMonth));
    const units = (amount: Fraction | undefined) => amount && rounded(amount, decimals, 'down');
    const limits = { dailyUnits: units(perDay), monthlyUnits: units(perMonth) };
    const by = { setAt: new Date(realClock.utcMs()), setBy: systemUser() };
    const wanted = { account, currency, decimals, ...limits, ...by };
    if (!(await store.payers.setLimit(wanted)))
      throw new CommandFailed('failed', `There is no account ${account}.`);
    process.stdout.write(`${limitText(wanted)}\n`);
  });
}

async function removeLimit({ payers: store }: Store, account: AccountNumber): Promise<void> {
  if (!(await store.removeLimit(account)))
    throw new CommandFailed('failed', `Account ${account} has no limit.`);
  process.stdout.write(`${account} has no limit any more.\n`);
}

async function showLimit(
  { payers: store }: Store,
  account: AccountNumber,
  { json }: LimitOptions,
): Promise<void> {
  const [found] = await store.limits(account);
  if (json) printJson({ v: 1, limit: found ? limitJson(found) : null });
  else process.stdout.write(`${found ? limitText(found) : `${account} has no limit.`}\n`);
}

function limitText({ account, currency, decimals, dailyUnits, monthlyUnits }: SpendingLimit): string {
  const parts = [
    ...(dailyUnits === undefined ? [] : [`${amountText(dailyUnits, decimals)} ${currency} a day`]),
    ...(monthlyUnits === undefined ? [] : [`${amountText(monthlyUnits, decimals)} ${currency} a month`]),
  ];
  return `${account} pays at most ${parts.join(', and ')}.`;
}

/** Amounts as decimals in text: JSON's numbers are not exact. */
function limitJson({ dailyUnits, monthlyUnits, decimals, ...rest }: SpendingLimit) {
  const text = (units: bigint | undefined) => (units === undefined ? null : amountText(units, decimals));
  return { ...rest, perDay: text(dailyUnits), perMonth: text(monthlyUnits) };
}

function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 1)}\n`);
}

/** UTC. */
function minuteOf(time: Date): string {
  return time.toISOString().slice(0, 16).replace('T', ' ');
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
  if (!/^[A-Z]{3}$/.test(text)) throw new InvalidArgumentError('Not a currency of ISO 4217, e.g. USD.');
  return text;
}

function ruleArgument(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Not the number of a rule.');
  return Number(text);
}

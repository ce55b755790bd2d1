import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AccountNumber } from '../bytes/account-number.js';
import type { PayerRule } from '../store/payers.js';
import { realClock } from '../time/real-clock.js';
import { accountArgument, accountOperand, timeArgument } from './arguments.js';
import { CommandFailed } from './exit-codes.js';
import { knownAccount } from './known-account.js';
import { systemUser } from './system-user.js';
import { printable, textTable } from './table.js';
import { minute } from './tariff-forms.js';
import { addStoreOptions, type StoreCommandOptions, withStore } from './with-store.js';

interface PaysOptions extends StoreCommandOptions {
  readonly for: AccountNumber;
  readonly calls: 'made' | 'received';
  readonly with?: AccountNumber;
  readonly from?: Date;
  readonly to?: Date;
}

type ShowOptions = StoreCommandOptions & { readonly json?: true };

/** Who pays for calls instead of their caller (BL-A2). */
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
}

async function pays(payer: AccountNumber, options: PaysOptions): Promise<void> {
  const now = new Date(realClock.utcMs());
  const { for: party, calls, with: other, from = now, to } = options;
  if (to !== undefined && to <= from) throw new CommandFailed('usage', 'It would end before it begins.');
  if (other === party) throw new CommandFailed('usage', `${party} has no calls with itself.`);
  const role = calls === 'made' ? 'caller' : 'callee';
  await withStore(options, async (store) => {
    for (const account of [payer, party, ...(other === undefined ? [] : [other])])
      await knownAccount(store, account);
    const rule = { payer, party, role, other, validFrom: from, validTo: to } as const;
    const id = await store.payers.agree({ ...rule, agreedAt: now, agreedBy: systemUser() });
    if (id === undefined)
      throw new CommandFailed(
        'failed',
        'Somebody pays for these calls at that time already; see `cordboard subscriber payers`, and end that first.',
      );
    process.stdout.write(`${payer} pays for ${payerRuleText({ ...rule, id })}.\n`);
  });
}

/** `calls that 000000000001 makes to 000000000002, from 2026-11-21 17:34 on, UTC (rule 3)` */
export function payerRuleText(
  rule: Pick<PayerRule, 'id' | 'party' | 'role' | 'other' | 'validFrom' | 'validTo'>,
): string {
  const { id, party, role, other, validFrom, validTo } = rule;
  const [does, end] = role === 'caller' ? ['makes', 'to'] : ['receives', 'from'];
  const only = other === undefined ? '' : ` ${end} ${other}`;
  const until = validTo ? `to ${minute(validTo)}` : 'on';
  return `calls that ${party} ${does}${only}, from ${minute(validFrom)} ${until}, UTC (rule ${id})`;
}

async function payers(account: AccountNumber | undefined, options: ShowOptions): Promise<void> {
  await withStore(options, async (store) => {
    if (account !== undefined) await knownAccount(store, account);
    const rules = await store.payers.rules(account);
    if (options.json) {
      process.stdout.write(`${JSON.stringify({ v: 1, rules: rules.map(payerRuleJson) }, null, 1)}\n`);
      return;
    }
    if (rules.length === 0) {
      const who = account === undefined ? 'Nobody' : `${account} for nobody, and nobody for it`;
      process.stdout.write(`${who}: each caller pays.\n`);
      return;
    }
    const headings = ['rule', 'payer', 'for', 'calls', 'with', 'from (UTC)', 'to (UTC)', 'agreed by'];
    process.stdout.write(`${textTable(headings, rules.map(ruleRow))}\n`);
  });
}

function ruleRow({ id, payer, party, role, other, validFrom, validTo, agreedBy }: PayerRule): string[] {
  const calls = role === 'caller' ? 'made' : 'received';
  const to = validTo ? minute(validTo) : '-';
  return [String(id), payer, party, calls, other ?? 'any', minute(validFrom), to, printable(agreedBy)];
}

export function payerRuleJson({ other, validTo, ...rule }: PayerRule) {
  return { ...rule, other: other ?? null, validTo: validTo ?? null };
}

async function endPayer(rule: number, options: StoreCommandOptions): Promise<void> {
  await withStore(options, async (store) => {
    if (!(await store.payers.end(rule, new Date(realClock.utcMs()))))
      throw new CommandFailed(
        'failed',
        `There is no rule ${rule} that still holds. \`cordboard subscriber payers\` shows those that there are.`,
      );
    process.stdout.write(`Rule ${rule} holds for no call from now on.\n`);
  });
}

function ruleArgument(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Not the number of a rule.');
  return Number(text);
}

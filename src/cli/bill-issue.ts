import { type Command, Option } from 'commander';
import type { BillTerms } from '../billing/bills/bill-document.js';
import { type IssueOutcome, issueBills } from '../billing/bills/issue-bills.js';
import type { AccountNumber } from '../bytes/account-number.js';
import type { Signature, UnratedCalls } from '../store/bills.js';
import { realClock } from '../time/real-clock.js';
import { accountArgument, monthOption } from './arguments.js';
import { billSummaryJson, billsTable, draftsTable, totalsText } from './bill-forms.js';
import type { Config } from './config.js';
import { counted } from './counted.js';
import { CommandFailed } from './exit-codes.js';
import { knownAccount } from './known-account.js';
import { systemUser } from './system-user.js';
import { printable } from './table.js';
import { addStoreOptions, configFor, type StoreCommandOptions, withStore } from './with-store.js';

type IssueOptions = StoreCommandOptions & {
  readonly month: string;
  readonly account?: AccountNumber;
  readonly dryRun?: true;
  readonly early?: true;
  readonly json?: true;
};

export function addIssueBillsCommand(parent: Command): void {
  addStoreOptions(parent.command('issue'))
    .description('bill a month: every account that has charges in it and no bill yet, all or none')
    .addOption(monthOption().makeOptionMandatory())
    .option('--account <number>', 'only this account', accountArgument)
    .option('--dry-run', 'show what would be billed, and issue nothing')
    .option('--early', 'although the month is not over: its later calls stand on the next bill')
    .addOption(new Option('--json', 'one JSON document'))
    .action(issue);
}

/** Who issues, and when. */
export function signatureNow(): Signature {
  return { at: new Date(realClock.utcMs()), by: systemUser() };
}

async function issue({ month, account, dryRun, early, json, ...options }: IssueOptions): Promise<void> {
  const { billing } = configFor(options);
  if (!billing && !dryRun) throw new CommandFailed('usage', noSeller);
  await withStore(options, async ({ bills, subscribers }) => {
    if (account !== undefined) await knownAccount({ subscribers }, account);
    const outcome = await issueBills(bills, {
      ...{ period: month, account, isTrial: dryRun, isEarly: early },
      terms: termsOf(billing),
      series: billing?.series ?? 'B',
      signature: signatureNow(),
    });
    show(outcome, { month: month.slice(0, 7), json });
    if (!billing) process.stderr.write(`${noSeller}\n`);
  });
}

function show(outcome: IssueOutcome, { month, json }: { month: string; json: true | undefined }): void {
  if (outcome.kind === 'not over') {
    const { zone, overAt } = outcome;
    const at = `${overAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
    throw new CommandFailed(
      'failed',
      `${month} is not over before ${at} (midnight in ${zone}); nothing was billed. --early bills what is charged so far.`,
    );
  }
  if (outcome.kind === 'unrated') throw new CommandFailed('failed', unratedText(month, outcome.calls));
  if (json) {
    process.stdout.write(`${JSON.stringify(outcome.bills.map(billSummaryJson), null, 1)}\n`);
    return;
  }
  if (outcome.bills.length === 0) {
    process.stdout.write(
      `No charge of ${month} waits for a bill. \`cordboard bill list --month ${month}\` shows what was billed, \`cordboard calls unrated\` which calls have no charge.\n`,
    );
    return;
  }
  const isTrial = outcome.kind === 'trial';
  const table = outcome.kind === 'trial' ? draftsTable(outcome.bills) : billsTable(outcome.bills);
  const heading = `${counted(outcome.bills.length, 'bill')} ${isTrial ? 'would be issued' : 'issued'} for ${month}:`;
  process.stdout.write(`${table}\n\n${heading}\n${totalsText(outcome.bills)}\n`);
}

function unratedText(month: string, calls: readonly UnratedCalls[]): string {
  const count = calls.reduce((sum, each) => sum + each.calls, 0);
  const reasons = calls.map((each) => `  ${each.calls}: ${printable(each.reason ?? 'not rated yet')}`);
  return (
    `${counted(count, 'call')} of ${month} without a charge: bills would be too low, and nothing was billed.\n` +
    `${reasons.join('\n')}\nRun \`cordboard rate\` first; what it cannot rate, it lists with the reason.`
  );
}

function termsOf(billing: Config['billing']): BillTerms {
  const { name, address, tax_number, contact, due_days, note, paper } = billing ?? {
    name: '',
    address: [],
    paper: 'letter',
  };
  return {
    seller: { name, address, taxNumber: tax_number, contact },
    dueDays: due_days,
    note,
    paper,
  };
}

const noSeller =
  'The configuration does not say who asks for the money, and a bill that is issued stays as it is. Write in cordboard.toml:\n' +
  '  [billing]\n  name = "Example Telephone Company"\n  address = ["1 Main Street", "Springfield"]';

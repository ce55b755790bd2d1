import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { type BillDocument, billNumberText, parseBillNumber } from '../billing/bills/bill-document.js';
import { creditBill } from '../billing/bills/credit-bill.js';
import type { AccountNumber } from '../bytes/account-number.js';
import type { BillFilter, BillNumber } from '../store/bills.js';
import { accountArgument, countArgument, monthOption, pathArgument } from './arguments.js';
import { billJson, billSummaryJson, billsTable, billText } from './bill-forms.js';
import { addIssueBillsCommand, signatureNow } from './bill-issue.js';
import { addPrintCommand, writeBillFile } from './bill-print.js';
import { addTaxCommands } from './bill-tax.js';
import { CommandFailed } from './exit-codes.js';
import { addStoreOptions, configFor, type StoreCommandOptions, withStore } from './with-store.js';

export function billCommand(): Command {
  const command = new Command('bill').description('bills of the months, credit notes, taxes');
  addIssueBillsCommand(command);
  addStoreOptions(command.command('list'))
    .description('what was issued, the newest month first')
    .addOption(monthOption())
    .option('--account <number>', 'of this account', accountArgument)
    .addOption(new Option('--kind <kind>', 'only these').choices(['bill', 'credit-note']))
    .option('--limit <count>', 'at most so many', countArgument, 100)
    .option('--json', 'one JSON document')
    .action(list);
  addStoreOptions(command.command('show').addArgument(numberOperand()))
    .description('a bill or credit note, as text or as a file that prints')
    .addOption(new Option('--json', 'one JSON document').conflicts(['html', 'pdf']))
    .option('--html <file>', 'write it as HTML', pathArgument)
    .option('--pdf <file>', 'write it as PDF', pathArgument)
    .action(show);
  addPrintCommand(command);
  addStoreOptions(command.command('credit').addArgument(numberOperand()))
    .description('take a whole bill back by a credit note; its calls can be rated anew, and billed again')
    .requiredOption('--why <reason>', 'what was wrong; printed on the credit note', reasonArgument)
    .option('--json', 'the credit note as one JSON document')
    .action(credit);
  addTaxCommands(command);
  return command;
}

type ListOptions = StoreCommandOptions & {
  readonly month?: string;
  readonly account?: AccountNumber;
  readonly kind?: BillFilter['kind'];
  readonly limit: number;
  readonly json?: true;
};

async function list({ month, account, kind, limit, json, ...options }: ListOptions): Promise<void> {
  await withStore(options, async ({ bills }) => {
    // One more than is shown tells whether there are more.
    const found = await bills.list({ period: month, account, kind, limit: limit + 1 });
    const shown = found.slice(0, limit);
    if (json) process.stdout.write(`${JSON.stringify(shown.map(billSummaryJson), null, 1)}\n`);
    else process.stdout.write(shown.length > 0 ? `${billsTable(shown)}\n` : 'No bills.\n');
    if (found.length > limit)
      process.stderr.write(
        `There are more than ${limit === 1 ? 'this one' : `these ${limit}`}; --month, --account or --limit shows others.\n`,
      );
  });
}

type ShowOptions = StoreCommandOptions & {
  readonly json?: true;
  readonly html?: string;
  readonly pdf?: string;
};

async function show(number: BillNumber, { json, html, pdf, ...options }: ShowOptions): Promise<void> {
  await withStore(options, async ({ bills }) => {
    const bill = await bills.find(number);
    if (!bill) throw new CommandFailed('failed', noSuchBill(number));
    const calls = await bills.calls(bill);
    if (json) process.stdout.write(`${JSON.stringify(billJson(bill, calls), null, 1)}\n`);
    const printed = { document: bill.document as BillDocument, calls };
    for (const [form, path] of [
      ['html', html],
      ['pdf', pdf],
    ] as const) {
      if (path === undefined) continue;
      const isNew = await writeBillFile(path, form, printed);
      process.stdout.write(`${path}${isNew ? '' : ' is there already, the same'}\n`);
    }
    if (!json && html === undefined && pdf === undefined)
      process.stdout.write(`${billText(bill, printed)}\n`);
  });
}

type CreditOptions = StoreCommandOptions & { readonly why: string; readonly json?: true };

async function credit(number: BillNumber, { why, json, ...options }: CreditOptions): Promise<void> {
  const { billing } = configFor(options);
  await withStore(options, async ({ bills }) => {
    const outcome = await creditBill(bills, {
      bill: number,
      reason: why,
      series: billing?.credit_series ?? 'C',
      signature: signatureNow(),
    });
    switch (outcome.kind) {
      case 'unknown':
        throw new CommandFailed('failed', noSuchBill(number));
      case 'is a credit note':
        throw new CommandFailed(
          'failed',
          `${billNumberText(number)} is a credit note. What it took back is billed anew by \`cordboard bill issue\`.`,
        );
      case 'credited before':
        throw new CommandFailed(
          'failed',
          `${billNumberText(number)} was taken back before, by credit note ${billNumberText(outcome.note)}; nothing was changed.`,
        );
      case 'credited': {
        const { note } = outcome;
        if (json) return void process.stdout.write(`${JSON.stringify(billJson(note, []), null, 1)}\n`);
        const month = outcome.bill.period.slice(0, 7);
        process.stdout.write(
          `${billNumberText(number)} is taken back by credit note ${billNumberText(note)}. Its ${outcome.bill.calls === 1 ? 'call' : `${outcome.bill.calls} calls`} can be rated anew;\n` +
            `then \`cordboard bill issue --month ${month} --account ${outcome.bill.account}\` bills them again.\n`,
        );
      }
    }
  });
}

function numberOperand(): Argument {
  return new Argument('<number>', 'of the bill or credit note, for example B-000123').argParser((text) => {
    const number = parseBillNumber(text);
    if (!number) throw new InvalidArgumentError('Not the number of a bill; it looks like B-000123.');
    return number;
  });
}

function reasonArgument(text: string): string {
  const reason = text.trim();
  if (reason === '' || reason.length > 500) throw new InvalidArgumentError('Write 1 to 500 characters.');
  return reason;
}

function noSuchBill(number: BillNumber): string {
  return `There is no ${billNumberText(number)}. \`cordboard bill list\` shows what was issued.`;
}

import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { type BillDocument, billNumberText, type PrintedBill } from '../billing/bills/bill-document.js';
import { billHtml } from '../billing/bills/bill-html.js';
import { billPdf } from '../billing/bills/bill-pdf.js';
import type { AccountNumber } from '../bytes/account-number.js';
import { diskReason } from '../endpoint/endpoint-error.js';
import { accountArgument, monthOption, pathArgument } from './arguments.js';
import { counted } from './counted.js';
import { CommandFailed } from './exit-codes.js';
import { knownAccount } from './known-account.js';
import { addStoreOptions, type StoreCommandOptions, withStore } from './with-store.js';

const forms = ['pdf', 'html'] as const;
export type BillForm = (typeof forms)[number];

type PrintOptions = StoreCommandOptions & {
  readonly month: string;
  readonly account?: AccountNumber;
  readonly to: string;
  readonly form: BillForm;
};

/** More than any month has; they are read at once, without their calls. */
const mostBills = 1_000_000;

export function addPrintCommand(parent: Command): void {
  addStoreOptions(parent.command('print'))
    .description('every bill and credit note of a month as a file of its own')
    .addOption(monthOption().makeOptionMandatory())
    .option('--account <number>', 'only of this account', accountArgument)
    .requiredOption('--to <folder>', 'where; made when it is not there', pathArgument)
    .addOption(new Option('--form <form>', 'what files').choices(forms).default('pdf'))
    .action(print);
}

async function print({ month, account, to, form, ...options }: PrintOptions): Promise<void> {
  await withStore(options, async ({ bills, subscribers }) => {
    if (account !== undefined) await knownAccount({ subscribers }, account);
    const found = await bills.list({ period: month, account, limit: mostBills });
    if (found.length === 0) {
      process.stdout.write(`No bills of ${month.slice(0, 7)}; nothing was written.\n`);
      return;
    }
    await mkdir(to, { recursive: true, mode: 0o700 }).catch(unwritable(to));
    let written = 0;
    for (const bill of found) {
      const path = join(to, `${billNumberText(bill)}.${form}`);
      const printed = { document: bill.document as BillDocument, calls: await bills.calls(bill) };
      if (await writeBillFile(path, form, printed)) written++;
    }
    const others = found.length - written;
    const there = others > 0 ? `; ${others} ${others === 1 ? 'was' : 'were'} there already, the same` : '';
    process.stdout.write(`${counted(written, 'file')} written to ${to}${there}.\n`);
  });
}

/**
 * Whole or not at all, and never over another file. The same bill is the same file: then it is left, and the result is false.
 * @throws CommandFailed
 */
export async function writeBillFile(path: string, form: BillForm, bill: PrintedBill): Promise<boolean> {
  const content = form === 'pdf' ? await billPdf(bill) : Buffer.from(billHtml(bill));
  const draft = `${path}.${process.pid}.new`;
  try {
    await writeFile(draft, content, { mode: 0o600 });
    await link(draft, path);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') return unwritable(path)(cause);
    if (content.equals(await readFile(path).catch(unwritable(path)))) return false;
    throw new CommandFailed(
      'failed',
      `${path} is there and differs; it was left as it is. Move it away, or choose another place.`,
    );
  } finally {
    // What cannot be removed could not be written: that is the failure to tell.
    await rm(draft, { force: true }).catch(() => {});
  }
}

function unwritable(path: string): (cause: unknown) => never {
  return (cause) => {
    throw new CommandFailed('local-error', `${path} cannot be written: ${whyUnwritable(cause)}.`, { cause });
  };
}

/** Where a new file is to be, a name that is not there is its folder's, and one that is there is no folder. */
function whyUnwritable(cause: unknown): string {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'its folder is not there';
  if (code === 'EEXIST') return 'a file has that name';
  return diskReason(cause);
}

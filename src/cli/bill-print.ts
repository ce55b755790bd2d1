import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { type BillDocument, billNumberText, type PrintedBill } from '../billing/bills/bill-document.js';
import { billHtml } from '../billing/bills/bill-html.js';
import { billPdf } from '../billing/bills/bill-pdf.js';
import type { AccountNumber } from '../bytes/account-number.js';
import { accountArgument, monthOption } from './arguments.js';
import { CommandFailed } from './exit-codes.js';
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
    .requiredOption('--to <folder>', 'where; made when it is not there')
    .addOption(new Option('--form <form>', 'what files').choices(forms).default('pdf'))
    .action(print);
}

async function print({ month, account, to, form, ...options }: PrintOptions): Promise<void> {
  await withStore(options, async ({ bills }) => {
    const found = await bills.list({ period: month, account, limit: mostBills });
    if (found.length > 0) await mkdir(to, { recursive: true, mode: 0o700 }).catch(unwritable(to));
    let written = 0;
    for (const bill of found) {
      const path = join(to, `${billNumberText(bill)}.${form}`);
      const printed = { document: bill.document as BillDocument, calls: await bills.calls(bill) };
      if (await writeBillFile(path, form, printed)) written++;
    }
    const others = found.length - written;
    process.stdout.write(
      `${written} ${written === 1 ? 'file' : 'files'} written to ${to}${others > 0 ? `; ${others} were there already, the same` : ''}.\n`,
    );
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
    await rm(draft, { force: true });
  }
}

function unwritable(path: string): (cause: unknown) => never {
  return (cause) => {
    throw new CommandFailed('local-error', `${path} cannot be written: ${(cause as Error).message}`, {
      cause,
    });
  };
}

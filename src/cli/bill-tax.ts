import { type Command, InvalidArgumentError } from 'commander';
import type { TaxRate } from '../store/bills.js';
import { nameArgument } from './arguments.js';
import { signatureNow } from './bill-issue.js';
import { CommandFailed } from './exit-codes.js';
import { printable, textTable } from './table.js';
import { addStoreOptions, type StoreCommandOptions, withStore } from './with-store.js';

type AddOptions = StoreCommandOptions & { readonly from: string; readonly to?: string };

export function addTaxCommands(parent: Command): void {
  const command = parent
    .command('tax')
    .description('taxes on bills: those that hold on the last day of the month');
  addStoreOptions(command.command('add').argument('<name>', 'as printed', nameArgument))
    .argument('<percent>', 'of the charges, for example 8.875', percentArgument)
    .description('a tax from a day on; each is rounded half-up to the decimals of the currency')
    .requiredOption('--from <date>', 'first day, for example 2026-01-01', dateArgument)
    .option('--to <date>', 'first day on which it holds no more', dateArgument)
    .action(add);
  addStoreOptions(command.command('end').argument('<name>', 'as printed', nameArgument))
    .description('end a tax; what was billed stays')
    .requiredOption('--on <date>', 'first day on which it holds no more', dateArgument)
    .action(end);
  addStoreOptions(command.command('list'))
    .description('every tax, with its days')
    .option('--json', 'one JSON document')
    .action(list);
}

async function add(name: string, percent: string, { from, to, ...options }: AddOptions): Promise<void> {
  if (to !== undefined && to <= from) throw new CommandFailed('usage', '--to must be after --from.');
  await withStore(options, async ({ bills }) => {
    const { at, by } = signatureNow();
    if (!(await bills.addTax({ name, percent, from, to, enteredAt: at, enteredBy: by })))
      throw new CommandFailed(
        'failed',
        `A tax ${printable(name)} holds in some of that time already; nothing was changed. \`cordboard bill tax list\` shows it, and ` +
          '`cordboard bill tax end` ends it.',
      );
    process.stdout.write(
      `${printable(name)}, ${percent} %, holds from ${from}${to ? ` until before ${to}` : ''}.\n`,
    );
  });
}

async function end(
  name: string,
  { on, ...options }: StoreCommandOptions & { readonly on: string },
): Promise<void> {
  await withStore(options, async ({ bills }) => {
    if (!(await bills.endTax(name, on)))
      throw new CommandFailed(
        'failed',
        `No tax ${printable(name)} holds on the day before ${on}; nothing was changed. \`cordboard bill tax list\` shows all.`,
      );
    process.stdout.write(`${printable(name)} holds no more from ${on} on.\n`);
  });
}

async function list({ json, ...options }: StoreCommandOptions & { readonly json?: true }): Promise<void> {
  await withStore(options, async ({ bills }) => {
    const taxes = await bills.taxes();
    if (json) return void process.stdout.write(`${JSON.stringify(taxes.map(taxJson), null, 1)}\n`);
    if (taxes.length === 0) return void process.stdout.write('No taxes.\n');
    const rows = taxes.map(({ name, percent, from, to, enteredBy }) => [
      ...[printable(name), percent, from, to ?? '-', printable(enteredBy)],
    ]);
    process.stdout.write(`${textTable(['tax', 'percent', 'from', 'ends on', 'entered by'], rows)}\n`);
  });
}

function taxJson({ name, percent, from, to, enteredAt, enteredBy }: TaxRate) {
  return { name, percent, from, to: to ?? null, enteredAt: enteredAt.toISOString(), enteredBy };
}

function percentArgument(text: string): string {
  if (!/^(100(\.0{1,4})?|\d{1,2}(\.\d{1,4})?)$/.test(text))
    throw new InvalidArgumentError('Not a percentage from 0 to 100 with at most four decimals.');
  return text;
}

/** A day of the calendar. */
function dateArgument(text: string): string {
  const isDate =
    /^(19[7-9]\d|[2-9]\d{3})-\d\d-\d\d$/.test(text) && new Date(`${text}T00:00Z`).toJSON()?.startsWith(text);
  if (!isDate) throw new InvalidArgumentError('Not a day; write for example 2026-01-01.');
  return text;
}

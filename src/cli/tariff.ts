import { Command, InvalidArgumentError } from 'commander';
import { parseTariffFile } from '../billing/tariff-file.js';
import type { AccountNumber } from '../bytes/account-number.js';
import type { Store } from '../store/store.js';
import type { TariffPeriod } from '../store/tariffs.js';
import { realClock } from '../time/real-clock.js';
import { accountOperand, timeArgument } from './arguments.js';
import { counted } from './counted.js';
import { CommandFailed } from './exit-codes.js';
import { noSuchAccount } from './known-account.js';
import { systemUser } from './system-user.js';
import { printable, textTable } from './table.js';
import { minute, spanText, tariffText } from './tariff-forms.js';
import { readTariff } from './tariff-source.js';
import { addStoreOptions, type StoreCommandOptions, withStore } from './with-store.js';

type JsonOptions = StoreCommandOptions & { readonly json?: true };
type ImportOptions = StoreCommandOptions & { readonly replaces?: true; readonly default?: true };
type ShowOptions = JsonOptions & { readonly at?: Date; readonly file?: true };

export function tariffCommand(): Command {
  const command = new Command('tariff').description('the price lists, each with what it says from when on');
  command
    .command('check <file>')
    .description('read a tariff file, and show what it says or what is wrong with it')
    .action((path: string) => print(tariffText(readTariff(path).tariff)));
  addStoreOptions(command.command('import <files...>'))
    .description('take tariff files in, one after the other; none where one is faulty')
    .option('--replaces', 'what holds in the time of a file ends where that begins, and comes back after it')
    .option('--default', 'the tariff of accounts that have none of their own')
    .action(importFiles);
  addStoreOptions(command.command('list'))
    .description('every tariff and its versions; times in UTC')
    .option('--json', 'one JSON document')
    .action(list);
  addStoreOptions(command.command('show <name>'))
    .description('what a tariff says now, or at another time')
    .option('--at <time>', 'ISO 8601, for example 2026-11-01', timeArgument)
    .option('--file', 'the file as it was imported (and after it the CSV file that it names)')
    .action(show);
  addStoreOptions(
    command.command('withdraw').argument('<version>', 'its number in the list', versionArgument),
  )
    .description('end a version that was wrong; what was charged by it stays')
    .action(withdraw);
  addStoreOptions(command.command('assign').addArgument(accountOperand('account')).argument('[name]'))
    .description('the tariff of what an account pays; without a name the default one again')
    .action(assign);
  addStoreOptions(command.command('default <name>'))
    .description('the tariff of accounts that have none of their own')
    .action((name: string, options: StoreCommandOptions) =>
      withStore(options, ({ tariffs }) => makeDefault(tariffs, name)),
    );
  return command;
}

async function importFiles(paths: readonly string[], options: ImportOptions): Promise<void> {
  const sources = paths.map((path) => ({ path, ...readTariff(path) }));
  const names = new Set(sources.map(({ tariff }) => tariff.name));
  if (options.default && names.size > 1)
    throw new CommandFailed(
      'usage',
      `One tariff can be the default one, and these files have ${names.size}: ${[...names].map(printable).join(', ')}. Nothing was imported.`,
    );
  await withStore(options, async ({ tariffs }) => {
    for (const { path, tariff, ...source } of sources) {
      const { name } = tariff;
      const version = { ...source, tariff: name, importedAt: now(), importedBy: systemUser() };
      const result = await tariffs.import(version, { replaces: options.replaces ?? false });
      switch (result.kind) {
        case 'known':
          print(`${path}: is imported already, as version ${result.period.id} of ${printable(name)}.`);
          break;
        case 'overlaps':
          throw new CommandFailed('failed', overlapText(path, name, result.periods));
        case 'imported':
          print(`${path}: version ${result.id} of ${printable(name)}, ${spanText(source)} (UTC).`);
          for (const each of result.replaced)
            print(`  in the place of version ${each.id}, ${spanText(each)}`);
      }
      for (const gap of gapsOf(await tariffs.periods(name))) print(`  ${gap}`);
    }
    if (options.default) for (const name of names) await makeDefault(tariffs, name);
    if (!(await tariffs.list()).some(({ isDefault }) => isDefault)) {
      print('No tariff is the default one: accounts without a tariff of their own are not rated.');
      print('`cordboard tariff default NAME` makes one the default.');
    }
  });
}

function overlapText(path: string, name: string, periods: readonly TariffPeriod[]): string {
  const ways = periods.map(
    (each) =>
      `  version ${each.id}, ${spanText(each)} (UTC), imported ${minute(each.importedAt)} by ${each.importedBy}`,
  );
  return [
    `${path} is not imported: ${printable(name)} has a version that holds in its time already:`,
    ...ways,
    'With --replaces the new one takes its place from where it begins; or end the old one with valid_to, or withdraw it.',
  ].join('\n');
}

/** Every field, `null` where there is none. */
function periodJson({ validTo, withdrawnAt, withdrawnBy, ...period }: TariffPeriod) {
  return {
    ...period,
    validTo: validTo ?? null,
    withdrawnAt: withdrawnAt ?? null,
    withdrawnBy: withdrawnBy ?? null,
  };
}

/** Times between versions in which the tariff says nothing. */
function gapsOf(periods: readonly TariffPeriod[]): string[] {
  const inForce = periods.filter(({ withdrawnAt }) => withdrawnAt === undefined);
  return inForce.flatMap(({ validTo, tariff }, index) => {
    const next = inForce[index + 1];
    if (!next || !validTo || validTo >= next.validFrom) return [];
    return [
      `${tariff} has no version from ${minute(validTo)} to ${minute(next.validFrom)}: calls then are not rated.`,
    ];
  });
}

async function list(options: JsonOptions): Promise<void> {
  await withStore(options, async ({ tariffs }) => {
    const all = await tariffs.list();
    const periods = await tariffs.periods();
    if (options.json) {
      const versionsOf = (name: string) => periods.filter(({ tariff }) => tariff === name);
      print(
        JSON.stringify(
          all.map((each) => ({ ...each, versions: versionsOf(each.name).map(periodJson) })),
          null,
          1,
        ),
      );
      return;
    }
    if (periods.length === 0) return print('No tariffs yet. Import one: `cordboard tariff import FILE`.');
    const rows = periods.map((each) => {
      const tariff = all.find(({ name }) => name === each.tariff);
      return [
        String(each.id),
        printable(each.tariff),
        minute(each.validFrom),
        each.validTo ? minute(each.validTo) : '-',
        each.withdrawnAt ? 'withdrawn' : '',
        [
          ...(tariff?.isDefault ? ['default'] : []),
          ...(tariff?.accounts ? [counted(tariff.accounts, 'account')] : []),
        ].join(', '),
      ];
    });
    print(textTable(['version', 'tariff', 'from (UTC)', 'to (UTC)', '', 'of'], rows));
  });
}

async function show(name: string, options: ShowOptions): Promise<void> {
  await withStore(options, async ({ tariffs }) => {
    const at = options.at ?? now();
    const version = await tariffs.at(name, at);
    if (!version) throw new CommandFailed('failed', await whyNone(tariffs, name, at));
    if (options.file) {
      process.stdout.write(version.content + (version.rates ?? ''));
      return;
    }
    print(
      `Version ${version.id}, ${spanText(version)} (UTC), imported ${minute(version.importedAt)} by ${version.importedBy}`,
    );
    const parsed = parseTariffFile(version.content, version.rates);
    if (parsed.kind === 'faulty')
      throw new CommandFailed('failed', `This program does not take the file: ${parsed.faults.join('; ')}`);
    print(tariffText(parsed.tariff));
  });
}

async function whyNone(tariffs: Store['tariffs'], name: string, at: Date): Promise<string> {
  const periods = await tariffs.periods(name);
  return periods.length > 0
    ? `${printable(name)} has no version for ${minute(at)} (UTC). \`cordboard tariff list\` shows when it has.`
    : noSuchTariff(name);
}

async function withdraw(id: number, options: StoreCommandOptions): Promise<void> {
  await withStore(options, async ({ tariffs }) => {
    if (!(await tariffs.withdraw(id, { at: now(), who: systemUser() }))) {
      throw new CommandFailed(
        'failed',
        `There is no version ${id} that holds. \`cordboard tariff list\` shows their numbers.`,
      );
    }
    print(
      `Version ${id} holds no more. What was charged by it stays; \`cordboard rate --from --to\` shows what would change.`,
    );
  });
}

async function assign(
  account: AccountNumber,
  name: string | undefined,
  options: StoreCommandOptions,
): Promise<void> {
  await withStore(options, async ({ tariffs }) => {
    switch (await tariffs.assign(account, name)) {
      case 'no account':
        throw noSuchAccount(account);
      case 'no tariff':
        throw new CommandFailed('failed', noSuchTariff(name ?? ''));
      case 'assigned':
        print(
          `${account} pays by ${name === undefined ? 'the default tariff' : printable(name)}, from the next call that is rated.`,
        );
    }
  });
}

async function makeDefault(tariffs: Store['tariffs'], name: string): Promise<void> {
  if (!(await tariffs.makeDefault(name))) throw new CommandFailed('failed', noSuchTariff(name));
  print(`${printable(name)} is the tariff of accounts that have none of their own.`);
}

function versionArgument(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Not the number of a version.');
  return Number(text);
}

const noSuchTariff = (name: string) =>
  `There is no tariff ${printable(name)}. \`cordboard tariff list\` shows those that there are.`;

const now = () => new Date(realClock.utcMs());
const print = (text: string): void => void process.stdout.write(`${text}\n`);

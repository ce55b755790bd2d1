import { existsSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { amountText } from '../billing/amount.js';
import { explainCall } from '../billing/explain-call.js';
import { LedgerRater } from '../billing/rate-ledger.js';
import { readyVersion, TariffBook } from '../billing/tariff-book.js';
import { discardRun, keepRun, type TrialOptions, tryRating } from '../billing/trial.js';
import type { AccountNumber } from '../bytes/account-number.js';
import type { RatingRun } from '../store/rating-runs.js';
import type { Store } from '../store/store.js';
import { realClock } from '../time/real-clock.js';
import { accountArgument } from './arguments.js';
import { counted } from './counted.js';
import { CommandFailed } from './exit-codes.js';
import { knownAccount } from './known-account.js';
import { callArgument, wholeTrackingId } from './named-call.js';
import { differenceJson, differenceText, runJson, runsTable, tallyText } from './rating-forms.js';
import { ratingOptions } from './rating-options.js';
import { systemUser } from './system-user.js';
import { printable } from './table.js';
import { minute } from './tariff-forms.js';
import { readTariff } from './tariff-source.js';
import { addStoreOptions, type StoreCommandOptions, withStore } from './with-store.js';
import { instantIn, zoneArgument } from './zone.js';

interface RateOptions extends StoreCommandOptions {
  readonly explain?: string;
  readonly from?: string;
  readonly to?: string;
  readonly zone?: string;
  readonly account?: AccountNumber;
  readonly tariff?: string;
  readonly json?: true;
}

export function rateCommand(): Command {
  const command = addStoreOptions(new Command('rate'))
    .description('charge the calls that have no charge yet; or try another way to charge')
    .addOption(
      new Option('--explain <tracking-id>', 'why a call costs what it costs, line by line')
        .argParser(callArgument)
        .conflicts(['from', 'to', 'zone', 'account', 'tariff', 'json']),
    )
    .option('--from <time>', 'a trial: rate anew the calls bridged from then on, e.g. 2026-11-01')
    .option('--to <time>', 'until then')
    .option(
      '--zone <zone>',
      'of these times, for a month as it is billed: that of the tariff; UTC',
      zoneArgument,
    )
    .option('--account <number>', 'of the trial: only what this account pays', accountArgument)
    .option('--tariff <name-or-file>', 'of the trial: all calls by this tariff, or by this file')
    .option('--json', 'one JSON document')
    .addHelpText('after', help)
    .action(rate);
  addStoreOptions(command.command('runs').argument('[run]', 'its number', runArgument))
    .description('the trials; or what one would change')
    .option('--json', 'one JSON document')
    .action(runs);
  addStoreOptions(command.command('keep').argument('<run>', 'its number', runArgument))
    .description("let a trial's charges take the place of those that there are")
    .action(keep);
  addStoreOptions(command.command('discard').argument('<run>', 'its number', runArgument))
    .description('forget a trial')
    .action(discard);
  return command;
}

const help = `
A server that runs rates by itself within a minute after a call. A trial changes nothing:
  cordboard rate --from 2026-11-01 --to 2026-12-01 --zone America/New_York --tariff new-prices
shows what the month would cost, old and new by account, and gives the trial a number for \`keep\` or \`discard\`.
By a FILE that is not imported it is shown alone: import the file, and try its name, to keep it.`;

async function rate(options: RateOptions): Promise<void> {
  const { explain, zone, account, tariff } = options;
  if (explain !== undefined) return withStore(options, (store) => printExplanation(store, explain));
  const [from, to] = [options.from, options.to].map((time) => time && instantIn(zone, time));
  if (from && to) {
    if (from >= to) throw new CommandFailed('usage', '--from must be before --to.');
    return withStore(options, (store) => tryOut(store, { from, to, account, tariff: undefined }, options));
  }
  if (from || to || zone || account || tariff)
    throw new CommandFailed(
      'usage',
      'A trial needs --from and --to: the time of the calls that it rates anew.',
    );
  return withStore(options, (store) => rateNew(store, options));
}

async function rateNew(store: Store, { json }: RateOptions): Promise<void> {
  const tally = await new LedgerRater(ratingOptions(store)).rate({ again: true });
  const unrated = await store.charges.unratedReasons();
  if (!json) return print(tallyText(tally, unrated));
  const { charged, superseded } = tally;
  const sums = tally.sums.map(({ currency, decimals, units }) => ({
    currency,
    amount: amountText(units, decimals),
  }));
  printJson({ charged, superseded, sums, unrated });
}

async function printExplanation(store: Store, argument: string): Promise<void> {
  const trackingId = await wholeTrackingId(store.calls, argument);
  const lines = await explainCall(store.charges, new TariffBook(store.tariffs), trackingId);
  if (!lines) {
    throw new CommandFailed(
      'failed',
      `There is no call ${trackingId} that is over. \`cordboard calls\` lists them.`,
    );
  }
  print(lines.join('\n'));
}

async function tryOut(store: Store, trial: TrialOptions, { tariff, json }: RateOptions): Promise<void> {
  if (trial.account !== undefined) await knownAccount(store, trial.account);
  const by = tariff === undefined ? undefined : await tariffOf(store, tariff);
  const options = { ...trial, tariff: by };
  const isKeepable = typeof by !== 'object';
  const run = isKeepable
    ? await store.ratingRuns.begin({
        ...trial,
        tariff: by,
        madeAt: new Date(realClock.utcMs()),
        madeBy: systemUser(),
      })
    : undefined;
  const difference = await tryRating(ratingOptions(store), options, run);
  if (run !== undefined) await store.ratingRuns.drafted(run, difference);
  if (json) return printJson({ run: run ?? null, ...differenceJson(difference) });
  print(differenceText(difference));
  print(
    run === undefined
      ? `\nNothing was stored: ${tariff} is not imported. Import it, and try it by its name, to keep the result.`
      : `\nThis is run ${run}. \`cordboard rate keep ${run}\` makes it the charges, \`cordboard rate discard ${run}\` forgets it.`,
  );
}

/** A tariff of the store by its name, or else a file. */
async function tariffOf(store: Store, nameOrFile: string): Promise<TrialOptions['tariff']> {
  if ((await store.tariffs.list()).some(({ name }) => name === nameOrFile)) return nameOrFile;
  if (!existsSync(nameOrFile)) {
    throw new CommandFailed(
      'failed',
      `${nameOrFile} is neither a tariff (\`cordboard tariff list\` shows them) nor a file.`,
    );
  }
  const version = readyVersion({ ...readTariff(nameOrFile), id: undefined });
  if ('faults' in version) throw new Error('a file that was whole a moment ago');
  return version;
}

async function runs(id: number | undefined, options: StoreCommandOptions & { json?: true }): Promise<void> {
  await withStore(options, async ({ ratingRuns }) => {
    if (id === undefined) {
      const all = await ratingRuns.list();
      if (options.json) return printJson(all.map(runJson));
      return print(all.length > 0 ? runsTable(all) : 'No trials.');
    }
    const run = await ratingRuns.find(id);
    if (!run) throw new CommandFailed('failed', noSuchRun(id));
    if (options.json) return printJson(runJson(run));
    print(runsTable([run]));
    print(`\n${run.difference ? differenceText(run.difference) : 'It was broken off, and cannot be kept.'}`);
  });
}

async function keep(id: number, options: StoreCommandOptions): Promise<void> {
  await withStore(options, async ({ ratingRuns }) => {
    const kept = await keepRun(ratingRuns, id, { clock: realClock, who: systemUser() });
    if (!kept) {
      const run = await ratingRuns.find(id);
      throw new CommandFailed('failed', run ? whyNotKept(run) : noSuchRun(id));
    }
    print(`Run ${id} is kept: ${counted(kept.replaced, 'charge')} in place of what was there.`);
    if (kept.billed > 0)
      print(`${stayed(kept.billed)} on issued bills, which would have to be credited first.`);
    if (kept.overtaken > 0) print(`${stayed(kept.overtaken)} rated or corrected since the run was made.`);
  });
}

async function discard(id: number, options: StoreCommandOptions): Promise<void> {
  await withStore(options, async ({ ratingRuns }) => {
    if (!(await discardRun(ratingRuns, id, { clock: realClock, who: systemUser() }))) {
      const run = await ratingRuns.find(id);
      throw new CommandFailed('failed', run ? whyNotDiscarded(run) : noSuchRun(id));
    }
    print(`Run ${id} is discarded.`);
  });
}

function stayed(calls: number): string {
  return calls === 1 ? '1 call stayed as it was:' : `${calls} calls stayed as they were:`;
}

function whyNotKept(run: RatingRun): string {
  if (run.state === 'draft')
    return `Run ${run.id} was broken off: discard it, and make it again; nothing was changed.`;
  return decidedBefore(run);
}

function whyNotDiscarded(run: RatingRun): string {
  if (run.state === 'keeping')
    return `Run ${run.id} is in the ledger in part: \`cordboard rate keep ${run.id}\` takes the rest there.`;
  return decidedBefore(run);
}

function decidedBefore({ id, state, decidedAt, decidedBy }: RatingRun): string {
  const when = decidedAt ? ` at ${minute(decidedAt)} UTC` : '';
  return `Run ${id} was ${state} before, by ${printable(decidedBy ?? '')}${when}; nothing was changed.`;
}

const noSuchRun = (id: number) =>
  `There is no run ${id}. \`cordboard rate runs\` shows those that there are.`;

function runArgument(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Not the number of a run.');
  return Number(text);
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const printJson = (value: unknown): void => print(JSON.stringify(value, null, 1));

import { Command, InvalidArgumentError, Option } from 'commander';
import type { CallFilter } from '../store/call-filter.js';
import type { CallLedger, CallRecord } from '../store/calls.js';
import type { Store } from '../store/store.js';
import { trackingIdArgument } from './arguments.js';
import { correctCommand } from './call-correct.js';
import { addCallFilter, type CallFilterOptions, callFilterOf } from './call-filter-options.js';
import { addSavedQueryCommands, savedFilter } from './call-queries.js';
import {
  callRecordJson,
  callRecordsCsvHeading,
  callRecordsCsvLines,
  callRecordsTable,
  callRecordsWideTable,
  openCallsNote,
} from './call-record-forms.js';
import { addReportCommands } from './call-reports.js';
import { totalsJson, totalsLines } from './call-totals-forms.js';
import { exportCommand } from './export-calls.js';
import { print } from './print.js';
import { addStoreOptions, type StoreCommandOptions, withStore } from './with-store.js';

type CallsOptions = CallFilterOptions &
  StoreCommandOptions & {
    readonly saved?: string;
    readonly after?: string;
    readonly limit?: number;
    readonly wide?: true;
    readonly json?: true;
    readonly csv?: true;
  };

type TotalOptions = CallFilterOptions & StoreCommandOptions & Pick<CallsOptions, 'saved' | 'json'>;

const usualLimit = 100;
/** Read at a time for a file: the whole of it is in nobody's memory. */
const csvPage = 1_000;

export function callsCommand(): Command {
  const command = addStoreOptions(addCallFilter(new Command('calls')))
    .description('the call records, newest first')
    .option('--saved <name>', 'with the filter that was saved under this name, and what is told beside it')
    .option('--after <tracking-id>', 'the page behind this call', trackingIdArgument)
    .option('--limit <count>', 'at most so many; 100, and all in CSV', limitArgument)
    .addOption(new Option('--wide', 'every field').conflicts(['json', 'csv']))
    .addOption(new Option('--json', 'one JSON document').conflicts('csv'))
    .option('--csv', 'comma-separated values with a heading')
    .action(printCalls);
  addStoreOptions(addCallFilter(command.command('total')))
    .description('sums over the calls that the filter finds')
    .option('--saved <name>', 'with the filter that was saved under this name, and what is told beside it')
    .option('--json', 'one JSON document')
    .action(printTotals);
  command.addCommand(correctCommand());
  addSavedQueryCommands(command);
  addReportCommands(command);
  command.addCommand(exportCommand());
  return command;
}

async function printCalls(options: CallsOptions): Promise<void> {
  const { zone, after, limit, wide, json, csv } = options;
  await withStore(options, async (store) => {
    const filter = { ...(await filterOf(store, options)), ...(after !== undefined && { after }) };
    if (csv) return printCsv(store.calls, filter, limit, zone);
    const records = await store.calls.list({ ...filter, limit: limit ?? usualLimit });
    if (json)
      await print(
        `${JSON.stringify(
          records.map((record) => callRecordJson(record, zone)),
          null,
          1,
        )}\n`,
      );
    else if (records.length === 0) await print('No call records.\n');
    else await print(`${(wide ? callRecordsWideTable : callRecordsTable)(records, zone)}\n`);
    tell(openCallsNote(records));
    tell(nextPageNote(records, limit ?? usualLimit));
  });
}

async function filterOf(
  store: Store,
  options: CallFilterOptions & { readonly saved?: string },
): Promise<CallFilter> {
  const told = callFilterOf(options);
  return options.saved === undefined ? told : { ...(await savedFilter(store, options.saved)), ...told };
}

async function printCsv(
  calls: CallLedger,
  filter: CallFilter,
  limit = Number.POSITIVE_INFINITY,
  zone?: string,
): Promise<void> {
  await print(callRecordsCsvHeading);
  let left = limit;
  let after = filter.after;
  for (;;) {
    const size = Math.min(csvPage, left);
    const page = await calls.list({ ...filter, ...(after !== undefined && { after }), limit: size });
    await print(callRecordsCsvLines(page, zone));
    left -= page.length;
    after = page.at(-1)?.trackingId;
    if (page.length < size || left === 0) return;
  }
}

async function printTotals(options: TotalOptions): Promise<void> {
  await withStore(options, async (store) => {
    const totals = await store.calls.totals(await filterOf(store, options));
    await print(
      options.json ? `${JSON.stringify(totalsJson(totals), null, 1)}\n` : `${totalsLines(totals)}\n`,
    );
  });
}

/** A full page has perhaps another one behind it. */
function nextPageNote(records: readonly CallRecord[], limit: number): string | undefined {
  const last = records.at(-1);
  return last && records.length === limit ? `More: the same with --after ${last.trackingId}` : undefined;
}

function tell(note: string | undefined): void {
  if (note) process.stderr.write(`${note}\n`);
}

function limitArgument(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Not a whole number from 1 on.');
  return Number(text);
}

import { Command, InvalidArgumentError, Option } from 'commander';
import type { CallFilter } from '../store/call-filter.js';
import { callOutcomes } from '../store/call-kinds.js';
import { accountArgument, timeArgument } from './arguments.js';
import {
  callRecordJson,
  callRecordsCsv,
  callRecordsTable,
  callRecordsWideTable,
  openCallsNote,
} from './call-record-forms.js';
import { addStoreOptions, type StoreCommandOptions, withStore } from './with-store.js';

type CallsOptions = CallFilter &
  StoreCommandOptions & {
    readonly wide?: true;
    readonly json?: true;
    readonly csv?: true;
  };

export function callsCommand(): Command {
  return addStoreOptions(new Command('calls'))
    .description('the call records, newest first')
    .option('--account <number>', 'as caller or as callee', accountArgument)
    .option(
      '--from <time>',
      'ring time from, ISO 8601, for example 2026-11-01 or 2026-11-01T08:00Z',
      timeArgument,
    )
    .option('--to <time>', 'ring time before', timeArgument)
    .addOption(
      new Option('--outcome <outcome>', 'how the call ended, or open').choices([...callOutcomes, 'open']),
    )
    .option('--limit <count>', 'at most so many', countArgument, 100)
    .addOption(new Option('--wide', 'every field').conflicts(['json', 'csv']))
    .addOption(new Option('--json', 'one JSON document').conflicts('csv'))
    .option('--csv', 'comma-separated values with a heading')
    .action(printCalls);
}

async function printCalls({ config, dataDir, wide, json, csv, ...filter }: CallsOptions): Promise<void> {
  await withStore({ config, dataDir }, async ({ calls }) => {
    const records = await calls.list(filter);
    if (json) process.stdout.write(`${JSON.stringify(records.map(callRecordJson), null, 1)}\n`);
    else if (csv) process.stdout.write(callRecordsCsv(records));
    else if (records.length === 0) process.stdout.write('No call records.\n');
    else process.stdout.write(`${(wide ? callRecordsWideTable : callRecordsTable)(records)}\n`);
    const note = openCallsNote(records);
    if (note) process.stderr.write(`${note}\n`);
  });
}

function countArgument(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Not a whole number from 1 to 999999.');
  return Number(text);
}

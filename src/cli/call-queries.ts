import type { Command } from 'commander';
import type { CallFilter } from '../store/call-filter.js';
import { callFilterJson } from '../store/call-filter-json.js';
import type { Store } from '../store/store.js';
import { realClock } from '../time/real-clock.js';
import { nameArgument } from './arguments.js';
import { addCallFilter, type CallFilterOptions, callFilterOf } from './call-filter-options.js';
import { CommandFailed } from './exit-codes.js';
import { systemUser } from './system-user.js';
import { printable, textTable } from './table.js';
import { addStoreOptions, type StoreCommandOptions, withStore } from './with-store.js';
import { secondIn } from './zone.js';

/** `calls save`, `calls saved`, `calls forget`; `calls --saved` uses one. */
export function addSavedQueryCommands(calls: Command): void {
  addStoreOptions(addCallFilter(calls.command('save').argument('<name>', 'what staff call it', nameArgument)))
    .description('save a filter under a name; another one of that name is replaced')
    .action(save);
  addStoreOptions(calls.command('saved'))
    .description('the saved filters')
    .option('--json', 'one JSON document')
    .action(list);
  addStoreOptions(calls.command('forget').argument('<name>'))
    .description('remove a saved filter')
    .action(forget);
}

export async function savedFilter({ savedQueries }: Store, name: string): Promise<CallFilter> {
  const found = await savedQueries.find(name);
  if (!found) throw new CommandFailed('failed', noSuchQuery(name));
  if (!found.filter)
    throw new CommandFailed(
      'failed',
      `"${name}" was saved by a newer Cordboard, with a filter that this one does not know. Use that version, or save it anew.`,
    );
  return found.filter;
}

async function save(name: string, options: CallFilterOptions & StoreCommandOptions): Promise<void> {
  const filter = callFilterOf(options);
  if (Object.keys(filter).length === 0)
    throw new CommandFailed('usage', 'Nothing to save: tell the filter, e.g. --outcome busy.');
  const saved = { name, filter, savedAt: new Date(realClock.utcMs()), savedBy: systemUser() };
  await withStore(options, async ({ savedQueries }) => savedQueries.save(saved));
  process.stdout.write(`Saved. Use it: cordboard calls --saved ${JSON.stringify(name)}\n`);
}

async function list(options: StoreCommandOptions & { readonly json?: true }): Promise<void> {
  await withStore(options, async ({ savedQueries }) => {
    const all = (await savedQueries.list()).map((query) => ({
      ...query,
      filter: query.filter ? callFilterJson(query.filter) : null,
    }));
    if (options.json) {
      process.stdout.write(`${JSON.stringify(all, null, 1)}\n`);
      return;
    }
    if (all.length === 0) return void process.stdout.write('No filters are saved.\n');
    const rows = all.map(({ name, savedAt, savedBy, filter }) => [
      printable(name),
      secondIn(undefined, savedAt),
      printable(savedBy),
      filter ? printable(JSON.stringify(filter)) : 'of a newer version',
    ]);
    process.stdout.write(`${textTable(['name', 'saved (UTC)', 'by', 'filter'], rows)}\n`);
  });
}

async function forget(name: string, options: StoreCommandOptions): Promise<void> {
  await withStore(options, async ({ savedQueries }) => {
    if (!(await savedQueries.remove(name))) throw new CommandFailed('failed', noSuchQuery(name));
  });
  process.stdout.write('Removed.\n');
}

const noSuchQuery = (name: string) =>
  `No filter is saved as "${name}". \`cordboard calls saved\` shows those that there are.`;

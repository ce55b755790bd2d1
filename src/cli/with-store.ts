import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Log } from '../log/log.js';
import { openStore, type StoreOptions } from '../store/open-store.js';
import type { Store } from '../store/store.js';
import { realClock } from '../time/real-clock.js';
import { type Config, configOption, loadConfig } from './config.js';
import { CommandFailed } from './exit-codes.js';
import { createLogger } from './logger.js';

export interface StoreCommandOptions {
  readonly config?: string | undefined;
  readonly dataDir?: string | undefined;
}

/** Options of every command that reads or serves accounts and call records. */
export function addStoreOptions(command: Command): Command {
  return command
    .addOption(configOption())
    .option('--data-dir <folder>', 'use the embedded database of this folder, whatever else is configured');
}

/** The configuration in force; a folder on the command line stands over a database's URL from anywhere. */
export function configFor({ config: path, dataDir }: StoreCommandOptions): Config {
  const { database_url, ...config } = loadConfig(path, process.env, { data_dir: dataDir });
  return dataDir === undefined && database_url !== undefined ? { ...config, database_url } : config;
}

/**
 * Opens the store that the configuration names, for one command.
 * @param mayMake the embedded database is made where there is none; otherwise that is told, since the folder is the wrong one as a rule
 */
export async function withStore(
  options: StoreCommandOptions,
  work: (store: Store) => Promise<void>,
  { mayMake = false } = {},
): Promise<void> {
  const config = configFor(options);
  if (!mayMake && config.database_url === undefined && !existsSync(join(config.data_dir, 'db'))) {
    throw new CommandFailed(
      'store-unavailable',
      `There are no accounts and call records in ${config.data_dir}: no server has run with it yet. Run this in the folder of the server's cordboard.toml, or name it: -c FILE or --data-dir FOLDER.`,
    );
  }
  const store = await openStore({
    ...storeOptions(config, createLogger('warn')),
    // A server that runs here has the embedded database open; the command goes by way of it.
    joins: true,
  });
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

/** Where the store is, as the configuration says. */
export function storeOptions({ database_url, data_dir }: Config, log: Log): StoreOptions {
  return {
    ...(database_url !== undefined && { databaseUrl: database_url }),
    dataDir: data_dir,
    clock: realClock,
    log,
  };
}

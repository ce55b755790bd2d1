import type { Log } from '../log/log.js';
import { openStore, type StoreOptions } from '../store/open-store.js';
import type { Store } from '../store/store.js';
import { realClock } from '../time/real-clock.js';
import { type Config, loadConfig } from './config.js';
import { createLogger } from './logger.js';

export interface StoreCommandOptions {
  readonly config?: string | undefined;
}

/** Opens the store that the configuration names, for one command. */
export async function withStore(
  options: StoreCommandOptions,
  work: (store: Store) => Promise<void>,
): Promise<void> {
  const store = await openStore({
    ...storeOptions(loadConfig(options.config, process.env), createLogger('warn')),
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

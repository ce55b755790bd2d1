import type { Log } from '../log/log.js';
import { openStore } from '../store/open-store.js';
import type { Store } from '../store/store.js';
import { realClock } from '../time/real-clock.js';
import { type Config, loadConfig } from './config.js';
import { createLogger } from './logger.js';

export interface StoreOptions {
  readonly config?: string | undefined;
}

/** Opens the store that the configuration names, for one command. */
export async function withStore(options: StoreOptions, work: (store: Store) => Promise<void>): Promise<void> {
  const store = await openConfiguredStore(loadConfig(options.config, process.env), createLogger('warn'));
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

export function openConfiguredStore({ database_url, data_dir }: Config, log: Log): Promise<Store> {
  return openStore({
    ...(database_url !== undefined && { databaseUrl: database_url }),
    dataDir: data_dir,
    clock: realClock,
    log,
  });
}

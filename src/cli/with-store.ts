import { openStore } from '../store/open-store.js';
import type { Store } from '../store/store.js';
import { realClock } from '../time/real-clock.js';
import { loadConfig } from './config.js';
import { createLogger } from './logger.js';

export interface StoreOptions {
  readonly config?: string | undefined;
}

/** Opens the store that the configuration names, for one command. */
export async function withStore(options: StoreOptions, work: (store: Store) => Promise<void>): Promise<void> {
  const { database_url, data_dir } = loadConfig(options.config, process.env);
  const store = await openStore({
    ...(database_url !== undefined && { databaseUrl: database_url }),
    dataDir: data_dir,
    clock: realClock,
    log: createLogger('warn'),
  });
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

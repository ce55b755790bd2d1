import { afterAll, beforeAll, describe } from 'vitest';
import { silentLog } from '../../src/log/log.js';
import { openStore } from '../../src/store/open-store.js';
import type { Store } from '../../src/store/store.js';
import { realClock } from '../../src/time/real-clock.js';
import { noServer, startTestServer, type TestServer } from '../support/postgres.js';
import { ledgerContract } from './ledger-contract.js';
import { storeContract } from './store-contract.js';

const title = noServer ? `a PostgreSQL server (skipped: ${noServer})` : 'a PostgreSQL server';

describe.skipIf(noServer)(title, () => {
  let server: TestServer;
  let store: Store;

  beforeAll(async () => {
    server = await startTestServer();
    const databaseUrl = await server.createDatabase();
    store = await openStore({ databaseUrl, dataDir: 'unused', clock: realClock, log: silentLog });
  });

  afterAll(async () => {
    await store?.close();
    await server?.close();
  });

  storeContract(() => store);
  ledgerContract(() => store);
});

import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe } from 'vitest';
import { silentLog } from '../../../src/log/log.js';
import { joiningOptions } from '../../../src/store/embedded/embedded-postgres.js';
import { openStore } from '../../../src/store/open-store.js';
import { realClock } from '../../../src/time/real-clock.js';
import { freshDataDir } from '../../support/embedded-store.js';
import { billsContract } from './bills-contract.js';
import { Ledger } from './ledger.js';

describe('bills in the embedded database', () => {
  let dataDir: string;
  let ledger: Ledger;

  beforeAll(async () => {
    dataDir = await freshDataDir();
    const store = await openStore({ dataDir, clock: realClock, log: silentLog });
    ledger = new Ledger(store, joiningOptions(`${dataDir}/db`));
  });

  afterAll(async () => {
    await ledger?.close();
    await ledger?.store.close();
    await rm(dataDir, { recursive: true });
  });

  billsContract(() => ledger);
});

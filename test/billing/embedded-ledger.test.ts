import { rm } from 'node:fs/promises';
import postgres from 'postgres';
import { afterAll, beforeAll } from 'vitest';
import { silentLog } from '../../src/log/log.js';
import { commonOptions, type Sql } from '../../src/store/database.js';
import { joiningOptions } from '../../src/store/embedded/embedded-postgres.js';
import { openStore } from '../../src/store/open-store.js';
import type { Store } from '../../src/store/store.js';
import { realClock } from '../../src/time/real-clock.js';
import { freshDataDir } from '../support/embedded-store.js';
import { billsByHand } from './bills-by-hand.js';
import { chargeFilterContract } from './charge-filter-contract.js';
import { type LedgerUnderTest, ledgerContract } from './ledger-contract.js';
import { tariffContract } from './tariff-contract.js';
import { trialContract } from './trial-contract.js';

let dataDir: string;
let store: Store;
let sql: Sql;
let ledger: LedgerUnderTest;

beforeAll(async () => {
  dataDir = await freshDataDir();
  store = await openStore({ dataDir, clock: realClock, log: silentLog });
  sql = postgres({ ...commonOptions, ...joiningOptions(`${dataDir}/db`), max: 1 });
  const other = await openStore({ dataDir, joins: true, clock: realClock, log: silentLog });
  ledger = { store, other, sql, ...billsByHand(sql) };
});

afterAll(async () => {
  await sql.end();
  await ledger.other.close();
  await store.close();
  await rm(dataDir, { recursive: true });
});

ledgerContract(() => ledger);
trialContract(() => ledger);
tariffContract(() => ledger);
chargeFilterContract(() => ledger);

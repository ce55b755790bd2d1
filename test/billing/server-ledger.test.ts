import postgres from 'postgres';
import { afterAll, beforeAll, describe } from 'vitest';
import { silentLog } from '../../src/log/log.js';
import { commonOptions, type Sql } from '../../src/store/database.js';
import { openStore } from '../../src/store/open-store.js';
import { realClock } from '../../src/time/real-clock.js';
import { noServer, startTestServer, type TestServer } from '../support/postgres.js';
import { billsByHand } from './bills-by-hand.js';
import { chargeFilterContract } from './charge-filter-contract.js';
import { type LedgerUnderTest, ledgerContract } from './ledger-contract.js';
import { tariffContract } from './tariff-contract.js';
import { trialContract } from './trial-contract.js';

const title = noServer ? `a PostgreSQL server (skipped: ${noServer})` : 'a PostgreSQL server';

describe.skipIf(noServer)(title, () => {
  let server: TestServer;
  let sql: Sql;
  let ledger: LedgerUnderTest;

  beforeAll(async () => {
    server = await startTestServer();
    const databaseUrl = await server.createDatabase();
    const options = { databaseUrl, dataDir: 'unused', joins: true, clock: realClock, log: silentLog };
    const [store, other] = [await openStore(options), await openStore(options)];
    sql = postgres(databaseUrl, { ...commonOptions, max: 1 });
    ledger = { store, other, sql, ...billsByHand(sql) };
  });

  afterAll(async () => {
    await sql?.end();
    await ledger?.store.close();
    await ledger?.other.close();
    await server?.close();
  });

  ledgerContract(() => ledger);
  trialContract(() => ledger);
  tariffContract(() => ledger);
  chargeFilterContract(() => ledger);
});

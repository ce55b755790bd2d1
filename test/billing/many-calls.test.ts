import { createHash } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueBills } from '../../src/billing/bills/issue-bills.js';
import { LedgerRater } from '../../src/billing/rate-ledger.js';
import { silentLog } from '../../src/log/log.js';
import type { Charges } from '../../src/store/charges.js';
import { commonOptions, type Sql } from '../../src/store/database.js';
import { openStore } from '../../src/store/open-store.js';
import type { Store } from '../../src/store/store.js';
import { realClock } from '../../src/time/real-clock.js';
import { noOwnServer, type OwnServer, startOwnServer } from '../support/postgres.js';
import { terms } from './bills/bills-contract.js';
import { callerPays } from './caller-pays.js';
import { generateCalls, manyCallsTariff, reckonedInSql } from './many-calls.js';

/** A million takes a quarter of an hour. */
const count = Number(process.env.CORDBOARD_MANY_CALLS ?? 20_000);
const patienceMs = 120_000 + 2 * count;
/** In the midst of which turn the database is killed. */
const deadlyTurn = 4;

const title = noOwnServer ? `many calls (skipped: ${noOwnServer})` : 'many calls';

describe.skipIf(noOwnServer)(title, () => {
  let server: OwnServer;
  let databaseUrl: string;
  let store: Store;
  let sql: Sql;

  beforeAll(async () => {
    server = await startOwnServer();
    databaseUrl = await server.createDatabase();
    store = await openStore({
      databaseUrl,
      dataDir: 'unused',
      joins: true,
      clock: realClock,
      log: silentLog,
    });
    sql = postgres(databaseUrl, { ...commonOptions, max: 1 });
    await generateCalls(sql, count);
    const content = manyCallsTariff('many');
    const sha256 = createHash('sha256').update(content).digest('hex');
    const from = new Date('2020-01-01T05:00:00Z');
    const version = {
      tariff: 'many',
      validFrom: from,
      validTo: undefined,
      content,
      rates: undefined,
      sha256,
    };
    await store.tariffs.import({ ...version, importedAt: from, importedBy: 'anna' }, { replaces: false });
    await store.tariffs.makeDefault('many');
  }, patienceMs);

  afterAll(async () => {
    await sql?.end({ timeout: 0 });
    await store?.close();
    await server?.close();
  });

  test(
    'BL-A1 BL-80 fault 61: the database is killed while they are rated: none is lost, none charged twice; charges, bills and SQL have the same sum',
    async () => {
      const options = { tariffs: store.tariffs, clock: realClock, payers: async () => callerPays };
      let turns = 0;
      let restarted: Promise<void> | undefined;
      const charges: Charges = {
        ...store.charges,
        alone: (work) =>
          store.charges.alone(async (rating) => {
            const result = await work(rating);
            if (++turns === deadlyTurn) {
              // The driver cannot bear that a connection goes while no statement of its transaction is under way.
              restarted = server.stop().then(() => server.start());
            }
            return result;
          }),
      };
      // It may go on by itself, where the database is back soon enough, or give up: both are right.
      await new LedgerRater({ ...options, charges }).rate().catch(() => undefined);
      await restarted;
      expect(turns).toBeGreaterThanOrEqual(deadlyTurn);
      await new LedgerRater({ ...options, charges: store.charges }).rate({ again: true });

      await sql.end({ timeout: 0 });
      sql = postgres(databaseUrl, { ...commonOptions, max: 1 });
      for (const period of ['2026-10-01', '2026-11-01']) {
        const signature = { at: new Date('2026-12-02T12:00:00Z'), by: 'anna' };
        const issued = await issueBills(store.bills, { period, series: 'B', terms, signature });
        expect(issued.kind).toBe('issued');
      }
      const [sum] = await sql<{ calls: number; units: string; billed: string; unrated: number }[]>`
      select count(*)::integer as calls, sum(units)::text as units, (select sum(charge_units)::text from bill) as billed,
        (select count(*)::integer from unrated_call) as unrated
      from charge`;
      const units = String(await reckonedInSql(sql));
      expect(sum).toEqual({ calls: count, units, billed: units, unrated: 0 });
    },
    patienceMs,
  );
});

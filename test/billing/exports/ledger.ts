import { rm } from 'node:fs/promises';
import postgres from 'postgres';
import { silentLog } from '../../../src/log/log.js';
import { commonOptions, Database, type Sql } from '../../../src/store/database.js';
import { EmbeddedPostgres } from '../../../src/store/embedded/embedded-postgres.js';
import { exportTable } from '../../../src/store/export-table.js';
import type { ExportedCall, Exports } from '../../../src/store/exports.js';
import { migrate } from '../../../src/store/migrate.js';
import { realClock } from '../../../src/time/real-clock.js';
import { freshDataDir } from '../../support/embedded-store.js';
import { startTestServer } from '../../support/postgres.js';

/** A database with the ledger in it, which a test fills by SQL. */
export interface Ledger {
  readonly sql: Sql;
  readonly exports: Exports;
  close(): Promise<void>;
}

export async function embeddedLedger(): Promise<Ledger> {
  const dataDir = await freshDataDir();
  const engine = new EmbeddedPostgres(`${dataDir}/db`, realClock, silentLog);
  return ledgerAt(
    () => postgres({ ...commonOptions, ...engine.options }),
    async () => {
      await engine.close();
      await rm(dataDir, { recursive: true });
    },
  );
}

export async function serverLedger(): Promise<Ledger> {
  const server = await startTestServer();
  const url = await server.createDatabase();
  return ledgerAt(
    () => postgres(url, { ...commonOptions, max: 4 }),
    () => server.close(),
  );
}

async function ledgerAt(connect: () => Sql, close: () => Promise<void>): Promise<Ledger> {
  const sql = connect();
  await migrate(sql);
  const database = new Database(connect, realClock, 'the test');
  await sql`insert into tariff (name, is_default) values ('test', true)`;
  await sql`
    insert into tariff_version (tariff, validity, content, sha256, imported_at, imported_by)
    select id, '[2026-01-01,)', '', ${'0'.repeat(64)}, now(), 'test' from tariff`;
  await sql`
    insert into subscriber (account, name, number, versions)
    values ('000000000001', 'Alice', '2125550101', '{2}'), ('000000000002', 'Bob', '4155550102', '{2}')`;
  return {
    sql,
    exports: exportTable(database),
    async close() {
      await database.close();
      await sql.end();
      await close();
    },
  };
}

/** Enters closed calls, and the charges of those that have one. */
export async function enter(sql: Sql, calls: readonly Partial<ExportedCall>[]): Promise<void> {
  const records = calls.map(
    ({ billTo, payerNumber, chargeMinor, chargeDecimals, currency, replaces, ...record }) => record,
  );
  await sql`insert into call_record ${sql(records)}`;
  for (const { trackingId, billTo, bridgeAt, chargeMinor, chargeDecimals, currency } of calls) {
    if (billTo === undefined) continue;
    await sql`
      insert into charge
      select ${trackingId as string}, ${billTo}, '2026-11-01', ${bridgeAt as Date}, id, 'delivery', ${chargeMinor as bigint},
        ${chargeDecimals as number}, ${currency as string}, 91, 0, now(), null
      from tariff_version`;
  }
}

/** As if nothing had ever been entered or exported. */
export async function empty(sql: Sql): Promise<void> {
  await sql.unsafe(
    'truncate call_record, export, exported_call, left_out_call, export_series, charge cascade',
  );
}

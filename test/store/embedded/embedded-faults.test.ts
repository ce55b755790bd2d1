import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '../../../src/log/log.js';
import { commonOptions, Database } from '../../../src/store/database.js';
import { EmbeddedPostgres } from '../../../src/store/embedded/embedded-postgres.js';
import { openStore } from '../../../src/store/open-store.js';
import { StoreUnavailable } from '../../../src/store/store.js';
import { realClock } from '../../../src/time/real-clock.js';
import { SimulatedClock } from '../../../src/time/simulated-clock.js';
import { freshDataDir } from '../../support/embedded-store.js';
import { newCall, openRecord } from '../store-contract.js';

let dataDir: string;

describe('the engine', () => {
  let clock: SimulatedClock;
  let engine: EmbeddedPostgres;
  let database: Database;

  beforeAll(async () => {
    dataDir = await freshDataDir();
    clock = new SimulatedClock();
    engine = new EmbeddedPostgres(`${dataDir}/db`, clock, silentLog);
    database = new Database(() => postgres({ ...commonOptions, ...engine.options }), clock, 'the database');
    await database.sql`create table account (n int primary key, balance int)`;
  });

  beforeEach(async () => {
    await database.sql`truncate account`;
    await database.sql`insert into account select n, 100 from generate_series(1, 10) n`;
  });

  afterAll(async () => {
    await database.close();
    await engine.close();
    await rm(dataDir, { recursive: true });
  });

  test('fault 62: transactions of many clients do not mix: overlapping transfers keep the sum', async () => {
    const { sql } = database;
    const transfers = Array.from({ length: 60 }, (_, i) =>
      sql.begin(async (tx) => {
        const [from, to] = [1 + (i % 10), 1 + ((i * 7 + 3) % 10)];
        const [row] = await tx<{ balance: number }[]>`select balance from account where n = ${from}`;
        await tx`update account set balance = ${(row?.balance ?? 0) - 1} where n = ${from}`;
        if (i % 5 === 0) throw new Error('taken back');
        await tx`update account set balance = balance + 1 where n = ${to}`;
      }),
    );
    const outcomes = await Promise.allSettled(transfers);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(12);
    expect([...(await sql`select sum(balance)::int as sum from account`)]).toEqual([{ sum: 1000 }]);
  });

  test('fault 62: a client that stops in the middle of a transaction is cut off, rolled back, and told', async () => {
    let began = () => {};
    const hasBegun = new Promise<void>((resolve) => {
      began = resolve;
    });
    const stalled = database.sql.begin(async (tx) => {
      await tx`delete from account`;
      began();
      await new Promise(() => {});
    });
    stalled.catch(() => {});
    await hasBegun;
    const waiting = database.sql<{ n: number }[]>`select count(*)::int as n from account`.execute();
    clock.advance(10_000);
    await expect(stalled).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
    expect([...(await waiting)]).toEqual([{ n: 10 }]);
  });

  test('fault 62: a statement that does not end: callers learn it after 5 s, the engine is new after 30 s', async () => {
    let begun = () => {};
    const hasBegun = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const endless = database.sql.begin(async (tx) => {
      await tx`delete from account`;
      begun();
      await tx`select count(*) from generate_series(1, 1000000000000)`;
    });
    endless.catch(() => {});
    await hasBegun;
    const other = database.repeat((sql) => sql`select 1`);
    other.catch(() => {});
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(5_000);
    await expect(other).rejects.toThrow(StoreUnavailable);
    clock.advance(25_000);
    await expect(endless).rejects.toMatchObject({ code: expect.stringMatching(/^CONNECTION_/) });
    const [total] = await database.repeat((sql) => sql`select sum(balance)::int as sum from account`);
    expect(total).toEqual({ sum: 1000 });
  });

  test('fault 62: notifications reach the client that listens', async () => {
    const heard = new Promise(
      (resolve) => void database.sql.listen('news', resolve, () => void database.sql.notify('news', 'it is')),
    );
    expect(await heard).toBe('it is');
  });
});

describe('the directory', () => {
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'cordboard-store-'));
  });
  afterEach(() => rm(dataDir, { recursive: true }));

  const open = () => openStore({ dataDir, clock: realClock, log: silentLog });

  test('fault 70: a first start that was interrupted is begun again; what was written is there at the next', async () => {
    await mkdir(join(dataDir, 'db.new'));
    await writeFile(join(dataDir, 'db.new/PG_VERSION'), '18\n');
    const first = await open();
    expect(first.description).toMatch(new RegExp(`^embedded PostgreSQL 18\\.[0-9]+ in ${dataDir}/db$`));
    const call = newCall();
    await first.calls.open(call);
    await first.close();
    expect(existsSync(join(dataDir, 'db.new'))).toBe(false);
    expect(existsSync(join(dataDir, 'db.lock'))).toBe(false);

    const second = await open();
    expect(await second.calls.list({})).toEqual([openRecord(call)]);
    await second.close();
  }, 90_000);

  test('fault 83: a data directory that cannot be made is named, with the reason', async () => {
    await writeFile(join(dataDir, 'file'), '');
    const opening = openStore({ dataDir: join(dataDir, 'file', 'data'), clock: realClock, log: silentLog });
    await expect(opening).rejects.toThrow(StoreUnavailable);
    await expect(opening).rejects.toThrow(/file\/data\/db cannot be opened: ENOTDIR/);
  });

  test('fault 67: a directory that PostgreSQL cannot read is refused in its words, and given back', async () => {
    await mkdir(join(dataDir, 'db'));
    await writeFile(join(dataDir, 'db/PG_VERSION'), '12\n');
    for (const _ of [1, 2])
      await expect(open()).rejects.toThrow(/The embedded database in .*postgresql\.conf.*No such file/s);
    expect(existsSync(join(dataDir, 'db.lock'))).toBe(false);
  });
});

import { appendFile, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { silentLog } from '../../src/log/log.js';
import { commonOptions, type Sql } from '../../src/store/database.js';
import { EmbeddedPostgres } from '../../src/store/embedded/embedded-postgres.js';
import { migrate } from '../../src/store/migrate.js';
import { StoreUnavailable } from '../../src/store/store.js';
import { realClock } from '../../src/time/real-clock.js';
import { freshDataDir } from '../support/embedded-store.js';

let dataDir: string;
let folder: string;
let engine: EmbeddedPostgres;
let sql: Sql;

beforeAll(async () => {
  dataDir = await freshDataDir();
  engine = new EmbeddedPostgres(`${dataDir}/db`, realClock, silentLog);
  sql = postgres({ ...commonOptions, ...engine.options });
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordboard-migrations-'));
  await writeFile(join(folder, '0001-first.sql'), 'create table one (n int); create table two (n int);');
  await sql`drop schema public cascade`;
  await sql`create schema public`;
});

afterEach(() => rm(folder, { recursive: true }));

afterAll(async () => {
  await sql.end();
  await engine.close();
  await rm(dataDir, { recursive: true });
});

const run = () => migrate(sql, pathToFileURL(`${folder}/`));

async function tables(): Promise<string[]> {
  const rows = await sql`select relname from pg_class where relkind = 'r'
    and relnamespace = 'public'::regnamespace and relname <> 'schema_migration' order by 1`;
  return rows.map(({ relname }) => relname);
}

test('fault 68: each file is applied once, and a later one follows', async () => {
  await run();
  await run();
  expect(await tables()).toEqual(['one', 'two']);
  await writeFile(join(folder, '0002-second.sql'), 'insert into one values (1); drop table two;');
  await Promise.all([run(), run(), run()]);
  expect(await tables()).toEqual(['one']);
  expect(await sql`select n from one`).toHaveLength(1);
});

test('fault 68: a migration that fails leaves nothing half done, and can be run again', async () => {
  await writeFile(join(folder, '0002-second.sql'), 'create table three (n int); select 1 / 0;');
  await expect(run()).rejects.toThrow('division by zero');
  expect(await tables()).toEqual([]);
  await writeFile(join(folder, '0002-second.sql'), 'create table three (n int);');
  await run();
  expect(await tables()).toEqual(['one', 'three', 'two']);
});

test('fault 68: a program older than the database refuses it and says what to do', async () => {
  await writeFile(join(folder, '0002-second.sql'), 'drop table two;');
  await run();
  await rm(join(folder, '0002-second.sql'));
  await expect(run()).rejects.toThrow(StoreUnavailable);
  await expect(run()).rejects.toThrow(/schema version 2, .* up to 1: a newer Cordboard has used it/);
});

test('fault 68: an edited migration is refused; other line ends are no edit', async () => {
  await run();
  await writeFile(join(folder, '0001-first.sql'), 'create table one (n int); create table two (n int);');
  await run();
  await appendFile(join(folder, '0001-first.sql'), '\n-- a word more');
  await expect(run()).rejects.toThrow(StoreUnavailable);
  await expect(run()).rejects.toThrow(/0001-first\.sql that differs/);
});

test('fault 68: a gap in the numbers is refused before anything is done', async () => {
  await cp(join(folder, '0001-first.sql'), join(folder, '0003-third.sql'));
  await expect(run()).rejects.toThrow('0003-third.sql is out of sequence');
  expect(await tables()).toEqual([]);
});

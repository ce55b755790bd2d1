import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { silentLog } from '../../src/log/log.js';
import { commonOptions, type Sql } from '../../src/store/database.js';
import { openStore } from '../../src/store/open-store.js';
import { realClock } from '../../src/time/real-clock.js';
import { compileSources } from '../support/compiled.js';
import { noServer, startTestServer, type TestServer } from '../support/postgres.js';
import { accounts, generateCalls, manyCallsTariff, reckonedInSql } from './many-calls.js';

const script = fileURLToPath(new URL('./rate-or-bill.mjs', import.meta.url));
/** Five turns of a rater, after one for corrections. */
const count = 9_000;
const deadlyTurn = 3;

const title = noServer ? `processes at once (skipped: ${noServer})` : 'processes at once';

describe.skipIf(noServer)(title, () => {
  let compiled: string;
  let server: TestServer;
  let databaseUrl: string;
  let sql: Sql;
  const running = new Set<ChildProcess>();

  beforeAll(async () => {
    compiled = compileSources();
    server = await startTestServer();
    databaseUrl = await server.createDatabase();
    const { tariffs, close } = await openStore({
      ...{ databaseUrl, dataDir: 'unused', joins: true, clock: realClock, log: silentLog },
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
    await tariffs.import({ ...version, importedAt: from, importedBy: 'anna' }, { replaces: false });
    await tariffs.makeDefault('many');
    await close();
  }, 120_000);

  afterEach(() => {
    for (const child of running) child.kill('SIGKILL');
  });

  afterAll(async () => {
    await sql?.end({ timeout: 0 });
    await server?.close();
    await rm(compiled, { recursive: true });
  });

  /** What it says until it ends; with a deadly turn it is killed in that. */
  async function run(what: 'rate' | 'bill', by: string, killedInTurn = 0): Promise<string[]> {
    const child = spawn(process.execPath, [script, compiled, databaseUrl, what, by, String(killedInTurn)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running.add(child);
    const ended = once(child, 'exit');
    const said: string[] = [];
    let turns = 0;
    if (!child.stdout) throw new Error('no output');
    for await (const line of createInterface({ input: child.stdout })) {
      said.push(line);
      if (line === 'turn' && ++turns === killedInTurn) child.kill('SIGKILL');
    }
    const [code, signal] = await ended;
    running.delete(child);
    expect([code, signal]).toEqual(killedInTurn > 0 ? [null, 'SIGKILL'] : [0, null]);
    return said;
  }

  const numbersIn = (said: readonly string[], word: string) =>
    said.filter((line) => line.startsWith(word)).map((line) => Number(line.slice(word.length)));

  test('BL-A1 fault 69: three raters at once, one killed in the middle of its turn: every call has its charge, once', async () => {
    const [first, second] = await Promise.all([
      run('rate', 'anna'),
      run('rate', 'berta'),
      run('rate', 'clara', deadlyTurn),
    ]);
    const charged = [first, second].map((said) => numbersIn(said, 'charged ')[0] ?? 0);
    const [sum] = await sql<{ calls: number; units: string; unrated: number }[]>`
      select count(*)::integer as calls, sum(units)::text as units,
        (select count(*)::integer from unrated_call) + (select count(*)::integer from uncharged_call) as unrated
      from charge`;
    expect(sum).toEqual({ calls: count, units: String(await reckonedInSql(sql)), unrated: 0 });
    // What the third committed before it was killed in its next turn is not charged again.
    const byTheThird = count - charged.reduce((total, each) => total + each, 0);
    expect(byTheThird).toBeGreaterThanOrEqual(0);
    expect(byTheThird).toBeLessThanOrEqual(2_000);
  }, 120_000);

  test('BL-80 fault 69: three billers at once, one killed before its commit: numbers without a gap, every account and month once', async () => {
    const [, ...others] = await Promise.all([
      run('bill', 'clara', 1),
      run('bill', 'anna'),
      run('bill', 'berta'),
    ]);
    const bills = await sql<{ number: number; account: string; period: string; by: string }[]>`
      select number::integer, account, period::text, issued_by as by from bill order by number`;
    expect(bills.map(({ number }) => number)).toEqual(bills.map((_, index) => index + 1));
    expect(new Set(bills.map(({ account, period }) => `${account} ${period}`)).size).toBe(bills.length);
    expect(bills.filter(({ period }) => period === '2026-11-01')).toHaveLength(accounts);
    expect(bills.filter(({ by }) => by === 'clara')).toEqual([]);
    // Each tells what it has issued itself, and of no bill both.
    const told = others.flatMap((said) => numbersIn(said, 'issued '));
    expect(told.sort((a, b) => a - b)).toEqual(bills.map(({ number }) => number));
    const [sums] = await sql`
      select (select sum(charge_units) from bill) = (select sum(units) from charge) as are_equal,
        (select next from bill_series where name = 'B')::integer as next`;
    expect(sums).toEqual({ areEqual: true, next: bills.length + 1 });
  }, 120_000);
});

import { rm } from 'node:fs/promises';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { silentLog } from '../../src/log/log.js';
import type { CallRecord } from '../../src/store/calls.js';
import { commonOptions, Database } from '../../src/store/database.js';
import { EmbeddedPostgres } from '../../src/store/embedded/embedded-postgres.js';
import { migrate } from '../../src/store/migrate.js';
import { openStore } from '../../src/store/open-store.js';
import { ServerRun } from '../../src/store/server-run.js';
import type { Store } from '../../src/store/store.js';
import type { Clock } from '../../src/time/clock.js';
import { realClock } from '../../src/time/real-clock.js';
import { SimulatedClock } from '../../src/time/simulated-clock.js';
import { freshDataDir } from '../support/embedded-store.js';
import { LogBook } from '../support/log-book.js';
import { noOwnServer, type OwnServer, startOwnServer } from '../support/postgres.js';
import { closed, newCall, nextAccount, openRecord } from './store-contract.js';

const lost = 'the connection to the database is lost; trying to get it back';
const back = 'the connection to the database is back';
const at = new Date('2026-11-22T00:00:00.000Z');

const [caller, callee] = [nextAccount(), nextAccount()];

const interrupted = {
  endAt: at,
  outcome: 'interrupted',
  releaseCause: 41,
  billableSeconds: 0,
  reason: 'the server stopped during the call',
};

async function records({ calls }: Store): Promise<Map<string, CallRecord>> {
  return new Map((await calls.list({ limit: 1000 })).map((record) => [record.trackingId, record]));
}

/** Who called whom, at which number, and that they were joined. */
function progressOf(call: ReturnType<typeof newCall>) {
  const { ani, callerAccount, calleeAccount, calledNumber, protocolVersion, answerAt, bridgeAt } = closed(
    call,
    { callerAccount: caller, calleeAccount: callee },
  );
  return { ani, callerAccount, calleeAccount, calledNumber, protocolVersion, answerAt, bridgeAt };
}

test('CM-335 fault 69: the embedded database: the next run closes what the last left open, with all that was known', async () => {
  const dataDir = await freshDataDir();
  const open = () => openStore({ dataDir, clock: realClock, log: silentLog });
  const first = await open();
  const call = newCall();
  await first.calls.open(call);
  await first.calls.note(call.trackingId, progressOf(call));
  expect(await first.calls.closeInterrupted(at)).toBe(0);
  await first.close();
  const second = await open();
  expect(await second.calls.closeInterrupted(at)).toBe(1);
  expect(await second.calls.list({})).toEqual([{ ...openRecord(call), ...progressOf(call), ...interrupted }]);
  expect(await second.calls.closeInterrupted(at)).toBe(0);
  await second.close();
  await rm(dataDir, { recursive: true });
});

test('CM-335 fault 62: an embedded engine that had to be started anew knows again which run lives', async () => {
  const dataDir = await freshDataDir();
  const clock = new SimulatedClock();
  const log = new LogBook();
  const engine = new EmbeddedPostgres(`${dataDir}/db`, clock, silentLog);
  const database = new Database(
    () => postgres({ ...commonOptions, ...engine.options }),
    clock,
    'the database',
  );
  const { sql } = database;
  await migrate(sql);
  const connect = (onclose: () => void) => postgres({ ...commonOptions, ...engine.options, max: 1, onclose });
  const run = await ServerRun.begin(database, { connect, clock, log, place: 'the database' });
  const locks = () => sql`select objid::bigint from pg_locks where locktype = 'advisory'`;
  const before = await locks();
  expect(before).toHaveLength(1);
  const endless = sql`select count(*) from generate_series(1, 1000000000000)`.execute();
  endless.catch(() => {});
  // Long enough for the statement to reach the engine.
  while (clock.nextDeadlineMs() === undefined) await new Promise((resolve) => setImmediate(resolve));
  clock.advance(30_000);
  await expect(endless).rejects.toMatchObject({ code: expect.stringMatching(/^CONNECTION_/) });
  await vi.waitFor(
    () => {
      clock.advance(20);
      expect(log.with(back)).toHaveLength(1);
    },
    { timeout: 20_000 },
  );
  expect([...(await locks())]).toEqual([...before]);
  await run.end();
  await database.close();
  await engine.close();
  await rm(dataDir, { recursive: true });
});

const title = noOwnServer ? `several servers (skipped: ${noOwnServer})` : 'several servers on one database';

describe.skipIf(noOwnServer)(title, () => {
  let server: OwnServer;
  let databaseUrl: string;
  let admin: postgres.Sql;
  const opened: Store[] = [];

  beforeAll(async () => {
    server = await startOwnServer();
  });
  beforeEach(async () => {
    await server.start();
    databaseUrl = await server.createDatabase();
    admin = postgres(databaseUrl, { onnotice: () => {} });
  });
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
    await admin.end({ timeout: 0 });
  });
  afterAll(() => server?.close());

  async function start({ clock = realClock, log = new LogBook() }: { clock?: Clock; log?: LogBook } = {}) {
    const store = await openStore({ databaseUrl, dataDir: 'unused', clock, log });
    opened.push(store);
    return store;
  }

  /** The connections that hold the locks of the runs that live. */
  const holders = () => admin`select distinct pid from pg_locks where locktype = 'advisory' and granted`;

  /** What a store does by itself otherwise it does once a day. */
  const isToTryAgain = (clock: SimulatedClock) =>
    (clock.nextDeadlineMs() ?? 0) <= clock.monotonicMs() + 5_000;
  const untilItTriesAgain = (clock: SimulatedClock) =>
    vi.waitFor(() => expect(isToTryAgain(clock)).toBe(true));

  async function endConnections(): Promise<void> {
    await admin`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'`;
  }

  test('CM-335 fault 73: one that starts closes nothing of one that lives; when that is gone, everything', async () => {
    const first = await start();
    const [call, over, other] = [newCall(), newCall(), newCall()];
    await first.calls.open(call);
    await first.calls.open(over);
    await first.calls.close(over.trackingId, closed(over));
    await first.calls.note(call.trackingId, progressOf(call));

    const second = await start();
    await second.calls.open(other);
    expect(await second.calls.closeInterrupted(at)).toBe(0);
    expect((await records(second)).get(call.trackingId)).toEqual({
      ...openRecord(call),
      ...progressOf(call),
    });

    await first.close();
    opened.shift();
    const third = await start();
    expect(await third.calls.closeInterrupted(at)).toBe(1);
    const after = await records(third);
    expect(after.get(call.trackingId)).toEqual({ ...openRecord(call), ...progressOf(call), ...interrupted });
    expect(after.get(other.trackingId)).toEqual(openRecord(other));
    expect(after.get(over.trackingId)?.outcome).toBe('completed');
  });

  test('CM-335 a record that was open before records told of a run is closed', async () => {
    const store = await start();
    const call = newCall();
    await store.calls.open(call);
    await admin`update call_record set server_run = null`;
    expect(await store.calls.closeInterrupted(at)).toBe(1);
  });

  test('CM-335 the same numbers in another database of the server are nobody', async () => {
    const first = await start();
    const url = databaseUrl;
    databaseUrl = await server.createDatabase();
    await start();
    databaseUrl = url;
    const call = newCall();
    await first.calls.open(call);
    await first.close();
    opened.shift();
    await admin`alter sequence server_run restart with 77`;
    expect(await (await start()).calls.closeInterrupted(at)).toBe(1);
  });

  test('CM-335 a command beside the server is no run', async () => {
    const store = await openStore({
      databaseUrl,
      joins: true,
      dataDir: 'unused',
      clock: realClock,
      log: silentLog,
    });
    expect(await holders()).toHaveLength(0);
    await store.close();
  });

  test('CM-335 fault 61: a connection that is lost while nothing is asked is told, made again, and the calls are safe', async () => {
    const log = new LogBook();
    const first = await start({ log });
    const call = newCall();
    await first.calls.open(call);
    await endConnections();
    await vi.waitFor(() => expect(log.with(back)).toHaveLength(1));
    expect(log.with(lost)).toHaveLength(1);
    expect(log.text()).not.toContain(new URL(databaseUrl).password);
    expect(await holders()).toHaveLength(1);
    expect(await (await start()).calls.closeInterrupted(at)).toBe(0);
  });

  test('CM-335 fault 61: one that was taken for dead has the last word on its own calls', async () => {
    const clock = new SimulatedClock();
    const log = new LogBook();
    const first = await start({ clock, log });
    const [call, going] = [newCall(), newCall()];
    await first.calls.open(call);
    await first.calls.open(going);
    await server.stop();
    // Its clock stands still, so that it does not try again.
    await untilItTriesAgain(clock);
    await server.start();
    expect(await (await start()).calls.closeInterrupted(at)).toBe(2);
    await first.calls.close(call.trackingId, closed(call));
    await first.calls.note(going.trackingId, progressOf(going));
    const after = await records(first);
    expect(after.get(call.trackingId)).toMatchObject({
      outcome: 'completed',
      releaseCause: 16,
      durationSeconds: 81,
    });
    expect(after.get(going.trackingId)).toEqual({
      ...openRecord(going),
      ...progressOf(going),
      ...interrupted,
    });
    expect(log.with(back)).toEqual([]);
    await vi.waitFor(() => {
      clock.advance(5_000);
      expect(log.with(back)).toHaveLength(1);
    });
    expect(log.with(lost)).toHaveLength(1);
  });

  test('fault 91: closed while the database is away, it leaves no timer behind', async () => {
    const clock = new SimulatedClock();
    const log = new LogBook();
    const store = await start({ clock, log });
    expect(isToTryAgain(clock)).toBe(false);
    await server.stop();
    await untilItTriesAgain(clock);
    await store.close();
    opened.shift();
    await vi.waitFor(() => expect(clock.nextDeadlineMs()).toBeUndefined());
    expect(log.with(back)).toEqual([]);
  });
});

import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLog } from '../../src/log/log.js';
import type { OpenCall } from '../../src/store/calls.js';
import { openStore } from '../../src/store/open-store.js';
import { noOwnServer, type OwnServer, startOwnServer } from '../support/postgres.js';
import { patientClock } from './settled.js';
import { closed, newCall, nextAccount } from './store-contract.js';

const title = noOwnServer ? `a server that is killed (skipped: ${noOwnServer})` : 'a server that is killed';
const callCount = 3_000;
const callsAtOnce = 200;

describe.skipIf(noOwnServer)(title, () => {
  let server: OwnServer;
  beforeAll(async () => {
    server = await startOwnServer();
  });
  afterAll(() => server?.close());

  test('fault 69: kill -9 of the database in the middle of thousands of writes: nothing is lost or doubled', async () => {
    const databaseUrl = await server.createDatabase();
    const admin = postgres(databaseUrl, { max: 1, onnotice: () => {} });
    const { calls, close } = await openStore({
      ...{ databaseUrl, dataDir: 'unused', joins: true, clock: patientClock, log: silentLog },
    });
    const callerAccount = nextAccount();
    const all = Array.from({ length: callCount }, () => newCall());
    const acknowledged = { opened: new Set<string>(), closed: new Set<string>() };
    let killings = 0;
    /** One process of the server dies by the signal; the others end at once, and it recovers from its log. */
    const kill = async () => {
      killings += 1;
      const [row] = await admin<{ pid: number }[]>`
        select pid from pg_stat_activity where application_name = 'cordboard' and pid <> pg_backend_pid() limit 1`;
      if (row) process.kill(row.pid, 'SIGKILL');
    };
    const waiting: Iterator<OpenCall> & Iterable<OpenCall> = all.values();
    const callAfterCall = async () => {
      for (const call of waiting) {
        await untilWritten(() => calls.open(call));
        acknowledged.opened.add(call.trackingId);
        await untilWritten(() => calls.close(call.trackingId, closed(call, { callerAccount })));
        acknowledged.closed.add(call.trackingId);
        if (acknowledged.closed.size === 500 || acknowledged.closed.size === 1_500) await kill();
      }
    };
    await Promise.all(Array.from({ length: callsAtOnce }, callAfterCall));

    expect(killings).toBe(2);
    expect([acknowledged.opened.size, acknowledged.closed.size]).toEqual([callCount, callCount]);
    const records = await calls.list({ limit: 2 * callCount });
    expect(records.filter(({ outcome }) => outcome === 'completed')).toHaveLength(callCount);
    expect(new Set(records.map(({ trackingId }) => trackingId))).toEqual(acknowledged.closed);
    await close();
    await admin.end({ timeout: 0 });
  }, 90_000);
});

/** As the server's record keeper does, which waits longer. */
async function untilWritten(write: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof Error && error.name === 'StoreUnavailable')) throw error;
    }
  }
}

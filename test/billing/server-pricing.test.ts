import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLog } from '../../src/log/log.js';
import { openStore } from '../../src/store/open-store.js';
import type { Store } from '../../src/store/store.js';
import { realClock } from '../../src/time/real-clock.js';
import { noServer, startTestServer, type TestServer } from '../support/postgres.js';
import { limitContract } from './limit-contract.js';
import { paidCalls } from './paid-calls.js';
import { pricingContract } from './pricing-contract.js';

const title = noServer ? `a PostgreSQL server (skipped: ${noServer})` : 'a PostgreSQL server';

describe.skipIf(noServer)(title, () => {
  let server: TestServer;
  let store: Store;
  let databaseUrl: string;

  beforeAll(async () => {
    server = await startTestServer();
    databaseUrl = await server.createDatabase();
    store = await openStore({ databaseUrl, dataDir: 'unused', clock: realClock, log: silentLog });
  });

  afterAll(async () => {
    await store?.close();
    await server?.close();
  });

  pricingContract(() => store);
  limitContract(() => store);

  test('BL-A2 a hold waits for one that is being made, and counts it', async () => {
    const { pricing, account, call, limit } = await paidCalls(store);
    const [alice, bob] = [await account(), await account()];
    await limit(alice, 100n);
    const answer = await pricing.price(call(alice, bob));
    if (answer.kind !== 'priced') throw new Error(answer.reason);
    const sql = postgres(databaseUrl, { max: 2 });
    let isSettled = false;
    const isWaiting = async () => {
      const waiting = await sql`select from pg_locks where not granted`;
      return waiting.count > 0;
    };
    const held = await sql.begin(async (other) => {
      await other`select from spending_limit where account = ${alice} for update`;
      const hold = answer.hold('00000000-0000-7000-8000-000000000001').finally(() => {
        isSettled = true;
      });
      while (!isSettled && !(await isWaiting()));
      await other`
        insert into spending_hold (tracking_id, payer, currency, decimals, units, call_class, free_seconds, held_at)
        values ('00000000-0000-7000-8000-000000000002', ${alice}, 'USD', 2, 100, 'delivery', 0, now())`;
      return { hold };
    });
    expect(await held.hold).toEqual({
      kind: 'refused',
      reason: `over the limit of 1.00 USD a day of account ${alice}, which pays`,
    });
    await sql.end();
  });
});

import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commonOptions, inTransaction, type Sql } from '../../src/store/database.js';
import { noServer, startTestServer, type TestServer } from '../support/postgres.js';

const title = noServer ? `a transaction (skipped: ${noServer})` : 'a transaction';

describe.skipIf(noServer)(title, () => {
  let server: TestServer;
  let sql: Sql;

  beforeAll(async () => {
    server = await startTestServer();
    sql = postgres(await server.createDatabase(), { ...commonOptions, max: 1 });
    await sql`create table kept (number integer)`;
  });

  afterAll(async () => {
    await sql?.end({ timeout: 0 });
    await server?.close();
  });

  const kept = async () => (await sql`select number from kept order by 1`).map(({ number }) => number);

  test('fault 61: that loses its connection fails, and neither it nor the next ends the process', async () => {
    const lost = inTransaction(sql, async (tx) => {
      await tx`insert into kept values (1)`;
      await tx`select pg_terminate_backend(pg_backend_pid())`;
    });
    await expect(lost).rejects.toMatchObject({ code: expect.stringMatching(/^(57P01|CONNECTION_CLOSED)$/) });
    // The driver tells the next one the old error once more.
    await kept().catch(() => undefined);
    expect(await kept()).toEqual([]);
    expect(
      await inTransaction(sql, async (tx) => {
        await tx`insert into kept values (2)`;
        return 'done';
      }),
    ).toBe('done');
    expect(await kept()).toEqual([2]);
  });

  test('fault 64: that fails is rolled back, with the error that was thrown', async () => {
    const failing = inTransaction(sql, async (tx) => {
      await tx`insert into kept values (3)`;
      throw new RangeError('no');
    });
    await expect(failing).rejects.toBeInstanceOf(RangeError);
    const violating = inTransaction(sql, (tx) => tx`insert into kept values ('x'::text::integer)`);
    await expect(violating).rejects.toMatchObject({ code: '22P02' });
    expect(await kept()).toEqual([2]);
  });
});

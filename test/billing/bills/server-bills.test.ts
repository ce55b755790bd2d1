import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueBills } from '../../../src/billing/bills/issue-bills.js';
import { silentLog } from '../../../src/log/log.js';
import { openStore } from '../../../src/store/open-store.js';
import type { Store } from '../../../src/store/store.js';
import { realClock } from '../../../src/time/real-clock.js';
import { noServer, startTestServer, type TestServer } from '../../support/postgres.js';
import { billsContract, issuedOf, request } from './bills-contract.js';
import { Ledger, rowOf } from './ledger.js';

const title = noServer
  ? `bills on a PostgreSQL server (skipped: ${noServer})`
  : 'bills on a PostgreSQL server';

describe.skipIf(noServer)(title, () => {
  let server: TestServer;
  let ledger: Ledger;
  let others: Store[];

  beforeAll(async () => {
    server = await startTestServer();
    const databaseUrl = await server.createDatabase();
    const open = () =>
      openStore({ databaseUrl, dataDir: 'unused', clock: realClock, log: silentLog, joins: true });
    ledger = new Ledger(await open(), databaseUrl);
    others = [await open(), await open()];
  });

  afterAll(async () => {
    await ledger?.close();
    for (const store of [...(others ?? []), ledger?.store]) await store?.close();
    await server?.close();
  });

  billsContract(() => ledger);

  test('BL-80 two billers at once: every account is billed once, and no number is missing', async () => {
    await issueBills(ledger.store.bills, request());
    const accounts = await Promise.all(Array.from({ length: 20 }, () => ledger.subscriber()));
    await ledger.calls(accounts.map((payer) => ({ payer, units: 5n })));
    const asked = [
      ...others.map((store) => issueBills(store.bills, request({ series: 'TWO' }))),
      ...accounts
        .slice(0, 8)
        .map((account, index) =>
          issueBills((others[index % 2] as Store).bills, request({ account, series: 'TWO' })),
        ),
    ];
    const bills = (await Promise.all(asked)).flatMap(issuedOf);
    expect(bills.map(({ account }) => account).toSorted()).toEqual(accounts.toSorted());
    const numbers = bills.map(({ number }) => Number(number)).toSorted((a, b) => a - b);
    expect(numbers).toEqual(accounts.map((_, index) => index + 1));
  });

  test('BL-80 a biller that is cut off leaves no gap and no half of a month', async () => {
    const accounts = await Promise.all(Array.from({ length: 5 }, () => ledger.subscriber()));
    await ledger.calls(accounts.map((payer) => ({ payer, units: 5n })));
    const cut = ledger.store.bills.alone(async (work) => {
      const first = await work.nextNumber('CUT');
      expect(first).toBe(1n);
      const [sum] = await work.unbilledSums('2026-10-01', accounts[0]);
      await work.issue('CUT', [billOf(sum?.account ?? '')], request().signature);
      throw new Error('cut off');
    });
    await expect(cut).rejects.toThrow('cut off');
    const bills = issuedOf(await issueBills(ledger.store.bills, request({ series: 'CUT' })));
    expect(bills.map(({ number }) => number)).toEqual([1n, 2n, 3n, 4n, 5n]);
  });

  test('BL-80 a charge that is written while a month is billed is on the bill, or refused: never beside it', async () => {
    const payer = await ledger.subscriber();
    const version = await ledger.tariff();
    await ledger.calls([{ payer, units: 5n }]);
    const [late = ''] = await ledger.calls([
      { payer, units: 7n, isCharged: false, bridgeAt: '2026-09-15T12:00:00Z' },
    ]);
    const row = { ...rowOf({ payer, units: 7n }, version), id: late };
    let writing: Promise<unknown> = Promise.resolve();
    await ledger.store.bills.alone(async (work) => {
      const [sum] = await work.unbilledSums('2026-10-01', payer);
      // Not by the lock of raters: it waits all the same until the bill is issued.
      writing = ledger.charge([row]).then(
        () => 'written',
        (error: Error) => error.message,
      );
      await untilWaiting(ledger);
      await work.nextNumber('B');
      await work.issue('B', [billOf(payer, sum?.units)], request().signature);
    });
    expect(await writing).toMatch(`The charges of account ${payer} for 2026-10 are billed`);
  });
});

function billOf(account: string, chargeUnits = 5n) {
  return {
    ...{
      account: account as never,
      period: '2026-10-01',
      currency: 'USD',
      decimals: 2,
      calls: 1,
      document: {},
    },
    ...{ chargeUnits, taxUnits: 0n, payableDecimals: 2, payableUnits: chargeUnits },
  };
}

async function untilWaiting({ sql }: Ledger): Promise<void> {
  for (;;) {
    const waiting = await sql`select from pg_locks where not granted and relation = 'charge'::regclass`;
    if (waiting.length > 0) return;
  }
}

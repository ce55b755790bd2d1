import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ledgerRows } from '../../../../src/cli/bench/ledger/figures.js';
import { type LedgerResults, measureLedger } from '../../../../src/cli/bench/ledger/measure.js';
import { silentLog } from '../../../../src/log/log.js';
import { openStore } from '../../../../src/store/open-store.js';
import { realClock } from '../../../../src/time/real-clock.js';
import { freshDataDir } from '../../../support/embedded-store.js';
import { noOwnServer, type OwnServer, startOwnServer } from '../../../support/postgres.js';

const records = 2_000;

describe.skipIf(noOwnServer)(`the ledger's benchmark${noOwnServer ? ` (${noOwnServer})` : ''}`, () => {
  let server: OwnServer;
  let dataDir: string;
  let results: LedgerResults;

  beforeAll(async () => {
    server = await startOwnServer();
    dataDir = await freshDataDir();
    const place = await server.createDatabase();
    const store = await openStore({ databaseUrl: place, dataDir, clock: realClock, log: silentLog });
    const { signal } = new AbortController();
    const options = { store, place, records, pagesEach: 4, onStep: () => {}, signal };
    results = await measureLedger(options).finally(() => store.close());
  }, 120_000);

  afterAll(async () => {
    await rm(dataDir, { recursive: true });
    await server.close();
  });

  test('telephony 7.7: all calls that were joined are rated, and those of a month are billed', () => {
    const { ledger, insert, copy, rated, billed } = results;
    for (const speed of [ledger, insert, copy]) expect(speed).toBeGreaterThan(0);
    // Seven of ten are joined; the second of four months has a quarter of them, or a little more where the fourth is not over.
    expect(rated.calls / records).toBeCloseTo(0.7, 1);
    expect(billed.calls / rated.calls).toBeGreaterThan(0.2);
    expect(billed.calls / rated.calls).toBeLessThan(0.4);
    expect(billed.bills).toBeGreaterThan(50);
  });

  test('telephony 7.7: every question has its row, and goals are those of a server', () => {
    const rows = ledgerRows('server', results, { isServer: true });
    const pages = rows.filter(({ figure }) => figure.startsWith('server: page: '));
    expect(pages.map(({ figure }) => figure.slice('server: page: '.length))).toEqual(
      results.pages.map(({ question }) => question),
    );
    expect(pages.every(({ value, goal }) => goal === 20 && (value ?? 0) > 0)).toBe(true);
    const embedded = ledgerRows('embedded', results, { isServer: false });
    expect(embedded.map(({ goal }) => goal)).toEqual(rows.map(() => null));
  });
});

test('telephony 7.7: shares of plain SQL are told beside their goals', () => {
  const results: LedgerResults = {
    ...{ records: 100, ledger: 4_000, insert: 10_000, copy: 9_000, rated: { calls: 70, seconds: 7 } },
    pages: [
      { question: 'newest', medianMs: 2, p99Ms: 20 },
      { question: 'trunk', medianMs: 3, p99Ms: 21 },
    ],
    billed: { bills: 9, calls: 70, seconds: 0.2, plainSeconds: 0.1 },
  };
  const rows = ledgerRows('server', results, { isServer: true });
  const of = (figure: string) => rows.find((row) => row.figure === `server: ${figure}`);
  expect(of('the same, of plain INSERT')).toMatchObject({ value: 0.4, goal: 0.5, met: false });
  expect(of('page: newest')).toMatchObject({ value: 20, met: true });
  expect(of('the slowest page')).toMatchObject({
    ...{ value: 21, met: false },
    remarks: ['trunk, of 100 records.'],
  });
  expect(of('calls rated')).toMatchObject({ value: 10, met: null });
  expect(of('bills of a month')).toMatchObject({ value: 0.2, met: null });
  expect(of('the same, of the sums by plain SQL')).toMatchObject({ value: 2, met: true });
});

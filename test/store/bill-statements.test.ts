import { rm } from 'node:fs/promises';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AccountNumber } from '../../src/bytes/account-number.js';
import { silentLog } from '../../src/log/log.js';
import { billStatements } from '../../src/store/bill-table.js';
import type { IssuedBill } from '../../src/store/bills.js';
import { commonOptions, type Sql } from '../../src/store/database.js';
import { EmbeddedPostgres } from '../../src/store/embedded/embedded-postgres.js';
import { migrate } from '../../src/store/migrate.js';
import { realClock } from '../../src/time/real-clock.js';
import { freshDataDir } from '../support/embedded-store.js';

let dataDir: string;
let engine: EmbeddedPostgres;
let sql: Sql;

beforeAll(async () => {
  dataDir = await freshDataDir();
  engine = new EmbeddedPostgres(`${dataDir}/db`, realClock, silentLog);
  sql = postgres({ ...commonOptions, ...engine.options });
  await migrate(sql);
});

afterAll(async () => {
  await sql.end();
  await engine.close();
  await rm(dataDir, { recursive: true });
});

const account = '000000000001' as AccountNumber;
const period = '2026-10-01';
const span = { from: new Date(0), to: new Date(1) };
const signature = { at: new Date(0), by: 'me' };
const number = { series: 'B', number: 1n };
const bill: IssuedBill = {
  ...{
    ...number,
    id: 1n,
    kind: 'bill',
    account,
    period,
    currency: 'USD',
    decimals: 2,
    calls: 1,
    document: {},
  },
  ...{
    chargeUnits: 1n,
    taxUnits: 0n,
    payableDecimals: 2,
    payableUnits: 1n,
    issuedAt: new Date(0),
    issuedBy: 'me',
  },
  ...{ credits: undefined, reason: undefined, creditedBy: undefined },
};
const tax = { name: 'a', percent: '1', from: period, to: undefined, enteredAt: new Date(0), enteredBy: 'me' };

const billColumns = {
  ...{
    id: 'int8',
    kind: 'text',
    series: 'text',
    number: 'int8',
    account: 'text',
    period: 'text',
    currency: 'text',
  },
  ...{ decimals: 'int2', calls: 'int4', chargeUnits: 'int8', taxUnits: 'int8', payableDecimals: 'int2' },
  ...{ payableUnits: 'int8', document: 'jsonb', issuedAt: 'timestamptz', issuedBy: 'text', reason: 'text' },
  ...{ creditsSeries: 'text', creditsNumber: 'int8', creditedBySeries: 'text', creditedByNumber: 'int8' },
};
const taxColumns = {
  ...{ id: 'int4', name: 'text', percent: 'text', from: 'text', to: 'text', enteredAt: 'timestamptz' },
  enteredBy: 'text',
};
const callColumns = {
  ...{ trackingId: 'uuid', chargedAt: 'timestamptz', callerAccount: 'text', calleeAccount: 'text' },
  ...{ calledNumber: 'text', callClass: 'text', seconds: 'int4', units: 'int8', decimals: 'int2' },
};
const sumColumns = {
  ...{
    account: 'text',
    name: 'text',
    telephone: 'text',
    currency: 'text',
    decimals: 'int2',
    callClass: 'text',
  },
  ...{ tariffVersion: 'int4', calls: 'int4', seconds: 'int8', freeSeconds: 'int8', units: 'int8' },
};

const statements: Record<
  keyof typeof billStatements,
  [() => Pick<ReturnType<Sql>, 'describe'>, Record<string, string>]
> = {
  holdCharges: [() => billStatements.holdCharges(sql), {}],
  unbilledSums: [() => billStatements.unbilledSums(sql, period, account), sumColumns],
  tariffFiles: [() => billStatements.tariffFiles(sql, [1], span), { id: 'int4', content: 'text' }],
  unratedCalls: [() => billStatements.unratedCalls(sql, span, account), { reason: 'text', calls: 'int4' }],
  taxesOn: [() => billStatements.taxesOn(sql, period), taxColumns],
  openSeries: [() => billStatements.openSeries(sql, 'B'), {}],
  nextNumber: [() => billStatements.nextNumber(sql, 'B'), { next: 'int8' }],
  issue: [() => billStatements.issue(sql, 'B', [bill], signature), { id: 'int8', number: 'int8' }],
  credit: [() => billStatements.credit(sql, 1n, { series: 'C', reason: 'why', document: {} }, signature), {}],
  issued: [() => billStatements.issued(sql, period, signature), billColumns],
  find: [() => billStatements.find(sql, number), billColumns],
  list: [() => billStatements.list(sql, { period, account, kind: 'bill' }), billColumns],
  calls: [() => billStatements.calls(sql, bill), callColumns],
  creditedCalls: [() => billStatements.creditedCalls(sql, number), callColumns],
  taxes: [() => billStatements.taxes(sql), taxColumns],
  addTax: [() => billStatements.addTax(sql, tax), {}],
  endTax: [() => billStatements.endTax(sql, 'a', period), {}],
};

test.each(Object.entries(statements))('BL-80 %s has the columns that are decoded', async (_, entry) => {
  const [statement, expected] = entry;
  const types = await sql<{ oid: number; typname: string }[]>`select oid, typname from pg_type`;
  const nameOf = new Map(types.map(({ oid, typname }) => [oid, typname]));
  const described = await statement().describe();
  // A statement without an answer has no columns to be described.
  const columns = described.columns ?? [];
  expect(Object.fromEntries(columns.map(({ name, type }) => [name, nameOf.get(type)]))).toEqual(expected);
});

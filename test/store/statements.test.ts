import { rm } from 'node:fs/promises';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLog } from '../../src/log/log.js';
import { correctionStatements } from '../../src/store/call-correction.js';
import type { CallFilter } from '../../src/store/call-filter.js';
import { monthStatements } from '../../src/store/call-months.js';
import { callQueries } from '../../src/store/call-query.js';
import { reportStatements } from '../../src/store/call-report-views.js';
import { callStatements } from '../../src/store/call-statements.js';
import { commonOptions, type Sql } from '../../src/store/database.js';
import { EmbeddedPostgres } from '../../src/store/embedded/embedded-postgres.js';
import { exportStatements } from '../../src/store/export-table.js';
import type { TakingExport } from '../../src/store/exports.js';
import { migrate } from '../../src/store/migrate.js';
import { payerStatements } from '../../src/store/payer-table.js';
import { savedQueryStatements } from '../../src/store/saved-query-table.js';
import { subscriberStatements } from '../../src/store/subscriber-table.js';
import { realClock } from '../../src/time/real-clock.js';
import { freshDataDir } from '../support/embedded-store.js';
import { closed, newCall, newSubscriber, nextAccount } from './store-contract.js';

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

const call = newCall();
const account = nextAccount();
const subscriberColumns = {
  ...{ account: 'text', name: 'text', state: 'text', number: 'text', callingNumbers: '_text' },
  ...{ allowsWithheldAni: 'bool', versions: '_int2', accepts: '_text', hasKey: 'bool' },
};
const callColumns = {
  ...{ trackingId: 'uuid', port: 'text', ani: 'text', callerAccount: 'text', calleeAccount: 'text' },
  ...{ calledNumber: 'text', calleePort: 'text', protocolVersion: 'int2', callClass: 'text' },
  ...{ isCollect: 'bool', ringAt: 'timestamptz', answerAt: 'timestamptz', bridgeAt: 'timestamptz' },
  ...{ endAt: 'timestamptz', durationSeconds: 'int4', billableSeconds: 'int4' },
  ...{ octetsFromCaller: 'int8', octetsFromCallee: 'int8', outcome: 'text', releaseCause: 'int2' },
  ...{ reason: 'text', corrects: 'uuid', correctedBy: 'uuid', enteredBy: 'text' },
  ...{ billTo: 'text', chargeMinor: 'int8', chargeDecimals: 'int2', currency: 'text' },
};
const totalColumns = {
  ...{
    currency: 'text',
    calls: 'int4',
    inquiries: 'int4',
    answered: 'int4',
    billableSeconds: 'int8',
    unrated: 'int4',
  },
  amount: 'text',
};
const filter: CallFilter = {
  ...{ by: 'end', account, caller: account, callee: account, from: call.ringAt, to: call.ringAt },
  ...{ callingNumber: { digits: '555', isPrefix: true }, calledNumber: { digits: '555', isPrefix: false } },
  ...{ port: 'sim:1', calleePort: 'sim:2', outcome: 'busy', cause: 17, minDuration: 1, maxDuration: 9 },
  ...{ isAnswered: true, isRated: true, minCost: '0.5', maxCost: '9', currency: 'EUR', payer: account },
  ...{ callClass: 'pairing', after: call.trackingId, limit: 5 },
};
const correction = {
  trackingId: call.trackingId,
  changes: { billableSeconds: 3, reason: 'double' },
  enteredBy: 'me',
};
const query = { name: 'busy', filter, savedAt: call.ringAt, savedBy: 'me' };
const savedColumns = { name: 'text', filter: 'jsonb', savedAt: 'timestamptz', savedBy: 'text' };
const closing = { ...closed(call), trackingId: call.trackingId };

const spendingTime = {
  dayFrom: call.ringAt,
  monthFrom: call.ringAt,
  monthTo: call.ringAt,
  period: '2026-11-01',
};
const rule = {
  role: 'caller' as const,
  ...{ payer: account, party: account, other: undefined, validFrom: call.ringAt },
  ...{ validTo: undefined, agreedAt: call.ringAt, agreedBy: 'me' },
} as const;
const ruleColumns = {
  ...{ id: 'int4', payer: 'text', party: 'text', role: 'text', other: 'text' },
  ...{ validFrom: 'timestamptz', validTo: 'timestamptz', agreedAt: 'timestamptz', agreedBy: 'text' },
};
const limit = {
  ...{ account, currency: 'USD', decimals: 2, dailyUnits: 1n, monthlyUnits: undefined },
  ...{ setAt: call.ringAt, setBy: 'me' },
};
const limitColumns = {
  ...{ account: 'text', currency: 'text', decimals: 'int2', dailyUnits: 'int8', monthlyUnits: 'int8' },
  ...{ setAt: 'timestamptz', setBy: 'text' },
};
const hold = {
  ...{
    trackingId: call.trackingId,
    payer: account,
    currency: 'USD',
    decimals: 2,
    units: 1n,
    at: call.ringAt,
  },
  ...{ callClass: 'delivery' as const, freeSeconds: 1, freeSecondsBefore: 1 },
};
const exportColumns = {
  ...{
    id: 'int4',
    series: 'text',
    number: 'int4',
    format: 'text',
    options: 'jsonb',
    filter: 'jsonb',
    path: 'text',
  },
  ...{ madeAt: 'timestamptz', madeBy: 'text', takenThrough: 'uuid', records: 'int4', leftOut: 'int4' },
  ...{ octets: 'int8', sha256: 'text', finishedAt: 'timestamptz' },
};
const { correctedBy: _, ...settledColumns } = callColumns;
const exportedColumns = { ...settledColumns, payerNumber: 'text', replaces: 'uuid' };
const { after: _after, limit: _limit, ...exportFilter } = filter;
const anExport: TakingExport = {
  ...{
    id: 1,
    series: 'bell',
    number: undefined,
    format: 'csv',
    options: {},
    filter: exportFilter,
    path: '/tape',
  },
  ...{
    madeAt: call.ringAt,
    madeBy: 'eve',
    takenThrough: undefined,
    records: 0,
    leftOut: 0,
    finished: undefined,
  },
};
const finishedFile = { octets: 1n, sha256: '0'.repeat(64), at: call.ringAt };
const aStretch = { calls: [], through: call.trackingId, isLast: true };
const leftOut = [{ trackingId: call.trackingId, reason: 'no area code' }];

const credentials = { staticKey: new Uint8Array(32), psk: new Uint8Array(32) };

const statements: Record<string, [() => Pick<ReturnType<Sql>, 'describe'>, Record<string, string>]> = {
  'subscriber find': [() => subscriberStatements.find(sql, account), subscriberColumns],
  'subscriber list': [() => subscriberStatements.list(sql), subscriberColumns],
  'subscriber add': [() => subscriberStatements.add(sql, newSubscriber()), { account: 'text' }],
  'subscriber setState': [() => subscriberStatements.setState(sql, account, 'closed'), { account: 'text' }],
  'subscriber credentials': [
    () => subscriberStatements.credentials(sql, account),
    { staticKey: 'bytea', psk: 'bytea' },
  ],
  'subscriber findByKey': [
    () => subscriberStatements.findByKey(sql, credentials.staticKey),
    { account: 'text', state: 'text', psk: 'bytea' },
  ],
  'subscriber issue': [() => subscriberStatements.issue(sql, account, credentials), { account: 'text' }],
  'subscriber authorise': [() => subscriberStatements.authorise(sql, account, '*'), { account: 'text' }],
  'payer agree': [() => payerStatements.agree(sql, rule), { id: 'int4' }],
  'payer rules': [() => payerStatements.rules(sql, undefined), ruleColumns],
  'payer rules, of one': [() => payerStatements.rules(sql, account), ruleColumns],
  'payer rulesFor': [() => payerStatements.rulesFor(sql, account, account), ruleColumns],
  'payer end': [() => payerStatements.end(sql, 1, call.ringAt), { id: 'int4' }],
  'payer withdraw': [() => payerStatements.withdraw(sql, 1, call.ringAt), { id: 'int4' }],
  'payer limits': [() => payerStatements.limits(sql, account), limitColumns],
  'payer setLimit': [() => payerStatements.setLimit(sql, limit), { account: 'text' }],
  'payer removeLimit': [() => payerStatements.removeLimit(sql, account), { account: 'text' }],
  'payer possiblePayers': [
    () => payerStatements.possiblePayers(sql, account, account, call.ringAt),
    {
      ...{ account: 'text', state: 'text', number: 'text', tariffVersion: 'int4' },
      ...{ currency: 'text', decimals: 'int2', dailyUnits: 'int8', monthlyUnits: 'int8' },
    },
  ],
  'payer spent': [
    () => payerStatements.spent(sql, account, 'USD', spendingTime),
    { ofDay: 'text', ofMonth: 'text' },
  ],
  'payer freeSeconds': [
    () => payerStatements.freeSeconds(sql, account, spendingTime),
    { callClass: 'text', seconds: 'int8' },
  ],
  'payer hold': [() => payerStatements.hold(sql, hold, spendingTime), { isHeld: 'bool' }],
  'payer settle': [() => payerStatements.settle(sql, call.trackingId, call.ringAt, 1n, 1), {}],
  'payer free': [() => payerStatements.free(sql, call.trackingId), {}],
  'call open': [() => callStatements.open(sql, [{ ...call, serverRun: 1 }]), { trackingId: 'uuid' }],
  'call findOpened': [() => callStatements.findOpened(sql, [call]), { trackingId: 'uuid' }],
  'call note': [() => callStatements.note(sql, [closing]), {}],
  'call close': [() => callStatements.close(sql, [closing]), { trackingId: 'uuid' }],
  'call existing': [() => callStatements.existing(sql, [call.trackingId]), { trackingId: 'uuid' }],
  'call closeInterrupted': [() => callStatements.closeInterrupted(sql, call.ringAt), {}],
  'correction lock': [
    () => correctionStatements.lock(sql, call.trackingId),
    { isOpen: 'bool', correctedBy: 'uuid' },
  ],
  'correction enter': [() => correctionStatements.enter(sql, call.trackingId, correction), {}],
  'correction mark': [() => correctionStatements.mark(sql, call.trackingId, call.trackingId), {}],
  'report unrated': [
    () => reportStatements.unrated(sql, { after: call.trackingId, limit: 5 }),
    {
      ...{ trackingId: 'uuid', why: 'text', ringAt: 'timestamptz', callerAccount: 'text' },
      ...{ calleeAccount: 'text', billableSeconds: 'int4' },
    },
  ],
  'report duplicates': [
    () => reportStatements.duplicates(sql, { from: call.ringAt, to: call.ringAt }),
    {
      ...{ trackingId: 'uuid', earlierTrackingId: 'uuid', ringAt: 'timestamptz', callerAccount: 'text' },
      ...{ calleeAccount: 'text', billableSeconds: 'int4' },
    },
  ],
  'report hints': [
    () => reportStatements.hints(sql, { from: call.ringAt, to: call.ringAt }),
    { hint: 'text', account: 'text', at: 'timestamptz', calls: 'int4', detail: 'text' },
  ],
  'saved save': [() => savedQueryStatements.save(sql, query), {}],
  'saved find': [() => savedQueryStatements.find(sql, 'busy'), savedColumns],
  'saved list': [() => savedQueryStatements.list(sql), savedColumns],
  'saved remove': [() => savedQueryStatements.remove(sql, 'busy'), { name: 'text' }],
  'months patience': [() => monthStatements.patience(sql), {}],
  'months make': [() => monthStatements.make(sql, call.ringAt), { makeCallMonth: 'bool' }],
  'query find': [() => callQueries.find(sql, call.trackingId), callColumns],
  'query endingWith': [() => callQueries.endingWith(sql, '000000000000'), { trackingId: 'uuid' }],
  'query list': [() => callQueries.list(sql, {}), callColumns],
  'query list, filtered': [() => callQueries.list(sql, filter), callColumns],
  'query totals': [() => callQueries.totals(sql, {}), totalColumns],
  'query totals, filtered': [() => callQueries.totals(sql, filter), totalColumns],
  'export begin': [() => exportStatements.begin(sql, anExport), exportColumns],
  'export endOfStretch': [() => exportStatements.endOfStretch(sql, anExport, 9), { trackingId: 'uuid' }],
  'export callsToTake': [() => exportStatements.callsToTake(sql, anExport, call.trackingId), exportedColumns],
  'export take': [() => exportStatements.take(sql, anExport, aStretch, [], leftOut), {}],
  'export settle': [() => exportStatements.settle(sql, anExport), {}],
  'export forgetEmpty': [() => exportStatements.forgetEmpty(sql, anExport), {}],
  'export calls': [() => exportStatements.calls(sql, anExport, undefined, 9), exportedColumns],
  'export finish': [() => exportStatements.finish(sql, anExport, finishedFile), {}],
  'export find': [() => exportStatements.find(sql, 1), exportColumns],
  'export list': [() => exportStatements.list(sql), exportColumns],
  'export withChecksum': [() => exportStatements.withChecksum(sql, finishedFile.sha256), exportColumns],
  'export leftOut': [() => exportStatements.leftOut(sql, 1), { trackingId: 'uuid', reason: 'text' }],
};

test('CM-310 CM-335 no statement is without its entry here', () => {
  const named = (table: string, of: object) => Object.keys(of).map((name) => `${table} ${name}`);
  const all = [
    ...named('subscriber', subscriberStatements),
    ...named('payer', payerStatements),
    ...named('call', callStatements),
    ...named('correction', correctionStatements),
    ...named('query', callQueries),
    ...named('months', monthStatements),
    ...named('export', exportStatements),
    ...named('report', reportStatements),
    ...named('saved', savedQueryStatements),
  ];
  expect(Object.keys(statements)).toEqual(expect.arrayContaining(all));
});

test.each(Object.entries(statements))(
  'CM-310 CM-335 %s has the columns that are decoded',
  async (_, entry) => {
    const [statement, expected] = entry;
    const types = await sql<{ oid: number; typname: string }[]>`select oid, typname from pg_type`;
    const nameOf = new Map(types.map(({ oid, typname }) => [oid, typname]));
    const { columns } = await statement().describe();
    expect(Object.fromEntries(columns.map(({ name, type }) => [name, nameOf.get(type)]))).toEqual(expected);
  },
);

test('CM-335 every table, view and column says in the database what it is', async () => {
  const silent = await sql`
    select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace in ('public'::regnamespace, 'report'::regnamespace) and c.relkind in ('r', 'p', 'v') and a.attnum > 0
      and c.relname <> 'schema_migration' and not c.relispartition
      and (col_description(c.oid, a.attnum) is null or obj_description(c.oid, 'pg_class') is null)`;
  expect([...silent]).toEqual([]);
});

import { rm } from 'node:fs/promises';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLog } from '../../src/log/log.js';
import { chargeStatements } from '../../src/store/charge-table.js';
import type { Charge } from '../../src/store/charges.js';
import { commonOptions, type Sql } from '../../src/store/database.js';
import { EmbeddedPostgres } from '../../src/store/embedded/embedded-postgres.js';
import { migrate } from '../../src/store/migrate.js';
import { ratingRunStatements } from '../../src/store/rating-run-table.js';
import { tariffStatements } from '../../src/store/tariff-table.js';
import { realClock } from '../../src/time/real-clock.js';
import { freshDataDir } from '../support/embedded-store.js';
import { newCall, nextAccount } from './store-contract.js';

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

const { trackingId, ringAt: at } = newCall();
const account = nextAccount();
const position = { end: '2026-11-21 12:00:00+00', trackingId };
const span = { from: at, to: at };
const version = {
  ...{ tariff: 'retail', validFrom: at, validTo: undefined, content: '', rates: undefined },
  ...{ sha256: 'a'.repeat(64), importedAt: at, importedBy: 'anna' },
};
const charge: Charge = {
  ...{ trackingId, payer: account, period: '2026-11-01', chargedAt: at, tariffVersion: 1, units: 1n },
  callClass: 'delivery',
  ...{ decimals: 2, currency: 'USD', seconds: 60, freeSeconds: 0 },
};
const by = { at, who: 'anna' };

const periodColumns = {
  ...{ id: 'int4', tariff: 'text', validFrom: 'timestamptz', validTo: 'timestamptz', sha256: 'text' },
  ...{ importedAt: 'timestamptz', importedBy: 'text', withdrawnAt: 'timestamptz', withdrawnBy: 'text' },
};
const versionColumns = { ...periodColumns, content: 'text', rates: 'text' };
const callColumns = {
  ...{ trackingId: 'uuid', callerAccount: 'text', calleeAccount: 'text', calledNumber: 'text' },
  ...{ callClass: 'text', isCollect: 'bool', ringAt: 'timestamptz', bridgeAt: 'timestamptz' },
  ...{ endAt: 'timestamptz', billableSeconds: 'int4', supersedes: '_uuid' },
};
const chargeColumns = {
  ...{ trackingId: 'uuid', payer: 'text', period: 'text', chargedAt: 'timestamptz', tariffVersion: 'int4' },
  ...{ callClass: 'text', units: 'int8', decimals: 'int2', currency: 'text', seconds: 'int4' },
  ...{ freeSeconds: 'int4', ratedAt: 'timestamptz', ratingRun: 'int4' },
};
const runColumns = {
  ...{ id: 'int4', state: 'text', from: 'timestamptz', to: 'timestamptz', account: 'text', tariff: 'text' },
  ...{ difference: 'jsonb', madeAt: 'timestamptz', madeBy: 'text', decidedAt: 'timestamptz' },
  decidedBy: 'text',
};

const statements: Record<string, [() => Pick<ReturnType<Sql>, 'describe'>, Record<string, string>]> = {
  'tariff list': [() => tariffStatements.list(sql), { name: 'text', isDefault: 'bool', accounts: 'int4' }],
  'tariff periods': [() => tariffStatements.periods(sql, undefined), periodColumns],
  'tariff periods, of one': [() => tariffStatements.periods(sql, 'retail'), periodColumns],
  'tariff version': [() => tariffStatements.version(sql, 1), versionColumns],
  'tariff at': [() => tariffStatements.at(sql, 'retail', at), versionColumns],
  'tariff make': [() => tariffStatements.make(sql, 'retail'), {}],
  'tariff known': [() => tariffStatements.known(sql, version), periodColumns],
  'tariff overlapping': [() => tariffStatements.overlapping(sql, version), periodColumns],
  'tariff withdraw': [() => tariffStatements.withdraw(sql, [1], by), { id: 'int4' }],
  'tariff restore': [() => tariffStatements.restore(sql, [1], version), {}],
  'tariff add': [() => tariffStatements.add(sql, version), { id: 'int4' }],
  'tariff assign': [() => tariffStatements.assign(sql, account, 'retail'), { account: 'text' }],
  'tariff of': [() => tariffStatements.of(sql, account), { name: 'text' }],
  'tariff find': [() => tariffStatements.find(sql, 'retail'), { id: 'int4' }],
  'tariff noDefault': [() => tariffStatements.noDefault(sql, 'retail'), {}],
  'tariff makeDefault': [() => tariffStatements.makeDefault(sql, 'retail'), {}],
  'charge byKeys': [() => chargeStatements.byKeys(sql), { setConfig: 'text' }],
  'charge endOfStretch': [
    () => chargeStatements.endOfStretch(sql, position, 9),
    { end: 'text', trackingId: 'uuid' },
  ],
  'charge newCalls': [() => chargeStatements.newCalls(sql, position, position), callColumns],
  'charge forgetCorrected': [() => chargeStatements.forgetCorrected(sql), {}],
  'charge corrections': [() => chargeStatements.corrections(sql, 9), callColumns],
  'charge unratedCalls': [() => chargeStatements.unratedCalls(sql, trackingId, 9), callColumns],
  'charge callsBridged': [() => chargeStatements.callsBridged(sql, span, position, undefined), callColumns],
  'charge lateCalls': [() => chargeStatements.lateCalls(sql, span, position), callColumns],
  'charge isPast': [() => chargeStatements.isPast(sql, position, at), { isPast: 'bool' }],
  'charge call': [() => chargeStatements.call(sql, trackingId), callColumns],
  'charge tariffsOf': [() => chargeStatements.tariffsOf(sql, [account]), { account: 'text', tariff: 'text' }],
  'charge versionsInForce': [
    () => chargeStatements.versionsInForce(sql),
    { id: 'int4', tariff: 'text', validFrom: 'timestamptz', validTo: 'timestamptz' },
  ],
  'charge freeSeconds': [
    () => chargeStatements.freeSeconds(sql, [{ payer: account, ...span }], span),
    { payer: 'text', from: 'timestamptz', to: 'timestamptz', callClass: 'text', seconds: 'int8' },
  ],
  'charge billedMonths': [
    () => chargeStatements.billedMonths(sql, [account], '2026-11-01'),
    { payer: 'text', period: 'text', currency: 'text' },
  ],
  'charge charges': [() => chargeStatements.charges(sql, [trackingId]), chargeColumns],
  'charge charge': [() => chargeStatements.charge(sql, [charge], at), {}],
  'charge draft': [() => chargeStatements.draft(sql, 1, [charge], at), {}],
  'charge noLongerUnrated': [() => chargeStatements.noLongerUnrated(sql, [trackingId]), {}],
  'charge unrated': [() => chargeStatements.unrated(sql, [{ trackingId, reason: 'no rate' }], at), {}],
  'charge withdraw': [() => chargeStatements.withdraw(sql, [trackingId], at), {}],
  'charge unratedReasons': [() => chargeStatements.unratedReasons(sql), { reason: 'text', calls: 'int4' }],
  'charge whyUnrated': [() => chargeStatements.whyUnrated(sql, trackingId), { reason: 'text' }],
  'run begin': [
    () => ratingRunStatements.begin(sql, { ...span, account, tariff: undefined, madeAt: at, madeBy: 'anna' }),
    { id: 'int4' },
  ],
  'run drafted': [() => ratingRunStatements.drafted(sql, 1, { accounts: [], unrated: [], billed: 0 }), {}],
  'run find': [() => ratingRunStatements.find(sql, 1), runColumns],
  'run list': [() => ratingRunStatements.list(sql), runColumns],
  'run beginKeeping': [() => ratingRunStatements.beginKeeping(sql, 1), {}],
  'run next': [
    () => ratingRunStatements.next(sql, 1, trackingId, 9),
    { trackingId: 'uuid', isBilled: 'bool', isOvertaken: 'bool' },
  ],
  'run setAside': [() => ratingRunStatements.setAside(sql, 1, [trackingId], at), {}],
  'run replace': [() => ratingRunStatements.replace(sql, 1, [trackingId], at), {}],
  'run noLongerUnrated': [() => ratingRunStatements.noLongerUnrated(sql, [trackingId]), {}],
  'run empty': [() => ratingRunStatements.empty(sql, 1, 9), {}],
  'run decide': [() => ratingRunStatements.decide(sql, 1, 'kept', by), {}],
};

test('telephony 7.6: no statement on tariffs and charges is without its entry here', () => {
  const named = (table: string, of: object) => Object.keys(of).map((name) => `${table} ${name}`);
  const all = [
    ...named('tariff', tariffStatements),
    ...named('charge', chargeStatements),
    ...named('run', ratingRunStatements),
  ];
  expect(Object.keys(statements)).toEqual(expect.arrayContaining(all));
});

test.each(Object.entries(statements))(
  'telephony 7.6: %s has the columns that are decoded',
  async (_, entry) => {
    const [statement, expected] = entry;
    const types = await sql<{ oid: number; typname: string }[]>`select oid, typname from pg_type`;
    const nameOf = new Map(types.map(({ oid, typname }) => [oid, typname]));
    const { columns } = await statement().describe();
    expect(Object.fromEntries(columns.map(({ name, type }) => [name, nameOf.get(type)]))).toEqual(expected);
  },
);

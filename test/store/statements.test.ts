import { rm } from 'node:fs/promises';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLog } from '../../src/log/log.js';
import { correctionStatements } from '../../src/store/call-correction.js';
import type { CallFilter } from '../../src/store/call-filter.js';
import { callQueries } from '../../src/store/call-query.js';
import { callStatements } from '../../src/store/call-statements.js';
import { commonOptions, type Sql } from '../../src/store/database.js';
import { EmbeddedPostgres } from '../../src/store/embedded/embedded-postgres.js';
import { migrate } from '../../src/store/migrate.js';
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
  ...{ currency: 'text', calls: 'int4', answered: 'int4', billableSeconds: 'int8', unrated: 'int4' },
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
const closing = { ...closed(call), trackingId: call.trackingId };

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
  'query find': [() => callQueries.find(sql, call.trackingId), callColumns],
  'query list': [() => callQueries.list(sql, {}), callColumns],
  'query list, filtered': [() => callQueries.list(sql, filter), callColumns],
  'query totals': [() => callQueries.totals(sql, {}), totalColumns],
  'query totals, filtered': [() => callQueries.totals(sql, filter), totalColumns],
};

test('CM-310 CM-335 no statement is without its entry here', () => {
  const named = (table: string, of: object) => Object.keys(of).map((name) => `${table} ${name}`);
  const all = [
    ...named('subscriber', subscriberStatements),
    ...named('call', callStatements),
    ...named('correction', correctionStatements),
    ...named('query', callQueries),
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

test('CM-335 every table and column says in the database what it is', async () => {
  const silent = await sql`
    select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0
      and c.relname <> 'schema_migration' and not c.relispartition
      and (col_description(c.oid, a.attnum) is null or obj_description(c.oid, 'pg_class') is null)`;
  expect([...silent]).toEqual([]);
});

import {
  type CallFilter,
  type CallLedger,
  type CallRecord,
  type ClosedCall,
  NoSuchCall,
  type OpenCall,
  TrackingIdTaken,
} from './calls.js';
import type { Database, Sql } from './database.js';

/** A row as the driver decodes it: columns in camel case, int8 as bigint, nulls. */
type CallRow = {
  [Column in keyof Required<CallRecord>]:
    | (Column extends 'octetsFromCaller' | 'octetsFromCallee'
        ? bigint
        : Exclude<CallRecord[Column], undefined>)
    | null;
};

const closedColumns = [
  'ani',
  'callerAccount',
  'calleeAccount',
  'calledNumber',
  'protocolVersion',
  'answerAt',
  'bridgeAt',
  'endAt',
  'durationSeconds',
  'billableSeconds',
  'octetsFromCaller',
  'octetsFromCallee',
  'outcome',
  'releaseCause',
  'reason',
] as const satisfies readonly (keyof ClosedCall)[];

/** Every statement on call records; a test has each described by the database. */
export const callStatements = {
  open: (sql: Sql, { trackingId, port, ani, ringAt }: OpenCall) => sql`
    insert into call_record (tracking_id, port, ani, ring_at)
    values (${trackingId}, ${port}, ${ani ?? null}, ${ringAt})
    on conflict do nothing
    returning tracking_id`,

  /** The calling number may have been told, and the record closed, since it was opened. */
  findOpened: (sql: Sql, { trackingId, port, ringAt }: OpenCall) => sql`
    select tracking_id from call_record
    where tracking_id = ${trackingId} and port = ${port} and ring_at = ${ringAt}`,

  /** The first close counts: no row when there is no such record, else whether it is closed, by now or before. */
  close: (sql: Sql, trackingId: string, call: ClosedCall) => sql`
    with closed as (
      update call_record set ${sql(call, closedColumns)}
      where tracking_id = ${trackingId} and end_at is null
    )
    select tracking_id from call_record where tracking_id = ${trackingId}`,

  closeInterrupted: (sql: Sql, ports: readonly string[], at: Date) => sql`
    update call_record
    set end_at = ${at}, outcome = 'interrupted', release_cause = 41, billable_seconds = 0,
        reason = 'the server stopped during the call'
    where end_at is null and port = any(${[...ports]})`,

  list: (sql: Sql, { account, from, to, outcome, limit = 100 }: CallFilter) => {
    const page = (whose: ReturnType<Sql>) => sql`(
      select * from call_record
      where ${whose}
        ${from ? sql`and ring_at >= ${from}` : sql``}
        ${to ? sql`and ring_at < ${to}` : sql``}
        ${outcome ? sql`and outcome = ${outcome}` : sql``}
      order by ring_at desc, tracking_id desc
      limit ${limit})`;
    if (!account) return sql<CallRow[]>`${page(sql`true`)}`;
    // One index for each role: "caller or callee" in one condition would read all rows of both before it sorts.
    return sql<CallRow[]>`
      ${page(sql`caller_account = ${account}`)}
      union all
      ${page(sql`callee_account = ${account} and caller_account is distinct from ${account}`)}
      order by ring_at desc, tracking_id desc
      limit ${limit}`;
  },
};

/** The call records in Postgres. */
export function callTable(database: Database): CallLedger {
  return {
    async open(call) {
      await database.repeat(async (sql) => {
        if ((await callStatements.open(sql, call)).count > 0) return;
        // There is one already: this very call, whose first answer was lost (fault 63), or another (fault 66).
        if ((await callStatements.findOpened(sql, call)).count === 0)
          throw new TrackingIdTaken(call.trackingId);
      });
    },
    async close(trackingId, call) {
      const { count } = await database.repeat((sql) => callStatements.close(sql, trackingId, call));
      if (count === 0) throw new NoSuchCall(trackingId);
    },
    async closeInterrupted(ports, at) {
      return (await database.repeat((sql) => callStatements.closeInterrupted(sql, ports, at))).count;
    },
    async list(filter) {
      return (await database.repeat((sql) => callStatements.list(sql, filter))).map(decode);
    },
  };
}

function decode(row: CallRow): CallRecord {
  const { octetsFromCaller, octetsFromCallee, ...rest } = row;
  const known = Object.entries({
    ...rest,
    octetsFromCaller: octetsFromCaller === null ? null : Number(octetsFromCaller),
    octetsFromCallee: octetsFromCallee === null ? null : Number(octetsFromCallee),
  }).filter(([, value]) => value !== null);
  return Object.fromEntries(known) as unknown as CallRecord;
}

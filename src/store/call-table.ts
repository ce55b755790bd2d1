import {
  type CallFilter,
  type CallLedger,
  type CallProgress,
  type CallRecord,
  type ClosedCall,
  NoSuchCall,
  type OpenCall,
  TrackingIdTaken,
} from './calls.js';
import type { Database, Sql } from './database.js';
import { runLocks } from './server-run.js';

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
  'callClass',
  'isCollect',
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
  open: (sql: Sql, { trackingId, port, ani, ringAt }: OpenCall, serverRun: number | undefined) => sql`
    insert into call_record (tracking_id, port, ani, ring_at, server_run)
    values (${trackingId}, ${port}, ${ani ?? null}, ${ringAt}, ${serverRun ?? null})
    on conflict do nothing
    returning tracking_id`,

  /** The calling number may have been told, and the record closed, since it was opened. */
  findOpened: (sql: Sql, { trackingId, port, ringAt }: OpenCall) => sql`
    select tracking_id from call_record
    where tracking_id = ${trackingId} and port = ${port} and ring_at = ${ringAt}`,

  /** Only what is known is written: two of these may pass one another on their way. */
  note: (sql: Sql, trackingId: string, progress: CallProgress) => sql`
    update call_record set ${sql(progress, knownColumns(progress))}
    where tracking_id = ${trackingId} and duration_seconds is null`,

  /**
   * The first close counts: no row when there is no such record, else whether it is closed, by now or before. One
   * without a duration was not closed by who had the call: another server took that for dead, and is corrected.
   */
  close: (sql: Sql, trackingId: string, call: ClosedCall) => sql`
    with closed as (
      update call_record set ${sql(call, closedColumns)}
      where tracking_id = ${trackingId} and duration_seconds is null
    )
    select tracking_id from call_record where tracking_id = ${trackingId}`,

  /** A run that waits to have its lock again lives, too. */
  closeInterrupted: (sql: Sql, at: Date) => sql`
    update call_record
    set end_at = ${at}, outcome = 'interrupted', release_cause = 41, billable_seconds = 0,
        reason = 'the server stopped during the call'
    where end_at is null and not exists (
      select from pg_locks
      where locktype = 'advisory' and objsubid = 2
        and classid::bigint = ${runLocks} and objid::bigint = server_run
        and database = (select oid from pg_database where datname = current_database())
    )`,

  list: (sql: Sql, { account, from, to, outcome, limit = 100 }: CallFilter) => {
    const page = (whose: ReturnType<Sql>) => sql`(
      select tracking_id, port, ani, caller_account, callee_account, called_number, protocol_version,
        call_record.call_class, is_collect,
        ring_at, answer_at, bridge_at, end_at, duration_seconds, billable_seconds, octets_from_caller, octets_from_callee,
        outcome, release_cause, reason, payer as bill_to, units as charge_minor, currency
      from call_record left join charge using (tracking_id)
      where corrected_by is null and ${whose}
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

function knownColumns(progress: CallProgress): (keyof CallProgress)[] {
  return (Object.keys(progress) as (keyof CallProgress)[]).filter((column) => progress[column] !== undefined);
}

/**
 * The call records in Postgres.
 * @param serverRun what is told of the records that are opened here; none for who opens none
 */
export function callTable(database: Database, serverRun: number | undefined): CallLedger {
  return {
    async open(call) {
      await database.repeat(async (sql) => {
        if ((await callStatements.open(sql, call, serverRun)).count > 0) return;
        // There is one already: this very call, whose first answer was lost (fault 63), or another (fault 66).
        if ((await callStatements.findOpened(sql, call)).count === 0)
          throw new TrackingIdTaken(call.trackingId);
      });
    },
    async note(trackingId, progress) {
      await database.repeat((sql) => callStatements.note(sql, trackingId, progress));
    },
    async close(trackingId, call) {
      const { count } = await database.repeat((sql) => callStatements.close(sql, trackingId, call));
      if (count === 0) throw new NoSuchCall(trackingId);
    },
    async closeInterrupted(at) {
      return (await database.repeat((sql) => callStatements.closeInterrupted(sql, at))).count;
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

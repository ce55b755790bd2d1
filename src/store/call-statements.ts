import type { CallProgress, ClosedCall, OpenCall } from './calls.js';
import type { Sql } from './database.js';
import { runLocks } from './server-run.js';

/** A call and what is to be written of it. */
export type Noted = CallProgress & { readonly trackingId: string };
export type Closed = ClosedCall & { readonly trackingId: string };
export type Opened = OpenCall & { readonly serverRun: number | undefined };

/** Columns by their fields, with their types: a group of rows goes as an array a column, which is what a server reads fastest. */
const openedColumns = {
  trackingId: 'uuid',
  port: 'text',
  ani: 'text',
  ringAt: 'timestamptz',
  serverRun: 'integer',
} as const satisfies Record<keyof Opened, string>;

const notedColumns = {
  ani: 'text',
  callerAccount: 'text',
  calleeAccount: 'text',
  calledNumber: 'text',
  calleePort: 'text',
  protocolVersion: 'smallint',
  callClass: 'text',
  isCollect: 'boolean',
  answerAt: 'timestamptz',
  bridgeAt: 'timestamptz',
} as const satisfies Record<keyof CallProgress, string>;

export const closedColumns = {
  ...notedColumns,
  endAt: 'timestamptz',
  durationSeconds: 'integer',
  billableSeconds: 'integer',
  octetsFromCaller: 'bigint',
  octetsFromCallee: 'bigint',
  outcome: 'text',
  releaseCause: 'smallint',
  reason: 'text',
} as const satisfies Record<keyof ClosedCall, string>;

const named = { trackingId: 'uuid' } as const;

/** Every statement that writes call records; a test has each described by the database. */
export const callStatements = {
  open: (sql: Sql, calls: readonly Opened[]) => sql<{ trackingId: string }[]>`
    insert into call_record (${columns(sql, openedColumns)})
    select * from ${rows(sql, openedColumns, calls)}
    on conflict do nothing
    returning tracking_id`,

  /** The calling number may have been told, and the record closed, since it was opened. */
  findOpened: (sql: Sql, calls: readonly OpenCall[]) => sql<{ trackingId: string }[]>`
    select tracking_id
    from call_record join ${rows(sql, openedKeys, calls)} opened (${columns(sql, openedKeys)})
      using (${columns(sql, openedKeys)})`,

  /** Only what is known is written: two of these may pass one another on their way. */
  note: (sql: Sql, calls: readonly Noted[]) => sql`
    update call_record set ${sql.unsafe(assignments(notedColumns, (column) => `coalesce(noted.${column}, call_record.${column})`))}
    from ${rows(sql, { ...named, ...notedColumns }, calls)} noted (${columns(sql, { ...named, ...notedColumns })})
    where call_record.tracking_id = noted.tracking_id and duration_seconds is null`,

  /**
   * The first close counts. One without a duration was not closed by who had the call: another server took that for dead, and is
   * corrected.
   */
  close: (sql: Sql, calls: readonly Closed[]) => sql<{ trackingId: string }[]>`
    update call_record set ${sql.unsafe(assignments(closedColumns, (column) => `closed.${column}`))}
    from ${rows(sql, { ...named, ...closedColumns }, calls)} closed (${columns(sql, { ...named, ...closedColumns })})
    where call_record.tracking_id = closed.tracking_id and call_record.duration_seconds is null
    returning call_record.tracking_id`,

  existing: (sql: Sql, trackingIds: readonly string[]) => sql<{ trackingId: string }[]>`
    select tracking_id from call_record where tracking_id = any(${[...trackingIds]}::uuid[])`,

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
};

const openedKeys = { trackingId: 'uuid', port: 'text', ringAt: 'timestamptz' } as const;

type Columns = Readonly<Record<string, string>>;

function columns(sql: Sql, of: Columns) {
  return sql.unsafe(Object.keys(of).map(columnNamed).join(', '));
}

function assignments(of: Columns, expression: (column: string) => string): string {
  return Object.keys(of)
    .map(columnNamed)
    .map((column) => `${column} = ${expression(column)}`)
    .join(', ');
}

function rows<Of extends Columns>(
  sql: Sql,
  of: Of,
  given: readonly { readonly [Field in keyof Of]?: unknown }[],
) {
  const arrays = Object.entries(of).map(([field, type], index) => {
    const values = given.map((row) => textOf(row[field]));
    // postgres 3.4.9 takes the texts of an array of booleans for false.
    const known =
      type === 'boolean' ? sql`${values}::text[]::boolean[]` : sql`${values}::${sql.unsafe(type)}[]`;
    return sql`${index === 0 ? sql`` : sql`, `}${known}`;
  });
  return sql`unnest(${arrays})`;
}

/** What `postgres` takes as the element of an array whose type only the server knows. */
function textOf(value: unknown): string | number | null {
  if (value === undefined || value === null) return null;
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'number' ? value : String(value);
}

function columnNamed(field: string): string {
  return field.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
}

import type { CallFilter } from './call-filter.js';
import { callFilterJson, parseCallFilter } from './call-filter-json.js';
import { foundCalls } from './call-query.js';
import type { Database, Fragment, Sql } from './database.js';
import type {
  Export,
  ExportedCall,
  Exports,
  FinishedFile,
  LeftOutCall,
  NewExport,
  Stretch,
  TakingExport,
} from './exports.js';

type Nullable<T> = { [Key in keyof T]: Exclude<T[Key], undefined> | null };

type CallRow = Nullable<
  Omit<ExportedCall, 'octetsFromCaller' | 'octetsFromCallee'> & {
    readonly octetsFromCaller: bigint | undefined;
    readonly octetsFromCallee: bigint | undefined;
  }
>;

type ExportRow = Nullable<Omit<Export, 'finished' | 'filter'>> & {
  readonly filter: unknown;
  readonly octets: bigint | null;
  readonly sha256: string | null;
  readonly finishedAt: Date | null;
};

/** Below every tracking ID. */
const beginning = '00000000-0000-0000-0000-000000000000';

/** Every statement on exports; a test has each described by the database. */
export const exportStatements = {
  begin: (sql: Sql, { series, format, options, filter, path, madeAt, madeBy }: NewExport) => sql<ExportRow[]>`
    with known as (
      insert into export_series (name) values (${series}) on conflict do nothing
    )
    insert into export (series, format, options, filter, path, made_at, made_by)
    values (${series}, ${format}, ${json(sql, options)}, ${json(sql, callFilterJson(filter))}, ${path}, ${madeAt}, ${madeBy})
    returning ${exportColumns(sql)}`,

  /** The last call of a stretch of so many, whether it is asked for or not: so that no statement is long. */
  endOfStretch: (sql: Sql, { takenThrough, filter }: TakingExport, most: number) => sql<
    { trackingId: string }[]
  >`
    select tracking_id from call_record call
    where tracking_id > ${takenThrough ?? beginning} ${fromRing(sql, filter)}
    order by tracking_id offset ${most - 1} limit 1`,

  callsToTake: (sql: Sql, { series, takenThrough, filter }: TakingExport, through: string | undefined) => sql<
    CallRow[]
  >`
    select ${recordColumns(sql)}, charge.payer as bill_to,
      case when charge.payer is not null then subscriber.number end as payer_number, charge.units as charge_minor,
      charge.decimals as charge_decimals, charge.currency, ${replaced(sql, series)} as replaces
    from call_record call
    left join charge on charge.tracking_id = call.tracking_id and ${within(sql, 'charge', takenThrough, through)}
    left join subscriber on subscriber.account = charge.payer
    where ${within(sql, 'call', takenThrough, through)} and end_at is not null and duration_seconds is not null and ${foundCalls(sql, filter)}
      and not exists (
        select from exported_call taken where taken.series = ${series} and taken.tracking_id = call.tracking_id
          and ${within(sql, 'taken', takenThrough, through)}
      )
    order by call.tracking_id`,

  take: (
    sql: Sql,
    { id, takenThrough }: Export,
    { through }: Stretch,
    calls: readonly ExportedCall[],
    leftOut: readonly LeftOutCall[],
  ) => sql`
    with turn as (
      select id, series from export
      where id = ${id} and number is null and taken_through is not distinct from ${takenThrough ?? null}::uuid
      for update
    ), taken as (
      insert into exported_call (
        export, series, tracking_id, bill_to, payer_number, charge_minor, charge_decimals, currency, replaces
      )
      select turn.id, turn.series, call.* from turn, unnest(
        ${calls.map(({ trackingId }) => trackingId)}::uuid[], ${calls.map(({ billTo }) => billTo ?? null)}::text[],
        ${calls.map(({ payerNumber }) => payerNumber ?? null)}::text[],
        ${calls.map(({ chargeMinor }) => (chargeMinor === undefined ? null : String(chargeMinor)))}::text[]::bigint[],
        ${calls.map(({ chargeDecimals }) => (chargeDecimals === undefined ? null : String(chargeDecimals)))}::text[]::smallint[],
        ${calls.map(({ currency }) => currency ?? null)}::text[], ${calls.map(({ replaces }) => replaces ?? null)}::uuid[]
      ) call
      on conflict do nothing
      returning 1
    ), said as (
      insert into left_out_call (export, tracking_id, reason)
      select turn.id, call.* from turn, unnest(
        ${leftOut.map(({ trackingId }) => trackingId)}::uuid[], ${leftOut.map(({ reason }) => reason)}::text[]
      ) call
      on conflict do nothing
      returning 1
    )
    update export set taken_through = ${through ?? null}::uuid,
      records = records + (select count(*) from taken), left_out = left_out + (select count(*) from said)
    from turn where export.id = turn.id`,

  settle: (sql: Sql, { id }: Export) => sql`
    with turn as (
      select id, series from export where id = ${id} and number is null and records > 0 for update
    ), numbered as (
      update export_series set next = next + 1 where name = (select series from turn) returning next - 1 as number
    )
    update export set number = numbered.number from turn, numbered where export.id = turn.id`,

  forgetEmpty: (sql: Sql, { id }: Export) => sql`
    delete from export where id = ${id} and number is null and records = 0`,

  calls: (sql: Sql, { id }: Export, after: string | undefined, most: number) => sql<CallRow[]>`
    select ${recordColumns(sql)}, bill_to, payer_number, charge_minor, charge_decimals, currency, replaces
    from exported_call taken join call_record call on call.tracking_id = taken.tracking_id
    where taken.export = ${id} and ${within(sql, 'taken', after)} and ${within(sql, 'call', after)}
    order by taken.tracking_id limit ${most}`,

  finish: (sql: Sql, { id, path }: Export, { octets, sha256, at }: FinishedFile) => sql`
    update export set path = ${path}, octets = ${octets}, sha256 = ${sha256}, finished_at = ${at}
    where id = ${id} and finished_at is null`,

  find: (sql: Sql, id: number) => sql<ExportRow[]>`
    select ${exportColumns(sql)} from export where id = ${id}`,

  list: (sql: Sql) => sql<ExportRow[]>`
    select ${exportColumns(sql)} from export order by id desc`,

  withChecksum: (sql: Sql, sha256: string) => sql<ExportRow[]>`
    select ${exportColumns(sql)} from export where sha256 = ${sha256} order by id`,

  leftOut: (sql: Sql, id: number) => sql<LeftOutCall[]>`
    select tracking_id, reason from left_out_call where export = ${id} order by tracking_id`,
};

/** Of each table by itself: PostgreSQL does not conclude it from the join, and would read the whole of one for each stretch. */
function within(sql: Sql, table: 'call' | 'charge' | 'taken', after?: string, through?: string): Fragment {
  const id = sql`${sql(table)}.tracking_id`;
  const behind = sql`${id} > ${after ?? beginning}`;
  return through === undefined ? behind : sql`${behind} and ${id} <= ${through}`;
}

function json(sql: Sql, value: object): Fragment {
  return sql`${JSON.stringify(value)}::text::jsonb`;
}

/** Tracking IDs begin with the time of the ring: earlier months are not gone through. */
function fromRing(sql: Sql, { by = 'ring', from }: CallFilter): Fragment {
  if (by !== 'ring' || from === undefined) return sql``;
  return sql`and ${foundCalls(sql, { from })}`;
}

/** Of a correction: the nearest of the records before it that an export of the series has. */
function replaced(sql: Sql, series: string): Fragment {
  return sql`case when corrects is not null then (
    with recursive before (id, steps) as (
      select call.corrects, 1 union all
      select earlier.corrects, steps + 1 from before join call_record earlier on earlier.tracking_id = before.id
      where earlier.corrects is not null
    )
    select before.id from before join exported_call taken on taken.series = ${series} and taken.tracking_id = before.id
    order by steps limit 1
  ) end`;
}

function recordColumns(sql: Sql): Fragment {
  return sql`
    call.tracking_id, port, ani, caller_account, callee_account, called_number, callee_port, protocol_version,
    call.call_class, is_collect, ring_at, answer_at, bridge_at, end_at, duration_seconds, billable_seconds,
    octets_from_caller, octets_from_callee, outcome, release_cause, reason, corrects, entered_by`;
}

function exportColumns(sql: Sql): Fragment {
  return sql`
    id, series, number, format, options, filter, path, made_at, made_by, taken_through, records, left_out, octets,
    sha256, finished_at`;
}

/** The exports in Postgres. */
export function exportTable(database: Database): Exports {
  const find = async (id: number) => {
    const [found] = await database.repeat((sql) => exportStatements.find(sql, id));
    return found && exportOf(found);
  };
  return {
    async begin(begun) {
      // Done twice, it would leave one that nobody goes on with.
      const [row] = await database.once((sql) => exportStatements.begin(sql, begun));
      return exportOf(row as ExportRow);
    },
    async stretch(of, most) {
      const [end] = await database.repeat((sql) => exportStatements.endOfStretch(sql, of, most));
      const rows = await database.repeat((sql) => exportStatements.callsToTake(sql, of, end?.trackingId));
      const calls = rows.map(callOf);
      const through = end?.trackingId ?? calls.at(-1)?.trackingId ?? of.takenThrough;
      return { calls, through, isLast: end === undefined };
    },
    async take(of, stretch, calls, leftOut) {
      await database.repeat((sql) => exportStatements.take(sql, of, stretch, calls, leftOut));
      return find(of.id);
    },
    async settle(of) {
      await database.repeat((sql) => exportStatements.settle(sql, of));
      await database.repeat((sql) => exportStatements.forgetEmpty(sql, of));
      return find(of.id);
    },
    async calls(of, after, most) {
      return (await database.repeat((sql) => exportStatements.calls(sql, of, after, most))).map(callOf);
    },
    async finish(of, file) {
      await database.repeat((sql) => exportStatements.finish(sql, of, file));
    },
    find,
    async list() {
      return (await database.repeat((sql) => exportStatements.list(sql))).map(exportOf);
    },
    async withChecksum(sha256) {
      return (await database.repeat((sql) => exportStatements.withChecksum(sql, sha256))).map(exportOf);
    },
    async leftOut(id) {
      return [...(await database.repeat((sql) => exportStatements.leftOut(sql, id)))];
    },
  };
}

function callOf({ octetsFromCaller, octetsFromCallee, ...row }: CallRow): ExportedCall {
  return present<ExportedCall>({
    ...row,
    octetsFromCaller: octetsFromCaller === null ? null : Number(octetsFromCaller),
    octetsFromCallee: octetsFromCallee === null ? null : Number(octetsFromCallee),
  });
}

function exportOf({ octets, sha256, finishedAt, filter, ...row }: ExportRow): Export {
  return present<Export>({
    ...row,
    filter: parseCallFilter(filter) ?? null,
    finished:
      octets === null || sha256 === null || finishedAt === null ? null : { octets, sha256, at: finishedAt },
  });
}

function present<T extends object>(row: Nullable<T>): T {
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value ?? undefined])) as T;
}

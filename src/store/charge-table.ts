import type { AccountNumber } from '../bytes/account-number.js';
import type {
  AccountTime,
  BilledMonth,
  CallPosition,
  CallsInOrder,
  Charge,
  Charges,
  ClosedCallToRate,
  FreeSeconds,
  KeptCharge,
  RatingWork,
  UnratedCall,
  UnratedReasonCount,
  VersionInForce,
} from './charges.js';
import { type Database, inTransaction, type Statements } from './database.js';
import { aloneInRating } from './rating-lock.js';
import { decode } from './tariff-table.js';

interface Span {
  readonly from: Date;
  readonly to: Date;
}

type Row<T> = { [Key in keyof T]: undefined extends T[Key] ? Exclude<T[Key], undefined> | null : T[Key] };
type CallRow = Row<ClosedCallToRate>;
type ChargeRow = Row<KeptCharge>;

/** Before every call. */
const beginning: CallPosition = { end: '-infinity', trackingId: '00000000-0000-0000-0000-000000000000' };

/** Every statement on charges; a test has each described by the database. */
export const chargeStatements = {
  /**
   * Some calls of a ledger are read by their keys. What the planner knows of tables that grow meanwhile is old: it would read them whole,
   * or spend seconds on compiling the statement. What a charge refers to is looked for by one plan, not by one a charge.
   */
  byKeys: (sql: Statements) => sql`
    select set_config(setting, value, true)
    from (values
      ('enable_seqscan', 'off'), ('enable_hashjoin', 'off'), ('enable_mergejoin', 'off'), ('jit', 'off'), ('plan_cache_mode', 'auto')
    ) as settings (setting, value)`,

  /** The last call of a stretch of so many, rated or not. */
  endOfStretch: (sql: Statements, after: CallPosition, most: number) => sql<CallPosition[]>`
    select end_at::text as end, tracking_id from call_record
    where end_at is not null and (end_at, tracking_id) > ${position(sql, after)}
    order by end_at, tracking_id offset ${most - 1} limit 1`,

  newCalls: (sql: Statements, after: CallPosition, upTo: CallPosition | undefined) => sql<CallRow[]>`
    select ${callColumns(sql)}, '{}'::uuid[] as supersedes from call_record call
    where end_at is not null and (end_at, tracking_id) > ${position(sql, after)} ${upToPosition(sql, upTo)}
      and bridge_at is not null and corrects is null and corrected_by is null
      and not exists (select from charge where charge.tracking_id = call.tracking_id)
      and not exists (select from unrated_call where unrated_call.tracking_id = call.tracking_id)
    order by end_at, tracking_id`,

  forgetCorrected: (sql: Statements) => sql`
    delete from unrated_call using call_record
    where call_record.tracking_id = unrated_call.tracking_id and corrected_by is not null`,

  corrections: (sql: Statements, most: number) => sql<CallRow[]>`
    select * from (
      select ${callColumns(sql)}, ${supersedes(sql)} from call_record call
      where corrects is not null and corrected_by is null and end_at is not null
        and not exists (select from unrated_call where unrated_call.tracking_id = call.tracking_id)
    ) correction
    where cardinality(supersedes) > 0
      or bridge_at is not null and not exists (select from charge where charge.tracking_id = correction.tracking_id)
    order by end_at, tracking_id limit ${most}`,

  unratedCalls: (sql: Statements, after: string, most: number) => sql<CallRow[]>`
    select ${callColumns(sql)}, ${supersedes(sql)} from unrated_call join call_record call using (tracking_id)
    where tracking_id > ${after} and corrected_by is null
    order by tracking_id limit ${most}`,

  callsBridged: (
    sql: Statements,
    { from, to }: Span,
    after: CallPosition,
    upTo: CallPosition | undefined,
  ) => sql<CallRow[]>`
    select ${callColumns(sql)}, '{}'::uuid[] as supersedes from call_record call
    where end_at is not null and (end_at, tracking_id) > ${position(sql, after)} ${upToPosition(sql, upTo)}
      and bridge_at >= ${from} and bridge_at < ${to} and corrected_by is null
    order by end_at, tracking_id`,

  /** What follows ended more than seven days after its bridge, if it was bridged before `to`: few calls, which have an index. */
  isPast: (sql: Statements, { end }: CallPosition, to: Date) => sql<{ isPast: boolean }[]>`
    select ${end}::text::timestamptz > ${to}::timestamptz + interval '7 days' as is_past`,

  lateCalls: (sql: Statements, { from, to }: Span, after: CallPosition) => sql<CallRow[]>`
    select ${callColumns(sql)}, '{}'::uuid[] as supersedes from call_record call
    where end_at - bridge_at > interval '7 days' and bridge_at >= ${from} and bridge_at < ${to} and corrected_by is null
      and (end_at, tracking_id) > ${position(sql, after)}
    order by end_at, tracking_id`,

  call: (sql: Statements, trackingId: string) => sql<CallRow[]>`
    select ${callColumns(sql)}, ${supersedes(sql)} from call_record call where tracking_id = ${trackingId} and end_at is not null`,

  tariffsOf: (sql: Statements, accounts: readonly AccountNumber[]) => sql<
    { account: AccountNumber; tariff: string | null }[]
  >`
    select account, tariff.name as tariff
    from subscriber left join tariff on tariff.id = coalesce(subscriber.tariff, (select id from tariff where is_default))
    where account = any(${[...accounts]}::text[])`,

  versionsInForce: (sql: Statements) => sql<Row<VersionInForce>[]>`
    select tariff_version.id, name as tariff, lower(validity) as valid_from, upper(validity) as valid_to
    from tariff_version join tariff on tariff.id = tariff where withdrawn_at is null`,

  freeSeconds: (sql: Statements, times: readonly AccountTime[], but: Span | undefined) => sql<
    (Omit<FreeSeconds, 'seconds'> & { seconds: bigint })[]
  >`
    select time.payer, time.from_at as from, time.to_at as to, call_class, sum(free_seconds) as seconds
    from unnest(
      ${times.map(({ payer }) => payer)}::text[], ${times.map(({ from }) => from.toISOString())}::text[]::timestamptz[],
      ${times.map(({ to }) => to.toISOString())}::text[]::timestamptz[]
    ) time (payer, from_at, to_at)
    join charge on charge.payer = time.payer and charged_at >= from_at and charged_at < to_at and free_seconds > 0
    ${but ? sql`where not (charged_at >= ${but.from} and charged_at < ${but.to})` : sql``}
    group by 1, 2, 3, 4`,

  billedMonths: (sql: Statements, accounts: readonly AccountNumber[], from: string) => sql<BilledMonth[]>`
    select account as payer, period::text, currency from bill
    where account = any(${[...accounts]}::text[]) and period >= ${from}::text::date
      and kind = 'bill' and credited_by is null`,

  charges: (sql: Statements, trackingIds: readonly string[]) => sql<ChargeRow[]>`
    select ${chargeColumns(sql)} from charge where tracking_id = any(${[...trackingIds]}::uuid[])`,

  charge: (sql: Statements, charges: readonly Charge[], at: Date) => sql`
    insert into charge (${columnsOfCharge(sql)}, rated_at)
    select *, ${at} from ${unnested(sql, charges)} on conflict do nothing`,

  draft: (sql: Statements, run: number, charges: readonly Charge[], at: Date) => sql`
    insert into draft_charge (${columnsOfCharge(sql)}, rated_at, rating_run)
    select *, ${at}, ${run} from ${unnested(sql, charges)} on conflict do nothing`,

  /** Of these, what is charged now. */
  noLongerUnrated: (sql: Statements, trackingIds: readonly string[]) => sql`
    delete from unrated_call where tracking_id = any(${[...trackingIds]}::uuid[])`,

  unrated: (sql: Statements, calls: readonly UnratedCall[], at: Date) => sql`
    insert into unrated_call (tracking_id, reason, since)
    select *, ${at} from unnest(
      ${calls.map(({ trackingId }) => trackingId)}::uuid[], ${calls.map(({ reason }) => reason)}::text[]
    )
    on conflict (tracking_id) do update set reason = excluded.reason, since = excluded.since
      where unrated_call.reason <> excluded.reason`,

  withdraw: (sql: Statements, trackingIds: readonly string[], at: Date) => sql`
    with gone as (
      delete from charge where tracking_id = any(${[...trackingIds]}::uuid[]) returning *
    )
    insert into charge_before select gone.*, ${at}, null from gone`,

  unratedReasons: (sql: Statements) => sql<UnratedReasonCount[]>`
    select reason, count(*)::integer as calls from unrated_call group by reason order by calls desc, reason`,

  whyUnrated: (sql: Statements, trackingId: string) => sql<{ reason: string }[]>`
    select reason from unrated_call where tracking_id = ${trackingId}`,
};

function position(sql: Statements, { end, trackingId }: CallPosition) {
  return sql`(${end}::text::timestamptz, ${trackingId}::uuid)`;
}

function upToPosition(sql: Statements, upTo: CallPosition | undefined) {
  return upTo ? sql`and (end_at, tracking_id) <= ${position(sql, upTo)}` : sql``;
}

/** An interrupted call has no duration: nobody measured it. */
function callColumns(sql: Statements) {
  return sql`
    tracking_id, caller_account, callee_account, called_number, call_class, is_collect, ring_at, bridge_at, end_at,
    case when duration_seconds is not null then billable_seconds end as billable_seconds`;
}

/** Of a correction: which of the records before it are charged. */
function supersedes(sql: Statements) {
  return sql`
    case when corrects is null then '{}'::uuid[] else array(
      with recursive before (id) as (
        select call.corrects union
        select earlier.corrects from before join call_record earlier on earlier.tracking_id = before.id
        where earlier.corrects is not null
      )
      select charge.tracking_id from before join charge on charge.tracking_id = before.id
    ) end as supersedes`;
}

function chargeColumns(sql: Statements) {
  return sql`
    tracking_id, payer, period::text, charged_at, tariff_version, call_class, units, decimals, currency, seconds,
    free_seconds, rated_at, rating_run`;
}

function columnsOfCharge(sql: Statements) {
  return sql`
    tracking_id, payer, period, charged_at, tariff_version, call_class, units, decimals, currency, seconds, free_seconds`;
}

/** Dates and large numbers as text: of an array the driver takes the type of its first element for that of all. */
function unnested(sql: Statements, charges: readonly Charge[]) {
  return sql`unnest(
    ${charges.map(({ trackingId }) => trackingId)}::uuid[], ${charges.map(({ payer }) => payer)}::text[],
    ${charges.map(({ period }) => period)}::text[]::date[], ${charges.map(({ chargedAt }) => chargedAt.toISOString())}::text[]::timestamptz[],
    ${charges.map(({ tariffVersion }) => tariffVersion)}::integer[],
    ${charges.map(({ callClass }) => callClass)}::text[], ${charges.map(({ units }) => String(units))}::text[]::bigint[],
    ${charges.map(({ decimals }) => decimals)}::smallint[], ${charges.map(({ currency }) => currency)}::text[],
    ${charges.map(({ seconds }) => seconds)}::integer[], ${charges.map(({ freeSeconds }) => freeSeconds)}::integer[]
  )`;
}

/** The charges in Postgres. */
export function chargeTable(database: Database): Charges {
  return {
    alone(work) {
      return database.repeat((sql) =>
        inTransaction(sql, async (tx) => {
          await aloneInRating(tx);
          await chargeStatements.byKeys(tx);
          return work(ratingWork(tx));
        }),
      );
    },
    async find(trackingId) {
      const [found] = await database.repeat((sql) => chargeStatements.charges(sql, [trackingId]));
      return found && decode<KeptCharge>(found);
    },
    async call(trackingId) {
      const [found] = await database.repeat((sql) => chargeStatements.call(sql, trackingId));
      return found && decode<ClosedCallToRate>(found);
    },
    async unratedReasons() {
      return [...(await database.repeat((sql) => chargeStatements.unratedReasons(sql)))];
    },
    async whyUnrated(trackingId) {
      const [found] = await database.repeat((sql) => chargeStatements.whyUnrated(sql, trackingId));
      return found?.reason;
    },
  };
}

function ratingWork(sql: Statements): RatingWork {
  const stretch = async (
    after: CallPosition | undefined,
    most: number,
    read: (after: CallPosition, upTo: CallPosition | undefined) => PromiseLike<readonly CallRow[]>,
  ): Promise<CallsInOrder<ClosedCallToRate>> => {
    const from = after ?? beginning;
    const [next] = await chargeStatements.endOfStretch(sql, from, most);
    return { calls: (await read(from, next)).map(decode<ClosedCallToRate>), next };
  };
  return {
    newCalls: (after, most) =>
      stretch(after, most, (from, upTo) => chargeStatements.newCalls(sql, from, upTo)),
    async callsBridged(span, after, most) {
      const from = after ?? { ...beginning, end: span.from.toISOString() };
      const [end] = await chargeStatements.isPast(sql, from, span.to);
      if (end?.isPast) {
        const late = await chargeStatements.lateCalls(sql, span, from);
        return { calls: late.map(decode<ClosedCallToRate>), next: undefined };
      }
      return stretch(from, most, (at, upTo) => chargeStatements.callsBridged(sql, span, at, upTo));
    },
    async corrections(most) {
      await chargeStatements.forgetCorrected(sql);
      return (await chargeStatements.corrections(sql, most)).map(decode<ClosedCallToRate>);
    },
    async unratedCalls(after, most) {
      const rows = await chargeStatements.unratedCalls(sql, after ?? beginning.trackingId, most);
      return rows.map(decode<ClosedCallToRate>);
    },
    async tariffsOf(accounts) {
      const rows = await chargeStatements.tariffsOf(sql, accounts);
      return new Map(rows.map(({ account, tariff }) => [account, tariff ?? undefined]));
    },
    async versionsInForce() {
      return (await chargeStatements.versionsInForce(sql)).map(decode<VersionInForce>);
    },
    async freeSeconds(times, but) {
      if (times.length === 0) return [];
      const rows = await chargeStatements.freeSeconds(sql, times, but);
      return rows.map((row) => ({ ...row, seconds: Number(row.seconds) }));
    },
    async billedMonths(accounts, from) {
      return [...(await chargeStatements.billedMonths(sql, accounts, from))];
    },
    async charges(trackingIds) {
      return (await chargeStatements.charges(sql, trackingIds)).map(decode<KeptCharge>);
    },
    async charge(charges, at) {
      if (charges.length === 0) return 0;
      const { count } = await chargeStatements.charge(sql, charges, at);
      await chargeStatements.noLongerUnrated(
        sql,
        charges.map(({ trackingId }) => trackingId),
      );
      return count;
    },
    async unrated(calls, at) {
      if (calls.length > 0) await chargeStatements.unrated(sql, calls, at);
    },
    async settle(trackingIds) {
      if (trackingIds.length > 0) await chargeStatements.noLongerUnrated(sql, trackingIds);
    },
    async withdraw(trackingIds, at) {
      if (trackingIds.length > 0) await chargeStatements.withdraw(sql, trackingIds, at);
    },
    async draft(run, charges, at) {
      if (charges.length > 0) await chargeStatements.draft(sql, run, charges, at);
    },
  };
}

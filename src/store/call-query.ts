import type { CallFilter, CallTime, NumberPattern } from './call-filter.js';
import type { CallRecord } from './calls.js';
import type { Fragment, Statements } from './database.js';

/** A row as the driver decodes it: columns in camel case, int8 as bigint, nulls. */
export type CallRow = {
  [Column in keyof Required<CallRecord>]:
    | (Column extends 'octetsFromCaller' | 'octetsFromCallee'
        ? bigint
        : Exclude<CallRecord[Column], undefined>)
    | null;
};

export interface TotalsRow {
  readonly currency: string | null;
  readonly calls: number;
  readonly inquiries: number;
  readonly answered: number;
  readonly billableSeconds: bigint;
  readonly unrated: number;
  readonly amount: string | null;
}

/** Tracking IDs begin with the time of the ring; those of older programs were taken a moment later. */
const marginMs = 60_000;

/** Every statement that reads call records; a test has each described by the database. */
export const callQueries = {
  find: (sql: Statements, trackingId: string) => sql<CallRow[]>`
    select ${recordColumns(sql)} ${recordTables(sql)} where call.tracking_id = ${trackingId}`,

  endingWith: (sql: Statements, digits: string) => sql<{ trackingId: string }[]>`
    select tracking_id from call_record where right(tracking_id::text, 12) = ${digits} limit 2`,

  list: (sql: Statements, filter: CallFilter) => {
    const order = orderOf(sql, filter);
    const pages = branches(sql, filter).map(
      (branch) => sql`(
        select ${recordColumns(sql)} ${recordTables(sql)}
        where ${conditions(sql, filter)} ${afterCall(sql, filter)} and ${branch}
        order by ${order} limit ${filter.limit ?? 100})`,
    );
    return sql<CallRow[]>`
      select * from (${pages.map((page, index) => (index === 0 ? page : sql`union all ${page}`))}) page
      order by ${order} limit ${filter.limit ?? 100}`;
  },

  totals: (sql: Statements, filter: CallFilter) => sql<TotalsRow[]>`
    select charge.currency, count(*)::integer as calls, (count(*) filter (where call.call_class = 'inquiry'))::integer as inquiries,
      count(bridge_at)::integer as answered,
      coalesce(sum(billable_seconds), 0)::bigint as billable_seconds,
      (count(*) filter (where end_at is not null and bridge_at is not null and charge.tracking_id is null))::integer as unrated,
      trim_scale(sum(${costOf(sql)}))::text as amount
    ${recordTables(sql)}
    where ${foundCalls(sql, filter)}
    group by charge.currency
    order by charge.currency`,
};

const timeColumns = { ring: 'ring_at', bridge: 'bridge_at', end: 'end_at' } as const satisfies Record<
  CallTime,
  string
>;

function recordColumns(sql: Statements): Fragment {
  return sql`
    call.tracking_id, port, ani, caller_account, callee_account, called_number, callee_port, protocol_version,
    call.call_class, is_collect, ring_at, answer_at, bridge_at, end_at, duration_seconds, billable_seconds,
    octets_from_caller, octets_from_callee, outcome, release_cause, reason, corrects, corrected_by, entered_by,
    charge.payer as bill_to, charge.units as charge_minor, charge.decimals as charge_decimals, charge.currency`;
}

function recordTables(sql: Statements): Fragment {
  return sql`from call_record call left join charge on charge.tracking_id = call.tracking_id`;
}

/** The index on it reads so as well. */
function costOf(sql: Statements): Fragment {
  return sql`(charge.units * 10::numeric ^ (- charge.decimals))`;
}

/** The tracking ID stands for the ring, whose order it has; the outer select of a union has no `call`. */
function orderOf(sql: Statements, { by = 'ring' }: CallFilter): Fragment {
  return by === 'ring' ? sql`tracking_id desc` : sql`${sql(timeColumns[by])} desc, tracking_id desc`;
}

function afterCall(sql: Statements, { by = 'ring', after }: CallFilter): Fragment {
  if (after === undefined) return sql``;
  if (by === 'ring') return sql`and call.tracking_id < ${after}`;
  const column = sql(timeColumns[by]);
  return sql`and (call.${column}, call.tracking_id) < ((select ${column} from call_record where tracking_id = ${after}), ${after})`;
}

/** What must hold of `call` and its `charge`, for statements that go through the ledger by themselves. */
export function foundCalls(sql: Statements, filter: CallFilter): Fragment {
  const { account } = filter;
  const found = conditions(sql, filter);
  return account
    ? sql`${found} and (call.caller_account = ${account} or call.callee_account = ${account})`
    : found;
}

/**
 * A page is put together of pages, each from one index: "caller or callee" in one condition would read all rows of both before it sorts, and
 * the indexes have closed calls alone; of open ones there are few.
 */
function branches(sql: Statements, filter: CallFilter): Fragment[] {
  const { account } = filter;
  const closed = sql`end_at is not null`;
  const ended = account
    ? [
        sql`${closed} and caller_account = ${account}`,
        sql`${closed} and callee_account = ${account} and caller_account is distinct from ${account}`,
      ]
    : [closed];
  const open = account
    ? sql`end_at is null and (caller_account = ${account} or callee_account = ${account})`
    : sql`end_at is null`;
  if (filter.outcome === 'open') return [open];
  return endsOnly(filter) ? ended : [...ended, open];
}

/** No open call is found so. */
function endsOnly({ by = 'ring', outcome, cause, minDuration, maxDuration, ...filter }: CallFilter): boolean {
  const { isRated, minCost, maxCost, currency, payer } = filter;
  const told = [outcome, cause, minDuration, maxDuration, isRated, minCost, maxCost, currency, payer];
  return by !== 'ring' || told.some((value) => value !== undefined);
}

/** All but the account, which has two roles. */
function conditions(sql: Statements, filter: CallFilter): Fragment {
  const all = [
    sql`corrected_by is null`,
    ...timeConditions(sql, filter),
    ...partyConditions(sql, filter),
    ...endConditions(sql, filter),
    ...chargeConditions(sql, filter),
  ];
  return sql`${all.map((condition, index) => (index === 0 ? condition : sql`and ${condition}`))}`;
}

function timeConditions(sql: Statements, { by = 'ring', from, to }: CallFilter): Fragment[] {
  const column = sql(timeColumns[by]);
  const found = [];
  if (from) found.push(sql`${column} >= ${from}`);
  if (to) found.push(sql`${column} < ${to}`);
  if (by !== 'ring') return [...found, sql`${column} is not null`];
  // For the parts of other months, and the index: a part knows its tracking IDs alone.
  if (from) found.push(sql`call.tracking_id >= first_tracking_id(${new Date(from.getTime() - marginMs)})`);
  if (to) found.push(sql`call.tracking_id < first_tracking_id(${new Date(to.getTime() + marginMs)})`);
  return found;
}

function partyConditions(sql: Statements, filter: CallFilter): Fragment[] {
  const { caller, callee, callingNumber, calledNumber, port, calleePort } = filter;
  const found = [];
  if (caller) found.push(sql`caller_account = ${caller}`);
  if (callee) found.push(sql`callee_account = ${callee}`);
  if (callingNumber) found.push(sql`ani ${numbers(sql, callingNumber)}`);
  if (calledNumber) found.push(sql`called_number ${numbers(sql, calledNumber)}`);
  if (port) found.push(sql`port = ${port}`);
  if (calleePort) found.push(sql`callee_port = ${calleePort}`);
  return found;
}

function numbers(sql: Statements, { digits, isPrefix }: NumberPattern): Fragment {
  if (!isPrefix) return sql`= ${digits}`;
  return sql`like ${`${digits.replace(/[\\%_]/g, '\\$&')}%`}`;
}

function endConditions(sql: Statements, filter: CallFilter): Fragment[] {
  const { outcome, cause, minDuration, maxDuration, isAnswered, callClass } = filter;
  const found = [];
  if (outcome === 'open') found.push(sql`end_at is null`);
  else if (outcome) found.push(sql`outcome = ${outcome}`);
  if (cause !== undefined) found.push(sql`release_cause = ${cause}`);
  if (minDuration !== undefined) found.push(sql`duration_seconds >= ${minDuration}`);
  if (maxDuration !== undefined) found.push(sql`duration_seconds <= ${maxDuration}`);
  if (isAnswered !== undefined) found.push(isAnswered ? sql`bridge_at is not null` : sql`bridge_at is null`);
  if (callClass) found.push(sql`call.call_class = ${callClass}`);
  return found;
}

function chargeConditions(sql: Statements, filter: CallFilter): Fragment[] {
  const { isRated, minCost, maxCost, currency, payer } = filter;
  const found = [];
  if (isRated) found.push(sql`charge.tracking_id is not null`);
  if (isRated === false) found.push(sql`call.tracking_id in (select tracking_id from uncharged_call)`);
  if (minCost !== undefined) found.push(sql`${costOf(sql)} >= ${minCost}::text::numeric`);
  if (maxCost !== undefined) found.push(sql`${costOf(sql)} <= ${maxCost}::text::numeric`);
  if (currency) found.push(sql`charge.currency = ${currency}`);
  if (payer) found.push(sql`charge.payer = ${payer}`);
  return found;
}

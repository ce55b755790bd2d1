import type { CallReports, DuplicateCalls, FraudHint, Span, UnratedEntry } from './call-reports.js';
import type { Database, Statements } from './database.js';

/** Every statement on reports; a test has each described by the database. */
export const reportStatements = {
  unrated: (sql: Statements, { after, limit }: { readonly after?: string; readonly limit: number }) => sql<
    UnratedEntry[]
  >`
    select tracking_id, why, ring_at, caller_account, callee_account, billable_seconds from report.unrated_calls
    ${after === undefined ? sql`` : sql`where tracking_id < ${after}`}
    order by tracking_id desc limit ${limit}`,

  duplicates: (sql: Statements, { from, to }: Span) => sql<DuplicateCalls[]>`
    select tracking_id, earlier_tracking_id, ring_at, caller_account, callee_account, billable_seconds
    from report.duplicate_calls
    where tracking_id >= first_tracking_id(${from}) and tracking_id < first_tracking_id(${to})
    order by tracking_id desc`,

  hints: (sql: Statements, { from, to }: Span) => sql<FraudHint[]>`
    select 'velocity' as hint, account, hour as at, calls::integer,
      format('%s calls in the hour, %s answered, to %s accounts', calls, answered, callees) as detail
    from report.call_velocity where hour >= ${from} and hour < ${to}
    union all
    select 'short calls', account, day, short::integer,
      format('%s of %s answered calls were 6 s or less, to %s accounts', short, answered, callees)
    from report.short_calls where day >= ${from} and day < ${to}
    union all
    select 'new destination', account, first_ring_at, calls::integer,
      format('first called %s, %s s since', called_number, billable_seconds)
    from report.new_destinations where first_ring_at >= ${from} and first_ring_at < ${to}
    order by at desc, account`,
};

export function callReportViews(database: Database): CallReports {
  return {
    unrated: async (page) => [...(await database.repeat((sql) => reportStatements.unrated(sql, page)))],
    duplicates: async (span) => [
      ...(await database.atLeisure((sql) => reportStatements.duplicates(sql, span))),
    ],
    // The views read the whole ledger, as only that tells whether a number is new.
    hints: async (span) => [...(await database.atLeisure((sql) => reportStatements.hints(sql, span)))],
  };
}

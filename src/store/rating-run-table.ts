import { type Database, inTransaction, type Statements } from './database.js';
import { aloneInRating } from './rating-lock.js';
import type { Difference, Kept, NewRatingRun, RatingRun, RatingRuns } from './rating-runs.js';
import { decode } from './tariff-table.js';

type Row<T> = { [Key in keyof T]: undefined extends T[Key] ? Exclude<T[Key], undefined> | null : T[Key] };

/** Every statement on rating runs; a test has each described by the database. */
export const ratingRunStatements = {
  begin: (sql: Statements, { from, to, account, tariff, madeAt, madeBy }: NewRatingRun) => sql<
    { id: number }[]
  >`
    insert into rating_run (from_at, to_at, account, tariff, made_at, made_by)
    values (${from}, ${to}, ${account ?? null}, (select id from tariff where name = ${tariff ?? null}), ${madeAt}, ${madeBy})
    returning id`,

  drafted: (sql: Statements, id: number, difference: Difference) => sql`
    update rating_run set difference = ${JSON.stringify(difference)}::text::jsonb where id = ${id}`,

  find: (sql: Statements, id: number) => sql<Row<RatingRun>[]>`
    ${selectRuns(sql)} where rating_run.id = ${id}`,

  list: (sql: Statements) => sql<Row<RatingRun>[]>`
    ${selectRuns(sql)} order by rating_run.id desc`,

  beginKeeping: (sql: Statements, id: number) => sql`
    update rating_run set state = 'keeping'
    where id = ${id} and state in ('draft', 'keeping') and difference is not null`,

  /**
   * The next drafts, each with why it stays out. A draft that was overtaken is older than the charge there is, or its record was corrected. The
   * triggers refuse what is billed, so that is asked first, of both months.
   */
  next: (sql: Statements, id: number, after: string, most: number) => sql<
    { trackingId: string; isBilled: boolean; isOvertaken: boolean }[]
  >`
    select draft.tracking_id, ${billed(sql, 'draft')} or coalesce(${billed(sql, 'charge')}, false) as is_billed,
      corrected_by is not null or coalesce(charge.rated_at > made_at, false) as is_overtaken
    from draft_charge draft
    join rating_run on rating_run.id = draft.rating_run
    join call_record call on call.tracking_id = draft.tracking_id
    left join charge on charge.tracking_id = draft.tracking_id
    where draft.rating_run = ${id} and draft.tracking_id > ${after}
    order by draft.tracking_id limit ${most}`,

  setAside: (sql: Statements, id: number, trackingIds: readonly string[], at: Date) => sql`
    with gone as (
      delete from charge where tracking_id = any(${[...trackingIds]}::uuid[]) returning *
    )
    insert into charge_before select gone.*, ${at}, ${id} from gone`,

  replace: (sql: Statements, id: number, trackingIds: readonly string[], at: Date) => sql`
    with draft as (
      delete from draft_charge where rating_run = ${id} and tracking_id = any(${[...trackingIds]}::uuid[]) returning *
    )
    insert into charge (
      tracking_id, payer, period, charged_at, tariff_version, call_class, units, decimals, currency, seconds, free_seconds,
      rated_at, rating_run
    )
    select
      tracking_id, payer, period, charged_at, tariff_version, call_class, units, decimals, currency, seconds, free_seconds,
      ${at}, rating_run
    from draft`,

  noLongerUnrated: (sql: Statements, trackingIds: readonly string[]) => sql`
    delete from unrated_call where tracking_id = any(${[...trackingIds]}::uuid[])`,

  empty: (sql: Statements, id: number, most: number) => sql`
    delete from draft_charge where rating_run = ${id} and tracking_id = any(array(
      select tracking_id from draft_charge where rating_run = ${id} limit ${most}
    ))`,

  decide: (
    sql: Statements,
    id: number,
    state: 'kept' | 'discarded',
    { at, who }: { readonly at: Date; readonly who: string },
  ) => sql`
    update rating_run set state = ${state}, decided_at = ${at}, decided_by = ${who}
    where id = ${id} and state = ${state === 'kept' ? 'keeping' : 'draft'}`,
};

function selectRuns(sql: Statements) {
  return sql`
    select rating_run.id, state, from_at as from, to_at as to, account, tariff.name as tariff, difference, made_at, made_by, decided_at,
      decided_by
    from rating_run left join tariff on tariff.id = tariff`;
}

function billed(sql: Statements, whose: 'draft' | 'charge') {
  const of = sql(whose);
  return sql`exists (
    select from bill where account = ${of}.payer and bill.period = ${of}.period and bill.currency = ${of}.currency
      and kind = 'bill' and credited_by is null
  )`;
}

const lowestId = '00000000-0000-0000-0000-000000000000';

/** The rating runs in Postgres. */
export function ratingRunTable(database: Database): RatingRuns {
  return {
    async begin(run) {
      // Done twice, it would leave a run of which nobody knows.
      const [made] = await database.once((sql) => ratingRunStatements.begin(sql, run));
      if (!made) throw new Error('an insert without a row');
      return made.id;
    },
    async drafted(id, difference) {
      await database.repeat((sql) => ratingRunStatements.drafted(sql, id, difference));
    },
    async find(id) {
      const [found] = await database.repeat((sql) => ratingRunStatements.find(sql, id));
      return found && decode<RatingRun>(found);
    },
    async list() {
      return (await database.repeat((sql) => ratingRunStatements.list(sql))).map(decode<RatingRun>);
    },
    async beginKeeping(id) {
      return (await database.repeat((sql) => ratingRunStatements.beginKeeping(sql, id))).count > 0;
    },
    keepSome(id, after, most, at) {
      return database.repeat((sql) =>
        inTransaction(sql, async (tx): Promise<Kept> => {
          await aloneInRating(tx);
          const next = await ratingRunStatements.next(tx, id, after ?? lowestId, most);
          const replaced = next.filter(({ isBilled, isOvertaken }) => !isBilled && !isOvertaken);
          const ids = replaced.map(({ trackingId }) => trackingId);
          await ratingRunStatements.setAside(tx, id, ids, at);
          await ratingRunStatements.replace(tx, id, ids, at);
          await ratingRunStatements.noLongerUnrated(tx, ids);
          return {
            replaced: replaced.length,
            billed: next.filter(({ isBilled }) => isBilled).length,
            overtaken: next.filter(({ isBilled, isOvertaken }) => isOvertaken && !isBilled).length,
            next: next.at(-1)?.trackingId,
          };
        }),
      );
    },
    async emptySome(id, most) {
      return (await database.repeat((sql) => ratingRunStatements.empty(sql, id, most))).count > 0;
    },
    async decide(id, state, by) {
      return (await database.repeat((sql) => ratingRunStatements.decide(sql, id, state, by))).count > 0;
    },
  };
}

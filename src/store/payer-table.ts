import type { AccountNumber } from '../bytes/account-number.js';
import type { CallClass } from './call-kinds.js';
import type { Database, Sql } from './database.js';
import type { Hold, PayerRule, Payers, PossiblePayer, SpendingLimit, SpendingTime, Spent } from './payers.js';

type Nullable<T> = {
  [Key in keyof T]: undefined extends T[Key] ? Exclude<T[Key], undefined> | null : T[Key];
};

/** Currency and decimals are null where the account has no limit. */
type PossiblePayerRow = Nullable<Omit<PossiblePayer, 'limit'>> &
  Record<'currency', string | null> &
  Record<'decimals', number | null> &
  Record<'dailyUnits' | 'monthlyUnits', bigint | null>;

/** Every statement on who pays; a test has each described by the database. */
export const payerStatements = {
  agree: (sql: Sql, rule: Omit<PayerRule, 'id'>) => sql<{ id: number }[]>`
    insert into payer_rule (payer, party, role, other, validity, agreed_at, agreed_by)
    select payer.account, party.account, ${rule.role}, ${rule.other ?? null},
           tstzrange(${rule.validFrom}, ${rule.validTo ?? null}), ${rule.agreedAt}, ${rule.agreedBy}
    from subscriber payer, subscriber party
    where payer.account = ${rule.payer} and party.account = ${rule.party}
    on conflict do nothing
    returning id`,

  rules: (sql: Sql, account: AccountNumber | undefined) => sql<Nullable<PayerRule>[]>`
    ${selectRules(sql)}
    ${account === undefined ? sql`` : sql`where payer = ${account} or party = ${account}`}
    order by party, lower(validity), id`,

  rulesFor: (sql: Sql, caller: AccountNumber, callee: AccountNumber) => sql<Nullable<PayerRule>[]>`
    ${selectRules(sql)}
    where (party = ${caller} and role = 'caller') or (party = ${callee} and role = 'callee')`,

  end: (sql: Sql, id: number, at: Date) => sql`
    update payer_rule set validity = tstzrange(lower(validity), ${at})
    where id = ${id} and lower(validity) < ${at} and (upper_inf(validity) or upper(validity) > ${at})
    returning id`,

  withdraw: (sql: Sql, id: number, at: Date) => sql`
    delete from payer_rule where id = ${id} and lower(validity) >= ${at} returning id`,

  limits: (sql: Sql, account: AccountNumber | undefined) => sql<Nullable<SpendingLimit>[]>`
    select account, currency, decimals, daily_units, monthly_units, set_at, set_by from spending_limit
    ${account === undefined ? sql`` : sql`where account = ${account}`}
    order by account`,

  setLimit: (sql: Sql, { account, currency, decimals, ...limit }: SpendingLimit) => sql`
    insert into spending_limit (account, currency, decimals, daily_units, monthly_units, set_at, set_by)
    select account, ${currency}, ${decimals}, ${limit.dailyUnits ?? null}, ${limit.monthlyUnits ?? null},
           ${limit.setAt}, ${limit.setBy}
    from subscriber where account = ${account}
    on conflict (account) do update
    set currency = excluded.currency, decimals = excluded.decimals, daily_units = excluded.daily_units,
        monthly_units = excluded.monthly_units, set_at = excluded.set_at, set_by = excluded.set_by
    returning account`,

  removeLimit: (sql: Sql, account: AccountNumber) => sql`
    delete from spending_limit where account = ${account} returning account`,

  possiblePayers: (sql: Sql, caller: AccountNumber, callee: AccountNumber, at: Date) => sql<
    PossiblePayerRow[]
  >`
    select subscriber.account, state, number, tariff_version.id as tariff_version, currency, decimals,
      daily_units, monthly_units
    from subscriber
    left join tariff on tariff.id = subscriber.tariff or (subscriber.tariff is null and is_default)
    left join tariff_version
      on tariff_version.tariff = tariff.id and withdrawn_at is null and validity @> ${at}::timestamptz
    left join spending_limit on spending_limit.account = subscriber.account
    where subscriber.account in (${caller}, ${callee})
      or subscriber.account in (select payer from payer_rule where party in (${caller}, ${callee}))`,

  spent: (sql: Sql, payer: AccountNumber, currency: string, time: SpendingTime) => sql<
    { ofDay: string; ofMonth: string }[]
  >`
    select of_day::text, of_month::text
    from spent_by(${payer}, ${currency}, ${time.dayFrom}, ${time.monthFrom}, ${time.period}::date)`,

  freeSeconds: (sql: Sql, payer: AccountNumber, { monthFrom, monthTo }: SpendingTime) => sql<
    { callClass: CallClass; seconds: bigint }[]
  >`
    select call_class, seconds from free_seconds_of(${payer}, ${monthFrom}, ${monthTo})`,

  hold: (
    sql: Sql,
    { trackingId, payer, currency, units, decimals, callClass, freeSeconds, freeSecondsBefore, at }: Hold,
    { dayFrom, monthFrom, monthTo, period }: SpendingTime,
  ) => sql<{ isHeld: boolean }[]>`
    select hold_spending(
      ${trackingId}, ${payer}, ${currency}, ${units}, ${decimals}::smallint, ${callClass}, ${freeSeconds}, ${freeSecondsBefore}, ${at},
      ${dayFrom}, ${monthFrom}, ${monthTo}, ${period}::date
    ) as is_held`,

  settle: (sql: Sql, trackingId: string, bridgeAt: Date, units: bigint, freeSeconds: number) => sql`
    update spending_hold set bridged_at = ${bridgeAt}, units = ${units}, free_seconds = ${freeSeconds}
    where tracking_id = ${trackingId}`,

  free: (sql: Sql, trackingId: string) => sql`
    delete from spending_hold where tracking_id = ${trackingId}`,
};

function selectRules(sql: Sql) {
  return sql`
    select id, payer, party, role, other, lower(validity) as valid_from, upper(validity) as valid_to,
           agreed_at, agreed_by
    from payer_rule`;
}

/** Who pays, in Postgres. */
export function payerTable(database: Database): Payers {
  return {
    async agree(rule) {
      const [added] = await database.once((sql) => payerStatements.agree(sql, rule));
      return added?.id;
    },
    async rules(account) {
      return (await database.repeat((sql) => payerStatements.rules(sql, account))).map(ruleOf);
    },
    async end(id, at) {
      const { count } = await database.repeat((sql) => payerStatements.end(sql, id, at));
      return count > 0 || (await database.repeat((sql) => payerStatements.withdraw(sql, id, at))).count > 0;
    },
    async limits(account) {
      const rows = await database.repeat((sql) => payerStatements.limits(sql, account));
      return rows.map((row) => ({ ...row, ...unitsOf(row) }));
    },
    async setLimit(limit) {
      return (await database.repeat((sql) => payerStatements.setLimit(sql, limit))).count > 0;
    },
    async removeLimit(account) {
      return (await database.once((sql) => payerStatements.removeLimit(sql, account))).count > 0;
    },
    async rulesFor(caller, callee) {
      return (await database.repeat((sql) => payerStatements.rulesFor(sql, caller, callee))).map(ruleOf);
    },
    async possiblePayers(caller, callee, at) {
      const rows = await database.repeat((sql) => payerStatements.possiblePayers(sql, caller, callee, at));
      return rows.map(possiblePayerOf);
    },
    async spent(payer, currency, time) {
      const [row] = await database.repeat((sql) => payerStatements.spent(sql, payer, currency, time));
      return { ofDay: BigInt(row?.ofDay ?? 0), ofMonth: BigInt(row?.ofMonth ?? 0) } satisfies Spent;
    },
    async freeSeconds(payer, time) {
      const rows = await database.repeat((sql) => payerStatements.freeSeconds(sql, payer, time));
      return rows.map(({ callClass, seconds }) => ({ callClass, seconds: Number(seconds) }));
    },
    async hold(hold, time) {
      const [row] = await database.repeat((sql) => payerStatements.hold(sql, hold, time));
      return row?.isHeld ?? false;
    },
    async settle(trackingId, bridgeAt, units, freeSeconds) {
      await database.repeat((sql) => payerStatements.settle(sql, trackingId, bridgeAt, units, freeSeconds));
    },
    async free(trackingId) {
      await database.repeat((sql) => payerStatements.free(sql, trackingId));
    },
  };
}

function ruleOf({ other, validTo, ...rule }: Nullable<PayerRule>): PayerRule {
  return { ...rule, other: other ?? undefined, validTo: validTo ?? undefined };
}

function unitsOf({
  dailyUnits,
  monthlyUnits,
}: Pick<PossiblePayerRow, 'dailyUnits' | 'monthlyUnits'>): Pick<
  SpendingLimit,
  'dailyUnits' | 'monthlyUnits'
> {
  return { dailyUnits: dailyUnits ?? undefined, monthlyUnits: monthlyUnits ?? undefined };
}

function possiblePayerOf({
  account,
  state,
  number,
  tariffVersion,
  currency,
  decimals,
  ...units
}: PossiblePayerRow): PossiblePayer {
  const limit =
    currency !== null && decimals !== null ? { currency, decimals, ...unitsOf(units) } : undefined;
  return { account, state, number, tariffVersion: tariffVersion ?? undefined, limit };
}

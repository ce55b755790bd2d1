import type { AccountNumber } from '../bytes/account-number.js';
import { known } from '../bytes/known.js';
import type {
  BilledCall,
  BillFilter,
  BillingWork,
  BillNumber,
  Bills,
  ChargeSum,
  IssuedBill,
  NewBill,
  NewTaxRate,
  Signature,
  TariffFileOf,
  TaxRate,
  UnratedCalls,
} from './bills.js';
import type { Database, Statements } from './database.js';
import { codeOf } from './failures.js';
import { aloneInRating } from './rating-lock.js';
import { decode } from './tariff-table.js';

interface Span {
  readonly from: Date;
  readonly to: Date;
}

type Row<T> = { [Key in keyof T]: undefined extends T[Key] ? Exclude<T[Key], undefined> | null : T[Key] };

type BillRow = Omit<Row<IssuedBill>, 'credits' | 'creditedBy'> & {
  readonly creditsSeries: string | null;
  readonly creditsNumber: bigint | null;
  readonly creditedBySeries: string | null;
  readonly creditedByNumber: bigint | null;
};

const exclusionViolation = '23P01';

/** A call rings so long before its bridge at most; and its tracking ID is of the ring. */
const longestSetUp = '1 day';

/** Every statement on bills; a test has each described by the database. */
export const billStatements = {
  /** Who writes charges without the lock of raters waits for the bill's transaction, or is waited for. */
  holdCharges: (sql: Statements) => sql`lock table charge in share mode`,

  /** The month is read once: a text that becomes a date is read for every charge, which takes half of the time. */
  unbilledSums: (sql: Statements, period: string, account: AccountNumber | undefined) => sql<
    (Omit<ChargeSum, 'seconds' | 'freeSeconds'> & { seconds: bigint; freeSeconds: bigint })[]
  >`
    select account, name, number as telephone, currency, decimals, call_class, tariff_version, calls, seconds, free_seconds, units
    from (
      select payer as account, currency, decimals, call_class, tariff_version, count(*)::integer as calls,
        sum(seconds) as seconds, sum(free_seconds) as free_seconds, sum(units)::bigint as units
      from charge
      where period = (select ${period}::text::date) ${account === undefined ? sql`` : sql`and payer = ${account}`}
      group by payer, tariff_version, call_class, currency, decimals
    ) sum join subscriber using (account)
    where not exists (
      select from bill
      where bill.account = sum.account and bill.period = ${period}::text::date and bill.currency = sum.currency
        and kind = 'bill' and credited_by is null
    )
    order by account, currency, decimals, call_class, tariff_version`,

  tariffFiles: (sql: Statements, ids: readonly number[], { from, to }: Span) => sql<TariffFileOf[]>`
    select id, content from tariff_version
    where id = any(${[...ids]}::integer[])
      or withdrawn_at is null and validity && tstzrange(${from}, ${to})
    order by id`,

  /** An account may have to pay for calls of its own, to it, and of those for whom it pays by rule. */
  unratedCalls: (sql: Statements, { from, to }: Span, account: AccountNumber | undefined) => sql<
    Row<UnratedCalls>[]
  >`
    select unrated_call.reason, count(*)::integer as calls
    from uncharged_call join call_record call using (tracking_id) left join unrated_call using (tracking_id)
    where tracking_id >= first_tracking_id(${from}::timestamptz - ${longestSetUp}::interval)
      and tracking_id < first_tracking_id(${to}) and bridge_at >= ${from} and bridge_at < ${to}
      ${account === undefined ? sql`` : sql`and ${mayPay(sql, account)}`}
    group by unrated_call.reason order by calls desc, unrated_call.reason`,

  taxesOn: (sql: Statements, day: string) => sql<Row<TaxRate>[]>`
    select ${taxColumns(sql)} from tax_rate where validity @> ${day}::text::date order by name`,

  openSeries: (sql: Statements, series: string) => sql`
    insert into bill_series (name) values (${series}) on conflict do nothing`,

  nextNumber: (sql: Statements, series: string) => sql<{ next: bigint }[]>`
    select next from bill_series where name = ${series} for update`,

  /** Numbers are given and written by one statement: there is none without a bill. */
  issue: (sql: Statements, series: string, bills: readonly NewBill[], { at, by }: Signature) => sql<
    { id: bigint; number: bigint }[]
  >`
    with added as (
      update bill_series set next = next + ${bills.length} where name = ${series} returning next
    )
    insert into bill (kind, series, number, account, period, currency, decimals, calls, charge_units, tax_units, payable_decimals,
      payable_units, document, issued_at, issued_by)
    select 'bill', ${series}, added.next - ${bills.length} + place - 1, account, period, currency, decimals, calls, charge_units,
      tax_units, payable_decimals, payable_units, document, ${at}, ${by}
    from added, unnest(
      ${bills.map(({ account }) => account)}::text[], ${bills.map(({ period }) => period)}::text[]::date[],
      ${bills.map(({ currency }) => currency)}::text[], ${bills.map(({ decimals }) => decimals)}::smallint[],
      ${bills.map(({ calls }) => calls)}::integer[], ${bills.map(({ chargeUnits }) => String(chargeUnits))}::text[]::bigint[],
      ${bills.map(({ taxUnits }) => String(taxUnits))}::text[]::bigint[],
      ${bills.map(({ payableDecimals }) => payableDecimals)}::smallint[],
      ${bills.map(({ payableUnits }) => String(payableUnits))}::text[]::bigint[],
      ${bills.map(({ document }) => JSON.stringify(document))}::text[]::jsonb[]
    ) with ordinality new (account, period, currency, decimals, calls, charge_units, tax_units, payable_decimals, payable_units,
      document, place)
    order by place
    returning id, number`,

  credit: (
    sql: Statements,
    bill: bigint,
    { series, reason, document }: { series: string; reason: string; document: object },
    { at, by }: Signature,
  ) => sql`
    with added as (
      update bill_series set next = next + 1 where name = ${series} returning next
    ), note as (
      insert into bill (kind, series, number, account, period, currency, decimals, calls, charge_units, tax_units,
        payable_decimals, payable_units, document, issued_at, issued_by, credits, reason)
      select 'credit-note', ${series}, added.next - 1, account, period, currency, decimals, calls, -charge_units, -tax_units,
        payable_decimals, -payable_units, ${JSON.stringify(document)}::text::jsonb, ${at}, ${by}, bill.id, ${reason}
      from added, bill where bill.id = ${bill}
      returning id, credits
    ), kept as (
      insert into credited_charge (bill, tracking_id, charged_at, call_class, units, decimals, seconds)
      select bill.id, tracking_id, charged_at, call_class, units, charge.decimals, seconds
      from bill join charge on charge.payer = bill.account and charge.period = bill.period and charge.currency = bill.currency
      where bill.id = ${bill}
    )
    update bill set credited_by = note.id from note where bill.id = note.credits`,

  issued: (sql: Statements, period: string, { at, by }: Signature) => sql<BillRow[]>`
    ${selectBills(sql)}
    where bill.period = ${period}::text::date and bill.issued_at = ${at} and bill.issued_by = ${by} and bill.kind = 'bill'
    order by bill.number`,

  find: (sql: Statements, { series, number }: BillNumber) => sql<BillRow[]>`
    ${selectBills(sql)} where bill.series = ${series} and bill.number = ${number}`,

  list: (sql: Statements, { period, account, kind, limit = 100 }: BillFilter) => sql<BillRow[]>`
    ${selectBills(sql)}
    where true ${period === undefined ? sql`` : sql`and bill.period = ${period}::text::date`}
      ${account === undefined ? sql`` : sql`and bill.account = ${account}`}
      ${kind === undefined ? sql`` : sql`and bill.kind = ${kind}`}
    order by bill.period desc, bill.account, bill.issued_at, bill.series, bill.number limit ${limit}`,

  calls: (sql: Statements, { account, period, currency }: IssuedBill) => sql<Row<BilledCall>[]>`
    select ${callColumns(sql)}
    from charge each join call_record using (tracking_id)
    where payer = ${account} and period = ${period}::text::date and currency = ${currency}
    order by charged_at, tracking_id`,

  creditedCalls: (sql: Statements, bill: BillNumber) => sql<Row<BilledCall>[]>`
    select ${callColumns(sql)}
    from bill join credited_charge each on each.bill = bill.id join call_record using (tracking_id)
    where series = ${bill.series} and number = ${bill.number}
    order by charged_at, tracking_id`,

  taxes: (sql: Statements) => sql<Row<TaxRate>[]>`
    select ${taxColumns(sql)} from tax_rate order by name, lower(validity)`,

  addTax: (sql: Statements, { name, percent, from, to, enteredAt, enteredBy }: NewTaxRate) => sql`
    insert into tax_rate (name, percent, validity, entered_at, entered_by)
    values (${name}, ${percent}::text::numeric, daterange(${from}::text::date, ${to ?? null}::text::date), ${enteredAt}, ${enteredBy})`,

  endTax: (sql: Statements, name: string, day: string) => sql`
    update tax_rate set validity = daterange(lower(validity), ${day}::text::date)
    where name = ${name} and validity @> ${day}::text::date - 1`,
};

function mayPay(sql: Statements, account: AccountNumber) {
  return sql`array[caller_account::text, callee_account::text] &&
    array(select ${account}::text union select party::text from payer_rule where payer = ${account})`;
}

function taxColumns(sql: Statements) {
  return sql`
    id, name, percent::text, lower(validity)::text as from, upper(validity)::text as to, entered_at, entered_by`;
}

function selectBills(sql: Statements) {
  return sql`
    select bill.id, bill.kind, bill.series, bill.number, bill.account, bill.period::text, bill.currency, bill.decimals, bill.calls,
      bill.charge_units, bill.tax_units, bill.payable_decimals, bill.payable_units, bill.document, bill.issued_at, bill.issued_by,
      bill.reason, credited.series as credits_series, credited.number as credits_number, note.series as credited_by_series,
      note.number as credited_by_number
    from bill left join bill credited on credited.id = bill.credits left join bill note on note.id = bill.credited_by`;
}

function callColumns(sql: Statements) {
  return sql`
    tracking_id, each.charged_at, caller_account, callee_account, called_number, each.call_class, each.seconds, each.units,
    each.decimals`;
}

/** The bills in Postgres. */
export function billTable(database: Database): Bills {
  return {
    alone(work) {
      return database.atLeisure(async (tx) => {
        await aloneInRating(tx);
        await billStatements.holdCharges(tx);
        return work(billingWork(tx));
      });
    },
    async find(number) {
      const [found] = await database.repeat((sql) => billStatements.find(sql, number));
      return found && billOf(found);
    },
    async list(filter) {
      return (await database.repeat((sql) => billStatements.list(sql, filter))).map(billOf);
    },
    async calls(bill) {
      const credited = bill.credits ?? (bill.creditedBy && bill);
      const rows = await database.repeat((sql) =>
        credited ? billStatements.creditedCalls(sql, credited) : billStatements.calls(sql, bill),
      );
      return rows.map(decode<BilledCall>);
    },
    async taxes() {
      return (await database.repeat((sql) => billStatements.taxes(sql))).map(decode<TaxRate>);
    },
    async addTax(tax) {
      try {
        // Done twice, it would deny that it had added the tax.
        await database.once((sql) => billStatements.addTax(sql, tax));
        return true;
      } catch (error) {
        if (codeOf(error) === exclusionViolation) return false;
        throw error;
      }
    },
    async endTax(name, day) {
      return (await database.repeat((sql) => billStatements.endTax(sql, name, day))).count > 0;
    },
  };
}

function billingWork(sql: Statements): BillingWork {
  const nextNumber = async (series: string) => {
    await billStatements.openSeries(sql, series);
    const [row] = await billStatements.nextNumber(sql, series);
    if (!row) throw new Error(`the series ${series} was not opened`);
    return row.next;
  };
  return {
    nextNumber,
    async unbilledSums(period, account) {
      const rows = await billStatements.unbilledSums(sql, period, account);
      return rows.map((row) => ({
        ...row,
        seconds: Number(row.seconds),
        freeSeconds: Number(row.freeSeconds),
      }));
    },
    async tariffFiles(ids, span) {
      return [...(await billStatements.tariffFiles(sql, ids, span))];
    },
    async unratedCalls(span, account) {
      return (await billStatements.unratedCalls(sql, span, account)).map(decode<UnratedCalls>);
    },
    async taxesOn(day) {
      return (await billStatements.taxesOn(sql, day)).map(decode<TaxRate>);
    },
    async issue(series, bills, signature) {
      if (bills.length === 0) return [];
      const rows = await billStatements.issue(sql, series, bills, signature);
      const inOrder = rows.toSorted((one, other) => Number(one.number - other.number));
      const alike = { kind: 'bill', series, issuedAt: signature.at, issuedBy: signature.by } as const;
      const notYet = { credits: undefined, reason: undefined, creditedBy: undefined };
      return bills.map((bill, place) => ({ ...bill, ...alike, ...notYet, ...known(inOrder[place]) }));
    },
    async issued(period, signature) {
      return (await billStatements.issued(sql, period, signature)).map(billOf);
    },
    async find(number) {
      const [found] = await billStatements.find(sql, number);
      return found && billOf(found);
    },
    async credit(bill, note, signature) {
      await billStatements.credit(sql, bill.id, note, signature);
    },
  };
}

function billOf({
  creditsSeries,
  creditsNumber,
  creditedBySeries,
  creditedByNumber,
  ...row
}: BillRow): IssuedBill {
  return {
    ...decode<Omit<IssuedBill, 'credits' | 'creditedBy'>>(row),
    credits: numberOf(creditsSeries, creditsNumber),
    creditedBy: numberOf(creditedBySeries, creditedByNumber),
  };
}

function numberOf(series: string | null, number: bigint | null): BillNumber | undefined {
  return series === null || number === null ? undefined : { series, number };
}

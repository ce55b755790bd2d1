import type { Sql } from '../../src/store/database.js';
import type { LedgerUnderTest } from './ledger-contract.js';

/** Bills without what is printed on them: for what stands on one, it is enough that there is one. */
export function billsByHand(sql: Sql): Pick<LedgerUnderTest, 'bill' | 'credit'> {
  let number = 0;
  const insert = (account: string, period: string, credits: number | null) => sql<{ id: bigint }[]>`
    insert into bill (
      kind, series, number, account, period, currency, decimals, calls, charge_units, tax_units, payable_decimals, payable_units,
      document, issued_at, issued_by, credits, reason
    ) values (
      ${credits === null ? 'bill' : 'credit-note'}, 'TEST', ${++number}, ${account}, ${period}::text::date, 'USD', 2, 0, 0, 0, 2, 0,
      '{}', '2026-12-01', 'anna', ${credits}, ${credits === null ? null : 'a test'}
    ) returning id`;
  return {
    async bill(account, period) {
      await sql`insert into bill_series (name) values ('TEST') on conflict do nothing`;
      await insert(account, period, null);
    },
    async credit(account, period) {
      const [bill] = await sql<{ id: bigint }[]>`
        select id from bill where account = ${account} and period = ${period}::text::date and credited_by is null and kind = 'bill'`;
      const [note] = await insert(account, period, Number(bill?.id));
      await sql`update bill set credited_by = ${note?.id ?? null} where id = ${bill?.id ?? null}`;
    },
  };
}

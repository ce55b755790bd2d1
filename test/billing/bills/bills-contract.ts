import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BillDocument, billNumberText } from '../../../src/billing/bills/bill-document.js';
import { creditBill } from '../../../src/billing/bills/credit-bill.js';
import { type IssueOutcome, type IssueRequest, issueBills } from '../../../src/billing/bills/issue-bills.js';
import type { AccountNumber } from '../../../src/bytes/account-number.js';
import type { IssuedBill } from '../../../src/store/bills.js';
import { type Ledger, newYork } from './ledger.js';

export const terms = {
  seller: { name: 'Example Telephone Company', address: ['1 Main Street', 'Springfield'] },
  dueDays: 14,
  paper: 'letter',
} as const;

let requests = 0;

/** Each request is of another moment: what was issued is known by it. */
export function request(given: Partial<IssueRequest> = {}): IssueRequest {
  const at = new Date(Date.UTC(2026, 10, 20, 12, 0, 0, ++requests));
  return { period: '2026-10-01', series: 'B', terms, signature: { at, by: 'staff' }, ...given };
}

export function issuedOf(outcome: IssueOutcome): readonly IssuedBill[] {
  if (outcome.kind !== 'issued') throw new Error(`not issued: ${outcome.kind}`);
  return outcome.bills;
}

const documentOf = (bill: IssuedBill | undefined) => bill?.document as BillDocument;

/** Of one database after the other: each account of a test is new. */
export function billsContract(ledgerOf: () => Ledger): void {
  const issue = async (given: Partial<IssueRequest>) =>
    issuedOf(await issueBills(ledgerOf().store.bills, request(given)));
  const credit = (bill: IssuedBill, reason = 'wrong tariff') =>
    creditBill(ledgerOf().store.bills, { bill, reason, series: 'C', signature: request().signature });
  const billed = async (...units: bigint[]): Promise<[AccountNumber, IssuedBill]> => {
    const account = await ledgerOf().subscriber();
    await ledgerOf().calls(units.map((each) => ({ payer: account, units: each })));
    const [bill] = await issue({ account });
    if (!bill) throw new Error('no bill');
    return [account, bill];
  };

  test('BL-80 a bill sums charges of different decimals exactly, each currency on its own, and rounds what is payable half-up', async () => {
    const account = await ledgerOf().subscriber('Zoë & Söhne');
    await ledgerOf().calls([
      { payer: account, units: 123_456n, decimals: 4 },
      { payer: account, units: 1n, decimals: 2, callClass: 'pairing', seconds: 3_700 },
      { payer: account, units: 5n, decimals: 3 },
      { payer: account, units: 10_049n, decimals: 2, currency: 'JPY' },
      { payer: account, units: 9_999n, decimals: 2, period: '2026-11-01' },
    ]);
    const [yen, dollars, ...more] = await issue({ account });
    expect(more).toEqual([]);
    expect(documentOf(dollars)).toEqual({
      ...{ version: 1, kind: 'bill', number: dollars && billNumberText(dollars), paper: 'letter' },
      ...{ issuedOn: '2026-11-20', dueOn: '2026-12-04', zone: newYork, currency: 'USD', taxes: [] },
      seller: terms.seller,
      customer: { account, name: 'Zoë & Söhne', telephone: '5550101' },
      period: { from: '2026-10-01', to: '2026-10-31' },
      classes: [
        { callClass: 'delivery', calls: 2, seconds: 120, freeSeconds: 0, amount: '12.3506' },
        { callClass: 'pairing', calls: 1, seconds: 3_700, freeSeconds: 0, amount: '0.0100' },
      ],
      ...{ charges: '12.3606', rounding: '-0.0006', payable: '12.36' },
    });
    expect(documentOf(yen)).toMatchObject({ charges: '100.49', rounding: '-0.49', payable: '100' });
    expect([dollars, yen]).toMatchObject([
      { decimals: 4, calls: 3, chargeUnits: 123_606n, payableDecimals: 2, payableUnits: 1_236n },
      { decimals: 2, calls: 1, chargeUnits: 10_049n, payableDecimals: 0, payableUnits: 100n },
    ]);
    expect(dollars?.number).toBe((yen?.number ?? 0n) + 1n);
  });

  test('BL-80 a tax counts that holds on the last day of the month, rounded half-up to the decimals of the currency', async () => {
    const { bills } = ledgerOf().store;
    const entered = { enteredAt: new Date(0), enteredBy: 'staff' };
    const tax = (name: string, percent: string, from: string, to?: string) =>
      bills.addTax({ name, percent, from, to, ...entered });
    expect(await tax('State tax', '4', '2031-01-01', '2031-05-01')).toBe(true);
    expect(await tax('State tax', '5.125', '2031-05-01')).toBe(true);
    expect(await tax('City tax', '4.8875', '2031-05-31')).toBe(true);
    expect(await tax('City tax', '9', '2031-06-01'), 'in its time').toBe(false);
    const account = await ledgerOf().subscriber();
    await ledgerOf().calls([
      { payer: account, units: 10_040_000n, decimals: 5, bridgeAt: '2031-04-15T12:00:00Z' },
      { payer: account, units: 10_040_000n, decimals: 5, bridgeAt: '2031-05-15T12:00:00Z' },
    ]);
    const signature = { at: new Date('2031-07-01T00:00:00Z'), by: 'staff' };
    const [april] = await issue({ account, period: '2031-04-01', signature });
    const [may] = await issue({ account, period: '2031-05-01', signature });
    expect(documentOf(april).taxes).toEqual([{ name: 'State tax', percent: '4', amount: '4.02' }]);
    // 100.40 x 5.125 % = 5.1455, x 4.8875 % = 4.90705
    expect(documentOf(may)).toMatchObject({
      taxes: [
        { name: 'City tax', percent: '4.8875', amount: '4.91' },
        { name: 'State tax', percent: '5.125', amount: '5.15' },
      ],
      ...{ charges: '100.40000', rounding: '0.00000', payable: '110.46' },
    });
    expect(may).toMatchObject({ taxUnits: 1_006_000n });
    expect(await bills.endTax('City tax', '2031-05-31'), 'it would hold on no day').toBe(false);
    expect(await bills.endTax('City tax', '2032-01-01')).toBe(true);
    expect(await tax('City tax', '9', '2032-01-01')).toBe(true);
    expect((await bills.taxes()).map(({ name, from, to }) => [name, from, to])).toEqual([
      ['City tax', '2031-05-31', '2032-01-01'],
      ['City tax', '2032-01-01', undefined],
      ['State tax', '2031-01-01', '2031-05-01'],
      ['State tax', '2031-05-01', undefined],
    ]);
    for (const name of ['City tax', 'State tax'])
      await ledgerOf().sql`delete from tax_rate where name = ${name}`;
  });

  test('BL-80 fault 76: a month is over at midnight of the tariff, not of UTC, and only then billed unless asked', async () => {
    const account = await ledgerOf().subscriber();
    // November 1 of New York begins at 04:00 UTC in summer time.
    await ledgerOf().calls([
      { payer: account, units: 100n, bridgeAt: '2026-11-01T03:59:59Z', period: '2026-10-01' },
    ]);
    const early = { at: new Date('2026-11-01T03:59:59.999Z'), by: 'staff' };
    const { bills } = ledgerOf().store;
    expect(await issueBills(bills, request({ account, signature: early }))).toEqual({
      ...{ kind: 'not over', zone: newYork, overAt: new Date('2026-11-01T04:00:00Z') },
    });
    expect(await bills.list({ account })).toEqual([]);
    const trial = await issueBills(
      bills,
      request({ account, signature: early, isEarly: true, isTrial: true }),
    );
    expect(trial).toMatchObject({ kind: 'trial', bills: [{ account, chargeUnits: 100n }] });
    expect(await bills.list({ account })).toEqual([]);
    const onTime = { at: new Date('2026-11-01T04:00:00Z'), by: 'staff' };
    expect(documentOf((await issue({ account, signature: onTime }))[0]).issuedOn).toBe('2026-11-01');
  });

  test('BL-80 nothing is billed while calls of the month wait to be rated', async () => {
    const { store, sql, calls, subscriber } = boundTo(ledgerOf());
    const [account, other] = [await subscriber(), await subscriber()];
    const at = '2029-03-15T12:00:00Z';
    const [, waiting = '', stuck = ''] = await calls([
      { payer: account, units: 100n, bridgeAt: at },
      { payer: account, units: 0n, bridgeAt: at, isCharged: false },
      { payer: account, units: 0n, bridgeAt: at, isCharged: false },
      { payer: account, units: 0n, bridgeAt: '2029-04-15T12:00:00Z', isCharged: false },
      { payer: other, units: 100n, bridgeAt: at },
    ]);
    await sql`insert into unrated_call values (${stuck}, 'no rate', now())`;
    const march = { period: '2029-03-01', signature: { at: new Date('2029-07-01T00:00:00Z'), by: 'staff' } };
    const later = { period: '2029-03-01', signature: { at: new Date('2029-07-02T00:00:00Z'), by: 'staff' } };
    const unrated = {
      kind: 'unrated',
      calls: [
        { reason: 'no rate', calls: 1 },
        { reason: undefined, calls: 1 },
      ],
    };
    expect(await issueBills(store.bills, request({ ...march, account }))).toEqual(unrated);
    expect(await issueBills(store.bills, request(march))).toEqual(unrated);
    expect(await issue({ ...march, account: other }), 'it is not to pay them').toHaveLength(1);
    const rated = [waiting, stuck];
    await sql`insert into charge select t.id, payer, period, charged_at, tariff_version, call_class, 7, decimals, currency,
        seconds, free_seconds, rated_at
      from charge, unnest(${rated}::uuid[]) t (id) where payer = ${account}`;
    expect(await issue(later)).toMatchObject([{ account, chargeUnits: 114n, calls: 3 }]);
  });

  test('BL-80 fault 63: asked again with the same signature, as its answer was lost: the same bills, as the ledger has them', async () => {
    const [account, other] = [await ledgerOf().subscriber(), await ledgerOf().subscriber()];
    const period = '2032-02-01';
    const asked = { period, signature: { at: new Date('2032-04-01T00:00:00Z'), by: 'staff' } };
    const bridgeAt = '2032-02-29T12:00:00Z';
    await ledgerOf().calls([
      { payer: account, units: 5n, bridgeAt },
      { payer: other, units: 7n, bridgeAt },
    ]);
    const first = await issue(asked);
    expect(first.map(({ chargeUnits }) => chargeUnits)).toEqual([5n, 7n]);
    const again = await issue(asked);
    expect(again.map(({ document, ...bill }) => bill)).toEqual(first.map(({ document, ...bill }) => bill));
    expect(again.map(documentOf)).toEqual(JSON.parse(JSON.stringify(first.map(documentOf))));
  });

  test('BL-80 calls of a month in which no tariff was in force are not passed over', async () => {
    const account = await ledgerOf().subscriber();
    await ledgerOf().calls([
      { payer: account, units: 0n, bridgeAt: '1999-05-31T23:59:59Z', isCharged: false },
    ]);
    const of = (period: string) => issueBills(ledgerOf().store.bills, request({ account, period }));
    expect(await of('1999-05-01')).toEqual({ kind: 'unrated', calls: [{ reason: undefined, calls: 1 }] });
    expect(await of('1999-04-01')).toEqual({ kind: 'issued', bills: [] });
  });

  test('BL-80 what is billed is billed once, and its charges stay', async () => {
    const { sql, calls } = boundTo(ledgerOf());
    const [account, bill] = await billed(100n, 23n);
    expect(await issue({ account })).toEqual([]);
    const number = billNumberText(bill);
    const refusal = `The charges of account ${account} for 2026-10 are billed (${number}): they stay as they are.`;
    for (const change of [
      () => calls([{ payer: account, units: 1n, bridgeAt: '2026-11-15T12:00:00Z', period: '2026-10-01' }]),
      () => sql`update charge set units = 99 where payer = ${account} and units = 100`,
      () => sql`update charge set period = '2026-11-01' where payer = ${account}`,
      () => sql`delete from charge where payer = ${account}`,
    ])
      await expect(change()).rejects.toThrow(refusal);
    await calls([{ payer: account, units: 1n, period: '2026-11-01' }]);
    await expect(
      sql`update charge set period = '2026-10-01' where payer = ${account} and units = 1`,
    ).rejects.toThrow(refusal);
    expect(await sql`select sum(units) from charge where payer = ${account}`).toMatchObject([{ sum: '124' }]);
  });

  test('BL-80 an issued bill is neither changed nor deleted', async () => {
    const { sql, store } = boundTo(ledgerOf());
    const [, bill] = await billed(100n);
    const number = billNumberText(bill);
    for (const change of [
      () => sql`update bill set payable_units = 1 where id = ${bill.id}`,
      () => sql`update bill set document = '{}' where id = ${bill.id}`,
      () => sql`delete from bill where id = ${bill.id}`,
    ])
      await expect(change()).rejects.toThrow(`Bill ${number} was issued: it is neither changed nor deleted.`);
    await expect(sql`truncate bill cascade`).rejects.toThrow('neither changed nor deleted');
    expect(await store.bills.find(bill)).toEqual(bill);
  });

  test('BL-80 a credit note takes a whole bill back: charges are free, rated anew and billed anew, and the old bill prints as it was', async () => {
    const { sql, store } = boundTo(ledgerOf());
    const [account, bill] = await billed(100n, 23n);
    const before = await store.bills.calls(bill);
    expect(before.map(({ units }) => units)).toEqual([100n, 23n]);
    const outcome = await credit(bill);
    if (outcome.kind !== 'credited') throw new Error(outcome.kind);
    const { note } = outcome;
    expect(note).toMatchObject({
      ...{ kind: 'credit-note', series: 'C', account, chargeUnits: -123n, payableUnits: -123n, calls: 2 },
      ...{ reason: 'wrong tariff', credits: { series: bill.series, number: bill.number } },
    });
    expect(documentOf(note)).toMatchObject({
      ...{
        kind: 'credit-note',
        number: billNumberText(note),
        credits: billNumberText(bill),
        charges: '-1.23',
      },
      ...{ payable: '-1.23', rounding: '0.00', classes: [{ amount: '-1.23' }], reason: 'wrong tariff' },
    });
    expect(documentOf(note).dueOn).toBeUndefined();
    await sql`update charge set units = 50 where payer = ${account} and units = 100`;
    const [again] = await issue({ account });
    expect(again).toMatchObject({ chargeUnits: 73n });
    const credited = await store.bills.find(bill);
    expect(credited).toEqual({ ...bill, creditedBy: { series: 'C', number: note.number } });
    expect(credited && (await store.bills.calls(credited))).toEqual(before);
    expect(await store.bills.calls(note)).toEqual(before);
    expect(again && (await store.bills.calls(again)).map(({ units }) => units)).toEqual([50n, 23n]);
    expect(await credit(bill)).toMatchObject({ kind: 'credited before', note: { number: note.number } });
    expect(await credit(note)).toEqual({ kind: 'is a credit note' });
    const unknown = { ...bill, number: 999_999n };
    expect(await credit(unknown)).toEqual({ kind: 'unknown' });
    expect(await store.bills.list({ account })).toHaveLength(3);
    expect(await store.bills.list({ account, kind: 'credit-note' })).toEqual([note]);
  });

  test('BL-80 fault 63: a commit whose answer was lost is done again, and tells what it did the first time', async () => {
    const { store, calls, subscriber } = boundTo(ledgerOf());
    const account = await subscriber();
    await calls([{ payer: account, units: 100n }]);
    const asked = request({ account });
    const bills = issuedOf(await issueBills(store.bills, asked));
    expect(issuedOf(await issueBills(store.bills, asked))).toEqual(bills);
    const [bill] = bills;
    const { signature } = request();
    const crediting = { bill: bill as IssuedBill, reason: 'why', series: 'C', signature };
    const first = await creditBill(store.bills, crediting);
    expect(first.kind).toBe('credited');
    expect(await creditBill(store.bills, crediting)).toEqual(first);
  });

  test('BL-80 sums of bills are the sums of charges to the last unit, whatever was charged', async () => {
    const { sql, store, calls, subscriber } = boundTo(ledgerOf());
    const accounts = await Promise.all(Array.from({ length: 4 }, () => subscriber()));
    let year = 2040;
    const chargeOf = fc.record({
      payer: fc.constantFrom(...accounts),
      units: fc.bigInt({ min: 0n, max: 999_999_999n }),
      decimals: fc.integer({ min: 0, max: 8 }),
      currency: fc.constantFrom('USD', 'EUR', 'JPY', 'BHD'),
      callClass: fc.constantFrom('pairing', 'delivery', 'stored'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(chargeOf, { minLength: 1, maxLength: 60 }), async (charges) => {
        const period = `${++year}-10-01`;
        await calls(charges.map((each) => ({ ...each, period, bridgeAt: `${year}-10-15T12:00:00Z` })));
        const signature = { at: new Date(Date.UTC(year + 1, 0)), by: 'staff' };
        const bills = issuedOf(await issueBills(store.bills, request({ period, signature })));
        const [independent] = await sql<{ wrong: number; bills: number }[]>`
          with ledger as (
            select payer, currency, sum(units / 10::numeric ^ decimals) as amount, count(*) as calls
            from charge where period = ${period}::text::date group by payer, currency
          )
          select count(*)::integer as bills, count(*) filter (
            where bill.id is null or charge_units / 10::numeric ^ bill.decimals <> amount or bill.calls <> ledger.calls
              or payable_units / 10::numeric ^ payable_decimals <> round(amount, payable_decimals)
          )::integer as wrong
          from ledger left join bill on account = payer and bill.currency = ledger.currency and bill.period = ${period}::text::date`;
        expect(independent).toEqual({ wrong: 0, bills: bills.length });
        for (const bill of bills) {
          const itemised = await store.bills.calls(bill);
          const sum = itemised.reduce(
            (total, each) => total + each.units * 10n ** BigInt(8 - each.decimals),
            0n,
          );
          expect(sum).toBe(bill.chargeUnits * 10n ** BigInt(8 - bill.decimals));
        }
      }),
      { numRuns: 15 },
    );
  });

  test('BL-80 numbers have no gap within their series', async () => {
    const [series] = await ledgerOf().sql`
      select count(*) filter (where count <> max)::integer as gaps, count(*)::integer as series
      from (select series, count(*), max(number) from bill group by series) s`;
    expect(series).toMatchObject({ gaps: 0, series: 2 });
  });
}

/** So that they may be taken apart. */
function boundTo(ledger: Ledger) {
  return {
    ...{ sql: ledger.sql, store: ledger.store },
    calls: ledger.calls.bind(ledger),
    subscriber: ledger.subscriber.bind(ledger),
  };
}

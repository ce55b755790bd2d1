import { DateTime } from 'luxon';
import type {
  BilledCall,
  BillNumber,
  BillTotals,
  ChargeSum,
  IssuedBill,
  TaxRate,
} from '../../store/bills.js';
import { amountText, rounded, signedText } from '../amount.js';
import { decimalsOf } from '../tariff-file.js';
import type { Paper } from './paper.js';

/** Who asks for the money, as the configuration has it when a bill is issued. */
export interface Seller {
  readonly name: string;
  /** Lines. */
  readonly address: readonly string[];
  readonly taxNumber?: string | undefined;
  readonly contact?: string | undefined;
}

/** What is printed for every bill alike. */
export interface BillTerms {
  readonly seller: Seller;
  /** Days from the day of issue; `undefined`: no date is printed. */
  readonly dueDays?: number | undefined;
  /** How to pay, for example. */
  readonly note?: string | undefined;
  readonly paper: Paper;
}

/**
 * All that is printed of a bill or credit note but its calls, frozen when it is issued. Amounts are decimal numbers as text, in the
 * bill's currency; dates are those of `zone`.
 */
export interface BillDocument {
  readonly version: 1;
  readonly kind: IssuedBill['kind'];
  readonly number: string;
  readonly issuedOn: string;
  readonly dueOn?: string | undefined;
  readonly seller: Seller;
  readonly customer: { readonly account: string; readonly name: string; readonly telephone: string };
  /** Both days inclusive. */
  readonly period: { readonly from: string; readonly to: string };
  readonly zone: string;
  readonly currency: string;
  readonly classes: readonly ClassLine[];
  readonly charges: string;
  readonly taxes: readonly TaxLine[];
  /** What rounding to the currency's own decimals adds; below zero: takes away. */
  readonly rounding: string;
  readonly payable: string;
  readonly note?: string | undefined;
  readonly paper: Paper;
  /** Of a credit note: the number of the bill that it takes back, and why. */
  readonly credits?: string | undefined;
  readonly reason?: string | undefined;
}

export interface ClassLine {
  readonly callClass: ChargeSum['callClass'];
  readonly calls: number;
  /** Charged. */
  readonly seconds: number;
  readonly freeSeconds: number;
  readonly amount: string;
}

export interface TaxLine {
  readonly name: string;
  /** Without zeros at the end: `8.875`. */
  readonly percent: string;
  readonly amount: string;
}

/** A bill as it is shown: the document, and its calls as they stand in the ledger. */
export interface PrintedBill {
  readonly document: BillDocument;
  readonly calls: readonly BilledCall[];
}

/** What there is to bill one account in one currency, and by what. */
export interface BillBasis {
  /** At least one; of one account and currency. */
  readonly sums: readonly ChargeSum[];
  readonly dates: BillDates;
  readonly taxes: readonly TaxRate[];
  readonly terms: BillTerms;
}

/** What all bills of a month have alike where they are of one zone. */
export type BillDates = Pick<BillDocument, 'issuedOn' | 'dueOn' | 'period' | 'zone'>;

/** @param period first day of the month */
export function billDates(
  period: string,
  { zone, at, dueDays }: { readonly zone: string; readonly at: Date; readonly dueDays: number | undefined },
): BillDates {
  const issuedOn = DateTime.fromJSDate(at, { zone });
  return {
    issuedOn: dateText(issuedOn),
    dueOn: dueDays === undefined ? undefined : dateText(issuedOn.plus({ days: dueDays })),
    period: { from: period, to: dateText(DateTime.fromISO(period, { zone: 'utc' }).endOf('month')) },
    zone,
  };
}

export function composeBill(
  basis: BillBasis,
  number: string,
): BillTotals & { readonly document: BillDocument } {
  const { sums, dates, taxes, terms } = basis;
  const [first] = sums;
  if (!first) throw new RangeError('a bill of nothing');
  const { account, name, telephone, currency } = first;
  const payableDecimals = decimalsOf(currency);
  const decimals = Math.max(payableDecimals, ...sums.map((each) => each.decimals));
  const chargeUnits = total(sums, decimals);
  const taxed = taxes.map((tax) => ({
    tax,
    units: taxOn(chargeUnits, decimals, tax.percent, payableDecimals),
  }));
  const taxUnits =
    taxed.reduce((sum, { units }) => sum + units, 0n) * 10n ** BigInt(decimals - payableDecimals);
  const denominator = 10n ** BigInt(decimals);
  const payableUnits = rounded(
    { numerator: chargeUnits + taxUnits, denominator },
    payableDecimals,
    'half-up',
  );
  const rounding = payableUnits * 10n ** BigInt(decimals - payableDecimals) - chargeUnits - taxUnits;
  const document: BillDocument = {
    version: 1,
    kind: 'bill',
    number,
    ...dates,
    seller: terms.seller,
    customer: { account, name, telephone },
    currency,
    classes: classLines(sums, decimals),
    charges: amountText(chargeUnits, decimals),
    taxes: taxed.map(({ tax, units }) => ({
      name: tax.name,
      percent: tax.percent.replace(/\.?0+$/, ''),
      amount: amountText(units, payableDecimals),
    })),
    rounding: signedText(rounding, decimals),
    payable: amountText(payableUnits, payableDecimals),
    note: terms.note,
    paper: terms.paper,
  };
  const calls = sums.reduce((sum, each) => sum + each.calls, 0);
  return { decimals, calls, chargeUnits, taxUnits, payableDecimals, payableUnits, document };
}

/** The same with every amount taken back. */
export function composeCreditNote(
  bill: BillDocument,
  { number, reason, at }: { readonly number: string; readonly reason: string; readonly at: Date },
): BillDocument {
  return {
    ...bill,
    ...{ kind: 'credit-note', number, reason, credits: bill.number, dueOn: undefined, note: undefined },
    issuedOn: dateText(DateTime.fromJSDate(at, { zone: bill.zone })),
    classes: bill.classes.map((line) => ({ ...line, amount: negated(line.amount) })),
    charges: negated(bill.charges),
    taxes: bill.taxes.map((line) => ({ ...line, amount: negated(line.amount) })),
    rounding: negated(bill.rounding),
    payable: negated(bill.payable),
  };
}

/** As it is printed: `B-000123`. */
export function billNumberText({ series, number }: BillNumber): string {
  return `${series}-${number.toString().padStart(6, '0')}`;
}

/** `undefined` for what no bill can have as its number. Zeros may be left out: `B-123`. */
export function parseBillNumber(text: string): BillNumber | undefined {
  const [, series, digits] = /^([A-Z0-9]+(?:-[A-Z0-9]+)*)-(\d{1,15})$/.exec(text.toUpperCase()) ?? [];
  return series === undefined || digits === undefined ? undefined : { series, number: BigInt(digits) };
}

/** Amounts with different decimals, exact, in units of 10^-decimals. @param decimals no fewer than any of them has */
export function total(
  amounts: readonly { readonly units: bigint; readonly decimals: number }[],
  decimals: number,
): bigint {
  return amounts.reduce((sum, each) => sum + each.units * 10n ** BigInt(decimals - each.decimals), 0n);
}

/** In units of the currency's own decimals. @param percent with four decimals */
function taxOn(chargeUnits: bigint, decimals: number, percent: string, payableDecimals: number): bigint {
  const [whole = '', tenThousandths = ''] = percent.split('.');
  const rate = BigInt(whole + tenThousandths.padEnd(4, '0'));
  return rounded(
    { numerator: chargeUnits * rate, denominator: 10n ** BigInt(decimals + 6) },
    payableDecimals,
    'half-up',
  );
}

function classLines(sums: readonly ChargeSum[], decimals: number): ClassLine[] {
  const classes = [...new Set(sums.map(({ callClass }) => callClass))].sort();
  return classes.map((callClass) => {
    const own = sums.filter((each) => each.callClass === callClass);
    const count = (of: 'calls' | 'seconds' | 'freeSeconds') => own.reduce((sum, each) => sum + each[of], 0);
    return {
      callClass,
      ...{ calls: count('calls'), seconds: count('seconds'), freeSeconds: count('freeSeconds') },
      amount: amountText(total(own, decimals), decimals),
    };
  });
}

/** Nothing has no sign. */
function negated(amount: string): string {
  if (/^-?[0.]+$/.test(amount)) return amount;
  return amount.startsWith('-') ? amount.slice(1) : `-${amount}`;
}

function dateText(date: DateTime): string {
  return date.toFormat('yyyy-MM-dd');
}

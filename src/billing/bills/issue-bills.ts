import { DateTime } from 'luxon';
import { parse as parseToml } from 'smol-toml';
import type { AccountNumber } from '../../bytes/account-number.js';
import type {
  BillingWork,
  Bills,
  ChargeSum,
  IssuedBill,
  NewBill,
  Signature,
  UnratedCalls,
} from '../../store/bills.js';
import { firstOf } from '../zone-times.js';
import { type BillBasis, type BillTerms, billDates, billNumberText, composeBill } from './bill-document.js';

export interface IssueRequest {
  /** First day of the month, `2026-10-01`. */
  readonly period: string;
  /** `undefined`: all that have something to pay. */
  readonly account?: AccountNumber | undefined;
  readonly series: string;
  readonly terms: BillTerms;
  readonly signature: Signature;
  /** Also where the month is not over: what comes later stands on the next bill. */
  readonly isEarly?: boolean | undefined;
  /** Nothing is issued; the outcome is what would be. */
  readonly isTrial?: boolean | undefined;
}

export type IssueOutcome =
  | { readonly kind: 'issued'; readonly bills: readonly IssuedBill[] }
  | { readonly kind: 'trial'; readonly bills: readonly NewBill[] }
  /** In that zone it is over at `overAt`. Nothing was issued. */
  | { readonly kind: 'not over'; readonly zone: string; readonly overAt: Date }
  /** Their charges would be missing. Nothing was issued. */
  | { readonly kind: 'unrated'; readonly calls: readonly UnratedCalls[] };

/** A month in several zones at once: from where it begins first to where it ends last. */
interface MonthSpan {
  readonly from: Date;
  readonly to: Date;
  /** Where it ends last. */
  readonly zone: string;
}

/**
 * Bills a month: all in one transaction, or nothing. What is billed already is left alone, so that it may be asked twice, and by two at once.
 * @throws StoreUnavailable
 */
export function issueBills(bills: Bills, request: IssueRequest): Promise<IssueOutcome> {
  const { period, account, series, terms, signature, isEarly, isTrial } = request;
  return bills.alone(async (work) => {
    const sums = await work.unbilledSums(period, account);
    const zones = await zonesOf(work, sums, period);
    const span = spanOf(period, [...zones.values()]);
    if (!isEarly && signature.at < span.to) return { kind: 'not over', zone: span.zone, overAt: span.to };
    const calls = await work.unratedCalls(span, account);
    if (calls.length > 0) return { kind: 'unrated', calls };
    const taxes = await work.taxesOn(monthStart(period).endOf('month').toFormat('yyyy-MM-dd'));
    // Once for each version: luxon takes longer than all else that a bill is made of.
    const { dueDays } = terms;
    const dates = new Map(
      [...zones].map(([version, zone]) => [version, billDates(period, { zone, at: signature.at, dueDays })]),
    );
    const bases = grouped(sums).map((own): BillBasis => {
      const newest = Math.max(...own.map(({ tariffVersion }) => tariffVersion));
      const ofNewest = dates.get(newest);
      if (!ofNewest) throw new Error(`tariff version ${newest} has no file`);
      return { sums: own, dates: ofNewest, taxes, terms };
    });
    if (isTrial) return { kind: 'trial', bills: bases.map((basis) => newBill(basis, 'draft')) };
    const before = await work.issued(period, signature);
    const first = bases.length > 0 ? await work.nextNumber(series) : 1n;
    const issued = await work.issue(
      series,
      bases.map((basis, place) => newBill(basis, billNumberText({ series, number: first + BigInt(place) }))),
      signature,
    );
    return { kind: 'issued', bills: [...before, ...issued] };
  });
}

function newBill(basis: BillBasis, number: string): NewBill {
  const [first] = basis.sums;
  if (!first) throw new RangeError('a bill of nothing');
  const { account, currency } = first;
  return { account, currency, period: basis.dates.period.from, ...composeBill(basis, number) };
}

/** By account and currency; they come in that order. */
function grouped(sums: readonly ChargeSum[]): ChargeSum[][] {
  const groups: ChargeSum[][] = [];
  for (const sum of sums) {
    const last = groups.at(-1)?.at(0);
    if (last?.account === sum.account && last.currency === sum.currency) groups.at(-1)?.push(sum);
    else groups.push([sum]);
  }
  return groups;
}

/** Of the versions that the charges were rated by, and of those that unrated calls of the month may yet be. */
async function zonesOf(
  work: BillingWork,
  sums: readonly ChargeSum[],
  period: string,
): Promise<ReadonlyMap<number, string>> {
  const start = monthStart(period);
  const [from, to] = [start.minus({ days: 1 }).toJSDate(), start.plus({ months: 1, days: 1 }).toJSDate()];
  const ids = [...new Set(sums.map(({ tariffVersion }) => tariffVersion))];
  const files = await work.tariffFiles(ids, { from, to });
  return new Map(files.map(({ id, content }) => [id, String(parseToml(content).zone)]));
}

/** By UTC where no tariff was in force: what was called then waits for one. */
function spanOf(period: string, zones: readonly string[]): MonthSpan {
  const months = [...new Set(zones.length > 0 ? zones : ['UTC'])].map((zone) => {
    const start = firstOf(DateTime.fromISO(period, { zone }));
    return { zone, from: start.toJSDate(), to: firstOf(start.plus({ months: 1 })).toJSDate() };
  });
  const [last] = months.toSorted((a, b) => b.to.getTime() - a.to.getTime());
  if (!last) throw new RangeError('a month of no zone');
  return { ...last, from: new Date(Math.min(...months.map(({ from }) => from.getTime()))) };
}

function monthStart(period: string): DateTime {
  return DateTime.fromISO(period, { zone: 'utc' });
}

import type { AccountNumber } from '../bytes/account-number.js';
import type { CallClass } from '../store/call-kinds.js';
import type {
  BilledMonth,
  Charge,
  ClosedCallToRate,
  KeptCharge,
  RatingWork,
  UnratedCall,
  VersionInForce,
} from '../store/charges.js';
import { Allowances } from './allowances.js';
import { type LocalMonth, monthAfter } from './local-months.js';
import type { PayerOf } from './payer.js';
import type { Unrated } from './rate-call.js';

import type { ReadyVersion, TariffBook } from './tariff-book.js';

export interface Terms {
  readonly book: TariffBook;
  readonly payerOf: PayerOf;
  /** A trial: every call by this tariff of the store, or by this file. */
  readonly tariff?: string | ReadyVersion;
  /** A trial: calls bridged in this time are rated anew, and what allowances paid of them does not count. */
  readonly anew?: { readonly from: Date; readonly to: Date };
  /** A trial's, over all its calls. Otherwise each turn asks the ledger, to which another rater may have added. */
  readonly allowances?: Allowances;
  /** A trial: of calls that this account pays for. */
  readonly account?: AccountNumber;
}

/** As a charge; without a version where it was rated by a file that is not imported. */
export type Draft = Omit<Charge, 'tariffVersion'> & { readonly tariffVersion: number | undefined };

export interface RatedCalls {
  readonly charges: readonly Draft[];
  readonly unrated: readonly UnratedCall[];
  /** Calls whose record was corrected: their charges go. */
  readonly superseded: readonly string[];
  /** Corrections after which nothing is charged. */
  readonly settled: readonly string[];
}

/** A version that the book has not read yet: `refresh` it, and rate again. */
export class UnreadVersion extends Error {
  override readonly name = 'UnreadVersion';
}

/** Who pays for a call, and by which version; or why that cannot be told. */
type Placed =
  | {
      readonly call: ClosedCallToRate & { readonly bridgeAt: Date };
      readonly payer: AccountNumber;
      readonly version: ReadyVersion;
      readonly month: LocalMonth;
    }
  | { readonly call: ClosedCallToRate; readonly reason: string };

/** More than a charge of the ledger holds. */
const mostUnits = 2n ** 63n - 1n;

/**
 * What these calls cost, in this order. Version 1 does not tell what a call was for: it is a delivery.
 * @throws UnreadVersion
 */
export async function rateCalls(
  work: RatingWork,
  calls: readonly ClosedCallToRate[],
  terms: Terms,
): Promise<RatedCalls> {
  const placed = await place(work, calls, terms);
  const allowances = terms.allowances ?? new Allowances();
  await learn(work, allowances, placed, terms);
  const old = await work.charges(calls.flatMap(({ supersedes }) => supersedes));
  const billed = await billedMonths(work, placed, old);

  const charges: Draft[] = [];
  const unrated: UnratedCall[] = [];
  const superseded: string[] = [];
  const settled: string[] = [];
  for (const each of placed) {
    const { trackingId, supersedes, bridgeAt } = each.call;
    const onBill = old.find((charge) => supersedes.includes(charge.trackingId) && isBilled(billed, charge));
    if (onBill) {
      const reason = `a correction of a call on the bill of ${onBill.period.slice(0, 7)} of account ${onBill.payer}: credit that bill first`;
      unrated.push({ trackingId, reason });
      continue;
    }
    superseded.push(...supersedes);
    if (!bridgeAt) {
      settled.push(trackingId);
      continue;
    }
    const result = 'reason' in each ? each.reason : charged(each, allowances, billed);
    if (typeof result === 'string') unrated.push({ trackingId, reason: result });
    else charges.push(result);
  }
  return { charges, unrated, superseded, settled };
}

async function place(
  work: RatingWork,
  calls: readonly ClosedCallToRate[],
  { book, payerOf, tariff, account }: Terms,
): Promise<Placed[]> {
  const payers = new Map(calls.map((call) => [call, payerOf(call)]));
  const ours = account === undefined ? calls : calls.filter((call) => payers.get(call) === account);
  const known = [...new Set(payers.values())].filter((payer) => payer !== undefined);
  const tariffs = await work.tariffsOf(known);
  const inForce = versionsByTariff(await work.versionsInForce());
  return ours.map((call): Placed => {
    const payer = payers.get(call);
    const { bridgeAt } = call;
    if (!bridgeAt) return { call, reason: 'not bridged' };
    if (payer === undefined) return { call, reason: 'no account is known that pays' };
    if (!tariffs.has(payer)) return { call, reason: `account ${payer}, which pays, does not exist` };
    const name = typeof tariff === 'string' ? tariff : tariffs.get(payer);
    const version = typeof tariff === 'object' ? tariff : versionAt(book, inForce, name, bridgeAt);
    if (typeof version === 'string') return { call, reason: version };
    return { call: { ...call, bridgeAt }, payer, version, month: version.months.of(bridgeAt) };
  });
}

function versionsByTariff(versions: readonly VersionInForce[]): Map<string, VersionInForce[]> {
  const byTariff = new Map<string, VersionInForce[]>();
  for (const each of versions) byTariff.set(each.tariff, [...(byTariff.get(each.tariff) ?? []), each]);
  return byTariff;
}

function versionAt(
  book: TariffBook,
  inForce: ReadonlyMap<string, readonly VersionInForce[]>,
  tariff: string | undefined,
  instant: Date,
): ReadyVersion | string {
  if (tariff === undefined) return 'who pays has no tariff, and none is the default';
  const found = inForce
    .get(tariff)
    ?.find(({ validFrom, validTo }) => validFrom <= instant && (validTo === undefined || instant < validTo));
  if (!found) return `tariff ${tariff} has no version for ${instant.toISOString().slice(0, 10)}`;
  const version = book.known(found.id);
  if (!version) throw new UnreadVersion(`version ${found.id}`);
  return 'faults' in version
    ? `version ${found.id} of tariff ${tariff} cannot be read: ${version.faults[0]}`
    : version;
}

async function learn(
  work: RatingWork,
  allowances: Allowances,
  placed: readonly Placed[],
  { anew }: Terms,
): Promise<void> {
  const times = new Map<string, { payer: AccountNumber; from: Date; to: Date }>();
  for (const each of placed) {
    if ('reason' in each || each.version.tariff.allowances.length === 0) continue;
    const { payer, month } = each;
    if (!allowances.knows(payer, month))
      times.set(`${payer} ${month.from.getTime()} ${month.to.getTime()}`, { payer, ...month });
  }
  const wanted = [...times.values()];
  allowances.learn(wanted, await work.freeSeconds(wanted, anew));
}

async function billedMonths(
  work: RatingWork,
  placed: readonly Placed[],
  old: readonly KeptCharge[],
): Promise<ReadonlySet<string>> {
  const months = [
    ...placed.flatMap((each) => ('reason' in each ? [] : [{ payer: each.payer, period: each.month.period }])),
    ...old,
  ];
  if (months.length === 0) return new Set();
  const payers = [...new Set(months.map(({ payer }) => payer))];
  const first = months.reduce((least, { period }) => (period < least ? period : least), '9999-12-01');
  return new Set((await work.billedMonths(payers, first)).map(keyOf));
}

function isBilled(billed: ReadonlySet<string>, month: BilledMonth): boolean {
  return billed.has(keyOf(month));
}

function keyOf({ payer, period, currency }: BilledMonth): string {
  return `${payer} ${period} ${currency}`;
}

/** The charge, or why there is none. */
function charged(
  { call, payer, version, month }: Exclude<Placed, { reason: string }>,
  allowances: Allowances,
  billed: ReadonlySet<string>,
): Draft | string {
  const { tariff, rater, id } = version;
  const callClass: CallClass = call.callClass ?? 'delivery';
  const isFree = tariff.allowances.length > 0;
  const left = isFree ? allowances.left(tariff.allowances, payer, month, callClass) : 0;
  const rated = rater.rate({ ...call, callClass }, left);
  if (rated.kind === 'unrated') return reasonOf(rated, tariff.name);
  if (rated.charge > mostUnits)
    return `its charge by tariff ${tariff.name} is beyond anything that can be kept`;
  if (isFree) allowances.take(payer, month, callClass, rated.freeSeconds);
  const { currency, decimals } = tariff;
  let { period } = month;
  while (isBilled(billed, { payer, period, currency })) period = monthAfter(period);
  return {
    ...{ trackingId: call.trackingId, payer, period, chargedAt: call.bridgeAt, tariffVersion: id, callClass },
    ...{ units: rated.charge, decimals, currency, freeSeconds: rated.freeSeconds },
    seconds: rated.periods.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}

function reasonOf({ reason }: Unrated, tariff: string): string {
  switch (reason) {
    case 'open':
      return 'it goes on';
    case 'not measured':
      return 'nobody measured it: its server stopped during the call; `cordboard calls correct` tells how long it was, or that it was --never-joined';
    case 'ends before it begins':
      return 'it ends before it begins: a clock was set back';
    case 'no number':
      return 'its record has no called number';
    case 'no rate':
      return `tariff ${tariff} has no rate for its number and class at that time`;
  }
}

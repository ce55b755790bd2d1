import { amountText } from '../billing/amount.js';
import type { RatingTally } from '../billing/rate-ledger.js';
import type { UnratedReasonCount } from '../store/charges.js';
import type { Difference, RatingRun } from '../store/rating-runs.js';
import { counted } from './counted.js';
import { printable, textTable } from './table.js';
import { minute } from './tariff-forms.js';

/** Of the amounts of a difference. */
const differenceDecimals = 8;
const leastDecimals = 2;

/** What a pass has done, and what waits for a person. */
export function tallyText(
  { charged, superseded, sums }: RatingTally,
  unrated: readonly UnratedReasonCount[],
): string {
  const amounts = sums.map(({ currency, decimals, units }) => `${amountText(units, decimals)} ${currency}`);
  const lines = [
    `${counted(charged, 'call')} rated${amounts.length > 0 ? `: ${amounts.join(', ')}` : ''}.`,
    ...(superseded > 0
      ? [`${counted(superseded, 'charge')} of records that were corrected taken back.`]
      : []),
  ];
  if (unrated.length === 0) return lines.join('\n');
  const rows = unrated.map(({ reason, calls }) => [String(calls), printable(reason)]);
  return [...lines, '', textTable(['calls', 'not rated, because'], rows)].join('\n');
}

/** Amounts as decimals in text: JSON's numbers are not exact. */
export function differenceJson({ accounts, unrated, billed }: Difference) {
  return {
    accounts: accounts.map((each) => ({
      ...each,
      old: money(BigInt(each.old)),
      new: money(BigInt(each.new)),
    })),
    unrated,
    billed,
  };
}

/** Every field, `null` where there is none. */
export function runJson({ account, tariff, difference, decidedAt, decidedBy, ...run }: RatingRun) {
  return {
    ...run,
    account: account ?? null,
    tariff: tariff ?? null,
    decidedAt: decidedAt ?? null,
    decidedBy: decidedBy ?? null,
    difference: difference ? differenceJson(difference) : null,
  };
}

/** Old, new and the difference by account, the sum of each currency below. */
export function differenceText({ accounts, unrated, billed }: Difference): string {
  const sums = new Map<string, { calls: number; changed: number; old: bigint; new: bigint }>();
  for (const each of accounts) {
    const sum = sums.get(each.currency) ?? { calls: 0, changed: 0, old: 0n, new: 0n };
    sums.set(each.currency, {
      calls: sum.calls + each.calls,
      changed: sum.changed + each.changed,
      old: sum.old + BigInt(each.old),
      new: sum.new + BigInt(each.new),
    });
  }
  const row = (account: string, currency: string, { calls, changed, ...of }: DifferenceRow) => {
    const [old, later] = [BigInt(of.old), BigInt(of.new)];
    const amounts = [money(old), money(later), signed(later - old), currency];
    return [account, String(calls), String(changed), ...amounts];
  };
  const rows = [
    ...accounts.map((each) => row(each.account, each.currency, each)),
    ...[...sums].map(([currency, sum]) => row('all', currency, sum)),
  ];
  return [
    accounts.length > 0
      ? textTable(['account', 'calls', 'changed', 'old', 'new', 'difference', ''], rows)
      : 'No call is rated in that time.',
    ...unrated.map(({ reason, calls }) => `${counted(calls, 'call')} not rated by it: ${printable(reason)}`),
    ...(billed > 0 ? [`${counted(billed, 'call')} on issued bills: what was charged stays.`] : []),
  ].join('\n');
}

interface DifferenceRow {
  readonly calls: number;
  readonly changed: number;
  readonly old: string | bigint;
  readonly new: string | bigint;
}

export function runsTable(runs: readonly RatingRun[]): string {
  const rows = runs.map(({ id, state, from, to, account, tariff, madeBy, decidedBy }) => [
    String(id),
    state,
    minute(from),
    minute(to),
    account ?? 'all',
    printable(tariff ?? '-'),
    printable(decidedBy ?? madeBy),
  ]);
  return textTable(['run', 'state', 'from (UTC)', 'to (UTC)', 'account', 'tariff', 'by'], rows);
}

/** Without the zeros that no amount needs: two decimals at least. */
export function money(units: bigint): string {
  const text = amountText(units, differenceDecimals);
  const least = text.length - differenceDecimals + leastDecimals;
  return text.slice(0, least) + text.slice(least).replace(/0+$/, '');
}

function signed(units: bigint): string {
  return units < 0n ? `-${money(-units)}` : money(units);
}

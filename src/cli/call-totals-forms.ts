import { decimalsOf } from '../billing/tariff-file.js';
import type { CallTotals } from '../store/call-filter.js';

interface Ratios {
  /** Answer-seizure ratio, of all calls but price inquiries; `null` where there is none. */
  readonly answerSeizureRatio: number | null;
  /** Average billable seconds of an answered call. */
  readonly averageSeconds: number | null;
}

function ratiosOf({ calls, inquiries, answered, billableSeconds }: CallTotals): Ratios {
  const seizures = calls - inquiries;
  return {
    answerSeizureRatio: seizures === 0 ? null : answered / seizures,
    averageSeconds: answered === 0 ? null : Number(billableSeconds) / answered,
  };
}

/** `billableSeconds` as a string of digits, amounts as decimal numbers. */
export function totalsJson(totals: CallTotals): object {
  return { ...totals, billableSeconds: String(totals.billableSeconds), ...ratiosOf(totals) };
}

export function totalsLines(totals: CallTotals): string {
  const { answerSeizureRatio, averageSeconds } = ratiosOf(totals);
  const minutes = Number(totals.billableSeconds) / 60;
  const rows = [
    ['calls', totals.calls.toLocaleString('en')],
    ...(totals.inquiries > 0 ? [['price inquiries', totals.inquiries.toLocaleString('en')]] : []),
    ['answered', totals.answered.toLocaleString('en')],
    [
      'answer-seizure ratio',
      answerSeizureRatio === null ? '-' : `${(100 * answerSeizureRatio).toFixed(1)} %`,
    ],
    [
      'billable minutes',
      minutes.toLocaleString('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    ],
    ['average duration', averageSeconds === null ? '-' : `${averageSeconds.toFixed(1)} s`],
    ...totals.charges.map(({ currency, amount, calls }) => [
      `charge in ${currency}`,
      `${withItsDecimals(amount, currency)} for ${calls.toLocaleString('en')} ${calls === 1 ? 'call' : 'calls'}`,
    ]),
    ['not rated', totals.unrated.toLocaleString('en')],
  ];
  return rows.map(([name = '', value]) => `${name.padEnd(22)}${value}`).join('\n');
}

/** No fewer than the currency has: `30.60`, `0.0125`. */
function withItsDecimals(amount: string, currency: string): string {
  const [whole = '', decimals = ''] = amount.split('.');
  const shown = decimals.padEnd(decimalsOf(currency), '0');
  return shown === '' ? whole : `${whole}.${shown}`;
}

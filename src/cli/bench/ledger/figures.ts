import { atLeast, atMost, isMet, noGoal, type Row } from '../row.js';
import type { LedgerResults } from './measure.js';

const leastShare = 0.5;
const mostPageMs = 20;
/** .1 s was asked where plain SQL takes .035 s. */
const mostOfPlainSums = 0.1 / 0.035;

/** @param database as it is called in the table; goals are a server's */
export function ledgerRows(
  database: string,
  results: LedgerResults,
  { isServer }: { readonly isServer: boolean },
): Row[] {
  const { records, ledger, insert, copy, pages, rated, billed } = results;
  const goal = (of: ReturnType<typeof atMost>) => (isServer ? of : noGoal(of.better));
  const row = (
    figure: string,
    value: number | null,
    unit: string,
    of: ReturnType<typeof atMost>,
    rest: Partial<Row> = {},
  ): Row => ({
    ...{
      figure: `${database}: ${figure}`,
      value,
      unit,
      goal: of.goal,
      better: of.better,
      met: isMet(value, of),
    },
    ...{ peers: {}, remarks: [], ...rest },
  });
  const slowest = pages.reduce((worst, page) => (page.p99Ms > worst.p99Ms ? page : worst));
  return [
    row('calls opened and closed', Math.round(ledger), 'a second', noGoal('more'), {
      peers: { 'INSERT of 100': Math.round(insert), COPY: Math.round(copy) },
    }),
    row('the same, of plain INSERT', ledger / insert, 'x', goal(atLeast(leastShare))),
    ...pages.map(({ question, medianMs, p99Ms }) =>
      row(`page: ${question}`, p99Ms, 'ms (p99)', goal(atMost(mostPageMs)), {
        peers: { median: medianMs },
      }),
    ),
    row('the slowest page', slowest.p99Ms, 'ms (p99)', goal(atMost(mostPageMs)), {
      remarks: [`${slowest.question}, of ${records.toLocaleString('en')} records.`],
    }),
    row('calls rated', Math.round(rated.calls / rated.seconds), 'a second', noGoal('more'), {
      remarks: [`${rated.calls.toLocaleString('en')} calls in ${rated.seconds.toFixed(1)} s.`],
    }),
    row('bills of a month', billed.seconds, 's', noGoal('less'), {
      remarks: [
        `${billed.bills} bills of ${billed.calls.toLocaleString('en')} calls; plain SQL adds the same charges up in ${billed.plainSeconds.toFixed(3)} s.`,
      ],
    }),
    row(
      'the same, of the sums by plain SQL',
      billed.seconds / billed.plainSeconds,
      'x',
      goal(atMost(mostOfPlainSums)),
    ),
  ];
}

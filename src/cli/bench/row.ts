import pc from 'picocolors';
import { textTable } from '../table.js';
import { wrap } from '../wrap.js';

/** One figure of a benchmark. Names and units are what `--json` prints. */
export interface Row {
  readonly figure: string;
  /** `null`: it did not come about; the remarks say how. */
  readonly value: number | null;
  readonly unit: string;
  /** `null` on a row that only explains another one. */
  readonly goal: number | null;
  readonly better: 'more' | 'less';
  readonly met: boolean | null;
  /** What people would use instead, by its name, where it is installed and has this figure. */
  readonly peers: Readonly<Record<string, number | null>>;
  readonly remarks: readonly string[];
}

export type Goal = Pick<Row, 'goal' | 'better'>;

export const atLeast = (goal: number): Goal => ({ goal, better: 'more' });
export const atMost = (goal: number): Goal => ({ goal, better: 'less' });
export const noGoal = (better: Row['better']): Goal => ({ goal: null, better });

/** A figure that did not come about meets no goal. */
export function isMet(value: number | null, { goal, better }: Goal): boolean | null {
  if (goal === null) return null;
  if (value === null) return false;
  return better === 'more' ? value >= goal : value <= goal;
}

const tableColumns = 100;

/** For people: a table of at most 100 columns, and what is to be said of its rows below it. */
export function rowsTable(rows: readonly Row[], peerNames: readonly string[]): string {
  const headings = ['figure', 'unit', 'Cordboard', 'goal', 'met', ...peerNames];
  const cells = rows.map((row) => [
    row.figure,
    row.unit,
    shown(row.value),
    row.goal === null ? '' : `${row.better === 'more' ? '>=' : '<='} ${shown(row.goal)}`,
    row.met === null ? '' : row.met ? 'yes' : 'NO',
    ...peerNames.map((name) => (name in row.peers ? shown(row.peers[name] ?? null) : '')),
  ]);
  const remarks = rows.flatMap(({ figure, remarks, peers }) => [
    ...remarks.map((remark) => `${figure}: ${remark}`),
    ...Object.entries(peers)
      .filter(([name]) => !peerNames.includes(name))
      .map(([name, value]) => `${figure}: ${name} ${shown(value)}.`),
  ]);
  const colour = (line: string) => line.replace(/\bNO\b/, pc.red('NO'));
  const table = textTable(headings, cells).split('\n').map(colour);
  return [...table, '', ...remarks.flatMap((remark) => wrap(remark, tableColumns))].join('\n');
}

/** As many places as tell figures apart. */
function shown(value: number | null): string {
  if (value === null) return '-';
  if (Number.isInteger(value)) return value.toLocaleString('en');
  return Math.abs(value) < 1 ? value.toFixed(3) : value.toFixed(2);
}

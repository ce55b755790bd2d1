import { callFilterJson } from '../store/call-filter-json.js';
import type { Export, LeftOutCall } from '../store/exports.js';
import { printable, textTable } from './table.js';
import { secondIn } from './zone.js';

/** How many calls that were left out are shown where nobody has asked for them. */
const shownCalls = 20;

/** The names are fixed. Numbers of octets as digits; `null` where not known yet. */
export function exportJson(made: Export): Record<string, unknown> {
  const { finished } = made;
  return {
    id: made.id,
    series: made.series,
    number: made.number ?? null,
    format: made.format,
    options: made.options,
    filter: made.filter ? callFilterJson(made.filter) : null,
    file: made.path,
    madeAt: made.madeAt.toISOString(),
    madeBy: made.madeBy,
    records: made.records,
    leftOut: made.leftOut,
    octets: finished?.octets.toString() ?? null,
    sha256: finished?.sha256 ?? null,
    finishedAt: finished?.at.toISOString() ?? null,
  };
}

export function exportLines(made: Export): string {
  const { finished, filter = {}, options } = made;
  const rows = [
    ['export', `${made.id}: ${nameOf(made)}, ${made.format}`],
    ['calls', thousands(made.records)],
    ['left out', thousands(made.leftOut)],
    ['file', made.path],
    ...(finished
      ? [
          ['octets', thousands(finished.octets)],
          ['SHA-256', finished.sha256],
        ]
      : [['unfinished', `\`cordboard calls export resume ${made.id}\` goes on with it`]]),
    ['made (UTC)', `${secondIn(undefined, made.madeAt)} by ${made.madeBy}`],
    ...(Object.keys(filter).length > 0 ? [['filter', JSON.stringify(callFilterJson(filter))]] : []),
    ...(Object.keys(options).length > 0 ? [['options', JSON.stringify(options)]] : []),
  ];
  return rows.map(([name = '', value = '']) => `${name.padEnd(12)}${printable(value)}\n`).join('');
}

export function exportsTable(all: readonly Export[]): string {
  return textTable(
    ['export', 'series', 'format', 'calls', 'left out', 'octets', 'made (UTC)', 'by', 'SHA-256'],
    all.map((made) => [
      String(made.id),
      printable(nameOf(made)),
      made.format,
      String(made.records),
      String(made.leftOut),
      made.finished?.octets.toString() ?? '-',
      secondIn(undefined, made.madeAt),
      printable(made.madeBy),
      made.finished ? `${made.finished.sha256.slice(0, 8)}…` : 'unfinished',
    ]),
  );
}

/** `bell 3`. */
export function nameOf({ series, number }: Export): string {
  return number === undefined ? series : `${series} ${number}`;
}

export function leftOutLines(calls: readonly LeftOutCall[], most = Number.POSITIVE_INFINITY): string {
  const lines = calls
    .slice(0, most)
    .map(({ trackingId, reason }) => `  ${trackingId}  ${printable(reason)}\n`);
  const more = calls.length - lines.length;
  return lines.join('') + (more > 0 ? `  and ${thousands(more)} more\n` : '');
}

export function someLeftOutLines(calls: readonly LeftOutCall[]): string {
  return calls.length === 0 ? '' : `\nThe format cannot say these calls:\n${leftOutLines(calls, shownCalls)}`;
}

function thousands(count: number | bigint): string {
  return count.toLocaleString('en-US');
}

import { CsvError, parse } from 'csv-parse/sync';
import * as v from 'valibot';
import type { PlacedRate } from './tariff-contradictions.js';
import { callClass, longestIncrement, name, prefix, price } from './tariff-schema.js';

/** The columns of a CSV file of rates, in any order. */
export const rateColumns = [
  'prefix',
  'name',
  'class',
  'band',
  'connect',
  'initial',
  'initial_price',
  'additional',
  'price',
  'per',
] as const;
type RateColumn = (typeof rateColumns)[number];
const neededColumns = ['prefix', 'name', 'price'] as const satisfies readonly RateColumn[];

export interface RatesCsv {
  readonly rates: readonly PlacedRate[];
  /** What is wrong, each with its line. */
  readonly faults: readonly string[];
}

const secondsCell = v.pipe(
  v.string(),
  v.regex(/^\d{1,9}$/, 'must be whole seconds'),
  v.transform(Number),
  v.minValue(1, 'must be at least 1 second'),
  v.maxValue(longestIncrement, `must be at most ${longestIncrement} seconds, a day`),
);

const rowSchema = v.object({
  prefix,
  name,
  class: v.optional(callClass),
  band: v.optional(name),
  connect: v.optional(price, '0'),
  initial: v.optional(secondsCell, '60'),
  initial_price: v.optional(price),
  additional: v.optional(secondsCell),
  price,
  per: v.optional(secondsCell, '60'),
});

/** A rate a row, as a spreadsheet saves it: commas, semicolons or tabs, a heading, empty cells for what goes without saying. */
export function parseRatesCsv(text: string): RatesCsv {
  let rows: { readonly info: { readonly lines: number }; readonly record: string[] }[];
  try {
    rows = parse(text, {
      bom: true,
      delimiter: [',', ';', '\t'],
      info: true,
      relax_column_count: true,
      skip_records_with_empty_values: true,
      trim: true,
    }) as unknown as typeof rows;
  } catch (error) {
    if (error instanceof CsvError) return { rates: [], faults: [error.message] };
    throw error;
  }
  const [heading, ...rest] = rows;
  const columns = heading?.record.map((each) => each.toLowerCase()) ?? [];
  const faults = headingFaults(columns);
  if (faults.length > 0) return { rates: [], faults };
  const rates: PlacedRate[] = [];
  for (const { info, record } of rest) {
    const place = `line ${info.lines}`;
    const rate = rateOf(columns, record);
    if (Array.isArray(rate)) faults.push(...rate.map((fault) => `${place}: ${fault}`));
    else rates.push({ place, rate });
  }
  return { rates, faults };
}

function headingFaults(columns: readonly string[]): string[] {
  const known: readonly string[] = rateColumns;
  const all = `the columns are ${rateColumns.join(', ')}`;
  return [
    ...columns.flatMap((each, index) => [
      ...(known.includes(each) ? [] : [`line 1: there is no column "${each}"; ${all}`]),
      ...(columns.indexOf(each) < index ? [`line 1: the column "${each}" stands twice`] : []),
    ]),
    ...neededColumns
      .filter((each) => !columns.includes(each))
      .map((each) => `line 1: the column "${each}" is missing; ${all}`),
  ];
}

/** The rate of a row, or its faults. */
function rateOf(columns: readonly string[], record: readonly string[]): PlacedRate['rate'] | string[] {
  if (record.length !== columns.length)
    return [
      `has ${record.length} cells, and the heading has ${columns.length}: is a comma within a cell that is not quoted?`,
    ];
  const cells = columns.flatMap((column, index) => {
    const cell = record[index] ?? '';
    return cell === '' && column !== 'prefix' ? [] : [[column, cell]];
  });
  const result = v.safeParse(rowSchema, Object.fromEntries(cells));
  if (!result.success)
    return result.issues.map(
      (issue) =>
        `${v.getDotPath(issue) ?? 'row'}: ${issue.received === 'undefined' ? 'is missing' : issue.message}`,
    );
  const { initial, initial_price, additional = initial, per, price: each, ...rate } = result.output;
  const first = { from: 0, increment: initial, price: initial_price ?? each, per };
  const isAlike = initial === additional && initial_price === undefined;
  return {
    ...rate,
    step: isAlike ? [first] : [first, { from: initial, increment: additional, price: each, per }],
  };
}

import { callRecordFields } from '../../store/call-fields.js';
import type { ExportedCall } from '../../store/exports.js';
import { csvLine } from './csv.js';
import { type ExportFormat, noOctets, textOctets } from './format.js';

/** As `cordboard calls --json` and `--csv` name them; who corrects a call later, a file cannot know. */
const ownFields = [
  ...callRecordFields.filter((field) => field !== 'correctedBy'),
  'replaces',
] as const satisfies readonly (keyof ExportedCall)[];

/** For people and spreadsheets. */
export const csv: ExportFormat = {
  description: 'a heading and every field of the call records, UTC, harmless in spreadsheets',
  takes: [],
  canReplace: true,
  form: () => ({
    head: () => textOctets(csvLine(ownFields)),
    record: (call) => {
      const cells = cellsOf(call);
      return textOctets(csvLine(ownFields.map((field) => String(cells[field] ?? ''))));
    },
    tail: () => noOctets,
  }),
};

/** For programs: one object a line. */
export const ndjson: ExportFormat = {
  description: 'one JSON object a line, every field of the call records, UTC',
  takes: [],
  canReplace: true,
  form: () => ({
    head: () => noOctets,
    record: (call) => textOctets(`${JSON.stringify(cellsOf(call))}\n`),
    tail: () => noOctets,
  }),
};

type Cell = string | number | boolean | null;

/** `null` where unknown; times in ISO 8601 UTC; `chargeMinor` as a string of digits. */
function cellsOf(call: ExportedCall): Record<(typeof ownFields)[number], Cell> {
  return Object.fromEntries(ownFields.map((field) => [field, cell(call[field])])) as ReturnType<
    typeof cellsOf
  >;
}

function cell(value: Cell | bigint | Date | undefined): Cell {
  if (value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'bigint' ? value.toString() : value;
}

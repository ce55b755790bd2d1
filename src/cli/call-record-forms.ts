import { amountText } from '../billing/amount.js';
import { csvLine } from '../billing/exports/csv.js';
import { callRecordFields } from '../store/call-fields.js';
import type { CallRecord } from '../store/calls.js';
import { printable, textTable } from './table.js';
import { isoIn, secondIn, zoneHeading } from './zone.js';

type JsonCell = string | number | boolean | null;

/** Every field, `null` where unknown; times in ISO 8601, UTC unless a zone is told; `chargeMinor` as a string of digits. */
export function callRecordJson(record: CallRecord, zone?: string): Record<string, JsonCell> {
  return Object.fromEntries(callRecordFields.map((field) => [field, jsonValue(record[field], zone)]));
}

function jsonValue(value: string | number | boolean | bigint | Date | undefined, zone?: string): JsonCell {
  if (value === undefined) return null;
  if (value instanceof Date) return isoIn(zone, value);
  return typeof value === 'bigint' ? value.toString() : value;
}

export const callRecordsCsvHeading = csvLine(callRecordFields);

/** A line a call, under the heading. */
export function callRecordsCsvLines(records: readonly CallRecord[], zone?: string): string {
  return records
    .map((record) => callRecordJson(record, zone))
    .map((row) => csvLine(callRecordFields.map((field) => String(row[field] ?? ''))))
    .join('');
}

interface Column {
  readonly heading: string;
  cell(record: CallRecord): string;
}

/** What billing looks at first: 100 columns at most, with calls of up to 99,999 s and charges of ten characters. */
const firstColumns = (zone?: string): readonly Column[] => [
  { heading: `ring (${zoneHeading(zone)})`, cell: ({ ringAt }) => secondIn(zone, ringAt) },
  { heading: 'caller', cell: ({ callerAccount }) => callerAccount ?? '-' },
  { heading: 'callee', cell: ({ calleeAccount }) => calleeAccount ?? '-' },
  { heading: 'outcome', cell: ({ outcome }) => outcome ?? 'open' },
  { heading: 'cause', cell: ({ releaseCause }) => String(releaseCause ?? '-') },
  { heading: 'sec', cell: ({ durationSeconds }) => String(durationSeconds ?? '-') },
  { heading: 'charge', cell: chargeOf },
  // The first half of the ID is the time, which has a column of its own.
  { heading: '…tracking ID', cell: ({ trackingId }) => trackingId.slice(-12) },
];

/** One row a call; the tracking ID by its last twelve digits. */
export function callRecordsTable(records: readonly CallRecord[], zone?: string): string {
  const columns = firstColumns(zone);
  return textTable(
    columns.map(({ heading }) => heading),
    records.map((record) => columns.map(({ cell }) => cell(record))),
  );
}

/** Every field under its fixed name, whole, as wide as it gets. */
export function callRecordsWideTable(records: readonly CallRecord[], zone?: string): string {
  const rows = records.map((record) => callRecordJson(record, zone));
  return textTable(
    callRecordFields,
    rows.map((row) => callRecordFields.map((field) => printable(String(row[field] ?? '-')))),
  );
}

/** A few calls beside each other, a row for each property: for terminals that a row a call would not fit. */
export function callRecordsBeside(titles: readonly string[], records: readonly CallRecord[]): string {
  const numbers: Column[] = [
    { heading: 'version', cell: ({ protocolVersion }) => String(protocolVersion ?? '-') },
    { heading: 'calling number', cell: ({ ani }) => printable(ani ?? '-') },
    { heading: 'called number', cell: ({ calledNumber }) => calledNumber ?? '-' },
    { heading: 'billable sec', cell: ({ billableSeconds }) => String(billableSeconds ?? '-') },
    { heading: 'octets', cell: octetsOfBoth },
    { heading: 'paid by', cell: ({ billTo }) => billTo ?? '-' },
  ];
  return textTable(
    ['', ...titles],
    [...firstColumns(), ...numbers].map(({ heading, cell }) => [heading, ...records.map(cell)]),
  );
}

/** What an open record means, since the record alone cannot tell; `undefined` when none is open. */
export function openCallsNote(records: readonly CallRecord[]): string | undefined {
  const open = records.filter(({ outcome }) => outcome === undefined).length;
  if (open === 0) return undefined;
  const subject = open === 1 ? '1 call is open: it is' : `${open} calls are open: each is`;
  return `${subject} in progress, or its server died; then the next start of the server closes it as "interrupted".`;
}

function chargeOf({ chargeMinor, chargeDecimals, currency }: CallRecord): string {
  if (chargeMinor === undefined || chargeDecimals === undefined) return '-';
  return `${amountText(chargeMinor, chargeDecimals)} ${currency}`;
}

function octetsOfBoth({ octetsFromCaller, octetsFromCallee }: CallRecord): string {
  if (octetsFromCaller === undefined && octetsFromCallee === undefined) return '-';
  return String((octetsFromCaller ?? 0) + (octetsFromCallee ?? 0));
}

import type { CallRecord } from '../store/calls.js';
import { csvLine, printable, textTable } from './table.js';

/** The fixed field names of a call record, in their order. */
export const callRecordFields = [
  'trackingId',
  'port',
  'ani',
  'callerAccount',
  'calleeAccount',
  'calledNumber',
  'protocolVersion',
  'ringAt',
  'answerAt',
  'bridgeAt',
  'endAt',
  'durationSeconds',
  'billableSeconds',
  'octetsFromCaller',
  'octetsFromCallee',
  'outcome',
  'releaseCause',
  'billTo',
  'chargeMinor',
  'currency',
  'reason',
] as const satisfies readonly (keyof CallRecord)[];

/** Every field, `null` where unknown; times in ISO 8601 UTC; `chargeMinor` as a string of digits. */
export function callRecordJson(record: CallRecord): Record<string, string | number | null> {
  return Object.fromEntries(callRecordFields.map((field) => [field, jsonValue(record[field])]));
}

function jsonValue(value: string | number | bigint | Date | undefined): string | number | null {
  if (value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'bigint' ? value.toString() : value;
}

export function callRecordsCsv(records: readonly CallRecord[]): string {
  const rows = records.map(callRecordJson);
  return [
    csvLine(callRecordFields),
    ...rows.map((row) => csvLine(callRecordFields.map((field) => String(row[field] ?? '')))),
  ].join('');
}

export function callRecordsTable(records: readonly CallRecord[]): string {
  const headings = [
    'ring (UTC)',
    'caller',
    'callee',
    'from',
    'called',
    'outcome',
    'cause',
    'seconds',
    'billable',
    'octets',
    'tracking ID',
  ];
  return textTable(
    headings,
    records.map((record) => [
      record.ringAt.toISOString().slice(0, 19).replace('T', ' '),
      record.callerAccount ?? '-',
      record.calleeAccount ?? '-',
      printable(record.ani ?? '-'),
      record.calledNumber ?? '-',
      record.outcome ?? 'open',
      String(record.releaseCause ?? ''),
      String(record.durationSeconds ?? ''),
      String(record.billableSeconds ?? ''),
      String((record.octetsFromCaller ?? 0) + (record.octetsFromCallee ?? 0)),
      record.trackingId,
    ]),
  );
}

import { resolve } from 'node:path';
import type { FormatName } from '../../../src/billing/exports/formats.js';
import { type AccountNumber, parseAccountNumber } from '../../../src/bytes/account-number.js';
import { trackingId } from '../../../src/bytes/tracking-id.js';
import type { ExportedCall } from '../../../src/store/exports.js';

export function account(number: number): AccountNumber {
  return parseAccountNumber(String(number)) as AccountNumber;
}

/** A call of a minute and a half, rated at 1.25 dollars. */
export function exportedCall(given: Partial<ExportedCall> = {}): ExportedCall {
  const ringAt = given.ringAt ?? new Date('2026-11-21T15:04:05.678Z');
  const at = (seconds: number) => new Date(ringAt.getTime() + 1000 * seconds);
  return {
    trackingId: trackingId(ringAt.getTime(), new Uint8Array(10).fill(7)),
    port: 'serial:/dev/ttyS0',
    calleePort: 'serial:/dev/ttyS1',
    ani: '2125550101',
    callerAccount: account(1),
    calleeAccount: account(2),
    calledNumber: '4155550102',
    protocolVersion: 2,
    callClass: 'delivery',
    isCollect: false,
    ringAt,
    answerAt: at(2),
    bridgeAt: at(10.25),
    endAt: at(100.5),
    durationSeconds: 101,
    billableSeconds: 91,
    octetsFromCaller: 40_000,
    octetsFromCallee: 1_200,
    outcome: 'completed',
    releaseCause: 16,
    reason: undefined,
    billTo: account(1),
    payerNumber: '2125550101',
    chargeMinor: 125n,
    chargeDecimals: 2,
    currency: 'USD',
    corrects: undefined,
    enteredBy: undefined,
    replaces: undefined,
    ...given,
  };
}

const unbridged = {
  ...{ bridgeAt: undefined, billableSeconds: 0, octetsFromCaller: 0, octetsFromCallee: 0 },
  ...{
    billTo: undefined,
    payerNumber: undefined,
    chargeMinor: undefined,
    chargeDecimals: undefined,
    currency: undefined,
  },
} as const;

const second = (at: number) => new Date(Date.UTC(2026, 10, 21, 15, at, 0, 0));

/** Those of the golden files in fixtures/exports. */
export const goldenCalls: readonly ExportedCall[] = [
  exportedCall(),
  exportedCall({
    ringAt: second(10),
    ani: undefined,
    billTo: account(2),
    payerNumber: '4155550102',
    isCollect: true,
  }),
  exportedCall({ ringAt: second(20), ...unbridged, outcome: 'busy', releaseCause: 17, reason: 'line busy' }),
  exportedCall({
    ringAt: second(30),
    ani: '5550177',
    calledNumber: '5550102',
    billTo: account(3),
    payerNumber: '5550103',
  }),
  exportedCall({
    ringAt: second(40),
    ...unbridged,
    ...{ calledNumber: undefined, calleePort: undefined, outcome: 'refused', releaseCause: 21 },
    reason: '=cmd|"/c calc"!A1',
  }),
  exportedCall({ ringAt: second(50), calledNumber: '442079460000' }),
];

const fixtures = resolve(import.meta.dirname, '../../../fixtures/exports');

/** Series number 3 for a carrier in New York, area code 212, sensor 036:0012345. */
export const goldenFiles: Readonly<Record<FormatName, string>> = {
  asterisk: `${fixtures}/asterisk.csv`,
  freeswitch: `${fixtures}/freeswitch.csv`,
  baf: `${fixtures}/structure-0001.baf`,
  emi: `${fixtures}/records-175.emi`,
  csv: `${fixtures}/calls.csv`,
  ndjson: `${fixtures}/calls.ndjson`,
};

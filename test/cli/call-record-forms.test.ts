import { describe, expect, test } from 'vitest';
import { csvLine } from '../../src/billing/exports/csv.js';
import { type AccountNumber, parseAccountNumber } from '../../src/bytes/account-number.js';
import {
  callRecordJson,
  callRecordsBeside,
  callRecordsCsvHeading,
  callRecordsCsvLines,
  callRecordsTable,
  callRecordsWideTable,
  openCallsNote,
} from '../../src/cli/call-record-forms.js';
import { printable, textTable } from '../../src/cli/table.js';
import { callRecordFields } from '../../src/store/call-fields.js';
import type { CallRecord } from '../../src/store/calls.js';

const account = (digits: string) => parseAccountNumber(digits) as AccountNumber;

const record: CallRecord = {
  trackingId: '01a1fbc4-840a-7c21-aa95-8c18bad29e12',
  port: 'sim:5550100',
  ani: '5550101',
  ringAt: new Date('2026-11-21T01:42:02.000Z'),
  callerAccount: account('1'),
  calleeAccount: account('2'),
  calledNumber: '5550102',
  protocolVersion: 1,
  answerAt: new Date('2026-11-21T01:42:03.000Z'),
  bridgeAt: new Date('2026-11-21T01:42:12.000Z'),
  endAt: new Date('2026-11-21T01:42:25.000Z'),
  durationSeconds: 23,
  billableSeconds: 13,
  octetsFromCaller: 42_700,
  octetsFromCallee: 78,
  outcome: 'completed',
  releaseCause: 16,
  reason: undefined,
  billTo: account('1'),
  chargeMinor: 123_456_789_012_345_678n,
  chargeDecimals: 4,
  corrects: undefined,
  correctedBy: undefined,
  enteredBy: undefined,
  currency: 'EUR',
};

describe('call records', () => {
  test('CM-335 JSON has the published field names, nulls for the unknown, and exact charges', () => {
    const json = callRecordJson({ ...record, bridgeAt: undefined });
    expect(Object.keys(json).slice(0, 20)).toEqual(
      (
        'trackingId port ani callerAccount calleeAccount calledNumber protocolVersion ringAt answerAt bridgeAt endAt ' +
        'durationSeconds billableSeconds octetsFromCaller octetsFromCallee outcome releaseCause billTo chargeMinor currency'
      ).split(' '),
    );
    expect(json).toMatchObject({
      ringAt: '2026-11-21T01:42:02.000Z',
      bridgeAt: null,
      chargeMinor: '123456789012345678',
    });
  });

  test('CM-335 CSV has a heading and a row a call', () => {
    const [heading, row, end] = (callRecordsCsvHeading + callRecordsCsvLines([record])).split('\r\n');
    expect(heading?.split(',')[0]).toBe('trackingId');
    expect(row?.split(',').slice(0, 4)).toEqual([
      record.trackingId,
      'sim:5550100',
      '5550101',
      '000000000001',
    ]);
    expect(end).toBe('');
  });

  test('fault 100: what a line sent as a number cannot move the cursor of who reads the table', () => {
    const hostile = [{ ...record, ani: '555\u001b[2J' }];
    expect(callRecordsWideTable(hostile)).toContain('555\\u{1b}[2J');
    for (const form of [callRecordsTable, callRecordsWideTable, () => callRecordsBeside(['one'], hostile)])
      expect(form(hostile)).not.toContain('\u001b');
  });

  test('CM-335 the table fits 100 columns, with the longest outcome, a day and a charge of 999.99', () => {
    const longest = {
      ...record,
      outcome: 'interrupted',
      durationSeconds: 86_400,
      chargeMinor: 99_999n,
      chargeDecimals: 2,
      currency: 'USD',
    } as const;
    const [headings = '', , row = ''] = callRecordsTable([longest]).split('\n');
    expect(headings.split(/ {2,}/).map((heading) => heading.trim())).toEqual([
      'ring (UTC)',
      'caller',
      'callee',
      'outcome',
      'cause',
      'sec',
      'charge',
      '…tracking ID',
    ]);
    expect(row).toBe(
      '2026-11-21 01:42:02  000000000001  000000000002  interrupted     16  86400  999.99 USD  8c18bad29e12',
    );
    expect(row.length).toBeLessThanOrEqual(100);
  });

  test('CM-335 the wide table has every field, whole', () => {
    const [headings = '', , row = ''] = callRecordsWideTable([record]).split('\n');
    expect(headings.split(/ +/)).toEqual(callRecordFields);
    expect(row).toContain(record.trackingId);
    expect(row).toContain('2026-11-21T01:42:03.000Z');
    expect(row).toContain('123456789012345678');
  });

  test('CM-335 two calls beside each other fit 80 columns', () => {
    const lines = callRecordsBeside(['pairing', 'envelope'], [record, record]).split('\n');
    expect(lines.find((line) => line.startsWith('called number'))).toMatch(/5550102 +5550102$/);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(80);
  });

  test('CM-285 a call without an end is called open, measured as nothing, and explained', () => {
    const { trackingId, port, ani, ringAt } = record;
    const open: CallRecord = { trackingId, port, ani, ringAt };
    expect(callRecordsTable([open]).split('\n')[2]).toMatch(/^2026-11-21 01:42:02 .* open +- +- +- /);
    expect(openCallsNote([record, open])).toMatch(/^1 call is open: .* in progress, or its server died/);
    expect(openCallsNote([open, open])).toMatch(/^2 calls are open/);
    expect(openCallsNote([record])).toBeUndefined();
  });
});

describe('tables', () => {
  test('numbers stand to the right, words to the left', () => {
    expect(
      textTable(
        ['name', 'octets'],
        [
          ['a', '5'],
          ['letter.txt', '1201'],
        ],
      ),
    ).toBe(
      ['name        octets', '----------  ------', 'a                5', 'letter.txt    1201'].join('\n'),
    );
  });

  test('a CSV cell is quoted where it must be, and never a formula', () => {
    expect(csvLine(['plain', 'a,b', 'say "x"', '=1+1', '-1+1', '@x', '\uff1d1', '\t=1', 'a;=1'])).toBe(
      `plain,"a,b","say ""x""",'=1+1,'-1+1,'@x,'\uff1d1,"'\t=1","a;=1"\r\n`,
    );
  });

  test('telephony 7.7: a number in CSV is a number for programs, whatever its sign', () => {
    expect(csvLine(['-4', '+3', '-0.25', '+420555123', '1e5', '-'])).toBe(
      `-4,+3,-0.25,+420555123,1e5,'-\r\n`,
    );
  });

  test('control and direction characters are shown, not obeyed', () => {
    expect(printable('a\u202eb\u0007\n')).toBe('a\\u{202e}b\\u{7}\\u{a}');
  });
});

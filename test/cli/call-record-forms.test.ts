import { describe, expect, test } from 'vitest';
import { type AccountNumber, parseAccountNumber } from '../../src/bytes/account-number.js';
import { callRecordJson, callRecordsCsv, callRecordsTable } from '../../src/cli/call-record-forms.js';
import { csvLine, printable, textTable } from '../../src/cli/table.js';
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
    const [heading, row, end] = callRecordsCsv([record]).split('\r\n');
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
    expect(callRecordsTable([{ ...record, ani: '555\u001b[2J' }])).not.toContain('\u001b');
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
    expect(csvLine(['plain', 'a,b', 'say "x"', '=1+1', '+3', '-4', '@x'])).toBe(
      `plain,"a,b","say ""x""",'=1+1,'+3,'-4,'@x\r\n`,
    );
  });

  test('control and direction characters are shown, not obeyed', () => {
    expect(printable('a\u202eb\u0007\n')).toBe('a\\u{202e}b\\u{7}\\u{a}');
  });
});

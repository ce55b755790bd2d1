import { expect, test } from 'vitest';
import { type CallerIdLines, callerIdOf, readCallerIdLine } from '../../../src/pstn/modem/caller-id.js';

function callerOf(...lines: string[]) {
  const gathered: CallerIdLines = {};
  for (const line of lines) expect(readCallerIdLine(line, gathered)).toBe(true);
  return callerIdOf(gathered);
}

test.each([
  'NMBR = 2125551212',
  'NMBR=2125551212',
  'nmbr = 2125551212',
  'NMBR = (212) 555-1212',
  'NDID=2125551212',
  'CALLER NUMBER: 2125551212',
  '+CLIP: "2125551212",129',
])('CM-290 fault 43: the number in %j', (line) =>
  expect(callerOf(line)).toEqual({ kind: 'number', number: '2125551212' }),
);

test('CM-290 the name stands beside the number, where there is one', () => {
  const lines = ['DATE = 1120', 'TIME = 2215', 'NMBR = 2125551212'];
  expect(callerOf(...lines, 'NAME = SMITH JOHN')).toEqual({
    kind: 'number',
    number: '2125551212',
    name: 'SMITH JOHN',
  });
  expect(callerOf(...lines, 'NAME = O')).toEqual({ kind: 'number', number: '2125551212' });
});

test.each([
  '041230393330313232343630393535353132313251',
  'MESG = 041230393330313232343630393535353132313251',
  'mesg=041230393330313232343630393535353132313251',
])('CM-290 the caller out of the raw message %s', (line) =>
  expect(callerOf(line)).toEqual({ kind: 'number', number: '6095551212' }),
);

test.each(['MESG = 041230393330313232343630393535353132313252', 'MESG = 0601', 'MESG = '])(
  'fault 43: %s tells of nobody, and disturbs what else is told',
  (line) => {
    expect(callerOf(line)).toEqual({ kind: 'unavailable' });
    expect(callerOf('NMBR = 5550101', line)).toEqual({ kind: 'number', number: '5550101' });
  },
);

test.each([
  ['NMBR = P', 'withheld'],
  ['NMBR=PRIVATE', 'withheld'],
  ['NMBR = ANONYMOUS', 'withheld'],
  ['NMBR = O', 'unavailable'],
  ['NMBR = ', 'unavailable'],
  ['NMBR = 555CALLME', 'unavailable'],
  ['NMBR = 5550101;ATD', 'unavailable'],
  [`NMBR = ${'9'.repeat(21)}`, 'unavailable'],
])('CM-290 fault 43: %j is %s', (line, kind) => expect(callerOf(line)).toEqual({ kind }));

test('CM-290 fault 43: twenty digits are a number, a date alone is none', () => {
  expect(callerOf(`NMBR = ${'9'.repeat(20)}`)).toEqual({ kind: 'number', number: '9'.repeat(20) });
  expect(callerOf('DATE = 1120')).toEqual({ kind: 'unavailable' });
});

test.each(['RING', 'OK', 'NUMBER 5', '+CREG: 1', ''])('CM-290 %j is no caller ID line', (line) => {
  const gathered: CallerIdLines = {};
  expect(readCallerIdLine(line, gathered)).toBe(false);
  expect(gathered).toEqual({});
});

import { expect, test } from 'vitest';
import { parseResultCode } from '../../../src/pstn/modem/result-codes.js';

test.each([
  ['OK', 'ok'],
  ['0', 'ok'],
  ['ERROR', 'error'],
  ['4', 'error'],
  ['+CME ERROR: 30', 'error'],
  ['BUSY', 'busy'],
  ['7', 'busy'],
  ['NO CARRIER', 'no-carrier'],
  ['3', 'no-carrier'],
  ['NO DIALTONE', 'no-dial-tone'],
  ['NO DIAL TONE', 'no-dial-tone'],
  ['6', 'no-dial-tone'],
  ['NO ANSWER', 'no-answer'],
  ['8', 'no-answer'],
  ['VCON', 'voice'],
  ['RING', 'ring'],
  ['2', 'ring'],
  ['RING A', 'ring'],
  ['RINGING', 'ring-back'],
])('fault 35: the result code %s', (line, kind) => expect(parseResultCode(line)?.kind).toBe(kind));

test.each(['', 'OKAY', 'NO CARRIER 5', '000', '56000', 'RINGO', 'CONNECTED', '+ER: LAPM', 'NMBR = 5550101'])(
  'fault 35: %j is no result code',
  (line) => expect(parseResultCode(line)).toBeUndefined(),
);

test.each([
  ['CONNECT', undefined],
  ['CONNECT 33600', 33_600],
  ['CONNECT 115200', 115_200],
  ['CONNECT 33600/ARQ/V34/LAPM/V42BIS', 33_600],
  ['CONNECT 28800 V42bis', 28_800],
  ['CONNECT 2400/REL', 2_400],
  ['CONNECT V34 31200', 31_200],
  ['CONNECT FAST', undefined],
  ['1', undefined],
  ['5', 1_200],
  ['12', 9_600],
  ['59', undefined],
])('fault 38: %s has the rate %s', (line, rate) =>
  expect(parseResultCode(line)).toEqual({ kind: 'connect', text: line, rate }),
);

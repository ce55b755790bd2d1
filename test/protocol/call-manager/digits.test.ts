import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  callerDialString,
  readSymbols,
  unnamedDialString,
} from '../../../src/protocol/call-manager/digits.js';
import type { DtmfSymbol } from '../../../src/pstn/signals.js';
import { account } from './subscribers.js';

const symbols = (text: string) => [...text] as DtmfSymbol[];
const right = '000000000001000000000002#';

describe('account numbers by DTMF', () => {
  test('CM-305 12 digits, 12 digits and # are two accounts, and nothing is before the #', () => {
    expect(readSymbols(symbols(right))).toEqual({
      kind: 'accounts',
      caller: account('1'),
      callee: account('2'),
    });
    for (let heard = 0; heard < right.length; heard++) {
      expect(readSymbols(symbols(right.slice(0, heard)))).toEqual({ kind: 'incomplete' });
    }
  });

  test.each([
    ['24 symbols', '00000000000100000000002#', '23 digits in place of 24 and #'],
    [
      '26 symbols, of which the 25th is a digit',
      '0000000000010000000000022',
      '25 digits in place of 24 and #',
    ],
    ['one digit and #', '1#', '1 digits in place of 24 and #'],
    ['a # between the accounts', '000000000001#', '12 digits in place of 24 and #'],
    ['* between the accounts', '000000000001*', 'symbol * among the account numbers'],
    ['A', 'A', 'symbol A among the account numbers'],
    ['B', '00000000000100000000000B', 'symbol B among the account numbers'],
    ['C', '0C', 'symbol C among the account numbers'],
    ['D in place of #', '000000000001000000000002D', 'symbol D among the account numbers'],
  ])('fault 42: %s is malformed at the symbol that breaks it', (_, heard, reason) => {
    expect(readSymbols(symbols(heard.slice(0, -1)))).not.toMatchObject({ kind: 'malformed' });
    expect(readSymbols(symbols(heard))).toEqual({ kind: 'malformed', reason });
  });

  test('CM-305 whatever is dialled is accounts only if it is what the caller would have dialled', () => {
    const symbol = fc.constantFrom(...symbols('0123456789*#ABCD'));
    fc.assert(
      fc.property(fc.array(symbol, { maxLength: 30 }), (heard) => {
        const read = readSymbols(heard);
        if (read.kind === 'accounts') expect(`${read.caller}${read.callee}#`).toBe(heard.join(''));
      }),
    );
  });

  test('CM-A4 # alone asks for version 2, and the dial string that says so names nobody', () => {
    expect(readSymbols(symbols('#'))).toEqual({ kind: 'unnamed' });
    expect(unnamedDialString('18005550100')).toBe('18005550100W#');
  });

  test('CM-305 the dial string waits for the second dial tone and stays below 40 characters', () => {
    const dialled = callerDialString('18005550100', account('1'), account('2'));
    expect(dialled).toBe('18005550100W000000000001000000000002#');
    expect(dialled.length).toBeLessThan(40);
  });
});

import { describe, expect, test } from 'vitest';
import { atLeast, atMost, isMet, noGoal, type Row, rowsTable } from '../../../src/cli/bench/row.js';

describe('rows of a benchmark', () => {
  test.each([
    [0.99, atLeast(0.99), true],
    [0.9899, atLeast(0.99), false],
    [2.6, atMost(2.6), true],
    [2.61, atMost(2.6), false],
    [null, atMost(2.6), false],
    [null, atLeast(0), false],
    [1, noGoal('more'), null],
  ])('%s against %o: %s', (value, goal, met) => {
    expect(isMet(value, goal)).toBe(met);
  });

  const row: Row = {
    figure: 'lost at 50 %: sent twice',
    value: 1_234_567,
    unit: 'octets',
    ...atMost(4096),
    met: false,
    peers: { 'sz -8': null, 'C-Kermit': 131_072, 'tar, xz -9e and sz -8 (reckoned)': 2.37 },
    remarks: ['sz -8 delivered a wrong file and said that all was well. '.repeat(3).trim()],
  };
  const table = rowsTable([row], ['sz -8', 'C-Kermit', 'UUCP i']);

  test('the table fits 100 columns, remarks and all', () => {
    expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  test('a figure that did not come about is a dash; a peer without that figure has an empty cell', () => {
    expect(table.split('\n')[2]?.split(/ {2,}/)).toEqual([
      'lost at 50 %: sent twice',
      'octets',
      '1,234,567',
      '<= 4,096',
      'NO',
      '-',
      '131,072',
    ]);
  });

  test('a peer that has no column is told of below', () => {
    expect(table).toContain('lost at 50 %: sent twice: tar, xz -9e and sz -8 (reckoned) 2.37.');
  });
});

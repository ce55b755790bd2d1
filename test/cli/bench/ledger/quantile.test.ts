import { expect, test } from 'vitest';
import { quantile } from '../../../../src/cli/bench/ledger/quantile.js';

test('telephony 7.7: the 99th percentile of a hundred pages is the 99th, not the slowest', () => {
  const times = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([0.5, 0.99, 1].map((share) => quantile(times, share))).toEqual([50, 99, 100]);
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
  expect(quantile([7], 0.99)).toBe(7);
});

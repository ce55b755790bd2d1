import { describe, expect, test } from 'vitest';
import { batchMeans } from '../../../../src/cli/bench/office/batch-means.js';
import { uniformStream } from '../../../../src/pstn/central-office/random-stream.js';

const chance = uniformStream(1);
const coins = Array.from({ length: 25_000 }, () => Number(chance() < 0.5));

describe('telephony 5: batch means', () => {
  test('telephony 5: independent values have the standard error of independent values', () => {
    const { mean, standardError } = batchMeans(coins);
    const expected = Math.sqrt(0.25 / coins.length);
    expect(Math.abs(mean - 0.5)).toBeLessThan(3 * expected);
    // Of 25 batches the estimate is itself off by a seventh, as a standard deviation.
    expect(standardError / expected).toBeGreaterThan(0.6);
    expect(standardError / expected).toBeLessThan(1.4);
  });

  test('telephony 5: values that follow each other count as one', () => {
    const runs = coins.slice(0, 2_500).flatMap((coin) => Array<number>(10).fill(coin));
    const expected = Math.sqrt(0.25 / 2_500);
    expect(batchMeans(runs).standardError / expected).toBeGreaterThan(0.6);
    expect(batchMeans(runs).standardError / expected).toBeLessThan(1.4);
  });

  test('telephony 5: what does not fill the last batch is left out', () => {
    expect(batchMeans([...Array<number>(50).fill(1), 1_000]).mean).toBe(1);
  });
});

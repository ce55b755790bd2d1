import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  blocking,
  largestGroup,
  linesFor,
  offeredTraffic,
  trafficFor,
} from '../../../src/pstn/traffic/erlang-b.js';

/** `telephony.md` 5: lines, erlangs, blocking. */
const blockings = [
  [1, 1, 0.5],
  [2, 1, 0.2],
  [4, 2, 0.095238],
  [5, 3, 0.110054],
  [8, 4, 0.03042],
  [10, 5, 0.018385],
  [10, 8, 0.121661],
  [23, 15, 0.013543],
  [24, 18, 0.035256],
  [24, 20, 0.066097],
  [30, 25, 0.052603],
  [48, 40, 0.029877],
  [100, 90, 0.026957],
] as const;

/** `telephony.md` 5: lines, then the erlangs for a blocking of 0.1 %, 1 %, 2 % and 5 %. */
const traffics = [
  [1, 0.001, 0.01, 0.02, 0.053],
  [2, 0.046, 0.153, 0.223, 0.381],
  [4, 0.439, 0.869, 1.092, 1.525],
  [5, 0.762, 1.361, 1.657, 2.218],
  [8, 2.051, 3.128, 3.627, 4.543],
  [10, 3.092, 4.461, 5.084, 6.216],
  [15, 6.077, 8.108, 9.01, 10.633],
  [20, 9.411, 12.031, 13.182, 15.249],
  [23, 11.524, 14.47, 15.761, 18.08],
  [24, 12.243, 15.295, 16.631, 19.031],
  [30, 16.684, 20.337, 21.932, 24.802],
  [48, 30.879, 36.109, 38.392, 42.537],
  [96, 71.729, 80.306, 84.1, 91.146],
] as const;
const limits = [0.001, 0.01, 0.02, 0.05];

/** A^N / N! over the sum of A^k / k!, by logarithms: the formula itself, by another way than the recursion. */
function byDefinition(lines: number, erlangs: number): number {
  let logTerm = 0;
  const logTerms = [0];
  for (let k = 1; k <= lines; k++) {
    logTerm += Math.log(erlangs / k);
    logTerms.push(logTerm);
  }
  return 1 / logTerms.reduce((sum, each) => sum + Math.exp(each - logTerm), 0);
}

const lines = fc.integer({ min: 1, max: 400 });
const erlangs = fc.double({ min: 1e-6, max: 400, noNaN: true });
const limit = fc.double({ min: 1e-6, max: 0.9, noNaN: true });

describe('telephony 5: Erlang B', () => {
  test.each(blockings)('telephony 5: %i lines offered %d E block %d', (n, a, b) => {
    expect(blocking(n, a)).toBeCloseTo(b, 6);
  });

  test.each(traffics.flatMap(([n, ...row]) => row.map((a, column) => [n, limits[column] ?? 0, a] as const)))(
    'telephony 5: %i lines at a blocking of %d take %d E',
    (n, p, a) => {
      expect(trafficFor(n, p)).toBeCloseTo(a, 3);
      expect(linesFor(trafficFor(n, p), p)).toBe(n);
    },
  );

  test('telephony 5: the recursion is the formula', () => {
    fc.assert(
      fc.property(lines, erlangs, (n, a) => {
        const expected = byDefinition(n, a);
        // Below 1e-300 doubles have fewer digits.
        expect(Math.abs(blocking(n, a) - expected)).toBeLessThanOrEqual(1e-11 * expected + 1e-300);
      }),
    );
  });

  test('telephony 5: a line more blocks less, an erlang more blocks more', () => {
    fc.assert(
      fc.property(lines, erlangs, (n, a) => {
        expect(blocking(n + 1, a)).toBeLessThanOrEqual(blocking(n, a));
        expect(blocking(n, a * 1.01)).toBeGreaterThanOrEqual(blocking(n, a));
        expect(blocking(n, a)).toBeGreaterThanOrEqual(0);
        expect(blocking(n, a)).toBeLessThan(1);
      }),
    );
  });

  test('telephony 5: the lines for a traffic are enough, and one less is not', () => {
    fc.assert(
      fc.property(erlangs, limit, (a, p) => {
        const n = linesFor(a, p);
        expect(blocking(n, a)).toBeLessThanOrEqual(p);
        expect(blocking(n - 1, a)).toBeGreaterThan(p);
      }),
    );
  });

  test('telephony 5: the traffic for lines is just enough, and asks for the same lines', () => {
    fc.assert(
      fc.property(lines, limit, (n, p) => {
        const a = trafficFor(n, p);
        expect(blocking(n, a)).toBeLessThanOrEqual(p);
        expect(blocking(n, a * (1 + 1e-9))).toBeGreaterThan(p);
        expect(linesFor(a, p)).toBe(n);
      }),
    );
  });

  test('telephony 5: groups of ten thousand and more lose no digits', () => {
    // Above its lines a large group carries nearly all of them: B is 1 - N/A.
    expect(blocking(10_000, 20_000)).toBeCloseTo(0.5, 4);
    expect(blocking(10_000, 10_000)).toBeCloseTo(byDefinition(10_000, 10_000), 9);
    expect(blocking(10_000, 1)).toBe(0);
    expect(blocking(10_000, 9_500)).toBeGreaterThan(0);
    expect(linesFor(trafficFor(10_000, 0.01), 0.01)).toBe(10_000);
    expect(blocking(largestGroup, largestGroup)).toBeCloseTo(Math.sqrt(2 / (Math.PI * largestGroup)), 5);
    expect(linesFor(largestGroup, 1e-300)).toBeGreaterThan(largestGroup);
  });

  test('telephony 5: calls an hour times hours held', () => {
    expect(offeredTraffic(360, 180)).toBe(18);
  });

  test.each([
    ['half a line', () => blocking(1.5, 1)],
    ['fewer than none', () => blocking(-1, 1)],
    ['too many lines', () => blocking(largestGroup + 1, 1)],
    ['less than no traffic', () => blocking(1, -1)],
    ['no number of erlangs', () => blocking(1, Number.NaN)],
    ['endless traffic', () => blocking(1, Infinity)],
    ['lines for endless traffic', () => linesFor(Infinity, 0.01)],
    ['lines for no number of erlangs', () => linesFor(Number.NaN, 0.01)],
    ['lines for no blocking', () => linesFor(1, 0)],
    ['lines for all blocked', () => linesFor(1, 1)],
    ['lines for no number of a blocking', () => linesFor(1, Number.NaN)],
    ['traffic for endless lines', () => trafficFor(Infinity, 0.01)],
    ['traffic for more than all blocked', () => trafficFor(1, 1.5)],
  ])('telephony 5: what has no answer is refused: %s', (_, asked) => {
    expect(asked).toThrow(RangeError);
  });
});

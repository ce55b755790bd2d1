import { describe, expect, test } from 'vitest';
import { batchMeans } from '../../../../src/cli/bench/office/batch-means.js';
import { exponentialLaw, holdingTimeLaws } from '../../../../src/cli/bench/office/holding-times.js';
import { blockedCalls } from '../../../../src/cli/bench/office/trunk-trial.js';
import { uniformStream } from '../../../../src/pstn/central-office/random-stream.js';
import { blocking } from '../../../../src/pstn/traffic/erlang-b.js';

const groups = [
  [5, 3],
  [10, 5],
  [24, 18],
  [24, 20],
  [48, 40],
] as const;

describe('telephony 5: a simulated trunk group against Erlang B', () => {
  test.each(
    groups.flatMap(([circuits, erlangs], index) => {
      const law = holdingTimeLaws[index % holdingTimeLaws.length] ?? exponentialLaw;
      return [{ circuits, erlangs, law, name: law.name }];
    }),
  )('telephony 5: $circuits circuits under $erlangs E, holding times $name', (group) => {
    const { mean, standardError } = batchMeans(
      blockedCalls({ ...group, calls: 20_000, seed: 2 }).map(Number),
    );
    const expected = blocking(group.circuits, group.erlangs);
    expect(Math.abs(mean - expected)).toBeLessThan(2.8 * standardError);
  });

  test('telephony 5: one circuit too many is noticed', () => {
    const trial = { circuits: 11, erlangs: 5, law: exponentialLaw, calls: 20_000, seed: 2 };
    const { mean, standardError } = batchMeans(blockedCalls(trial).map(Number));
    expect(blocking(10, 5) - mean).toBeGreaterThan(2.8 * standardError);
  });

  test('telephony 5: redialling puts it above Erlang B', () => {
    const trial = {
      circuits: 10,
      erlangs: 8,
      law: exponentialLaw,
      calls: 10_000,
      seed: 1,
      redialAfterMs: 60_000,
    };
    const { mean, standardError } = batchMeans(blockedCalls(trial).map(Number));
    expect(mean - blocking(10, 8)).toBeGreaterThan(2.8 * standardError);
  });

  test('telephony 5: the same seed gives the same calls', () => {
    const trial = { circuits: 5, erlangs: 3, law: exponentialLaw, calls: 500 };
    expect(blockedCalls({ ...trial, seed: 1 })).toEqual(blockedCalls({ ...trial, seed: 1 }));
    expect(blockedCalls({ ...trial, seed: 1 })).not.toEqual(blockedCalls({ ...trial, seed: 2 }));
  });

  test.each(holdingTimeLaws.map((law) => [law.name, law] as const))(
    'telephony 5: holding times %s have the mean that was asked for',
    (_, law) => {
      const chance = uniformStream(1);
      const times = Array.from({ length: 40_000 }, () => law.draw(chance, 180));
      const { mean, standardError } = batchMeans(times);
      expect(Math.abs(mean - 180)).toBeLessThanOrEqual(3 * standardError);
      expect(Math.min(...times)).toBeGreaterThanOrEqual(0);
    },
  );
});

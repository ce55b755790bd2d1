import { describe, expect, test } from 'vitest';
import { busyHour } from '../../../../src/cli/bench/office/busy-hour.js';

describe('a busy hour of 1,000 subscribers', () => {
  test.each(['telephones', 'modems'] as const)(
    'telephony 5: %s: what they dial comes to what calls come to',
    (equipment) => {
      const { calls, octets } = busyHour(equipment, 3);
      // 2,000 wishes to call, of which those on the telephone already have none: one in eight or so.
      expect(calls.dialled).toBeGreaterThan(1_500);
      expect(calls.dialled).toBeLessThan(2_000);
      expect(calls.answered / calls.dialled).toBeGreaterThan(0.7);
      expect(calls.busy / calls.dialled).toBeGreaterThan(0.05);
      expect(calls.congestion).toBeGreaterThan(0);
      const unanswered = calls.dialled - calls.answered - calls.busy - calls.congestion;
      expect(unanswered / calls.dialled).toBeGreaterThan(0.05);
      // 64 KiB a call that has trained before its caller lost patience.
      if (equipment === 'modems') expect(octets / (65_536 * calls.answered)).toBeGreaterThan(0.6);
      else expect(octets).toBe(0);
    },
  );

  test('telephony 5: the same seed gives the same hour', () => {
    const [first, second, other] = [1, 1, 2].map((seed) => busyHour('telephones', seed).calls);
    expect(second).toEqual(first);
    expect(other).not.toEqual(first);
  });
});

import { describe, expect, test } from 'vitest';
import { LocalMonths } from '../../src/billing/local-months.js';
import { spendingTimeOf } from '../../src/billing/spending.js';

/** Clocks go back from 01:00 to 00:00 on the first of November 2026: midnight comes twice, at 04:00 and at 05:00 UTC. */
const zone = 'America/Havana';
const midnight = new Date('2026-11-01T04:00:00Z');
const december = new Date('2026-12-01T05:00:00Z');

describe('months of a zone', () => {
  test.each(['2026-11-01T04:00:00Z', '2026-11-01T04:59:59Z', '2026-11-01T05:00:00Z', '2026-11-20T12:00:00Z'])(
    'fault 76: a month whose first midnight comes twice is one, and begins with the first, whenever in it one asks: %s',
    (time) => {
      const month = { period: '2026-11-01', from: midnight, to: december };
      expect(new LocalMonths(zone).of(new Date(time))).toEqual(month);
    },
  );

  test('fault 76: the month before it ends there', () => {
    const { period, to } = new LocalMonths(zone).of(new Date('2026-11-01T03:59:59Z'));
    expect([period, to]).toEqual(['2026-10-01', midnight]);
  });

  test('fault 76: the day of a limit begins with the first midnight, too', () => {
    for (const time of ['2026-11-01T04:30:00Z', '2026-11-01T05:30:00Z', '2026-11-01T20:00:00Z'])
      expect(spendingTimeOf(new Date(time), zone)).toMatchObject({ dayFrom: midnight, monthFrom: midnight });
  });
});

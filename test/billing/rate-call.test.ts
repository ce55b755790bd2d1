import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, test } from 'vitest';
import { amountText, rounded } from '../../src/billing/amount.js';
import { explanationOf } from '../../src/billing/explanation.js';
import { CallRater, type RatableCall } from '../../src/billing/rate-call.js';
import type { Tariff } from '../../src/billing/tariff.js';
import type { CallClass } from '../../src/store/call-kinds.js';
import { tariffOf, tariffTexts } from './tariffs.js';

interface Row {
  readonly tariff: keyof typeof tariffTexts;
  readonly callClass: CallClass;
  readonly number: string;
  readonly bridge: string;
  readonly seconds: number;
  readonly charge: string;
  readonly why: string;
}

const rows: Row[] = readFileSync(new URL('charges.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [tariff, callClass, number = '', bridge = '', seconds, charge = '', why = ''] = line
      .split('|')
      .map((cell) => cell.trim());
    return { tariff, callClass, number, bridge, seconds: Number(seconds), charge, why } as Row;
  });

function callOf(bridge: string, seconds: number, tariff: Tariff, more: Partial<RatableCall> = {}) {
  const bridgeAt = DateTime.fromSQL(bridge, { zone: tariff.zone }).toJSDate();
  return {
    trackingId: '0199f3a0-0000-7000-8000-000000000001',
    callClass: 'delivery',
    calledNumber: '5550100',
    bridgeAt,
    endAt: new Date(bridgeAt.getTime() + 1_000 * seconds),
    billableSeconds: seconds,
    ...more,
  } satisfies RatableCall;
}

describe('the charge of a call', () => {
  test.each(rows)('telephony 7.6: $tariff: $number, $bridge, $seconds s: $charge ($why)', (row) => {
    const { tariff } = tariffOf(tariffTexts[row.tariff]);
    const call = callOf(row.bridge, row.seconds, tariff, {
      callClass: row.callClass,
      calledNumber: row.number,
    });
    const result = new CallRater(tariff).rate(call);
    const told = result.kind === 'rated' ? amountText(result.charge, tariff.decimals) : result.reason;
    expect(told).toBe(row.charge);
  });

  const { tariff } = tariffOf(tariffTexts['60/60']);

  test('telephony 7.6: a call that was not bridged costs nothing, whatever else is known of it', () => {
    const call = callOf('2026-11-20 10:00:00', 0, tariff, { bridgeAt: undefined, calledNumber: undefined });
    expect(new CallRater(tariff).rate(call)).toMatchObject({ kind: 'rated', charge: 0n });
  });

  test.each([
    ['open', { endAt: undefined }],
    ['not measured', { billableSeconds: undefined }],
    ['ends before it begins', { endAt: new Date(0) }],
    ['no number', { calledNumber: undefined }],
  ] as const)('telephony 7.6: %s: not rated, and why is told', (reason, more) => {
    const call = callOf('2026-11-20 10:00:00', 60, tariff, more);
    expect(new CallRater(tariff).rate(call)).toEqual({ kind: 'unrated', reason });
  });

  test('telephony 7.6: a second that clocks show as :60 is in no record; the one before it is rated as it stands', () => {
    const call = callOf('2016-12-31 18:59:59', 2, tariff);
    expect(new CallRater(tariff).rate(call)).toMatchObject({ charge: 10n });
  });

  test.each([
    [30, 90, 10n],
    [60, 90, 10n],
    [90, 90, 0n],
    [600, 90, 0n],
  ])('telephony 7.6: %d free seconds of a call of %d s leave %d cents', (freeSeconds, seconds, charge) => {
    const result = new CallRater(tariff).rate(callOf('2026-11-20 10:00:00', seconds, tariff), freeSeconds);
    expect(result).toMatchObject({ charge, freeSeconds: Math.min(freeSeconds, seconds) });
  });
});

describe('the explanation', () => {
  test('telephony 7.6: names every period, band, price and rounding', () => {
    const { tariff } = tariffOf(tariffTexts['att-1989']);
    const rated = new CallRater(tariff).rate(
      callOf('1989-09-15 16:59:30', 120, tariff, { calledNumber: '15165550100' }),
    );
    if (rated.kind !== 'rated') throw new Error(rated.reason);
    expect(explanationOf(rated, tariff)).toEqual([
      'Tariff att-1989, times of America/New_York',
      'Connect charge, 1 to 10 miles, day: 0.00',
      'Seconds 0 to 60, day, 1 to 10 miles, day: 1 x 60 s at 0.18 per 60 s: 0.18',
      'Seconds 60 to 120, evening, 1 to 10 miles, evening: 1 x 60 s at 0.1139 per 60 s: 0.1139',
      'Sum 0.2939, rounded up for the call',
      'Charge: 0.30 USD',
    ]);
  });

  test.each(rows.filter(({ charge }) => charge !== 'no rate'))(
    'telephony 7.6: of $tariff $bridge $seconds s ends with the charge',
    (row) => {
      const { tariff } = tariffOf(tariffTexts[row.tariff]);
      const call = callOf(row.bridge, row.seconds, tariff, {
        callClass: row.callClass,
        calledNumber: row.number,
      });
      const rated = new CallRater(tariff).rate(call);
      if (rated.kind !== 'rated') throw new Error(rated.reason);
      expect(explanationOf(rated, tariff).at(-1)).toBe(`Charge: ${row.charge} USD`);
    },
  );
});

/** By another way: increment by increment, local time from Intl, money in units of 10^-18. */
function reckonedSlowly(tariff: Tariff, bridgeMs: number, seconds: number): bigint {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: tariff.zone,
    dateStyle: 'short',
    timeStyle: 'short',
    hour12: false,
  });
  const weekday = new Intl.DateTimeFormat('en', { timeZone: tariff.zone, weekday: 'short' });
  const names = ['', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
  const bandAt = (ms: number) => {
    const [date = '', clock = ''] = format.format(ms).split(', ');
    const [hour = 0, minute = 0] = clock.split(':').map(Number);
    const of = tariff.holidays.has(date) ? 0 : names.indexOf(weekday.format(ms));
    const at = 60 * (hour % 24) + minute;
    return (
      tariff.bands.find(({ days, from, to }) => days.includes(of) && from <= at && at < to)?.name ??
      tariff.otherBand
    );
  };
  let total = 0n;
  const scale = 10n ** 18n;
  for (let second = 0; second < seconds; ) {
    const band = bandAt(bridgeMs + 1_000 * second);
    const rate = tariff.rates.find((each) => each.band === band) ?? tariff.rates.find((each) => !each.band);
    const step = rate?.steps.filter(({ fromSecond }) => fromSecond <= second).at(-1);
    if (!step) throw new Error('no rate');
    total +=
      (step.price.numerator * BigInt(step.incrementSeconds) * scale) /
      (step.price.denominator * BigInt(step.perSeconds));
    second += step.incrementSeconds;
  }
  return total;
}

/** At 02:00, at midnight in both directions, by half an hour, and not at all. */
const zones = [
  'America/New_York',
  'America/Havana',
  'America/Sao_Paulo',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
];
const clocksAreSet = [
  ...['2026-03-08T07:00:00Z', '2026-11-01T06:00:00Z', '2026-03-08T05:00:00Z', '2026-11-01T05:00:00Z'],
  ...['2018-02-18T02:00:00Z', '2018-11-04T03:00:00Z', '2026-04-04T15:00:00Z', '2026-10-03T15:30:00Z'],
];

test('telephony 7.6: any call costs what a second way of reckoning finds, on days of 23 and 25 hours too', () => {
  const names = ['at start', 'early', 'halves', '60/60', 'cgrates'] as const;
  fc.assert(
    fc.property(
      fc.constantFrom(...names),
      fc.constantFrom(...zones),
      fc.oneof(
        fc.integer({ min: Date.UTC(2026, 0, 1) / 1_000, max: Date.UTC(2027, 0, 2) / 1_000 }),
        fc.integer({ min: Date.UTC(2026, 2, 8, 3) / 1_000, max: Date.UTC(2026, 2, 8, 9) / 1_000 }),
        fc.integer({ min: Date.UTC(2026, 10, 1, 2) / 1_000, max: Date.UTC(2026, 10, 1, 9) / 1_000 }),
        fc
          .tuple(fc.constantFrom(...clocksAreSet), fc.integer({ min: -8 * 3_600, max: 3_600 }))
          .map(([at, before]) => Date.parse(at) / 1_000 + before),
      ),
      fc.integer({ min: 0, max: 10_000 }),
      (name, zone, bridge, seconds) => {
        const tariff = { ...tariffOf(tariffTexts[name]).tariff, zone };
        const bridgeAt = new Date(1_000 * bridge);
        const endAt = new Date(1_000 * (bridge + seconds));
        const call = {
          ...callOf('2026-01-01 00:00:00', 0, tariff),
          bridgeAt,
          endAt,
          billableSeconds: seconds,
        };
        const rated = new CallRater(tariff).rate(call);
        if (rated.kind !== 'rated') throw new Error(rated.reason);
        const connect = rounded(rated.connect?.amount ?? { numerator: 0n, denominator: 1n }, 18, 'down');
        const slow = reckonedSlowly(tariff, bridgeAt.getTime(), seconds) + connect;
        const difference = rounded(rated.exact, 18, 'down') - slow;
        // The second way cuts each increment to 10^-18.
        expect(difference >= 0n && difference < 100_000n).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

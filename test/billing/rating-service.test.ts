import { expect, test } from 'vitest';
import type { LedgerRater, RatingTally } from '../../src/billing/rate-ledger.js';
import { RatingService } from '../../src/billing/rating-service.js';
import { StoreUnavailable } from '../../src/store/store.js';
import { SimulatedClock } from '../../src/time/simulated-clock.js';
import { LogBook } from '../support/log-book.js';

const nothing: RatingTally = { charged: 0, unrated: 0, superseded: 0, sums: [] };
type Options = NonNullable<Parameters<LedgerRater['rate']>[0]>;

function serviceOn(rate: (options: Options) => Promise<RatingTally>) {
  const clock = new SimulatedClock(Date.UTC(2026, 10, 21, 12));
  const log = new LogBook();
  const passes: Options[] = [];
  const rater = {
    rate: (options: Options = {}) => {
      passes.push(options);
      return rate(options);
    },
  } as LedgerRater;
  const service = new RatingService({ rater, clock, log });
  /** Half a minute, and what it leads to. */
  const halfMinutes = async (count: number) => {
    for (let index = 0; index < count; index++) {
      clock.advance(30_000);
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    }
  };
  return { clock, log, passes, service, halfMinutes };
}

test('BL-A1 a server rates within a minute: first the whole ledger, then what ended lately, each hour the whole again', async () => {
  const { passes, service, halfMinutes } = serviceOn(async () => nothing);
  await halfMinutes(2);
  expect(passes).toMatchObject([{ again: true }, { since: new Date('2026-11-20T12:01:00Z') }]);
  await halfMinutes(119);
  expect(passes.map(({ again }) => again ?? false).lastIndexOf(true)).toBe(120);
  await service.stop();
  await halfMinutes(10);
  expect(passes).toHaveLength(121);
});

test('fault 61: rating that fails is logged and tried again, the whole ledger first', async () => {
  let isAway = true;
  const { passes, log, service, halfMinutes } = serviceOn(async () => {
    if (isAway) throw new StoreUnavailable('the database is away');
    return { ...nothing, charged: 3, unrated: 1 };
  });
  await halfMinutes(1);
  expect(log.entries).toMatchObject([{ level: 'error', fields: { reason: 'the database is away' } }]);
  isAway = false;
  await halfMinutes(1);
  expect(passes.map(({ again }) => again)).toEqual([true, true]);
  expect(log.entries.slice(1)).toMatchObject([
    { level: 'info', fields: { charged: 3 } },
    { level: 'warn', fields: { unrated: 1 } },
  ]);
  await service.stop();
});

test('BL-A1 passes do not overlap, and a server that stops ends one after its transaction', async () => {
  let finish: (tally: RatingTally) => void = () => {};
  const { passes, service, halfMinutes } = serviceOn(
    () =>
      new Promise((resolve) => {
        finish = resolve;
      }),
  );
  await halfMinutes(5);
  expect(passes).toHaveLength(1);
  expect(passes[0]?.isOver?.()).toBe(false);
  const stopped = service.stop();
  expect(passes[0]?.isOver?.()).toBe(true);
  finish(nothing);
  await stopped;
});

import { expect, test } from 'vitest';
import { silentLog } from '../../../src/log/log.js';
import type { Sql } from '../../../src/store/database.js';
import { keepUp } from '../../../src/store/embedded/upkeep.js';
import { SimulatedClock } from '../../../src/time/simulated-clock.js';

const minuteMs = 60_000;
const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

function bench(fails: (statement: string) => boolean = () => false) {
  const asked: string[] = [];
  const warned: string[] = [];
  const sql = (strings: TemplateStringsArray) => {
    const statement = strings[0]?.split(' ')[0] ?? '';
    asked.push(statement);
    return fails(statement) ? Promise.reject(new Error('not now')) : Promise.resolve([]);
  };
  const clock = new SimulatedClock(Date.UTC(2026, 10, 21, 2, 57));
  const log = { ...silentLog, warn: (_: object, message: string) => warned.push(message) };
  const stop = keepUp(sql as unknown as Sql, clock, log);
  return { asked, warned, clock, stop };
}

test('fault 81: the write-ahead log is checkpointed every two minutes', async () => {
  const { asked, clock } = bench();
  clock.advance(2 * minuteMs - 1);
  expect(asked).toEqual([]);
  clock.advance(1);
  expect(asked).toEqual(['checkpoint']);
});

test('fault 81: the tables are vacuumed at three in the morning, every night', async () => {
  const { asked, clock } = bench();
  clock.advance(3 * minuteMs);
  await tick();
  expect(asked.filter((statement) => statement === 'vacuum')).toHaveLength(1);
  clock.advance(24 * 60 * minuteMs - 1);
  expect(asked.filter((statement) => statement === 'vacuum')).toHaveLength(1);
  clock.advance(1);
  expect(asked.filter((statement) => statement === 'vacuum')).toHaveLength(2);
});

test('fault 81: what fails is logged, and tried again at its next time', async () => {
  const { asked, warned, clock } = bench((statement) => statement === 'checkpoint');
  clock.advance(2 * minuteMs);
  await tick();
  expect(warned).toHaveLength(1);
  clock.advance(2 * minuteMs);
  expect(asked.filter((statement) => statement === 'checkpoint')).toHaveLength(2);
});

test('fault 71: the stop vacuums, checkpoints, and leaves no timer', async () => {
  const { asked, clock, stop } = bench();
  await stop();
  expect(asked).toEqual(['vacuum', 'checkpoint']);
  expect(clock.nextDeadlineMs()).toBeUndefined();
});

import { describe, expect, test } from 'vitest';
import { wait } from '../../src/time/clock.js';
import { scaledClock } from '../../src/time/real-clock.js';
import { SimulatedClock } from '../../src/time/simulated-clock.js';

describe('SimulatedClock', () => {
  test('a timer set by a timer fires at its own time within one advance', () => {
    const clock = new SimulatedClock();
    const fired: number[] = [];
    clock.setTimeout(() => {
      fired.push(clock.monotonicMs());
      clock.setTimeout(() => fired.push(clock.monotonicMs()), 10);
    }, 10);
    clock.advance(100);
    expect(fired).toEqual([10, 20]);
    expect(clock.monotonicMs()).toBe(100);
  });

  test('timers fire by deadline, those of one deadline in the order in which they were set', () => {
    const clock = new SimulatedClock();
    const fired: string[] = [];
    for (const [name, delayMs] of [
      ['c', 30],
      ['a1', 10],
      ['b', 20],
      ['a2', 10],
      ['a3', 10],
    ] as const) {
      clock.setTimeout(() => fired.push(name), delayMs);
    }
    clock.advance(30);
    expect(fired).toEqual(['a1', 'a2', 'a3', 'b', 'c']);
  });

  test('agrees with a sorted list over many timers, some cleared', () => {
    const clock = new SimulatedClock();
    const fired: number[] = [];
    const expected: number[] = [];
    for (let index = 0; index < 2000; index += 1) {
      const delayMs = (index * 7919) % 1009;
      const timer = clock.setTimeout(() => fired.push(delayMs), delayMs);
      if (index % 3 === 0) clock.clearTimeout(timer);
      else expected.push(delayMs);
    }
    clock.advance(2000);
    expect(fired).toEqual(expected.sort((a, b) => a - b));
    expect(clock.nextDeadlineMs()).toBeUndefined();
  });

  test('a timer of the future does not fire', async () => {
    const clock = new SimulatedClock();
    let done = false;
    const waiting = wait(clock, 50).then(() => {
      done = true;
    });
    clock.advance(49);
    await Promise.resolve();
    expect(done).toBe(false);
    clock.advance(1);
    await waiting;
    expect(done).toBe(true);
  });
});

test('a scaled clock shortens the waits and keeps the readings', () => {
  const clock = new SimulatedClock(1_000);
  const tenth = scaledClock(clock, 0.1);
  let firedAtMs = -1;
  tenth.setTimeout(() => {
    firedAtMs = tenth.monotonicMs();
  }, 1000);
  clock.advance(100);
  expect(firedAtMs).toBe(100);
  expect(tenth.utcMs()).toBe(1_100);
});

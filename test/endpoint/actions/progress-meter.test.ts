import { expect, test } from 'vitest';
import type { Progress } from '../../../src/endpoint/actions/events.js';
import { ProgressMeter } from '../../../src/endpoint/actions/progress-meter.js';
import { SimulatedClock } from '../../../src/time/simulated-clock.js';

test('DX-745 progress is told ten times a second at most, with rate and time left, and at the end', () => {
  const clock = new SimulatedClock();
  const told: Progress[] = [];
  const meter = new ProgressMeter(clock, (progress) => told.push(progress));
  for (let octets = 0; octets <= 4200; octets += 42) {
    meter.note(octets, 4200);
    clock.advance(10);
  }
  expect(told).toHaveLength(11);
  expect(told[0]).toEqual({ event: 'progress', octets: 0, total: 4200, rate: 0, secondsLeft: null });
  expect(told[5]).toEqual({ event: 'progress', octets: 2100, total: 4200, rate: 4200, secondsLeft: 0.5 });
  expect(told.at(-1)).toEqual({ event: 'progress', octets: 4200, total: 4200, rate: 4200, secondsLeft: 0 });
  meter.note(4200, 4200);
  expect(told).toHaveLength(12);
});

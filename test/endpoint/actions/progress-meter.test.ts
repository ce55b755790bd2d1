import { expect, test } from 'vitest';
import type { Progress } from '../../../src/endpoint/actions/events.js';
import { ProgressMeter } from '../../../src/endpoint/actions/progress-meter.js';
import { SimulatedClock } from '../../../src/time/simulated-clock.js';

function metering() {
  const clock = new SimulatedClock();
  const told: Progress[] = [];
  const meter = new ProgressMeter(clock, (progress) => told.push(progress));
  return { clock, told, meter };
}

test('DX-745 progress is told ten times a second at most, and its end once', () => {
  const { clock, told, meter } = metering();
  for (let octets = 0; octets <= 4200; octets += 42) {
    meter.note(octets, 4200);
    clock.advance(10);
  }
  meter.finish();
  expect(told.map(({ octets }) => octets)).toEqual([
    0, 420, 840, 1260, 1680, 2100, 2520, 2940, 3360, 3780, 4200,
  ]);
  expect(told.at(-1)).toEqual({ event: 'progress', octets: 4200, total: 4200, rate: 4158, secondsLeft: 0 });
});

test('DX-745 what only fills the buffers at the start is no rate; whole octets a second and whole seconds', () => {
  const { clock, told, meter } = metering();
  // 16 KiB at once into the buffers, then a line of 3,333.3 octets a second.
  for (let octets = 0; octets <= 16_384; octets += 4096) meter.note(octets, 50_000);
  for (let octets = 16_384; octets < 36_384; octets += 1000) {
    clock.advance(300);
    meter.note(octets + 1000, 50_000);
  }
  const rates = told.map(({ rate }) => rate);
  expect(rates.slice(0, 7)).toEqual(Array.from({ length: 7 }, () => null));
  expect(rates.slice(7)).toEqual(rates.slice(7).map(() => 3333));
  expect(told.at(-1)).toMatchObject({ octets: 36_384, secondsLeft: 5 });
});

test('DX-745 a small file gets its last report, sent or received, and not before it is across', () => {
  for (const total of [300, null]) {
    const { clock, told, meter } = metering();
    meter.note(100, total);
    meter.note(300, total);
    expect(told.map(({ octets }) => octets)).toEqual([100]);
    clock.advance(2_000);
    meter.finish();
    const secondsLeft = total === null ? null : 0;
    expect(told.at(-1)).toEqual({ event: 'progress', octets: 300, total, rate: 150, secondsLeft });
    expect(told).toHaveLength(2);
  }
});

import { describe, expect, test } from 'vitest';
import type { LinkOptions } from '../../src/link/link.js';
import { type LineOptions, randomOctets, SimulatedLine } from './simulated-line.js';

const size = 1 << 20;
const file = randomOctets(size, 5);

/** Simulated time is exact, so these are sums and not measurements: the seeds are part of them. */
function goodput(line: LineOptions, options: Partial<LinkOptions>): { ratio: number; line: SimulatedLine } {
  const run = new SimulatedLine(line, options);
  run.caller.offer(file);
  expect(run.run(() => run.callee.receivedOctets === size)).toBe(true);
  expect(Buffer.compare(run.callee.octets, file)).toBe(0);
  const octetsPerSecond = (line.bitsPerSecond ?? 33_600) / 8;
  return { ratio: size / (run.callee.lastReceivedMs / 1000) / octetsPerSecond, line: run };
}

describe('1 MiB of random octets at 33,600 bit/s, 60 ms one way, the opening included', () => {
  test('reported error-free: .997 of the line, and the acknowledgements take .2 % of the other direction', () => {
    const { ratio, line } = goodput({}, { isErrorFree: true });
    expect(ratio).toBeGreaterThan(0.9974);
    expect(line.back.written / line.there.written).toBeLessThan(0.002);
  });

  test.each([
    [0, 0.9935],
    [1e-6, 0.993],
    [1e-5, 0.987],
    [1e-4, 0.935],
    [3e-4, 0.87],
  ])('bit error rate %d: %d of the line', (bitErrorRate, goal) => {
    for (const seed of [1, 2, 3]) expect(goodput({ bitErrorRate, seed }, {}).ratio).toBeGreaterThan(goal);
  });

  test('reported error-free and yet with errors: the frames shrink', () => {
    expect(goodput({ bitErrorRate: 1e-4 }, { isErrorFree: true }).ratio).toBeGreaterThan(0.91);
  });

  test('one octet in 2,000 lost: the frames are as short as the breaks demand', () => {
    const { ratio, line } = goodput({ loss: 5e-4 }, {});
    expect(ratio).toBeGreaterThan(0.75);
    expect(line.caller.link.stats.frameOctets).toBeLessThanOrEqual(768);
  });

  test('600 ms one way, 1e-4: the window covers the line', () => {
    expect(goodput({ bitErrorRate: 1e-4, delayMs: 600 }, {}).ratio).toBeGreaterThan(0.93);
  });
});

describe('both directions busy at once, reported error-free', () => {
  const line = new SimulatedLine({}, { isErrorFree: true });
  line.caller.offer(file);
  line.callee.offer(file);
  line.run(() => line.callee.receivedOctets === size && line.caller.receivedOctets === size);

  test('each pays at most .4 % for framing and for the acknowledgements of the other', () => {
    expect(line.there.written / size).toBeLessThan(1.004);
    expect(line.back.written / size).toBeLessThan(1.004);
  });

  test('neither line stands idle: .995 each way', () => {
    expect(size / (line.callee.lastReceivedMs / 1000) / 4200).toBeGreaterThan(0.995);
    expect(size / (line.caller.lastReceivedMs / 1000) / 4200).toBeGreaterThan(0.995);
  });

  test('no more than three frames wait in a modem', () => {
    expect(line.there.mostBuffered).toBeLessThan(3 * 8215);
  });

  test('both streams are whole', () => {
    expect(Buffer.compare(line.callee.octets, file)).toBe(0);
    expect(Buffer.compare(line.caller.octets, file)).toBe(0);
  });
});

test('the line turns bad and good again: the frames follow', () => {
  const line = new SimulatedLine({ seed: 4 });
  const sizes: number[] = [];
  const stretch = (bitErrorRate: number) => {
    line.faults = { bitErrorRate };
    const wanted = line.callee.receivedOctets + size / 2;
    line.caller.offer(file.subarray(0, size / 2));
    line.run(() => line.callee.receivedOctets === wanted);
    sizes.push(line.caller.link.stats.blockOctets);
  };
  for (const rate of [0, 1e-3, 0]) stretch(rate);
  const [clean, noisy, cleanAgain] = sizes as [number, number, number];
  expect(noisy).toBeLessThanOrEqual(128);
  expect(clean).toBeGreaterThanOrEqual(8 * noisy);
  expect(cleanAgain).toBeGreaterThanOrEqual(8 * noisy);
});

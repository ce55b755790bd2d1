import { describe, expect, test } from 'vitest';
import { type Faults, noise, randomOctets, SimulatedLine } from './simulated-line.js';

const kinds: Readonly<Record<string, Faults>> = {
  'no faults': {},
  'bit errors 1e-5': { bitErrorRate: 1e-5 },
  'bit errors 1e-4': { bitErrorRate: 1e-4 },
  'bit errors 1e-3': { bitErrorRate: 1e-3 },
  'octets lost': { loss: 3e-4 },
  'octets added': { insertion: 3e-4 },
  bursts: { burst: 1e-4, burstOctets: 300 },
  'chunks lost': { chunkLost: 0.02 },
  'chunks doubled': { chunkDoubled: 0.05 },
  'all at once': {
    bitErrorRate: 2e-5,
    loss: 1e-4,
    insertion: 1e-4,
    burst: 2e-5,
    burstOctets: 100,
    chunkLost: 0.005,
    chunkDoubled: 0.01,
  },
};

const lines = [
  { bitsPerSecond: 33_600, delayMs: 60, size: 100_000 },
  { bitsPerSecond: 33_600, delayMs: 600, size: 100_000 },
  { bitsPerSecond: 2400, delayMs: 60, size: 12_000 },
  { bitsPerSecond: 2400, delayMs: 600, size: 12_000 },
] as const;

describe.each(Object.entries(kinds))('%s', (_, faults) => {
  test.each(lines)(
    '$bitsPerSecond bit/s, $delayMs ms: both streams arrive, and both sides close',
    (options) => {
      for (const seed of [1, 2, 3]) {
        const { size, bitsPerSecond, delayMs } = options;
        const line = new SimulatedLine({ ...faults, bitsPerSecond, delayMs, seed }, { bitsPerSecond });
        const there = randomOctets(size, seed);
        const back = randomOctets(size / 2, seed + 100);
        line.caller.offer(there);
        line.callee.offer(back);
        line.caller.closesWhenSent = line.callee.closesWhenSent = true;
        const isClosed = () => line.caller.link.isClosed && line.callee.link.isClosed;
        expect(line.run(isClosed), `seed ${seed}: ${line.caller.link.failure}`).toBe(true);
        expect(Buffer.compare(line.callee.octets, there)).toBe(0);
        expect(Buffer.compare(line.caller.octets, back)).toBe(0);
      }
    },
  );
});

test('most acknowledgements lost: the stream arrives', () => {
  const line = new SimulatedLine({});
  line.back.faults = { chunkLost: 0.7 };
  const octets = randomOctets(60_000, 1);
  line.caller.offer(octets);
  expect(line.run(() => line.caller.hasSentAll)).toBe(true);
  expect(Buffer.compare(line.callee.octets, octets)).toBe(0);
});

test.each([3360, 336_000])(
  'the modem says 33,600, and the line has %i: the link finds out',
  (bitsPerSecond) => {
    const line = new SimulatedLine({ bitsPerSecond, bitErrorRate: 1e-6 }, { bitsPerSecond: 33_600 });
    const octets = randomOctets(800_000, 1);
    line.caller.offer(octets);
    expect(line.run(() => line.caller.hasSentAll)).toBe(true);
    expect(Buffer.compare(line.callee.octets, octets)).toBe(0);
    expect(line.caller.link.stats.octetsPerSecond / (bitsPerSecond / 8)).toBeCloseTo(1, 1);
    expect(octets.length / (line.nowMs / 1000) / (bitsPerSecond / 8)).toBeGreaterThan(0.7);
  },
);

test('the 16 bits of the segment numbers wrap', () => {
  const line = new SimulatedLine({ bitsPerSecond: 10_000_000, delayMs: 2, bitErrorRate: 1e-6 });
  const octets = randomOctets(70_000 * 64, 1);
  line.caller.offer(octets);
  expect(line.run(() => line.caller.hasSentAll)).toBe(true);
  expect(Buffer.compare(line.callee.octets, octets)).toBe(0);
});

test('small messages go at once, each way, and cost a round trip', () => {
  const line = new SimulatedLine({});
  line.run(() => line.caller.link.isOpen && line.callee.link.isOpen);
  const random = noise(9);
  for (let turn = 0; turn < 20; turn++) {
    const length = 1 + Math.floor(random() * 500);
    const begunMs = line.nowMs;
    const before = [line.callee.receivedOctets, line.caller.receivedOctets] as const;
    line.caller.offer(randomOctets(length, turn));
    line.run(() => line.callee.receivedOctets === before[0] + length);
    line.callee.offer(randomOctets(length, turn));
    line.run(() => line.caller.receivedOctets === before[1] + length);
    // Both delays, both frames on the wire, and the acknowledgement that may be ahead of one.
    expect(line.nowMs - begunMs).toBeLessThan(120 + (2 * (length + 60)) / 4.2 + 20);
  }
});

test('small messages of every length on a bad line: neighbours that are lost go again as they were', () => {
  for (let seed = 1; seed <= 5; seed++) {
    const line = new SimulatedLine({ bitErrorRate: 3e-4, chunkLost: 0.05, seed });
    const sent: number[] = [];
    for (let turn = 0; turn < 60; turn++) {
      const message = randomOctets(1 + ((turn * 13) % 100), turn);
      sent.push(...message);
      line.caller.offer(message);
      line.run(() => false, line.nowMs + 40);
    }
    expect(line.run(() => line.caller.hasSentAll)).toBe(true);
    expect(Buffer.compare(line.callee.octets, Uint8Array.from(sent))).toBe(0);
  }
});

test('a wait that was too short: what was not lost is not sent again', () => {
  const line = new SimulatedLine({ bitsPerSecond: 3360 }, { bitsPerSecond: 33_600 });
  line.caller.offer(randomOctets(60_000, 1));
  expect(line.run(() => line.caller.hasSentAll)).toBe(true);
  // Nothing is lost on this line: only probes of 256 octets may go twice.
  expect(line.caller.link.stats.octetsSentAgain).toBeLessThan(3000);
  expect(line.caller.link.stats.blockOctets).toBeGreaterThanOrEqual(512);
});

describe('lines that eat control characters', () => {
  test.each(['flow-control', 'controls'] as const)(
    '%s: none goes out, and what the line adds is dropped',
    (transparency) => {
      const line = new SimulatedLine({ bitErrorRate: 1e-5 }, { transparency });
      const octets = randomOctets(50_000, 1);
      const eaten =
        transparency === 'flow-control' ? [0x11, 0x13, 0x91, 0x93] : [0, 0x0a, 0x11, 0x1b, 0x7f, 0x90, 0xff];
      const write = line.there.write.bind(line.there);
      line.there.write = (frame, nowMs) => {
        for (const octet of eaten) expect(frame.includes(octet)).toBe(false);
        write(Uint8Array.from([...frame.subarray(0, 9), 0x13, ...frame.subarray(9), 0x11]), nowMs);
      };
      line.caller.offer(octets);
      expect(line.run(() => line.caller.hasSentAll)).toBe(true);
      expect(Buffer.compare(line.callee.octets, octets)).toBe(0);
    },
  );
});

import { describe, expect, test } from 'vitest';
import { preamble } from '../../src/link/frames.js';
import { Link } from '../../src/link/link.js';
import { randomOctets, SimulatedLine } from './simulated-line.js';

const caller = { incarnation: 0x1234, peerIncarnation: 0x5678 };
const callee = { incarnation: 0x5678, peerIncarnation: 0x1234 };
const octets = randomOctets(20_000, 1);

describe('a link whose sides know each other beforehand', () => {
  test('data go with the first poll, without an OPEN, and the first right check opens the link', () => {
    const [near, far] = [new Link(caller), new Link(callee)];
    expect(near.poll(0)).toEqual([]);
    expect(near.nextDeadlineMs()).toBe(Number.POSITIVE_INFINITY);
    near.send(octets.subarray(0, 100));
    const frames = near.poll(0);
    expect(Buffer.concat(frames).includes(Buffer.from(preamble))).toBe(false);
    expect([near.isOpen, far.isOpen]).toEqual([false, false]);
    for (const frame of frames) far.receive(frame, 1);
    expect([near.isOpen, far.isOpen]).toEqual([false, true]);
    expect(Buffer.concat(far.read())).toEqual(Buffer.from(octets.subarray(0, 100)));
    for (const frame of far.poll(101)) near.receive(frame, 101);
    expect(near.isOpen).toBe(true);
  });

  test('what has arrived is acknowledged at once where that is asked for, and not a second time', () => {
    const [near, far] = [new Link(caller), new Link(callee)];
    expect(far.acknowledgement(0)).toEqual([]);
    near.send(octets.subarray(0, 100));
    for (const frame of near.poll(0)) far.receive(frame, 1);
    const told = far.acknowledgement(1);
    expect(told).toHaveLength(1);
    for (const frame of told) near.receive(frame, 2);
    expect(near.isDrained).toBe(true);
    expect(far.acknowledgement(2)).toEqual([]);
    expect(far.poll(500)).toEqual([]);
  });

  test.each([0, 1e-5, 1e-4])(
    'both streams arrive at a bit error rate of %d, and both sides close',
    (bitErrorRate) => {
      const line = new SimulatedLine({ bitErrorRate }, caller, callee);
      line.caller.offer(octets);
      line.callee.offer(octets);
      line.caller.closesWhenSent = line.callee.closesWhenSent = true;
      expect(line.run(() => line.caller.link.isClosed && line.callee.link.isClosed)).toBe(true);
      expect(Buffer.compare(line.callee.octets, octets)).toBe(0);
      expect(Buffer.compare(line.caller.octets, octets)).toBe(0);
    },
  );

  test('a side that begins to listen late gets everything', () => {
    const line = new SimulatedLine({}, caller, callee);
    line.there.faults = { chunkLost: 1 };
    line.caller.offer(octets);
    line.run(() => false, 5_000);
    line.there.faults = {};
    expect(line.run(() => line.caller.hasSentAll)).toBe(true);
    expect(Buffer.compare(line.callee.octets, octets)).toBe(0);
  });

  test('fault 23: an OPEN is neither answered nor taken for a restart', () => {
    const [near, far] = [new Link(caller), new Link(callee)];
    const stranger = new Link({ incarnation: 0x9999 });
    for (const frame of stranger.poll(0)) far.receive(frame, 0);
    expect(far.poll(0)).toEqual([]);
    near.send(octets.subarray(0, 100));
    for (const frame of near.poll(0)) far.receive(frame, 1);
    for (const frame of stranger.poll(400)) far.receive(frame, 400);
    expect(far.failure).toBeUndefined();
    expect(far.isOpen).toBe(true);
  });

  test('fault 23: octets of another pair are not delivered, and nothing is heard of the peer by them', () => {
    const line = new SimulatedLine({}, { ...caller, incarnation: 0x4321 }, callee);
    line.caller.offer(octets);
    expect(line.run(() => line.caller.link.failure !== undefined, 120_000)).toBe(true);
    expect(line.caller.link.failure).toBe('peer silent');
    expect(line.callee.receivedOctets).toBe(0);
    expect(line.callee.link.isOpen).toBe(false);
  });

  test('an incarnation of 0, or of more than 32 bits, is a defect', () => {
    for (const peerIncarnation of [0, 2 ** 32, -1, 1.5])
      expect(() => new Link({ incarnation: 1, peerIncarnation })).toThrow(RangeError);
  });
});

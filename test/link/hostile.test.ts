import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coreHeader } from '../../src/link/core-header.js';
import { Delineator, silenceMs } from '../../src/link/delineator.js';
import * as frames from '../../src/link/frames.js';
import { Link } from '../../src/link/link.js';
import { ReceiveWindow } from '../../src/link/receive-window.js';
import { randomOctets, SimulatedLine } from './simulated-line.js';

const own = 0x1111;
const peer = 0x2222;
const prefix = frames.checkPrefix(peer, own);
const opening = frames.encodeOpening({
  version: 2,
  wantsAnswer: false,
  room: 32,
  incarnation: peer,
  heard: own,
});

function openLink(): Link {
  const link = new Link({ incarnation: own });
  link.receive(opening, 0);
  expect(link.isOpen).toBe(true);
  return link;
}

const bytes = (max: number) => fc.uint8Array({ maxLength: max });
const uint16 = fc.nat(0xffff);

/** Frames with right checks and whatever a peer could put inside. */
const hostileFrame = fc.oneof(
  bytes(600),
  fc
    .record({ first: uint16, data: bytes(4096), exponent: fc.nat(6), next: uint16, room: fc.nat(255) })
    .filter(({ data }) => data.length > 0)
    .map(({ first, data, exponent, next, room }) => {
      const blockSegments = 2 ** Math.max(exponent, Math.ceil(Math.log2(data.length / 4096 + 0.001)));
      const acknowledgement = { next, room, bitmap: new Uint8Array() };
      return frames.encodeData(prefix, { first, data, blockSegments, acknowledgement });
    }),
  fc
    .record({ next: uint16, room: fc.nat(255), bitmap: bytes(4000) })
    .map((told) => frames.encodeAcknowledgement(prefix, told)),
  uint16.map((segment) => frames.encodeClose(prefix, segment)),
  fc.constant(frames.encodeEnquiry(prefix)),
  fc.nat(0xffff).map((length) => {
    const octets = new Uint8Array(4);
    new DataView(octets.buffer).setInt32(0, coreHeader(length));
    return octets;
  }),
);

describe('whatever a peer sends', () => {
  test('nothing throws, and what is delivered and held stays within the window', () => {
    fc.assert(
      fc.property(fc.array(hostileFrame, { maxLength: 30 }), bytes(2000), (sent, octets) => {
        const link = openLink();
        link.send(octets);
        let nowMs = 0;
        let delivered = 0;
        for (const frame of sent) {
          link.receive(frame, ++nowMs);
          link.poll(nowMs);
          for (const piece of link.read()) delivered += piece.length;
        }
        // Nothing was released, so no more than the window may ever come out.
        expect(delivered).toBeLessThanOrEqual(640 * 64);
        expect(link.room).toBeLessThanOrEqual(640 * 64);
      }),
      { numRuns: 300 },
    );
  });

  test('octets of noise are never delivered, and a link that heard them opens and carries', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const line = new SimulatedLine({});
      for (let at = 0; at < 20; at++) line.callee.link.receive(randomOctets(5000, 100 * seed + at), 0);
      expect(line.callee.link.read()).toEqual([]);
      line.caller.offer(randomOctets(3000, seed));
      expect(line.run(() => line.callee.receivedOctets === 3000, 10_000)).toBe(true);
    }
  });

  test('headers that announce frames which never come cost time in proportion to the octets', () => {
    const header = new Uint8Array(4);
    new DataView(header.buffer).setInt32(0, coreHeader(frames.maxPayloadLength));
    const octets = new Uint8Array(400_000);
    for (let at = 0; at < octets.length; at += 4) octets.set(header, at);
    const delineator = new Delineator({
      block: () => {},
      acknowledged: () => {},
      control: () => {},
      frameEnded: () => {},
    });
    delineator.push(octets, 0);
    // Each refuted candidate costs one check of 4 KiB: 100,000 of them without the limit, 16 octets of check an octet with it.
    expect(delineator.damagedBlocks).toBeLessThan((16 * octets.length) / 4096 + 64 + 1);
    expect(delineator.damagedBlocks).toBeGreaterThan(32);
  });
});

describe('the peer', () => {
  /** A frame of the length that `test` says, as the peer would send it now. */
  const data = (first: number, text: string) =>
    frames.encodeData(prefix, { first, data: Buffer.from(text), blockSegments: 1 });

  test('starts again: the link ends and nothing of the new peer enters it', () => {
    const link = openLink();
    link.receive(data(0, 'before'), 1);
    expect(Buffer.concat(link.read()).toString()).toBe('before');
    const again = { version: 2, wantsAnswer: true, room: 32, incarnation: 0x3333, heard: 0 };
    link.receive(frames.encodeOpening(again), 2);
    link.receive(
      frames.encodeData(frames.checkPrefix(0x3333, own), {
        first: 1,
        data: Buffer.from('x'),
        blockSegments: 1,
      }),
      3,
    );
    expect(link.failure).toBe('peer restarted');
    expect(link.read()).toEqual([]);
    expect(link.poll(4)).toEqual([]);
  });

  test('is another than the one before: octets that were still in a modem stay out', () => {
    const link = new Link({ incarnation: own });
    const earlier = 0x7777;
    link.receive(
      frames.encodeOpening({ version: 2, wantsAnswer: true, room: 32, incarnation: earlier, heard: 0 }),
      0,
    );
    // Data of that call, for the link that we were then.
    const stale = { first: 0, data: Buffer.from('stale'), blockSegments: 1 };
    link.receive(frames.encodeData(frames.checkPrefix(earlier, 0x5555), stale), 0);
    expect(link.isOpen).toBe(false);
    link.send(Buffer.from('for the new peer'));
    link.poll(1);
    link.receive(opening, 2);
    link.receive(data(0, 'fresh'), 3);
    expect(Buffer.concat(link.read()).toString()).toBe('fresh');
    // What went out under the earlier peer's name goes out again under this one's.
    const again = Buffer.concat(link.poll(4));
    expect(again.includes('for the new peer')).toBe(true);
  });

  test('is our own echo: it is not taken for a peer', () => {
    const link = new Link({ incarnation: own });
    for (let nowMs = 0; nowMs < 5000; nowMs += 100) {
      for (const frame of link.poll(nowMs)) link.receive(frame, nowMs);
    }
    expect(link.isOpen).toBe(false);
  });

  test('speaks another version: it is not answered', () => {
    const link = new Link({ incarnation: own, waits: true });
    link.receive(
      frames.encodeOpening({ version: 3, wantsAnswer: true, room: 32, incarnation: peer, heard: 0 }),
      0,
    );
    expect(link.poll(0)).toEqual([]);
  });

  test('never answers: the link says so after a minute', () => {
    const link = new Link({ incarnation: own });
    let nowMs = 0;
    for (link.poll(0); !link.failure && nowMs < 100_000; link.poll(nowMs)) {
      nowMs = Math.max(nowMs + 1, Math.min(link.nextDeadlineMs(), 100_000));
    }
    expect(link.failure).toBe('peer silent');
    expect(nowMs).toBeLessThan(62_000);
    expect(link.nextDeadlineMs()).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('opening', () => {
  test('the first octet of each side is 21, never 02 or 15', () => {
    for (const incarnation of [1, own, 0xffff_ffff]) {
      const caller = new Link({ incarnation });
      const first = Buffer.concat(caller.poll(0));
      expect(first[0]).toBe(0x21);
      const callee = new Link({ incarnation: peer, waits: true });
      callee.receive(first, 1);
      expect(Buffer.concat(callee.poll(1))[0]).toBe(0x21);
    }
  });

  test('data sent in the same moment go out with the OPEN, before any answer to it', () => {
    const link = new Link({ incarnation: own });
    link.send(Buffer.from('early'));
    link.poll(0);
    link.receive(opening, 60);
    expect(Buffer.concat(link.poll(60)).includes('early')).toBe(true);
  });

  test('a far side that listens only after ten seconds is reached', () => {
    const line = new SimulatedLine({});
    const heard = line.callee.link.receive.bind(line.callee.link);
    line.callee.link.receive = (octets, nowMs) => {
      if (nowMs > 10_000) heard(octets, nowMs);
    };
    line.callee.link.poll = (
      (poll) => (nowMs: number) =>
        nowMs > 10_000 ? poll(nowMs) : []
    )(line.callee.link.poll.bind(line.callee.link));
    line.caller.offer(Buffer.from('patience'));
    expect(line.run(() => line.callee.receivedOctets === 8, 14_000)).toBe(true);
  });

  test('one that waits says nothing first', () => {
    const link = new Link({ incarnation: own, waits: true });
    expect(link.poll(0)).toEqual([]);
    expect(link.nextDeadlineMs()).toBe(Number.POSITIVE_INFINITY);
  });

  test('an idle line is silent', () => {
    const line = new SimulatedLine({});
    line.run(() => line.caller.link.isOpen && line.callee.link.isOpen);
    line.run(() => false, line.nowMs + 5000);
    const written = line.there.written + line.back.written;
    line.run(() => false, line.nowMs + 3_600_000);
    expect(line.there.written + line.back.written).toBe(written);
    expect(line.caller.link.failure).toBeUndefined();
  });
});

describe('back-pressure', () => {
  test('a user that takes nothing stops the peer at the window; when it takes, all arrives', () => {
    const line = new SimulatedLine({ bitErrorRate: 1e-5 });
    const octets = randomOctets(200_000, 1);
    line.callee.releases = false;
    line.caller.offer(octets);
    line.run(() => false, 60_000);
    expect(line.callee.receivedOctets).toBeLessThanOrEqual(640 * 64);
    expect(line.callee.receivedOctets).toBeGreaterThan(500 * 64);
    expect(line.caller.link.failure).toBeUndefined();
    line.callee.releases = true;
    line.callee.link.release(line.callee.receivedOctets);
    expect(line.run(() => line.caller.hasSentAll)).toBe(true);
    expect(Buffer.compare(line.callee.octets, octets)).toBe(0);
  });

  test.each([30_000, 31_000, 32_000, 33_000])(
    'after %i ms the peer is told of room, and need not ask',
    (afterMs) => {
      const line = new SimulatedLine({});
      line.callee.releases = false;
      line.caller.offer(randomOctets(100_000, 1));
      line.run(() => false, afterMs);
      const { receivedOctets } = line.callee;
      line.callee.link.release(receivedOctets);
      // The news and the first block, each way; enquiries are seconds apart.
      expect(line.run(() => line.callee.receivedOctets > receivedOctets, line.nowMs + 900)).toBe(true);
    },
  );

  test('the news of room is lost: the peer asks', () => {
    const line = new SimulatedLine({});
    line.callee.releases = false;
    line.caller.offer(randomOctets(100_000, 1));
    line.run(() => false, 30_000);
    line.callee.releases = true;
    line.callee.link.release(line.callee.receivedOctets);
    line.back.faults = { chunkLost: 1 };
    line.run(() => false, line.nowMs + 500);
    line.back.faults = {};
    expect(line.run(() => line.caller.hasSentAll, line.nowMs + 60_000)).toBe(true);
  });

  test('send takes what there is room for and says how much', () => {
    const link = new Link({ incarnation: own });
    const { room } = link;
    expect(link.send(new Uint8Array(room + 1000))).toBe(room);
    expect(link.room).toBe(0);
    expect(link.send(Uint8Array.of(1))).toBe(0);
  });
});

test('a segment beyond the room that was told is neither held nor acknowledged', () => {
  const window = new ReceiveWindow(128);
  window.accept(127, Uint8Array.of(1));
  expect(window.acknowledgement(true).bitmap).toHaveLength(16);
  window.accept(128, Uint8Array.of(1));
  window.accept(100, new Uint8Array(64 * 29));
  expect(window.acknowledgement(true).bitmap).toEqual(Uint8Array.of(...new Array(15).fill(0), 0x40));
});

describe('closing', () => {
  test('nothing is taken after, everything before is delivered, and both ends know', () => {
    const line = new SimulatedLine({ bitErrorRate: 1e-4 });
    const octets = randomOctets(10_001, 1);
    line.caller.offer(octets);
    line.caller.closesWhenSent = true;
    line.run(() => line.callee.link.isPeerClosed && line.caller.link.isDrained);
    expect(Buffer.compare(line.callee.octets, octets)).toBe(0);
    expect(line.caller.link.send(Uint8Array.of(1))).toBe(0);
    expect(line.caller.link.isClosed).toBe(false);
    // The other direction is still open.
    line.callee.offer(octets);
    line.callee.closesWhenSent = true;
    expect(line.run(() => line.caller.link.isClosed && line.callee.link.isClosed)).toBe(true);
    expect(Buffer.compare(line.caller.octets, octets)).toBe(0);
  });

  test('isDrained only when the last octet is acknowledged', () => {
    const line = new SimulatedLine({});
    line.back.faults = { chunkLost: 1 };
    line.caller.offer(Buffer.from('last words'));
    line.run(() => false, 5000);
    expect(line.caller.link.isDrained).toBe(false);
    line.back.faults = {};
    expect(line.run(() => line.caller.link.isDrained, line.nowMs + 10_000)).toBe(true);
  });
});

test('a silence inside a frame is given up, and the frame that it swallowed is delivered', () => {
  const link = openLink();
  const cut = frames.encodeData(prefix, { first: 0, data: new Uint8Array(640), blockSegments: 1 });
  // Four of its ten blocks, and a part of the fifth.
  link.receive(cut.subarray(0, 300), 10);
  link.receive(frames.encodeData(prefix, { first: 4, data: Buffer.from('next'), blockSegments: 1 }), 20);
  expect(Buffer.concat(link.read())).toHaveLength(256);
  link.poll(20 + silenceMs - 1);
  expect(link.read()).toEqual([]);
  link.poll(20 + silenceMs);
  expect(Buffer.concat(link.read()).toString()).toBe('next');
});

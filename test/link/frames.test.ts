import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { coreHeader, readCoreHeader, repairCoreHeader } from '../../src/link/core-header.js';
import { crcOf, crcOver, crcStart, findWrongBit } from '../../src/link/crc-32c.js';
import { Delineator } from '../../src/link/delineator.js';
import * as frames from '../../src/link/frames.js';
import { Escaper, type Transparency } from '../../src/link/transparency.js';
import { noise, randomOctets } from './simulated-line.js';

interface Vector {
  readonly tcId: number;
  readonly kind: string;
  readonly comment: string;
  readonly octets: string;
  readonly payloadLength: number;
  readonly wantsAnswer: boolean;
  readonly room: number;
  readonly incarnation: number;
  readonly heard: number;
  readonly first: number;
  readonly dataHex: string;
  readonly blockSegments: number;
  readonly next?: number;
  readonly bitmapHex: string;
  readonly segment: number;
}

interface Fixture {
  readonly sender: number;
  readonly receiver: number;
  readonly crc32c: readonly { readonly ascii?: string; readonly hex?: string; readonly check: number }[];
  readonly frames: readonly Vector[];
  readonly escapes: readonly {
    readonly transparency: Transparency;
    readonly octets: string;
    readonly escaped: string;
  }[];
}

const fixture = JSON.parse(
  readFileSync(new URL('../../fixtures/link/frames.json', import.meta.url), 'utf8'),
) as Fixture;
const prefix = frames.checkPrefix(fixture.sender, fixture.receiver);
const fromHex = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));
const toHex = (octets: Uint8Array) => Buffer.from(octets).toString('hex');

function encode(vector: Vector): Uint8Array {
  const empty = new Uint8Array();
  switch (vector.kind) {
    case 'core': {
      const octets = new Uint8Array(4);
      new DataView(octets.buffer).setInt32(0, coreHeader(vector.payloadLength));
      return octets;
    }
    case 'open':
      return frames.encodeOpening({ version: 2, ...vector });
    case 'data':
      return frames.encodeData(prefix, {
        first: vector.first,
        data: fromHex(vector.dataHex),
        blockSegments: vector.blockSegments,
        acknowledgement:
          vector.next === undefined ? undefined : { next: vector.next, room: vector.room, bitmap: empty },
      });
    case 'acknowledgement':
      return frames.encodeAcknowledgement(prefix, {
        next: vector.next ?? 0,
        room: vector.room,
        bitmap: fromHex(vector.bitmapHex),
      });
    case 'enquiry':
      return frames.encodeEnquiry(prefix);
    default:
      return frames.encodeClose(prefix, vector.segment);
  }
}

/** What a delineator makes of some octets, one octet at a time. */
function read(octets: Uint8Array): unknown[] {
  const seen: unknown[] = [];
  const delineator = new Delineator({
    block: (segment, block) => seen.push({ segment, block: toHex(block) }),
    acknowledged: ({ next, room }) => seen.push({ next, room }),
    control: (control) => seen.push(control),
    frameEnded: () => {},
  });
  delineator.expectPrefix(prefix);
  for (const octet of octets) delineator.push(Uint8Array.of(octet), 0);
  return seen;
}

describe('vectors', () => {
  test.each(fixture.frames)('$tcId $kind: $comment', (vector) => {
    expect(toHex(encode(vector))).toBe(vector.octets);
  });

  test.each(fixture.crc32c)('CRC-32C of $ascii$hex', ({ ascii, hex, check }) => {
    expect(crcOf(crcOver(crcStart, ascii ? Buffer.from(ascii) : fromHex(hex ?? '')))).toBe(check);
  });

  test.each(fixture.escapes)('escapes of every octet: $transparency', ({ transparency, octets, escaped }) => {
    expect(toHex(new Escaper(transparency).escape(fromHex(octets)))).toBe(escaped);
    const reader = new Escaper(transparency);
    const back = [...fromHex(escaped)].map((octet) => toHex(reader.unescape(Uint8Array.of(octet))));
    expect(back.join('')).toBe(octets);
  });

  test.each(fixture.frames.filter(({ kind }) => kind === 'data'))('$tcId is read back', (vector) => {
    const blocks = read(fromHex(vector.octets)).filter(
      (seen): seen is { segment: number; block: string } => seen !== null && 'block' in Object(seen),
    );
    expect(blocks.map(({ block }) => block).join('')).toBe(vector.dataHex);
    expect(blocks.map(({ segment }) => segment)).toEqual(
      blocks.map((_, index) => (vector.first + index * vector.blockSegments) & 0xffff),
    );
  });
});

describe('core header', () => {
  test('every length is read back, and nothing else is', () => {
    for (let length = 0; length <= 0xffff; length += 7)
      expect(readCoreHeader(coreHeader(length))).toBe(length);
    expect(readCoreHeader(coreHeader(1234) ^ 0x40)).toBeUndefined();
  });

  test('each single wrong bit is put right, no two wrong bits are', () => {
    const header = coreHeader(1234);
    for (let bit = 0; bit < 32; bit++) {
      expect(repairCoreHeader(header ^ (1 << bit))).toBe(1234);
      for (let other = 0; other < bit; other++)
        expect(repairCoreHeader(header ^ (1 << bit) ^ (1 << other))).toBeUndefined();
    }
  });

  test('neither zeros, ones nor the preamble pass for one', () => {
    for (const word of [0, -1, 0x21534353, 0x53435332]) {
      expect(readCoreHeader(word)).toBeUndefined();
      expect(repairCoreHeader(word)).toBeUndefined();
    }
  });
});

describe('checks', () => {
  const frame = frames.encodeData(prefix, { first: 9, data: new Uint8Array(200).fill(5), blockSegments: 1 });

  test('any single wrong bit costs a block or the frame, and never alters one', () => {
    const whole = read(frame).map((seen) => JSON.stringify(seen));
    for (let bit = 0; bit < 8 * frame.length; bit++) {
      const damaged = frame.slice();
      damaged[bit >>> 3] = (damaged[bit >>> 3] as number) ^ (1 << (bit & 7));
      for (const seen of read(damaged)) expect(whole).toContain(JSON.stringify(seen));
    }
  });

  test('a block that slid into the place of a lost one is refused', () => {
    // Every block has the same octets; without its place in the check the third would pass for the second.
    const slid = Uint8Array.from([...frame.subarray(0, 7 + 68), ...frame.subarray(7 + 2 * 68)]);
    const header = new DataView(slid.buffer);
    header.setInt32(0, coreHeader(slid.length - 4));
    expect(read(slid)).toHaveLength(1);
  });

  test('a frame of another call is refused', () => {
    const other = frames.checkPrefix(fixture.sender, fixture.receiver ^ 1);
    expect(read(frames.encodeEnquiry(other))).toEqual([]);
    expect(read(frames.encodeEnquiry(prefix))).toEqual([{ kind: 'enquiry' }]);
  });

  test('an echo is refused', () => {
    expect(read(frames.encodeEnquiry(frames.checkPrefix(fixture.receiver, fixture.sender)))).toEqual([]);
  });
});

describe('one wrong bit', () => {
  const octets = randomOctets(4_096, 3);
  const check = crcOf(crcOver(crcStart, octets));

  test('is found wherever it is, in the octets and in the check', () => {
    for (let bit = 0; bit < 8 * octets.length; bit += 97) {
      const damaged = octets.slice();
      const mask = 1 << (bit & 7);
      damaged[bit >>> 3] = (damaged[bit >>> 3] as number) ^ mask;
      const difference = crcOf(crcOver(crcStart, damaged)) ^ check;
      expect(findWrongBit(difference, octets.length)).toEqual({ at: bit >>> 3, mask });
    }
    for (let bit = 0; bit < 32; bit++) expect(findWrongBit(1 << bit, octets.length)?.at).toBe(octets.length);
  });

  test('is not what two wrong bits are taken for', () => {
    const random = noise(11);
    for (let pair = 0; pair < 300; pair++) {
      const damaged = octets.slice();
      const [one = 0, other = 0] = [random(), random()].map((part) => Math.floor(8 * octets.length * part));
      for (const bit of [one, other]) damaged[bit >>> 3] = (damaged[bit >>> 3] as number) ^ (1 << (bit & 7));
      const difference = crcOf(crcOver(crcStart, damaged)) ^ check;
      if (one !== other) expect(findWrongBit(difference, octets.length)).toBeUndefined();
    }
  });

  test.each([
    [18, 23],
    [5, 23],
  ])('is not what a descrambler of V.34 makes of one, three that are %i and %i bits apart', (...apart) => {
    for (let at = 0; at + 23 < 8 * octets.length; at += 101) {
      const damaged = octets.slice();
      // On the line the lowest bit of an octet goes first, and in the check, too.
      for (const bit of [0, ...apart].map((after) => at + after))
        damaged[bit >>> 3] = (damaged[bit >>> 3] as number) ^ (1 << (bit & 7));
      const difference = crcOf(crcOver(crcStart, damaged)) ^ check;
      expect(findWrongBit(difference, octets.length)).toBeUndefined();
    }
  });

  const frame = frames.encodeData(prefix, { first: 0, data: octets.subarray(0, 640), blockSegments: 2 });
  const enquiry = frames.encodeEnquiry(prefix);
  const blocksOf = (seen: unknown[]) => seen.filter((one) => 'block' in Object(one));
  const withWrongBits = (...at: number[]) => {
    const damaged = frame.slice();
    for (const bit of at) damaged[bit >>> 3] = (damaged[bit >>> 3] as number) ^ (1 << (bit & 7));
    return Uint8Array.from([...enquiry, ...damaged, ...enquiry]);
  };

  test('of each block is put right, so that nothing need be sent again', () => {
    const wrong = [0, 1, 2, 3, 4].map((block) => 8 * (7 + 132 * block) + 300);
    expect(blocksOf(read(withWrongBits(...wrong)))).toEqual(blocksOf(read(withWrongBits())));
  });

  test('is put right where the check before it was right alone: behind lost octets chance would find one at last', () => {
    const secondBlock = 8 * (7 + 132);
    const seen = blocksOf(read(withWrongBits(secondBlock, secondBlock + 9, secondBlock + 8 * 132)));
    expect(seen).toHaveLength(3);
  });

  test('is not looked for in a candidate from the hunt', () => {
    const damaged = frame.slice();
    damaged[20] = (damaged[20] as number) ^ 1;
    expect(read(damaged)).toEqual([]);
  });
});

describe('delineation', () => {
  const enquiry = frames.encodeEnquiry(prefix);
  const data = frames.encodeData(prefix, { first: 0, data: new Uint8Array(640).fill(7), blockSegments: 1 });

  test.each([1, 3, 17, 100, 500])('after %i octets lost in a frame the next is found', (lost) => {
    const cut = Uint8Array.from([...data.subarray(0, 100), ...data.subarray(100 + lost)]);
    const later = new Uint8Array(lost + 4);
    const seen = read(Uint8Array.from([...enquiry, ...cut, ...enquiry, ...enquiry, ...later]));
    expect(seen.filter((one) => Object(one).kind === 'enquiry')).toHaveLength(3);
  });

  test.each([1, 3, 17, 100])('after %i octets added in a frame the next is found', (added) => {
    const octets = [...enquiry, ...data.subarray(0, 100), ...new Uint8Array(added), ...data.subarray(100)];
    const seen = read(Uint8Array.from([...octets, ...enquiry]));
    expect(seen.filter((one) => Object(one).kind === 'enquiry')).toHaveLength(2);
  });

  test('in sync, one wrong bit in a core header costs nothing', () => {
    const damaged = data.slice();
    damaged[1] = (damaged[1] as number) ^ 0x10;
    expect(read(Uint8Array.from([...enquiry, ...damaged]))).toHaveLength(1 + 10);
    expect(read(damaged)).toHaveLength(0);
  });

  test('a frame cut short is given up when the line is silent, and what it swallowed is found', () => {
    const seen: unknown[] = [];
    const delineator = new Delineator({
      block: () => {},
      acknowledged: () => {},
      control: (control) => seen.push(control),
      frameEnded: () => {},
    });
    delineator.expectPrefix(prefix);
    delineator.push(Uint8Array.from([...enquiry, ...data.subarray(0, 300), ...enquiry]), 1000);
    expect(seen).toHaveLength(1);
    delineator.poll(delineator.deadlineMs() - 1);
    expect(seen).toHaveLength(1);
    delineator.poll(delineator.deadlineMs());
    expect(seen).toHaveLength(2);
  });
});

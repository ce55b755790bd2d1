import { expect, test } from 'vitest';
import { decodeMuLaw, encodeMuLaw } from '../../../src/pstn/audio/mu-law.js';
import { levelOfPower, meanSquareOf } from '../../../src/pstn/audio/pcm.js';

test('telephony 2.1: mu-law of known values (G.711)', () => {
  const known: readonly (readonly [sample: number, octet: number])[] = [
    [0, 0xff],
    [-1, 0x7f],
    [32_124, 0x80],
    [-32_124, 0x00],
    [32_767, 0x80],
    [-32_768, 0x00],
  ];
  for (const [sample, octet] of known) expect(encodeMuLaw(Int16Array.of(sample))[0]).toBe(octet);
});

test('telephony 2.1: every octet comes back from its own sample; there are two zeros', () => {
  const octets = Uint8Array.from({ length: 256 }, (_, index) => index);
  expect(encodeMuLaw(decodeMuLaw(octets))).toEqual(octets.map((octet) => (octet === 0x7f ? 0xff : octet)));
});

test('telephony 2.1: no sample is off by more than half a step, which is a 32nd of it at most', () => {
  for (let sample = -32_768; sample <= 32_767; sample += 7) {
    const [decoded = 0] = decodeMuLaw(encodeMuLaw(Int16Array.of(sample)));
    // And the two bits that are cut off first.
    const limit = Math.abs(sample) / 32 + 8;
    expect(Math.abs(decoded - Math.max(-32_124, Math.min(32_124, sample)))).toBeLessThanOrEqual(limit);
  }
});

test("telephony 4.2: the mu-law signal of G.711's digital milliwatt is 0 dBm0", () => {
  const milliwatt = Uint8Array.of(0x1e, 0x0b, 0x0b, 0x1e, 0x9e, 0x8b, 0x8b, 0x9e);
  expect(levelOfPower(meanSquareOf(decodeMuLaw(milliwatt)))).toBeCloseTo(0, 2);
});

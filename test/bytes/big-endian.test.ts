import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bigEndian, fromBigEndian } from '../../src/bytes/big-endian.js';

describe('big-endian numbers', () => {
  test('fault 4: every number comes back, in as many octets as were asked for', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        expect(bigEndian(value, 8).length).toBe(8);
        expect(fromBigEndian(bigEndian(value, 8))).toBe(value);
      }),
    );
    expect([...bigEndian(0x0102_0304, 4)]).toEqual([1, 2, 3, 4]);
  });

  test('fault 4: what is not exact is no number, and what does not fit is a bug', () => {
    expect(fromBigEndian(Uint8Array.of(0, 0x20, 0, 0, 0, 0, 0, 0))).toBeUndefined();
    expect(fromBigEndian(new Uint8Array(8).fill(0xff))).toBeUndefined();
    expect(() => bigEndian(65_536, 2)).toThrow(RangeError);
    expect(() => bigEndian(-1, 2)).toThrow(RangeError);
    expect(() => bigEndian(2 ** 53, 8)).toThrow(RangeError);
  });
});

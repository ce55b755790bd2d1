import { expect, test } from 'vitest';
import { known } from '../../src/bytes/known.js';
import { Reader } from '../../src/bytes/reader.js';
import { agreeVersion } from '../../src/bytes/version-range.js';
import { Writer } from '../../src/bytes/writer.js';

test('fields come out as they went in', () => {
  const packet = new Writer(6)
    .octet(0x02)
    .ascii('12')
    .octets(Uint8Array.of(7, 8, 9))
    .finish();
  const reader = new Reader(packet);
  expect([reader.octet(), reader.ascii(2), reader.octets(3)]).toEqual([2, '12', Uint8Array.of(7, 8, 9)]);
});

test('a packet that is not full, or overfull, is a bug', () => {
  expect(() => new Writer(2).octet(1).finish()).toThrow(RangeError);
  expect(() => new Writer(2).octets(new Uint8Array(3))).toThrow(RangeError);
  expect(() => new Reader(new Uint8Array(2)).octets(3)).toThrow(RangeError);
});

test('a field is a copy: the line may use its buffer again', () => {
  for (const line of [Uint8Array.of(1, 2, 3), Buffer.of(1, 2, 3)]) {
    const field = new Reader(line).octets(2);
    line.fill(0);
    expect(field).toEqual(Uint8Array.of(1, 2));
  }
});

test('fault 7: B speaks the lower of the two highest versions, if both know it', () => {
  const own = { low: 2, high: 5 };
  const cases = [
    [{ low: 1, high: 1 }, undefined],
    [{ low: 1, high: 2 }, 2],
    [{ low: 3, high: 4 }, 4],
    [{ low: 5, high: 255 }, 5],
    [{ low: 6, high: 255 }, undefined],
    [{ low: 0, high: 0 }, undefined],
  ] as const;
  for (const [peer, version] of cases) expect(agreeVersion(own, peer)).toBe(version);
});

test('a value that is missing where it must be known is a bug', () => {
  expect(known(0)).toBe(0);
  expect(() => known(undefined)).toThrow(TypeError);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Differences, longestDistance } from '../../../../src/endpoint/container/version-2/differences.js';

const distance = fc.integer({ min: 0, max: longestDistance });
const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });

function* cut(octets: Uint8Array, lengths: readonly number[]): Generator<Uint8Array> {
  let rest = octets;
  for (const length of lengths) {
    yield rest.subarray(0, length);
    rest = rest.subarray(length);
  }
  yield rest;
}

describe('differences', () => {
  test('DX-605 known ones: modulo 256, to zeros at first', () => {
    expect([...new Differences(1).of(Uint8Array.of(250, 4, 4, 3))]).toEqual([250, 10, 0, 255]);
    expect([...new Differences(3).of(Uint8Array.of(1, 2, 3, 5, 4, 3, 0))]).toEqual([1, 2, 3, 4, 2, 0, 251]);
    expect([...new Differences(0).of(Uint8Array.of(1, 2, 3))]).toEqual([1, 2, 3]);
  });

  test('DX-605 of octets in any pieces, and octets again in any others', () => {
    fc.assert(
      fc.property(distance, pieces, fc.array(fc.nat(30)), (places, list, lengths) => {
        const octets = Buffer.concat(list);
        const [there, back] = [new Differences(places), new Differences(places)];
        const differences = Buffer.concat(list.map((piece) => there.of(piece)));
        const before = (at: number) => (places === 0 ? 0 : (octets[at - places] ?? 0));
        expect([...differences]).toEqual([...octets].map((octet, at) => (octet - before(at) + 256) % 256));
        const again = [...cut(differences, lengths)].map((piece) => back.undo(piece));
        expect(Buffer.concat(again).equals(octets)).toBe(true);
      }),
    );
  });
});

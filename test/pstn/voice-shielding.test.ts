import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shielded, Unshielding } from '../../src/pstn/voice-shielding.js';

/** Reads `octets` in pieces of these lengths, then the rest. */
function read(octets: Uint8Array, lengths: readonly number[]) {
  const data: number[] = [];
  const codes: string[] = [];
  const unshielding = new Unshielding({
    data: (some) => data.push(...some),
    code: (character) => {
      codes.push(character);
      return character === '\x03';
    },
  });
  let at = 0;
  for (const length of [...lengths, octets.length]) {
    const piece = octets.subarray(at, at + length);
    const taken = unshielding.push(piece);
    at += taken;
    if (taken < piece.length || codes.includes('\x03')) break;
  }
  return { data: Uint8Array.from(data), codes, rest: octets.subarray(at) };
}

test('telephony 2.2: whatever the samples, and wherever they are cut, they come back, and what follows the end is left', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 40 }),
      fc.array(fc.constantFrom(0x10, 0x03, 0x1a, 0x55), { maxLength: 40 }),
      fc.array(fc.nat({ max: 5 }), { maxLength: 40 }),
      fc.uint8Array({ maxLength: 8 }),
      (some, awkward, lengths, behind) => {
        const samples = Uint8Array.from([...some, ...awkward]);
        const stream = Uint8Array.from([...shielded(samples), 0x10, 0x03, ...behind]);
        const { data, codes, rest } = read(stream, lengths);
        expect(data).toEqual(samples);
        expect(codes).toEqual(['\x03']);
        expect(rest).toEqual(behind);
      },
    ),
  );
});

test('telephony 2.2: any octets at all are taken, and none is taken twice', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.array(fc.nat({ max: 7 })), (octets, lengths) => {
      const inPieces = read(octets, lengths);
      const atOnce = read(octets, []);
      expect(inPieces.data).toEqual(atOnce.data);
      expect(inPieces.codes).toEqual(atOnce.codes);
    }),
  );
});

test('telephony 2.2: <DLE><SUB> stands for two DLE', () => {
  expect(read(Uint8Array.of(1, 0x10, 0x1a, 2), []).data).toEqual(Uint8Array.of(1, 0x10, 0x10, 2));
});

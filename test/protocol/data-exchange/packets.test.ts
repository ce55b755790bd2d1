import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AccountNumber } from '../../../src/bytes/account-number.js';
import {
  type DataExchangePacket,
  encode,
  parse,
  shapes,
} from '../../../src/protocol/data-exchange/packets.js';
import { a1, a2, b } from './packets-of-a-run.js';

const octet = fc.nat({ max: 255 });
const twenty = fc.uint8Array({ minLength: 20, maxLength: 20 });
const account = fc.stringMatching(/^[0-9]{12}$/).map((digits) => digits as AccountNumber);

const packets = {
  A1: fc
    .record({
      kind: fc.constant('A1' as const),
      lowVersion: octet,
      highVersion: octet,
      accountA: account,
      challengeA: twenty,
    })
    .filter(({ lowVersion, highVersion }) => lowVersion <= highVersion),
  B: fc.record({
    kind: fc.constant('B' as const),
    version: octet,
    accountB: account,
    challengeB: twenty,
    proofB: twenty,
  }),
  A2: fc.record({
    kind: fc.constant('A2' as const),
    accountB: account,
    proofA: twenty,
    deltaKeyA: twenty,
    keyProofA: twenty,
    fileProofA: twenty,
  }),
} satisfies Record<DataExchangePacket['kind'], fc.Arbitrary<DataExchangePacket>>;

const kinds = Object.keys(packets) as DataExchangePacket['kind'][];

describe.each(kinds)('packet %s', (kind) => {
  test('DX-620 DX-665 DX-705 parses to what was encoded', () => {
    fc.assert(
      fc.property(packets[kind] as fc.Arbitrary<DataExchangePacket>, (packet) => {
        const encoded = encode(packet);
        expect(encoded.length).toBe(shapes[kind].length);
        expect(parse(kind, encoded)).toEqual(packet);
      }),
    );
  });

  test('fault 4: octets that parse encode to themselves again, whatever was changed', () => {
    fc.assert(
      fc.property(
        packets[kind] as fc.Arbitrary<DataExchangePacket>,
        fc.array(fc.tuple(fc.nat({ max: shapes[kind].length - 1 }), octet), { minLength: 1, maxLength: 3 }),
        (packet, changes) => {
          const changed = encode(packet).slice();
          for (const [place, value] of changes) changed[place] = value;
          const parsed = parse(kind, changed);
          if (parsed.kind !== 'malformed') expect(encode(parsed)).toEqual(changed);
        },
      ),
    );
  });
});

test('DX-620 DX-665 DX-705 fields stand at the offsets of the tables', () => {
  const transferA1 = Buffer.from(encode(a1));
  expect([...transferA1.subarray(0, 3), transferA1[35]]).toEqual([0x02, 1, 1, 0x03]);
  expect(transferA1.toString('latin1', 3, 15)).toBe('000000000001');
  expect(transferA1.subarray(15, 35)).toEqual(Buffer.from(a1.challengeA));

  const transferB = Buffer.from(encode(b));
  expect([...transferB.subarray(0, 2), transferB[54]]).toEqual([0x02, 1, 0x03]);
  expect(transferB.toString('latin1', 2, 14)).toBe('000000000002');
  expect(transferB.subarray(14, 34)).toEqual(Buffer.from(b.challengeB));
  expect(transferB.subarray(34, 54)).toEqual(Buffer.from(b.proofB));

  const transferA2 = Buffer.from(encode(a2));
  expect([transferA2[0], transferA2[93]]).toEqual([0x02, 0x17]);
  expect(transferA2.toString('latin1', 1, 13)).toBe('000000000002');
  for (const [offset, field] of [
    [13, a2.proofA],
    [33, a2.deltaKeyA],
    [53, a2.keyProofA],
    [73, a2.fileProofA],
  ] as const) {
    expect(transferA2.subarray(offset, offset + 20)).toEqual(Buffer.from(field));
  }
});

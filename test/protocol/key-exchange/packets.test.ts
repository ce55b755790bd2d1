import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AccountNumber } from '../../../src/bytes/account-number.js';
import { encode, type KeyExchangePacket, parse, shapes } from '../../../src/protocol/key-exchange/packets.js';
import { a1, a2, b } from './packets-of-a-run.js';

const octet = fc.nat({ max: 255 });
const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const account = fc.stringMatching(/^[0-9]{12}$/).map((digits) => digits as AccountNumber);

const packets = {
  A1: fc
    .record({
      kind: fc.constant('A1' as const),
      lowVersion: octet,
      highVersion: octet,
      accountA: account,
      dhResultA: octets(128),
      hashRandomA: octets(20),
    })
    .filter(({ lowVersion, highVersion }) => lowVersion <= highVersion),
  B: fc.record({
    kind: fc.constant('B' as const),
    version: octet,
    accountB: account,
    dhResultB: octets(128),
    proofB: octets(20),
  }),
  A2: fc.record({ kind: fc.constant('A2' as const), randomA: octets(20) }),
} satisfies Record<KeyExchangePacket['kind'], fc.Arbitrary<KeyExchangePacket>>;

const kinds = Object.keys(packets) as KeyExchangePacket['kind'][];

describe.each(kinds)('packet %s', (kind) => {
  test('KX-365 KX-395 KX-430 parses to what was encoded', () => {
    fc.assert(
      fc.property(packets[kind] as fc.Arbitrary<KeyExchangePacket>, (packet) => {
        const encoded = encode(packet);
        expect(encoded.length).toBe(shapes[kind].length);
        expect(parse(kind, encoded)).toEqual(packet);
      }),
    );
  });

  test('fault 4: octets that parse encode to themselves again, whatever was changed', () => {
    fc.assert(
      fc.property(
        packets[kind] as fc.Arbitrary<KeyExchangePacket>,
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

  test('fault 1: any other length is malformed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        if (noise.length !== shapes[kind].length) expect(parse(kind, noise).kind).toBe('malformed');
      }),
    );
  });
});

test('KX-365 KX-400 KX-430 fields stand at the offsets of the tables', () => {
  const handshakeA1 = Buffer.from(encode(a1));
  expect([...handshakeA1.subarray(0, 3), handshakeA1[163]]).toEqual([0x02, 1, 1, 0x19]);
  expect(handshakeA1.toString('latin1', 3, 15)).toBe('000000000001');
  expect(handshakeA1.subarray(15, 143)).toEqual(Buffer.from(a1.dhResultA));
  expect(handshakeA1.subarray(143, 163)).toEqual(Buffer.from(a1.hashRandomA));

  const handshakeB = Buffer.from(encode(b));
  expect([...handshakeB.subarray(0, 2), handshakeB[162]]).toEqual([0x02, 1, 0x19]);
  expect(handshakeB.toString('latin1', 2, 14)).toBe('000000000002');
  expect(handshakeB.subarray(14, 142)).toEqual(Buffer.from(b.dhResultB));
  expect(handshakeB.subarray(142, 162)).toEqual(Buffer.from(b.proofB));

  expect(encode(a2)).toEqual(Uint8Array.of(0x02, ...a2.randomA, 0x19));
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  encodeData,
  encodeNegotiation,
  encodeSubnegotiation,
  type TelnetItem,
  TelnetReader,
} from '../../../../src/pstn/modem/rfc2217/telnet-codec.js';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** All items, with data in one piece where it stands together. */
function read(octets: Buffer, cuts: readonly number[] = [], isBinary = true): TelnetItem[] {
  const reader = new TelnetReader();
  reader.isBinary = isBinary;
  const ends = [...cuts.map((cut) => cut % (octets.length + 1)), octets.length].sort((a, b) => a - b);
  const items: TelnetItem[] = [];
  let from = 0;
  for (const end of ends) {
    for (const item of reader.push(octets.subarray(from, end))) {
      const last = items.at(-1);
      if (item.kind === 'data' && last?.kind === 'data') {
        items.splice(-1, 1, { kind: 'data', octets: Buffer.concat([last.octets, item.octets]) });
      } else items.push(item);
    }
    from = end;
  }
  return items;
}

const octets = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array));
/** Rich in the octets that mean something. */
const telling = fc
  .array(fc.constantFrom(255, 250, 240, 251, 252, 253, 254, 241, 44, 0, 13, 10, 65, 107), { maxLength: 80 })
  .map((array) => Buffer.from(array));

test('telephony 8.4: what ser2net opens with is read as it says it', () => {
  expect(read(hex('fffb03 fffd03 fffd2c fffa2c6b00fff0 0d0a4f4b'))).toEqual([
    { kind: 'negotiation', verb: 'will', option: 3 },
    { kind: 'negotiation', verb: 'do', option: 3 },
    { kind: 'negotiation', verb: 'do', option: 44 },
    { kind: 'subnegotiation', option: 44, octets: hex('6b00') },
    { kind: 'data', octets: Buffer.from('\r\nOK') },
  ]);
});

test('telephony 8.4: any octets pass, 255 doubled, however the stream is split', () => {
  fc.assert(
    fc.property(fc.oneof(octets, telling), fc.array(fc.nat(), { maxLength: 5 }), (data, cuts) => {
      const items = read(Buffer.from(encodeData(data, true)), cuts);
      expect(items).toEqual(data.length > 0 ? [{ kind: 'data', octets: data }] : []);
    }),
  );
});

test('telephony 8.4: without BINARY a CR is CR NUL on the way, and itself again', () => {
  expect(Buffer.from(encodeData(Buffer.from('ATZ\r'), false)).toString('latin1')).toBe('ATZ\r\0');
  fc.assert(
    fc.property(octets, fc.array(fc.nat(), { maxLength: 5 }), (data, cuts) => {
      const items = read(Buffer.from(encodeData(data, false)), cuts, false);
      expect(items).toEqual(data.length > 0 ? [{ kind: 'data', octets: data }] : []);
    }),
  );
});

test('telephony 8.4: a subnegotiation carries any octets, between data and negotiations', () => {
  fc.assert(
    fc.property(
      octets,
      octets,
      fc.nat(255),
      fc.array(fc.nat(), { maxLength: 5 }),
      (data, inner, option, cuts) => {
        const stream = Buffer.concat([
          encodeNegotiation('wont', option),
          encodeData(data, true),
          encodeSubnegotiation(option, inner),
          encodeNegotiation('dont', option),
        ]);
        expect(read(stream, cuts)).toEqual([
          { kind: 'negotiation', verb: 'wont', option },
          ...(data.length > 0 ? [{ kind: 'data', octets: data }] : []),
          { kind: 'subnegotiation', option, octets: inner },
          { kind: 'negotiation', verb: 'dont', option },
        ]);
      },
    ),
    // A baud rate may hold the octet 255.
    { examples: [[Buffer.from('a'), hex('01 0000ffff'), 44, [9]]] },
  );
});

test('telephony 8.4: garbage of a hostile server is read alike in any pieces, and never throws', () => {
  fc.assert(
    fc.property(telling, fc.array(fc.nat(), { maxLength: 8 }), fc.boolean(), (garbage, cuts, isBinary) => {
      expect(read(garbage, cuts, isBinary)).toEqual(read(garbage, [], isBinary));
    }),
    { numRuns: 500 },
  );
});

test('telephony 8.4: a subnegotiation without end is not kept, and the stream goes on behind it', () => {
  const reader = new TelnetReader();
  reader.isBinary = true;
  const flood = Buffer.alloc(64 * 1_024, 7);
  expect([...reader.push(hex('fffa2c'))]).toEqual([]);
  for (let round = 0; round < 64; round++) expect([...reader.push(flood)]).toEqual([]);
  expect([...reader.push(Buffer.concat([hex('fff0'), Buffer.from('OK')]))]).toEqual([
    { kind: 'data', octets: Buffer.from('OK') },
  ]);
});

test('telephony 8.4: a subnegotiation whose end was lost ends at the next command', () => {
  expect(read(hex('fffa2c0101 fffd03 4f4b'))).toEqual([
    { kind: 'negotiation', verb: 'do', option: 3 },
    { kind: 'data', octets: Buffer.from('OK') },
  ]);
});

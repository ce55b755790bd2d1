import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Awaited, PacketReader, type Reading } from '../../src/bytes/packet-reader.js';

const EM = 0x19;
const shape = { length: 6, trailer: EM };
const packet = Uint8Array.of(0x02, 1, 2, 3, 4, EM);

/** What comes of these writes, one after the other, while the same is awaited. */
function readings(awaited: Awaited, ...writes: readonly (readonly number[])[]): (Reading | undefined)[] {
  const reader = new PacketReader();
  reader.expect(awaited);
  return writes.map((write) => reader.push(Uint8Array.from(write)));
}

describe('a reader that awaits a packet', () => {
  test('finds it by its length, in any split', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 4, maxLength: 4 }),
        fc.nat({ max: 5 }),
        fc.nat({ max: 5 }),
        (body, a, b) => {
          const octets = Uint8Array.of(0x02, ...body, EM);
          const [first, second] = [Math.min(a, b), Math.max(a, b)];
          const reader = new PacketReader();
          reader.expect({ packet: shape });
          const found = [
            octets.subarray(0, first),
            octets.subarray(first, second),
            octets.subarray(second),
          ].map((part) => reader.push(part));
          expect(found.map((reading) => reading?.kind)).toEqual([undefined, undefined, 'packet']);
          expect(found[2]).toEqual({ kind: 'packet', octets: Buffer.from(octets) });
        },
      ),
    );
  });

  test('takes NAK and ACK inside it for data', () => {
    const body = [0x02, 0x15, 0x06, 0x02, EM, EM];
    expect(readings({ packet: shape }, body)).toEqual([{ kind: 'packet', octets: Buffer.from(body) }]);
  });

  test('NAK alone in place of it is NAK, whatever follows', () => {
    expect(readings({ packet: shape }, [0x15])).toEqual([{ kind: 'nak' }]);
    expect(readings({ packet: shape }, [0x15, 0x15, 0x02])).toEqual([{ kind: 'nak' }]);
  });

  const wrong = {
    'ACK in place of it': [0x06],
    'another first octet': [0x03],
    'a wrong trailer': [0x02, 1, 2, 3, 4, 0x03],
    'an octet behind it': [...packet, 0],
    'a packet behind it': [...packet, ...packet],
  };
  for (const [what, octets] of Object.entries(wrong)) {
    test(`${what} is malformed`, () => {
      expect(readings({ packet: shape }, octets)).toMatchObject([{ kind: 'malformed' }]);
    });
  }

  test('a wrong first octet is told at once, not after the length', () => {
    expect(readings({ packet: shape }, [0x21])).toEqual([
      { kind: 'malformed', fault: 'octet 0x21 is not awaited' },
    ]);
  });
});

describe('a reader that awaits ACK', () => {
  test('ACK alone is ACK', () => {
    expect(readings({ ack: true }, [0x06])).toEqual([{ kind: 'ack' }]);
  });

  test('ACK twice in one write is malformed, in two writes the second is', () => {
    expect(readings({ ack: true }, [0x06, 0x06])).toMatchObject([{ kind: 'malformed' }]);
    expect(readings({ ack: true }, [0x06], [0x06])).toMatchObject([{ kind: 'ack' }, { kind: 'malformed' }]);
  });

  test('a packet is malformed', () => {
    expect(readings({ ack: true }, [...packet])).toMatchObject([{ kind: 'malformed' }]);
  });
});

test('a reader that awaits nothing takes anything but NAK for malformed', () => {
  expect(readings({}, [0x02], [0x06], [0x15], [])).toMatchObject([
    { kind: 'malformed' },
    { kind: 'malformed' },
    { kind: 'nak' },
    undefined,
  ]);
});

test('what was held is forgotten when something else is awaited', () => {
  const reader = new PacketReader();
  reader.expect({ packet: shape });
  expect(reader.push(packet.subarray(0, 3))).toBeUndefined();
  reader.expect({ packet: shape });
  expect(reader.push(packet)?.kind).toBe('packet');
});

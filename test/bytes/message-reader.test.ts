import { describe, expect, test } from 'vitest';
import { encodeMessage, MessageReader, type MessageReading } from '../../src/bytes/message-reader.js';

const shape = { type: 25, length: 300 };
const body = Uint8Array.from({ length: 300 }, (_, place) => place);
const message = encodeMessage(25, body);

function reader(): MessageReader {
  const made = new MessageReader();
  made.expect(shape);
  return made;
}

/** What is read once the octets are in, each as a push of its own. */
function readingsOf(read: MessageReader, pushes: readonly Uint8Array[]): MessageReading[] {
  return pushes.flatMap((octets) => {
    read.add(octets);
    const reading = read.read();
    return reading ? [reading] : [];
  });
}

describe('the reader of version 2 messages', () => {
  test('the octets of a message are its type, its length and its body', () => {
    expect([...message.subarray(0, 3)]).toEqual([25, 0x01, 0x2c]);
    expect(message.length).toBe(303);
  });

  test('fault 2: a message in any split is read once, when its last octet is here', () => {
    const whole = { kind: 'message', body };
    expect(
      readingsOf(
        reader(),
        [...message].map((octet) => Uint8Array.of(octet)),
      ),
    ).toEqual([whole]);
    for (let at = 0; at <= message.length; at++) {
      expect(readingsOf(reader(), [message.subarray(0, at), message.subarray(at)])).toEqual([whole]);
    }
  });

  test.each([
    ['0', [0, 0]],
    ['65,535', [0xff, 0xff]],
    ['one more', [0x01, 0x2d]],
    ['one less', [0x01, 0x2b]],
  ])('fault 20: a length of %s is refused at the header, before any of the body', (_, length) => {
    const [first = 0, second = 0] = length;
    const readings = readingsOf(reader(), [Uint8Array.of(25), Uint8Array.of(first), Uint8Array.of(second)]);
    expect(readings[0]?.kind).toBe('malformed');
  });

  test('fault 20: a message that is longer than sent is not read, and a false first length octet is refused by itself', () => {
    expect(readingsOf(reader(), [message.subarray(0, -1)])).toEqual([]);
    expect(readingsOf(reader(), [Uint8Array.of(25, 0x02)])[0]?.kind).toBe('malformed');
  });

  test('fault 23: another type is refused by its first octet', () => {
    expect(readingsOf(reader(), [Uint8Array.of(24)])).toEqual([
      { kind: 'malformed', fault: 'message 24 in place of 25' },
    ]);
  });

  test('a message right behind another waits until it is expected; without that it is malformed', () => {
    const read = reader();
    read.add(Buffer.concat([message, message]));
    expect(read.read()).toEqual({ kind: 'message', body });
    read.expect(shape);
    expect(read.read()).toEqual({ kind: 'message', body });
    expect(read.read()).toBeUndefined();
    read.add(Uint8Array.of(25));
    expect(read.read()?.kind).toBe('malformed');
  });
});

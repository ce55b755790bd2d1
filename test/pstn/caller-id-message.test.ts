import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCallerId, encodeCallerId } from '../../src/pstn/caller-id-message.js';
import type { CallerId } from '../../src/pstn/signals.js';

const octets = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const hexOf = (message: Uint8Array) => Buffer.from(message).toString('hex').toUpperCase();

describe('the message between the first ring and the second', () => {
  // The first is the worked example of Bellcore's SDMF as modem manuals print it; the others were summed by hand.
  test.each<[string, CallerId, string]>([
    ['09301224', { kind: 'number', number: '6095551212' }, '04 12 3039333031323234 36303935353531323132 51'],
    ['11202215', { kind: 'withheld' }, '04 09 3131323032323135 50 15'],
    ['11202215', { kind: 'unavailable' }, '04 09 3131323032323135 4F 16'],
    [
      '11202215',
      { kind: 'number', number: '5550101', name: 'SMITH JOHN' },
      '80 1F 0108 3131323032323135 0207 35353530313031 070A 534D495448204A4F484E 7B',
    ],
  ])('telephony 2.3: %s %j', (dateTime, id, hex) => {
    expect(hexOf(encodeCallerId(id, dateTime))).toBe(hex.replaceAll(' ', ''));
    expect(decodeCallerId(octets(hex))).toEqual(id);
  });

  test.each<[string, CallerId]>([
    ['80 0D 0108 3131323032323135 0401 50 8C', { kind: 'withheld' }],
    ['80 0D 0108 3131323032323135 0401 4F 8D', { kind: 'unavailable' }],
    ['80 10 0108 3131323032323135 0401 50 0801 50 30', { kind: 'withheld' }],
    ['80 0A 0108 3131323032323135 E4', { kind: 'unavailable' }],
  ])('telephony 2.3: reasons in place of number and name, %s', (hex, id) => {
    const message = octets(hex);
    message[message.length - 1] = -message.subarray(0, -1).reduce((sum, octet) => sum + octet, 0) & 0xff;
    expect(decodeCallerId(message)).toEqual(id);
  });

  test('fault 43: a name of 15 characters and a number of 20 digits are the longest', () => {
    const id = { kind: 'number', number: '1'.repeat(30), name: 'N'.repeat(40) } as const;
    const message = encodeCallerId(id, '01010000');
    expect(decodeCallerId(message)).toEqual({ kind: 'number', number: '1'.repeat(20), name: 'N'.repeat(15) });
  });

  test('fault 43: one wrong bit anywhere is no message, nor is one cut short or with more behind it', () => {
    const message = encodeCallerId({ kind: 'number', number: '5550101', name: 'SMITH JOHN' }, '11202215');
    for (let bit = 0; bit < message.length * 8; bit++) {
      const wrong = message.slice();
      wrong[bit >> 3] = (wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(decodeCallerId(wrong)).toBeUndefined();
    }
    for (let length = 0; length < message.length; length++) {
      expect(decodeCallerId(message.subarray(0, length))).toBeUndefined();
    }
    expect(decodeCallerId(Uint8Array.of(...message, 0))).toBeUndefined();
  });

  test('fault 43: octets of any kind are a message or none, and never throw', () => {
    const sealed = fc
      .tuple(fc.constantFrom(0x04, 0x80), fc.uint8Array({ maxLength: 255 }))
      .map(([type, content]) => {
        const sum = [type, content.length, ...content].reduce((total, octet) => total + octet, 0);
        return Uint8Array.of(type, content.length, ...content, -sum & 0xff);
      });
    fc.assert(fc.property(fc.oneof(fc.uint8Array(), sealed), (message) => void decodeCallerId(message)));
  });
});

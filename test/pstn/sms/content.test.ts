import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromSeptets, packSeptets, toSeptets, unpackSeptets } from '../../../src/pstn/sms/alphabet.js';
import { type Body, encodeContent, readContent, textBody, textOf } from '../../../src/pstn/sms/content.js';
import { encodeDataCoding, parseDataCoding } from '../../../src/pstn/sms/data-coding.js';
import { splitText } from '../../../src/pstn/sms/split-text.js';
import { parseTimeStamp, relativeValidity, relativeValidityMs } from '../../../src/pstn/sms/time-stamp.js';

/** What the parts of `text` are worth at the far end. */
function carried(text: string, referenceBits: 8 | 16): string {
  const split = splitText(text, referenceBits) ?? expect.fail('too long');
  const bodies: Body[] = split.parts.map((part, index) => {
    const concatenation = {
      reference: 0x1234 & (2 ** referenceBits - 1),
      referenceBits,
      total: split.parts.length,
      number: index + 1,
    };
    const userData = encodeContent({
      body: textBody(part, split.alphabet),
      ...(split.parts.length > 1 && { concatenation }),
    });
    const content = readContent(userData, { alphabet: split.alphabet });
    if ('kind' in content) return expect.fail(content.fault);
    if (split.parts.length > 1) expect(content.concatenation).toEqual(concatenation);
    return content.body;
  });
  return textOf(bodies);
}

const counts = (text: string) => splitText(text)?.parts.length;

describe('texts of messages', () => {
  test('telephony 6.1: 160 septets alone, 153 in parts; 70 and 67 for UCS-2; the extension table counts double', () => {
    expect([
      counts('a'.repeat(160)),
      counts('a'.repeat(161)),
      counts('a'.repeat(306)),
      counts('a'.repeat(307)),
    ]).toEqual([1, 2, 2, 3]);
    expect([
      counts('я'.repeat(70)),
      counts('я'.repeat(71)),
      counts('я'.repeat(134)),
      counts('я'.repeat(135)),
    ]).toEqual([1, 2, 2, 3]);
    expect([counts('€'.repeat(80)), counts('€'.repeat(81))]).toEqual([1, 2]);
    expect(counts('')).toBe(1);
    expect(counts('a'.repeat(153 * 255))).toBe(255);
    expect(splitText('a'.repeat(153 * 255 + 1))).toBeUndefined();
  });

  test('neither a surrogate pair nor an escape sequence is cut at the border of two parts', () => {
    expect(splitText(`${'я'.repeat(66)}😀${'я'.repeat(9)}`)?.parts[0]).toBe('я'.repeat(66));
    expect(splitText(`${'a'.repeat(152)}€${'a'.repeat(9)}`)?.parts[0]).toBe('a'.repeat(152));
  });

  test('texts of any length come back from their parts, with references of 8 and of 16 bits', () => {
    const long = fc.array(fc.constantFrom('a', '€', 'é', 'я', '😀', '\u001a', '\u001b', '\r', '\n'), {
      maxLength: 500,
      size: 'max',
    });
    fc.assert(
      fc.property(long, fc.constantFrom(8 as const, 16 as const), (characters, bits) => {
        const text = characters.join('');
        expect(carried(text, bits)).toBe(text);
      }),
      { numRuns: 200 },
    );
  });

  test('what other senders cut in two is whole again: a surrogate pair, an escape sequence', () => {
    expect(
      textOf([
        { kind: 'units', units: 'a\ud83d' },
        { kind: 'units', units: '\ude00b' },
      ]),
    ).toBe('a😀b');
    const septets = toSeptets('1€');
    expect(
      textOf([
        { kind: 'septets', septets: septets.slice(0, 2) },
        { kind: 'septets', septets: septets.slice(2) },
      ]),
    ).toBe('1€');
    expect(textOf([{ kind: 'units', units: 'a\ud83d' }])).toBe('a\ufffd');
  });

  test('23.038: an escape alone is a space, an unknown extension its character of the default table', () => {
    expect(fromSeptets([0x1b])).toBe(' ');
    expect(fromSeptets([0x1b, 0x1b])).toBe(' ');
    expect(fromSeptets([0x1b, 0x41])).toBe('A');
  });

  test('seven characters fill seven octets and leave no eighth character behind', () => {
    for (const text of ['abcdefg', 'abcdefgh', '1234567@']) {
      const septets = toSeptets(text);
      expect(fromSeptets(unpackSeptets(packSeptets(septets), septets.length))).toBe(text);
    }
  });

  test('an element of the header that makes no sense is as if it were absent; a header too long is malformed', () => {
    const read = (...octets: number[]) =>
      readContent(
        { hasHeader: true, length: octets.length, octets: Uint8Array.from(octets) },
        { alphabet: 'octets' },
      );
    expect(read(5, 0, 3, 7, 2, 3, 65)).not.toHaveProperty('concatenation');
    expect(read(5, 0, 3, 7, 0, 0, 65)).not.toHaveProperty('concatenation');
    expect(read(5, 0, 4, 7, 2, 1, 65)).not.toHaveProperty('concatenation');
    expect(read(8, 0x24, 1, 1, 0, 3, 7, 2, 1, 65)).toHaveProperty('concatenation.number', 1);
    expect(read(200, 65)).toHaveProperty('kind', 'malformed');
  });

  test('data coding schemes: class 0, UCS-2, eight bits, message waiting, reserved groups', () => {
    expect(parseDataCoding(0x10)).toEqual({ alphabet: 'gsm', messageClass: 0 });
    expect(parseDataCoding(0xf0)).toEqual({ alphabet: 'gsm', messageClass: 0 });
    expect(parseDataCoding(0xf5)).toEqual({ alphabet: 'octets', messageClass: 1 });
    expect(parseDataCoding(0x08)).toEqual({ alphabet: 'ucs2' });
    expect(parseDataCoding(0xe8)).toEqual({ alphabet: 'ucs2' });
    expect(parseDataCoding(0xc8)).toEqual({ alphabet: 'gsm' });
    expect(parseDataCoding(0x20)).toEqual({ alphabet: 'octets' });
    expect(parseDataCoding(0x90)).toEqual({ alphabet: 'gsm' });
    for (const octet of [0, 4, 8, 0x10, 0x18, 0x1a])
      expect(encodeDataCoding(parseDataCoding(octet))).toBe(octet);
  });

  test('validity periods: 5 minutes, an hour, a day, 63 weeks; time stamps that name no instant', () => {
    const hour = 3_600_000;
    expect([0, 11, 167, 168, 255].map(relativeValidityMs)).toEqual([
      hour / 12,
      hour,
      24 * hour,
      48 * hour,
      63 * 7 * 24 * hour,
    ]);
    expect(relativeValidity(hour)).toBe(11);
    expect(relativeValidity(hour + 1)).toBe(12);
    expect(relativeValidity(Number.MAX_SAFE_INTEGER)).toBe(255);
    expect(parseTimeStamp(Buffer.from('62310251500000', 'hex'))).toBeUndefined();
    expect(parseTimeStamp(Buffer.from('FFFFFFFFFFFFFF', 'hex'))).toBeUndefined();
    expect(parseTimeStamp(Buffer.from('6211025150000A', 'hex'))?.offsetMinutes).toBe(-300);
  });
});

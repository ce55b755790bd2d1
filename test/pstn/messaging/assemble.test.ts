import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assemble, type Entry, isComplete, messageOf } from '../../../src/pstn/messaging/assemble.js';
import { numberAddress } from '../../../src/pstn/sms/address.js';
import { encodeContent, readContent, textBody } from '../../../src/pstn/sms/content.js';
import { encodePdu } from '../../../src/pstn/sms/pdu.js';
import { splitText } from '../../../src/pstn/sms/split-text.js';
import type { Deliver } from '../../../src/pstn/sms/tpdu.js';

/** The parts of `text` as they would lie in a modem's memory, without places. */
function partsOf(
  text: string,
  reference: number,
  sender = '+15555550101',
  second = 0,
): Omit<Entry, 'place'>[] {
  const { alphabet, parts } = splitText(text) ?? expect.fail('too long');
  return parts.map((part, index) => {
    const concatenation = { reference, referenceBits: 8, total: parts.length, number: index + 1 } as const;
    const deliver: Deliver = {
      kind: 'deliver',
      moreFollow: false,
      from: numberAddress(sender) ?? expect.fail(sender),
      protocol: 0,
      coding: alphabet === 'gsm' ? 0 : 8,
      sentAt: { utcMs: Date.UTC(2026, 0, 1) + second * 1000, offsetMinutes: 0 },
      userData: encodeContent({
        body: textBody(part, alphabet),
        ...(parts.length > 1 && { concatenation }),
      }),
    };
    const content = readContent(deliver.userData, { alphabet });
    if ('kind' in content) return expect.fail(content.fault);
    return { deliver, content, hex: encodePdu(deliver).hex };
  });
}

const placed = (entries: readonly Omit<Entry, 'place'>[]): Entry[] =>
  entries.map((entry, index) => ({ ...entry, place: index + 1 }));

const texts = (entries: readonly Entry[]) =>
  assemble(entries)
    .filter(isComplete)
    .map((assembly) => messageOf(assembly))
    .map((message) => (message.kind === 'text' ? message.text : ''));

describe('messages from their parts', () => {
  test('in whatever order parts lie there, and however often, each message is there once and whole', () => {
    const messages = fc.uniqueArray(
      fc.string({ unit: fc.constantFrom('a', 'b', '€', '😀', 'ж'), maxLength: 400, size: 'max' }),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    fc.assert(
      fc.property(messages, fc.infiniteStream(fc.nat(1000)), (wanted, order) => {
        const all = wanted.flatMap((text, index) => partsOf(text, index));
        const twice = [...all, ...all.filter((_, index) => index % 3 === 0)];
        const shuffled = twice
          .map((entry) => ({ entry, rank: order.next().value ?? 0 }))
          .sort((a, b) => a.rank - b.rank)
          .map(({ entry }) => entry);
        expect(texts(placed(shuffled)).sort()).toEqual([...wanted].sort());
      }),
      { numRuns: 200 },
    );
  });

  test('two senders with one reference, and one sender who uses his again, are not mixed', () => {
    const long = (letter: string) => letter.repeat(300);
    const a = partsOf(long('a'), 7);
    const b = partsOf(long('b'), 7, '+15555550102');
    const c = partsOf(long('c'), 7, '+15555550101', 60);
    const mixed = placed([c[1], a[0], b[1], c[0], b[0], a[1]].flatMap((entry) => entry ?? []));
    expect(texts(mixed).sort()).toEqual([long('a'), long('b'), long('c')]);
  });

  test('a message with parts missing says which', () => {
    const parts = placed(partsOf(`${'x'.repeat(153)}${'y'.repeat(153)}z`, 1));
    const [assembly] = assemble(parts.filter((_, index) => index !== 1));
    if (!assembly) return expect.fail();
    expect(isComplete(assembly)).toBe(false);
    expect(messageOf(assembly)).toMatchObject({ text: `${'x'.repeat(153)}z`, missingParts: [2] });
  });
});

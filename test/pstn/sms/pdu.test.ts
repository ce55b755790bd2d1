import fc from 'fast-check';
import { parse } from 'node-pdu';
import { describe, expect, test } from 'vitest';
import { addressText, numberAddress } from '../../../src/pstn/sms/address.js';
import { isGsmText } from '../../../src/pstn/sms/alphabet.js';
import { encodeContent, readContent, textBody, textOf } from '../../../src/pstn/sms/content.js';
import { parseDataCoding } from '../../../src/pstn/sms/data-coding.js';
import { encodePdu, parsePdu } from '../../../src/pstn/sms/pdu.js';
import type { Deliver, Submit, Tpdu } from '../../../src/pstn/sms/tpdu.js';

const address = (text: string) => numberAddress(text) ?? expect.fail(text);

function parsed(hex: string, toMobile: boolean) {
  const pdu = parsePdu(hex, toMobile);
  if (pdu.kind === 'malformed') return expect.fail(pdu.fault);
  return pdu;
}

function textIn({ coding, userData }: Submit | Deliver): string {
  const content = readContent(userData, parseDataCoding(coding));
  return 'kind' in content ? expect.fail(content.fault) : textOf([content.body]);
}

function submit(text: string, overrides: Partial<Submit> = {}): Submit {
  const alphabet = isGsmText(text) ? 'gsm' : 'ucs2';
  return {
    kind: 'submit',
    reportRequested: false,
    reference: 0,
    to: address('+15555550123'),
    protocol: 0,
    coding: alphabet === 'gsm' ? 0 : 8,
    validity: { kind: 'relative', octet: 255 },
    userData: encodeContent({ body: textBody(text, alphabet) }),
    ...overrides,
  };
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 35, size: 'max' }),
  fc.string({ unit: fc.constantFrom(...'aZ09@é§ü€[]{}\n'), maxLength: 70, size: 'max' }),
);

describe('messages as octets', () => {
  test('telephony 6.2: the message that gammu makes for "hello from gammu" is read and made to the octet', () => {
    const hex = '07913121139418F011000B915155550521F30000FF10E8329BFD0699E5EF36E81C6EB7EB';
    const pdu = parsed(hex, false);
    expect(pdu.length).toBe(28);
    expect(pdu.serviceCentre && addressText(pdu.serviceCentre)).toBe('+13123149810');
    expect(pdu.tpdu.kind === 'submit' && textIn(pdu.tpdu)).toBe('hello from gammu');
    expect(encodePdu(submit('hello from gammu'), address('+13123149810'))).toEqual({ hex, length: 28 });
  });

  test('telephony 6.2: gammu-smsd\'s "smsd test"', () => {
    const hex = '07913121139418F011000B915155550591F90000FF09F3F69C0CA297E774';
    expect(parsed(hex, false).length).toBe(22);
    const made = submit('smsd test', { to: address('+15555550199') });
    expect(encodePdu(made, address('+13123149810')).hex).toBe(hex);
  });

  test('telephony 6.2: a delivered message: sender, centre, time, text', () => {
    const hex = '07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07';
    const { tpdu, serviceCentre } = parsed(hex, true);
    if (tpdu.kind !== 'deliver') return expect.fail(tpdu.kind);
    expect(serviceCentre && addressText(serviceCentre)).toBe('+31624000000');
    expect(addressText(tpdu.from)).toBe('+31641600986');
    // Its zone is 08: minus zero.
    expect(tpdu.sentAt).toEqual({ utcMs: Date.UTC(2002, 7, 26, 19, 37, 41), offsetMinutes: 0 });
    expect(textIn(tpdu)).toBe('How are you?');
    expect(encodePdu(tpdu, serviceCentre).hex).toBe(hex.replace('7314080C', '7314000C'));
  });

  test('telephony 6: characters that node-pdu 2.1.1 changes or pays double for are carried as they are', () => {
    for (const text of [
      '§ 5',
      'a`b',
      'été à Zürich',
      '100 €',
      '[x]{y}|~^\\',
      'a\tb',
      '\u0000',
      '😀',
      '@@@@@@@@',
    ]) {
      const { tpdu } = parsed(encodePdu(submit(text)).hex, false);
      expect(tpdu.kind === 'submit' && textIn(tpdu)).toBe(text);
    }
    expect(isGsmText('§ été à Zürich 100 € [x]')).toBe(true);
    expect(isGsmText('`')).toBe(false);
  });

  test('every text of one message comes back, and node-pdu reads the same', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { hex } = encodePdu(submit(text));
        const { tpdu } = parsed(hex, false);
        const clean = text.replaceAll(/\p{Surrogate}/gu, '\ufffd');
        expect(tpdu.kind === 'submit' && textIn(tpdu)).toBe(clean);
        const theirs = parse(hex);
        if (!('data' in theirs)) return expect.fail('a report');
        // It has a grave accent where the alphabet has a section sign.
        if (!/[§\f]/.test(text)) expect(theirs.data.getText()).toBe(clean);
        expect(theirs.address.phone).toBe('15555550123');
      }),
      { numRuns: 300 },
    );
  });

  test('delivered messages and reports come back whole, whatever is in their fields', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    const number = fc.stringMatching(/^\+?[0-9*#]{1,20}$/).map(address);
    const name = fc.stringMatching(/^[A-Za-z0-9 ]{1,11}$/).map((it) => ({ kind: 'name', name: it }) as const);
    const stamp = fc.record({
      utcMs: fc.integer({ min: Date.UTC(1971, 0), max: Date.UTC(2069, 0) }).map((ms) => ms - (ms % 1000)),
      offsetMinutes: fc.integer({ min: -48, max: 56 }).map((quarters) => quarters * 15),
    });
    const content = fc
      .tuple(
        fc.string({ maxLength: 60, size: 'max' }).map((text) => textBody(text, 'ucs2')),
        fc.option(fc.constantFrom(8 as const, 16 as const), { nil: undefined }),
      )
      .map(([body, referenceBits]) =>
        encodeContent({
          body,
          ...(referenceBits && { concatenation: { reference: 200, referenceBits, total: 9, number: 4 } }),
        }),
      );
    const deliver: fc.Arbitrary<Tpdu> = fc.record({
      kind: fc.constant('deliver'),
      moreFollow: fc.boolean(),
      from: fc.oneof(number, name),
      protocol: octet,
      coding: fc.constantFrom(8, 0x18, 0x19),
      sentAt: stamp,
      userData: content,
    });
    const report: fc.Arbitrary<Tpdu> = fc.record({
      kind: fc.constant('status-report'),
      reference: octet,
      to: number,
      sentAt: stamp,
      endedAt: stamp,
      status: octet,
    });
    fc.assert(
      fc.property(fc.oneof(deliver, report), (tpdu) => {
        expect(parsed(encodePdu(tpdu).hex, true).tpdu).toEqual(tpdu);
      }),
      { numRuns: 500 },
    );
  });

  test('octets of anybody are a message or malformed, never an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200, size: 'max' }), fc.boolean(), (octets, toMobile) => {
        const pdu = parsePdu(Buffer.from(octets).toString('hex'), toMobile);
        if (pdu.kind === 'malformed' || pdu.tpdu.kind === 'status-report') return;
        const content = readContent(pdu.tpdu.userData, parseDataCoding(pdu.tpdu.coding));
        if (!('kind' in content)) expect(typeof textOf([content.body])).toBe('string');
      }),
      { numRuns: 2000 },
    );
    fc.assert(fc.property(fc.string(), (text) => void parsePdu(text, true)));
  });

  test('a message cut short anywhere is malformed', () => {
    const hex = '07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07';
    for (let length = 0; length < hex.length; length += 2) {
      expect(parsePdu(hex.slice(0, length), true).kind).toBe('malformed');
    }
  });

  test('an absolute validity period, none, and the enhanced one that is passed over', () => {
    const tail = '05E8329BFD06';
    const head = '000B915155550521F30000';
    const validityOf = (hex: string) => {
      const { tpdu } = parsed(hex, false);
      return tpdu.kind === 'submit' ? [tpdu.validity, textIn(tpdu)] : tpdu.kind;
    };
    const until = { utcMs: Date.UTC(2026, 10, 20, 15, 5, 0), offsetMinutes: 0 };
    expect(validityOf(`0019${head}62110251500000${tail}`)).toEqual([{ kind: 'absolute', until }, 'hello']);
    expect(validityOf(`0001${head}${tail}`)).toEqual([undefined, 'hello']);
    expect(validityOf(`0009${head}${'00'.repeat(7)}${tail}`)).toEqual([undefined, 'hello']);
  });
});

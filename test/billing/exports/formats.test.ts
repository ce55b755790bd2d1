import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FormatOptions, LeftOut } from '../../../src/billing/exports/format.js';
import { type FormatName, formatNames, formats } from '../../../src/billing/exports/formats.js';
import type { ExportedCall } from '../../../src/store/exports.js';
import { account, exportedCall, goldenCalls, goldenFiles } from './calls.js';

const carrier: FormatOptions = {
  zone: 'America/New_York',
  areaCode: '212',
  sensor: { type: '036', id: '0012345' },
};

interface Written {
  readonly file: Buffer;
  readonly leftOut: readonly string[];
}

function write(
  format: FormatName,
  calls: readonly ExportedCall[],
  options: FormatOptions = carrier,
): Written {
  const form = formats[format].form(options);
  const said = calls.map((call) => form.record(call)).filter((result) => result !== undefined);
  const records = said.filter((result) => result instanceof Uint8Array);
  const facts = { number: 3, madeAt: new Date('2026-11-22T03:00:00Z'), records: records.length };
  return {
    file: Buffer.concat([form.head(facts), ...records, form.tail(facts)]),
    leftOut: said.filter((result) => result instanceof LeftOut).map(({ reason }) => reason),
  };
}

/** A record of BAF in hexadecimal, one of another format as text; why not, where it is left out. */
function only(
  format: FormatName,
  given: Partial<ExportedCall>,
  options: FormatOptions = {},
): string | undefined {
  const record = formats[format].form(options).record(exportedCall(given));
  if (record instanceof LeftOut) return record.reason;
  return record && Buffer.from(record).toString(format === 'baf' ? 'hex' : 'utf8');
}

test.each(formatNames)('BL-75 %s is, to the octet, as the golden file has it', (format) => {
  expect(write(format, goldenCalls).file.toString('latin1')).toBe(
    readFileSync(goldenFiles[format], 'latin1'),
  );
});

test('telephony 7.3: BAF has the calls that were authorised, whether they were answered or not', () => {
  expect(only('baf', { calledNumber: undefined, bridgeAt: undefined, outcome: 'refused' })).toBeUndefined();
  const unjoined = { bridgeAt: undefined, outcome: 'refused', billableSeconds: 0 } as const;
  // Its payer's limit was used up meanwhile; and the callee did not take it.
  expect(only('baf', { ...unjoined, calleePort: undefined })).toBeUndefined();
  expect(only('baf', unjoined)).toMatch(/^003c/);
  const busy = only('baf', { bridgeAt: undefined, billableSeconds: 0, outcome: 'busy', releaseCause: 17 });
  // Answer indicator 1; the ring's time; no conversation.
  expect(busy).toMatch(/^003c0000aa00001c006c.{36}0000000c1c/);
  expect(busy).toMatch(/1504056c000000000c$/);
});

test('telephony 7.4: EMI has calls that were joined and rated, others wait or are not told of', () => {
  expect(only('emi', { bridgeAt: undefined })).toBeUndefined();
  expect(only('emi', { chargeMinor: undefined })).toMatch(/no charge yet/);
});

describe('amounts', () => {
  const amount = (chargeMinor: bigint, chargeDecimals: number, currency = 'USD') =>
    only('emi', { chargeMinor, chargeDecimals, currency });

  test.each([
    [0n, 2, '0000000'],
    [1n, 0, '0001000'],
    [125n, 2, '0001250'],
    [1n, 3, '0000001'],
    [12_340n, 4, '0001234'],
    [9_999_999n, 3, '9999999'],
  ])('BL-75 %s units of 10^-%s dollars are %s thousandths, exactly', (units, decimals, digits) => {
    expect(amount(units, decimals)?.slice(39, 46)).toBe(digits);
  });

  test('BL-75 what is no whole thousandth of a dollar, too large, or in another currency is left out and not bent', () => {
    expect(amount(12_345n, 4)).toMatch(/fraction of a thousandth/);
    expect(amount(10_000_000n, 3)).toMatch(/above the 9,999.999 dollars/);
    expect(amount(125n, 2, 'EUR')).toMatch(/in EUR/);
  });

  test('BL-A2 the message type tells who pays, and the billing number is theirs', () => {
    const typeOf = (billTo: number, payerNumber = '4155550102') => {
      const record = only('emi', { billTo: account(billTo), payerNumber });
      return [record?.slice(79, 80), record?.slice(112, 122)];
    };
    expect(typeOf(1, '2125550101')).toEqual(['1', '2125550101']);
    expect(typeOf(2)).toEqual(['4', '4155550102']);
    expect(typeOf(3)).toEqual(['2', '4155550102']);
    expect(only('emi', { payerNumber: '5550102' })).toMatch(/number of who pays 5550102 has no area code/);
    expect(only('baf', { billTo: account(2) })?.slice(16, 20)).toBe('014c');
    expect(only('baf', { billTo: undefined, isCollect: true })?.slice(16, 20)).toBe('014c');
    expect(only('baf', { billTo: account(1), isCollect: true })?.slice(16, 20)).toBe('006c');
  });
});

describe('numbers', () => {
  const called = (calledNumber: string, areaCode?: string) =>
    only('emi', { calledNumber }, areaCode === undefined ? {} : { areaCode })?.slice(27);

  test.each(['4155550102', '14155550102', '+14155550102'])('telephony 7.4: %s is split', (number) => {
    expect(called(number)).toMatch(/^104155550102/);
  });

  test('telephony 7.4: seven digits get the area code that was agreed, and stay out without', () => {
    expect(called('5550102', '212')).toMatch(/^102125550102/);
    expect(only('emi', { calledNumber: '5550102' })).toMatch(/has no area code: say which with --area-code/);
  });

  test.each(['442079460000', '911', '0155550102', '4151550102', '4155550102#', ''])(
    'telephony 7.3: the called number "%s" is of no plan that the format knows, and the call is left out',
    (number) => {
      for (const format of ['baf', 'emi'] as const)
        expect(only(format, { calledNumber: number })).toMatch(/is not of the North American/);
    },
  );

  test("telephony 7.3: a calling number that is withheld or foreign is the format's unknown", () => {
    for (const [ani, study, operator] of [
      [undefined, '0000010', '6'],
      ['442079460000', '0000060', '6'],
      ['2125550101', '0000000', '0'],
    ] as const) {
      const record = only('baf', { ani });
      expect(record?.slice(56, 64)).toBe(`${study}c`);
      expect(record?.slice(68, 70)).toBe(`${operator}c`);
    }
    expect(only('emi', { ani: undefined })?.slice(12, 27)).toBe('0'.repeat(15));
  });
});

describe('times', () => {
  const bridged = (bridgeAt: string, zone: string) =>
    only(
      'emi',
      { bridgeAt: new Date(bridgeAt), endAt: new Date(Date.parse(bridgeAt) + 60_000), billableSeconds: 60 },
      { zone },
    );
  const stampOf = (record: string | undefined) => `${record?.slice(6, 12)} ${record?.slice(54, 60)}`;

  test("fault 76: the carrier's wall clock, through both changes of the clocks and the year's", () => {
    expect(stampOf(bridged('2026-03-08T06:59:59Z', 'America/New_York'))).toBe('260308 015959');
    expect(stampOf(bridged('2026-03-08T07:00:00Z', 'America/New_York'))).toBe('260308 030000');
    expect(stampOf(bridged('2026-11-01T05:30:00Z', 'America/New_York'))).toBe('261101 013000');
    expect(stampOf(bridged('2026-11-01T06:30:00Z', 'America/New_York'))).toBe('261101 013000');
    expect(stampOf(bridged('2027-01-01T04:59:59Z', 'America/New_York'))).toBe('261231 235959');
    expect(stampOf(bridged('2027-01-01T00:15:00Z', 'Asia/Kathmandu'))).toBe('270101 060000');
  });

  test('telephony 7.3: an unknown zone is refused', () => {
    expect(() => formats.emi.form({ zone: 'Europe/Atlantis' })).toThrow(/no time zone "Europe\/Atlantis"/);
  });

  test('telephony 7.3: tenths come from the two times, where these agree with the measured seconds', () => {
    const at = new Date('2026-11-21T15:00:00.000Z');
    const lasted = (ms: number, billableSeconds: number) => {
      const call = { bridgeAt: at, endAt: new Date(at.getTime() + ms), billableSeconds };
      return [only('baf', call)?.slice(-10), only('emi', call)?.slice(60, 67)];
    };
    expect(lasted(90_250, 91)).toEqual(['000001303c', '0000903']);
    expect(lasted(90_000, 90)).toEqual(['000001300c', '0000900']);
    expect(lasted(1, 1)).toEqual(['000000001c', '0000001']);
    expect(lasted(0, 0)).toEqual(['000000000c', '0000000']);
    // The clock was set during the call.
    expect(lasted(-3_600_000, 91)).toEqual(['000001310c', '0000910']);
    expect(lasted(3_600_000, 91)).toEqual(['000001310c', '0000910']);
  });

  test("fault 76: a call of a day, one above a field's end, and one over midnight", () => {
    const long = (seconds: number) => {
      const at = new Date('2026-12-31T23:59:59.900Z');
      return { bridgeAt: at, endAt: new Date(at.getTime() + 1000 * seconds), billableSeconds: seconds };
    };
    expect(only('baf', long(86_400))).toMatch(/2359599c001440000c$/);
    expect(only('baf', long(5_999_999))).toMatch(/2359599c099999590c$/);
    expect(only('baf', long(6_000_000))).toMatch(/longer than the field/);
    expect(only('emi', long(999_999))?.slice(60, 67)).toBe('9999990');
    expect(only('emi', long(1_000_000))).toMatch(/longer than the field/);
  });
});

describe('strings of strangers', () => {
  test.each(['=1+1', '+1+1', '-1+1', '@SUM(A1)', '\uff1d1', '\t=1', '\r=1'])(
    'telephony 7.7: %j runs in no spreadsheet',
    (ani) => {
      expect(only('csv', { ani })).toMatch(/^[^,]*,[^,]*,("?)'/);
    },
  );

  test('telephony 7.1: for the readers of the switches the text is as it was, quoted, on one line', () => {
    expect(only('asterisk', { ani: '=1+1' })).toContain(',"=1+1",');
    expect(only('freeswitch', { ani: 'a"b\nc' })).toContain(',"a""b c",');
  });

  test('telephony 7.1: whatever a string has in it, a record of a switch is one line', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('asterisk', 'freeswitch'),
        (text, format) => {
          const line = only(format as FormatName, { ani: text, port: text }) as string;
          expect(line.indexOf('\n')).toBe(line.length - 1);
          expect(line).not.toMatch(/[\r\0]/);
        },
      ),
    );
  });
});

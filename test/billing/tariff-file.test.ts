import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTariffFile } from '../../src/billing/tariff-file.js';
import { tariffOf, tariffTexts } from './tariffs.js';

const good = `
name = "retail"
valid_from = "2026-01-01"
currency = "USD"
zone = "America/New_York"
[[band]]
name = "day"
days = "mon-fri"
from = "08:00"
to = "17:00"
[[rate]]
name = "all"
step = [{ from = 0, increment = 60, price = "0.10" }]
`;

const faultsOf = (text: string) => {
  const parsed = parseTariffFile(text);
  return parsed.kind === 'faulty' ? parsed.faults.join('\n') : 'none';
};

describe('a tariff file', () => {
  test.each(Object.entries(tariffTexts))('telephony 7.6: %s is one', (_, text) => {
    expect(faultsOf(text)).toBe('none');
  });

  test('telephony 7.6: defaults: cents, up, by the call, by the start, a price a minute, from midnight in its zone', () => {
    const { tariff, validFrom, validTo } = tariffOf(good);
    expect(tariff).toMatchObject({ decimals: 2, rounding: 'up', round: 'call', crossing: 'start' });
    expect(tariff).toMatchObject({ otherBand: 'any', minimum: undefined, allowances: [] });
    expect(tariff.rates[0]).toMatchObject({ prefix: '', steps: [{ perSeconds: 60 }] });
    expect([validFrom.toISOString(), validTo]).toEqual(['2026-01-01T05:00:00.000Z', undefined]);
  });

  test('telephony 7.6: a charge has the decimals of its currency', () => {
    expect(tariffOf(good.replace('USD', 'JPY')).tariff.decimals).toBe(0);
    expect(tariffOf(good.replace('USD', 'KWD')).tariff.decimals).toBe(3);
  });

  test.each([
    ['every', [0, 1, 2, 3, 4, 5, 6, 7]],
    ['mon-fri', [1, 2, 3, 4, 5]],
    ['Sun-Fri', [7, 1, 2, 3, 4, 5]],
    ['sat, sun', [6, 7]],
    ['holiday, sat-mon', [0, 6, 7, 1]],
    ['wed', [3]],
  ])('telephony 7.6: days "%s"', (text, days) => {
    expect(tariffOf(good.replace('mon-fri', text)).tariff.bands[0]?.days).toEqual(days);
  });

  test.each([
    [
      '"0.10"',
      '0.10',
      'line 13: rate.step.price: must be a price in quotes, e.g. "0.25": a number without them is not exact',
    ],
    ['"0.10"', '"-0.10"', 'not below zero'],
    ['"0.10"', '"1e3"', 'must be digits'],
    ['"0.10"', '"0.1234567890123"', 'at most twelve decimals'],
    ['"0.10"', '"9999999999999"', 'must be digits'],
    ['America/New_York', 'America/Atlantis', 'line 5: zone: is no time zone; write one of IANA'],
    ['USD', 'USX', 'currency: must be a code of ISO 4217'],
    ['mon-fri', 'mon-fry', 'line 8: band.days: must be days'],
    ['mon-fri', 'holiday-fri', 'line 8: band.days: must be days'],
    ['17:00', '07:00', 'line 6: band: ends before it begins'],
    ['17:00', '25:00', 'line 10: band.to: must be a time of day'],
    ['increment = 60', 'increment = 0', 'line 13: rate.step.increment: '],
    ['increment = 60', 'increment = 100000', 'line 13: rate.step.increment: '],
    ['increment = 60', 'increment = 1.5', 'must be whole seconds'],
    ['from = 0', 'from = 1', 'line 11: rate: its first step must be from = 0'],
    ['2026-01-01', '2026-02-30', 'line 3: valid_from: is no day of the calendar'],
    ['"2026-01-01"', '2026-01-01', 'must be a date in quotes'],
    ['2026-01-01', '2026-01-01T10:00:00Z', 'must be a date alone'],
    ['name = "all"', 'name = "all"\nband = "nihgt"', 'line 11: there is no band "nihgt"; there are any, day'],
    [
      'name = "all"',
      'name = "all"\nband = "day"',
      'band any: no rate is for it, so its calls could not be rated',
    ],
    ['name = "all"', 'name = "all"\nprefx = "1"', 'line 13: rate.prefx: no such key; check its spelling'],
    ['zone = "America/New_York"', '', 'zone: is missing'],
    ['name = "all"', '', 'line 11: rate.name: is missing'],
    ['name = "all"', 'name = "all"\nprefix = "+1"', 'must be at most 20 digits'],
    ['currency', 'valid_to = "2026-01-01"\ncurrency', 'valid_to: is not after valid_from'],
    ['currency', 'minimum = "0.105"\ncurrency', 'minimum: has more decimals than charges have (2)'],
    ['currency', 'minimum = "2"\nmaximum = "1"\ncurrency', 'minimum: is above maximum'],
    ['currency', 'decimals = 9\ncurrency', 'decimals'],
    ['[[rate]]', '[[rate', 'Invalid TOML'],
  ])('telephony 7.6: %s in place of %s is told with its place', (from, to, fault) => {
    expect(faultsOf(good.replace(from, to))).toContain(fault);
  });

  test('telephony 7.6: a rate that another one hides is told', () => {
    expect(faultsOf(good + good.slice(good.indexOf('[[rate]]')))).toContain(
      'line 14: is for the same class, prefix and band as line 11, which hides it',
    );
  });

  test('telephony 7.6: steps out of order are told', () => {
    const steps =
      'step = [{ from = 0, increment = 60, price = "1" }, { from = 0, increment = 6, price = "1" }]';
    expect(faultsOf(good.replace(/step = .*/, steps))).toContain('in order');
  });

  test('telephony 7.6: a step of its own table is told by its line, in CR LF files, too', () => {
    const tables = ['0.10', '0.1O'].map(
      (price, index) => `[[rate.step]]\nfrom = ${60 * index}\nincrement = 6\nprice = "${price}"\n`,
    );
    const text = good.replace(/step = .*\n/, tables.join(''));
    const second = `[[rate]]\nname = "b"\nprefix = "1"\n${tables[0]}${tables[1]}`;
    expect(faultsOf((text + second).replaceAll('\n', '\r\n'))).toBe(
      ['line 20', 'line 31']
        .map(
          (line) =>
            `${line}: rate.step.price: must be digits with at most twelve decimals, not below zero, e.g. "0.25"`,
        )
        .join('\n'),
    );
  });

  test('telephony 7.6: no text makes it throw', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(good.length), fc.nat(10), (junk, at, cut) => {
        expect(['tariff', 'faulty']).toContain(
          parseTariffFile(good.slice(0, at) + junk + good.slice(at + cut)).kind,
        );
      }),
    );
  });
});

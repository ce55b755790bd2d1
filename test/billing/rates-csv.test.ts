import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fractionText } from '../../src/billing/amount.js';
import { parseRatesCsv } from '../../src/billing/rates-csv.js';
import { parseTariffFile, ratesFileOf } from '../../src/billing/tariff-file.js';

const head = `
name = "retail"
valid_from = "2026-01-01"
currency = "USD"
zone = "America/New_York"
rates = "retail.csv"
[[band]]
name = "day"
days = "mon-fri"
from = "08:00"
to = "17:00"
`;

const faultsOf = (csv: string, toml = head) => {
  const parsed = parseTariffFile(toml, csv);
  return parsed.kind === 'faulty' ? parsed.faults : [];
};

describe('a CSV file of rates', () => {
  test('telephony 7.6: a rate a row: initial and additional period, empty cells for what goes without saying', () => {
    const csv = [
      'prefix,name,class,band,connect,initial,initial_price,additional,price,per',
      '1516,"Long Island, day",delivery,day,0.02,60,0.18,30,0.17,60',
      ',anywhere,,,,,,,0.10,',
    ].join('\r\n');
    const parsed = parseTariffFile(head, csv);
    if (parsed.kind === 'faulty') throw new Error(parsed.faults.join('\n'));
    const rates = parsed.tariff.rates.map(({ connect, steps, ...rate }) => ({
      ...rate,
      connect: fractionText(connect),
      steps: steps.map((step) => ({ ...step, price: fractionText(step.price) })),
    }));
    expect(rates).toEqual([
      {
        ...{ name: 'Long Island, day', callClass: 'delivery', prefix: '1516', band: 'day', connect: '0.02' },
        steps: [
          { fromSecond: 0, incrementSeconds: 60, price: '0.18', perSeconds: 60 },
          { fromSecond: 60, incrementSeconds: 30, price: '0.17', perSeconds: 60 },
        ],
      },
      {
        ...{ name: 'anywhere', callClass: undefined, prefix: '', band: undefined, connect: '0.00' },
        steps: [{ fromSecond: 0, incrementSeconds: 60, price: '0.10', perSeconds: 60 }],
      },
    ]);
  });

  test('telephony 7.6: as spreadsheets save it: a mark before it, semicolons, tabs, empty rows, any order', () => {
    for (const separator of [';', '\t', ','])
      expect(
        parseRatesCsv(`\ufeffPrice,Name,Prefix\n0.10,all,\n,,\n0.20,local,555\n`.replaceAll(',', separator)),
      ).toMatchObject({
        faults: [],
        rates: [{ rate: { prefix: '' } }, { place: 'line 4', rate: { prefix: '555' } }],
      });
  });

  test.each([
    ['prefix,name,price\n555,a,-0.10', 'retail.csv line 2: price: must be digits'],
    ['prefix,name,price\n555,a,2000000', 'retail.csv line 2: price: is above 1000000'],
    ['prefix,name,price\n555,a,', 'retail.csv line 2: price: is missing'],
    [
      'prefix,name,price\n555,a,0.1\n555,b,0.2',
      'retail.csv line 3: is for the same class, prefix and band as',
    ],
    ['prefix,name,price,initial\n555,a,0.1,0', 'retail.csv line 2: initial: must be at least 1 second'],
    ['prefix,name,price,initial\n555,a,0.1,1m', 'retail.csv line 2: initial: must be whole seconds'],
    ['prefix,name,price,additional\n555,a,0.1,99999', 'retail.csv line 2: additional: must be at most 86400'],
    ['prefix,name,price,class\n555,a,0.1,free', 'retail.csv line 2: class: '],
    ['prefix,name,price,band\n555,a,0.1,night', 'retail.csv line 2: there is no band "night"'],
    ['prefix,name,price,band\n555,a,0.1,day\n,b,1,', ''],
    ['prefix,name,price,band\n555,a,0.1,day\n1,b,1,', 'line 2: calls to 555 have no rate in the band any'],
    ['prefix,name,price\n+44,a,0.1', 'retail.csv line 2: prefix: must be at most 20 digits'],
    ['prefix,name,price\n555,New York, NY,0.1', 'line 2: has 4 cells, and the heading has 3'],
    ['prefix,name,cost\n555,a,0.1', 'line 1: there is no column "cost"; the columns are prefix, name'],
    ['prefix,name\n555,a', 'line 1: the column "price" is missing'],
    ['prefix,name,price,name\n555,a,0.1,b', 'line 1: the column "name" stands twice'],
    ['prefix,name,price\n555,"a,0.1', 'retail.csv Quote Not Closed'],
    ['', 'line 1: the column "prefix" is missing'],
    ['prefix,name,price\n', 'needs at least one'],
  ])('telephony 7.6: %j is told with its line: %s', (csv, fault) => {
    expect(faultsOf(csv).join('\n')).toContain(fault);
    if (fault === '') expect(faultsOf(csv)).toEqual([]);
  });

  test('telephony 7.6: a file that is named and not there is told', () => {
    expect(parseTariffFile(head)).toMatchObject({ faults: ['rates: the file retail.csv is not there'] });
    expect([ratesFileOf(head), ratesFileOf('name = "a"'), ratesFileOf('[[')]).toEqual([
      'retail.csv',
      undefined,
      undefined,
    ]);
  });

  test('telephony 7.6: a band that others leave no minute of is told', () => {
    const bands = '[[band]]\nname = "noon"\ndays = "wed"\nfrom = "12:00"\nto = "13:00"\n';
    expect(faultsOf('prefix,name,price\n,all,1', head + bands)).toEqual([
      'line 12: "noon" never holds: bands before it have all of its time',
    ]);
  });

  test('telephony 7.6: no text makes it throw', () => {
    const heading = 'prefix,name,price\n';
    fc.assert(
      fc.property(fc.string(), fc.boolean(), (junk, isBelow) => {
        const { rates, faults } = parseRatesCsv(isBelow ? heading + junk : junk);
        expect(rates.length + faults.length).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('telephony 7.6: the example in fixtures is whole', () => {
    const read = (name: string) =>
      readFileSync(new URL(`../../fixtures/tariffs/${name}`, import.meta.url), 'utf8');
    expect(parseTariffFile(read('local-and-toll.toml'), read('local-and-toll.csv'))).toMatchObject({
      kind: 'tariff',
      tariff: { rates: { length: 6 } },
    });
  });
});

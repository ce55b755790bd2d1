import { describe, expect, test } from 'vitest';
import { nanp } from '../../../../src/pstn/central-office/routing/nanp.js';
import {
  NumberingPlan,
  type NumberingPlanTable,
} from '../../../../src/pstn/central-office/routing/numbering-plan.js';

const home = { countryCode: '1', areaCode: '212' };
const plan = new NumberingPlan(nanp, ['212', '914']);

/** What each digit makes of the number so far, and what it means in the end. */
function dial(digits: string, through = plan) {
  const found = through.lookup(digits, home);
  return 'destination' in found ? { kind: found.kind, ...meaning(found.destination) } : { kind: found.kind };
}

function meaning(dialled: object) {
  const { number, code } = { number: undefined, code: undefined, ...dialled };
  return { number, code };
}

describe('telephony 10: the North American numbering plan', () => {
  test.each([
    ['911', '911', undefined],
    ['411', '411', undefined],
    ['5550101', undefined, '12125550101'],
    ['9145550101', undefined, '19145550101'],
    ['2125550101', undefined, '12125550101'],
    ['13035550101', undefined, '13035550101'],
    ['011442079460000#', undefined, '442079460000'],
  ])('telephony 10: %s is complete with its last digit, and not before', (digits, code, number) => {
    expect(dial(digits)).toEqual({ kind: 'complete', code, number });
    for (let length = 1; length < digits.length; length++) {
      expect(dial(digits.slice(0, length)).kind, digits.slice(0, length)).not.toBe('complete');
    }
  });

  test.each([
    ['0', '0', undefined],
    ['011442079460000', undefined, '442079460000'],
    // The beginning of a number of the area 914, or the seven digits of a careless office code.
    ['9145550', undefined, '12129145550'],
  ])('telephony 10: %s is a number, and may become a longer one', (digits, code, number) => {
    expect(dial(digits)).toEqual({ kind: 'ambiguous', code, number });
  });

  test.each(['', '9', '91', '555010', '1303555010', '01', '011442', '*7'])(
    'telephony 10: "%s" is unfinished',
    (digits) => {
      expect(dial(digits).kind).toBe('incomplete');
    },
  );

  test.each(['10', '11', '5150A', '*71', '*0', '#', '#1', '130355501011'])(
    'telephony 10: "%s" begins no number',
    (digits) => {
      expect(dial(digits).kind).toBe('unknown');
    },
  );

  test('telephony 10: *70 is a call without call waiting, not a number', () => {
    expect(plan.lookup('*70', home)).toEqual({
      kind: 'complete',
      destination: { kind: 'cancel-call-waiting' },
    });
  });
});

describe('telephony 10: another numbering plan', () => {
  const table: NumberingPlanTable = {
    name: 'elsewhere',
    rules: [
      { dial: '112', means: 'service' },
      { dial: '00X{5,14}', strip: 2 },
      { dial: '0Z X{4,9}'.replaceAll(' ', ''), strip: 1, prefix: '{country}' },
      { dial: 'ZX{3,6}', prefix: '{country}{area}' },
    ],
  };
  const elsewhere = new NumberingPlan(table, ['30']);
  const berlin = { countryCode: '49', areaCode: '30' };

  test.each([
    ['112', { kind: 'service', code: '112' }],
    ['030123456', { kind: 'number', number: '4930123456' }],
    ['0012125550101', { kind: 'number', number: '12125550101' }],
    ['123456', { kind: 'number', number: '4930123456' }],
  ])('telephony 10: %s', (digits, destination) => {
    expect(elsewhere.lookup(digits, berlin)).toMatchObject({ destination });
  });

  test.each([
    '12Q',
    'X{3}',
    'X{2,5}1',
    'X{5,2}',
    '{country}1',
    '{area}{area}X',
    'X{1,999999999999}',
    'X{0,3}',
  ])('telephony 10: the row %s cannot be read, and is named', (row) => {
    expect(() => new NumberingPlan({ name: 'x', rules: [{ dial: row }] }, ['212', '914'])).toThrow(
      `dial = "${row}"`,
    );
  });

  test('telephony 10: a row that takes more digits away than it may have is named', () => {
    const rules = [{ dial: 'ZX', strip: 2 }];
    expect(() => new NumberingPlan({ name: 'x', rules }, [])).toThrow('dial = "ZX", strip = 2');
    expect(
      new NumberingPlan({ name: 'x', rules: [{ dial: 'ZX', strip: 2, prefix: '5550100' }] }, []),
    ).toBeDefined();
  });
});

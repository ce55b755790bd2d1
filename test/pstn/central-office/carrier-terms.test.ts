import { describe, expect, test } from 'vitest';
import {
  agree,
  allAbilities,
  type CarrierAbilities,
} from '../../../src/pstn/central-office/carrier-terms.js';

const line = { maxRate: 33_600, isErrorFree: true };
const only = (...modulations: CarrierAbilities['modulations']) => ({ ...allAbilities, modulations });

describe('what two modems agree on', () => {
  test.each([
    [33_600, 'V34'],
    [14_400, 'V32B'],
    [2_400, 'V22B'],
    [300, 'V21'],
    [56_000, 'V90'],
    [10_000_000, 'V92'],
  ])('telephony 1.4: a line of %i bit/s takes %s, the slowest that goes as fast', (maxRate, modulation) => {
    expect(agree(allAbilities, allAbilities, { ...line, maxRate })).toEqual({
      rate: maxRate,
      modulation,
      errorControl: 'LAPM',
      compression: 'V42B',
    });
  });

  test('telephony 1.4: the fastest that both have sets the rate', () => {
    expect(agree(only('V34', 'V32B', 'V22B'), only('V22B', 'V32B'), line)).toMatchObject({
      rate: 14_400,
      modulation: 'V32B',
    });
  });

  test('fault 40: nothing in common, or slower than one of them takes, is no carrier', () => {
    expect(agree(only('V34'), only('V32B'), line)).toBeUndefined();
    expect(agree({ ...allAbilities, minRate: 28_800 }, only('V32B'), line)).toBeUndefined();
    expect(agree(allAbilities, { ...allAbilities, minRate: 33_601 }, line)).toBeUndefined();
    expect(agree({ ...allAbilities, minRate: 33_600 }, allAbilities, line)).toBeDefined();
  });

  test.each<[Partial<CarrierAbilities>, string | undefined, string | undefined]>([
    [{}, 'LAPM', 'V42B'],
    [{ errorControl: ['ALT'] }, 'ALT', 'V42B'],
    [{ errorControl: [] }, 'NONE', 'NONE'],
    [{ compression: false }, 'LAPM', 'NONE'],
    [{ errorControl: ['LAPM'], needsErrorControl: true }, 'LAPM', 'V42B'],
  ])(
    'telephony 1.4: error control and compression with one that has %j',
    (change, errorControl, compression) => {
      const terms = agree(allAbilities, { ...allAbilities, ...change }, line);
      expect(terms).toMatchObject({ errorControl, compression });
    },
  );

  test('telephony 1.4: on a line with an error rate there is no error control, and who needs it stays without carrier', () => {
    const noisy = { ...line, isErrorFree: false };
    expect(agree(allAbilities, allAbilities, noisy)).toMatchObject({
      errorControl: 'NONE',
      compression: 'NONE',
    });
    expect(agree(allAbilities, { ...allAbilities, needsErrorControl: true }, noisy)).toBeUndefined();
  });
});

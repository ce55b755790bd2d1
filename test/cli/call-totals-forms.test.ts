import { expect, test } from 'vitest';
import { totalsJson, totalsLines } from '../../src/cli/call-totals-forms.js';

const totals = {
  ...{ calls: 1_010, inquiries: 10, answered: 250, billableSeconds: 25_030n, unrated: 2 },
  charges: [
    { currency: 'JPY', amount: '1200', calls: 3 },
    { currency: 'USD', amount: '30.6', calls: 1_200 },
    { currency: 'EUR', amount: '0.0125', calls: 1 },
  ],
};

test('telephony 7.7: totals: the ratio is of those who wanted to reach somebody, amounts have the decimals of their currency', () => {
  expect(totalsLines(totals).split('\n')).toEqual([
    'calls                 1,010',
    'price inquiries       10',
    'answered              250',
    'answer-seizure ratio  25.0 %',
    'billable minutes      417.2',
    'average duration      100.1 s',
    'charge in JPY         1200 for 3 calls',
    'charge in USD         30.60 for 1,200 calls',
    'charge in EUR         0.0125 for 1 call',
    'not rated             2',
  ]);
  expect(totalsJson(totals)).toMatchObject({
    ...{ answerSeizureRatio: 0.25, inquiries: 10, charges: totals.charges },
  });
});

test('telephony 7.7: where all were inquiries there is no ratio, and where none was they are not told of', () => {
  const none = { calls: 3, inquiries: 3, answered: 0, billableSeconds: 0n, unrated: 0, charges: [] };
  expect(totalsJson(none)).toMatchObject({ answerSeizureRatio: null, averageSeconds: null });
  expect(totalsLines({ ...none, inquiries: 0 })).not.toContain('inquiries');
});

import { describe, expect, test } from 'vitest';
import {
  lineRows,
  roundTrips,
  seconds,
  sentTwice,
  share,
  wrongFiles,
} from '../../../../src/cli/bench/line/figures.js';
import type { Measured, Measurements } from '../../../../src/cli/bench/line/measure.js';
import type { CallTimes, Delivery } from '../../../../src/cli/bench/line/subject.js';

const call: CallTimes = {
  bridgedMs: 0,
  calleeMs: 0,
  calleeLegMs: 0,
  firstContentMs: 500,
  receiptMs: 1_000,
  octetsThere: 0,
  octetsBefore: 0,
  octetsBack: 0,
};

function measured(octets: number, ...calls: Partial<CallTimes>[]): Measured {
  return {
    octets,
    delivery: {
      calls: calls.map((each) => ({ ...call, ...each })),
      isSaidDone: true,
      isRight: true,
      isAsAtFirst: false,
      isWrongFiled: false,
    },
  };
}

function ending(of: Measured, end: Partial<Delivery>): Measured {
  return { ...of, delivery: { ...of.delivery, ...end } };
}

/** 33,600 bit/s carry 4,200 octets a second. */
const perfect = measured(42_000, { receiptMs: 10_000 });

describe('figures of a line', () => {
  test('share: the file over what the line carries in that time', () => {
    expect(share('random')({ random: perfect })).toBe(1);
    expect(share('random')({ random: measured(42_000, { receiptMs: 12_500 }) })).toBe(0.8);
  });

  test('the dialling of B is taken out of the time', () => {
    const brokered = measured(42_000, { receiptMs: 20_000, calleeMs: 10_000 });
    expect(share('random')({ random: brokered })).toBe(1);
    const [whole, withDialling] = lineRows({ ours: { random: brokered }, peers: {}, xzOctets: undefined });
    expect([whole?.value, withDialling?.value]).toEqual([1, 0.5]);
  });

  test('a file that is not as it was counts nothing, however quick', () => {
    expect(share('random')({ random: ending(perfect, { isRight: false }) })).toBe(0);
  });

  test('what was not measured is no figure', () => {
    for (const reckon of [share('random'), seconds('letter', () => 1), sentTwice, wrongFiles, roundTrips])
      expect(reckon({})).toBeNull();
  });

  test('sent twice: both calls less a whole one, each without its opening', () => {
    const whole = measured(1_000, { octetsThere: 1_150, octetsBefore: 100 });
    const lost = measured(
      1_000,
      { octetsThere: 700, octetsBefore: 100 },
      { octetsThere: 690, octetsBefore: 140 },
    );
    expect(sentTwice({ whole, lost })).toBe(600 + 550 - 1_050);
    expect(sentTwice({ whole, lost: ending(lost, { isRight: false }) })).toBeNull();
  });

  test('where the time of a text goes: its parts are all of it but the dialling of B', () => {
    const letter = measured(1_024, {
      ...{ bridgedMs: 16_300, calleeMs: 14_500, calleeLegMs: 900, firstContentMs: 17_100, receiptMs: 17_400 },
    });
    const rows = lineRows({ ours: { letter }, peers: { 'sz -8': { letter } }, xzOctets: undefined });
    const parts = rows.filter(({ figure }) => figure.startsWith('1 KiB text, of it'));
    expect(parts.map(({ value }) => value)).toEqual([0.9, 0.9, 0.8, 0.3]);
    expect(parts.every(({ goal, peers }) => goal === null && Object.keys(peers).length === 0)).toBe(true);
    expect(rows.find(({ figure }) => figure === '1 KiB text, CONNECT to receipt')?.value).toBe(2.9);
  });

  test('a wrong file counts where the sender was told that all was well', () => {
    const wrong = ending(perfect, { isRight: false, isWrongFiled: true });
    expect(wrongFiles({ 'lost and changed': perfect })).toBe(0);
    expect(wrongFiles({ 'lost and changed': wrong })).toBe(1);
    expect(wrongFiles({ 'lost and changed': ending(wrong, { isSaidDone: false }) })).toBe(0);
  });

  test.each([0, 1, 2.5])('%d round trips before the content, told by the delay that they cost', (trips) => {
    const opening = (delayMs: number): Measured =>
      measured(1, { bridgedMs: 5_000, firstContentMs: 5_400 + (2 * trips + 1) * delayMs });
    expect(roundTrips({ 'opening near': opening(0), 'opening far': opening(300) })).toBe(trips);
  });
});

test('the opening is counted from where both modems are connected', () => {
  const near = measured(1, { bridgedMs: 5_000, firstContentMs: 5_400 });
  const rows = lineRows({ ours: { 'opening near': near }, peers: {}, xzOctets: undefined });
  expect(rows.at(-1)).toMatchObject({ value: 0.4, goal: 0.8, met: true });
});

describe('rows of a line', () => {
  const ours: Measurements = { random: perfect, office: perfect };
  const wrong = ending(perfect, { isRight: false, isWrongFiled: true });
  const rows = lineRows({
    ours,
    peers: { 'sz -8': { random: measured(42_000, { receiptMs: 12_500 }), 'lost and changed': wrong } },
    xzOctets: 14_000,
  });
  const rowOf = (figure: string) => rows.find((row) => row.figure === figure);

  test('JSON has the published names in every row', () => {
    for (const row of JSON.parse(JSON.stringify(rows))) {
      expect(Object.keys(row)).toEqual(
        expect.arrayContaining(['figure', 'value', 'unit', 'goal', 'met', 'peers']),
      );
    }
  });

  test('the goals are those of the product, in their order', () => {
    expect(rows.flatMap(({ goal }) => (goal === null ? [] : [goal]))).toEqual([
      0.99, 0.996, 2.42, 2.6, 0.98, 0.93, 0.75, 4096, 0, 1, 0.8,
    ]);
  });

  test('a peer stands only in rows for which it was measured', () => {
    expect(rowOf('1 MiB random, CONNECT to receipt')?.peers).toEqual({ 'sz -8': 0.8 });
    expect(rowOf('bit error rate 1e-4')?.peers).toEqual({});
  });

  test('the pipe of tar, xz and sz is reckoned from its parts', () => {
    expect(rowOf('office folder of 4 MB')?.peers).toEqual({ 'tar, xz -9e and sz -8 (reckoned)': 2.4 });
  });

  test('what was delivered as it was at first is neither wrong nor passed over', () => {
    const older = ending(perfect, { isRight: false, isAsAtFirst: true });
    const row = lineRows({ ours: { 'lost and changed': older }, peers: {}, xzOctets: undefined }).find(
      ({ figure }) => figure === 'file changed meanwhile: wrong files',
    );
    expect(row).toMatchObject({ value: 0, met: true });
    expect(row?.remarks).toEqual([
      'Cordboard delivered the file as it was when the sending began, and said that all was well.',
    ]);
  });

  test('a wrong file with exit code 0 is told in words, too', () => {
    const row = rowOf('file changed meanwhile: wrong files');
    expect(row?.peers).toEqual({ 'sz -8': 1 });
    expect(row?.remarks).toEqual(['sz -8 delivered a wrong file and said that all was well.']);
  });
});

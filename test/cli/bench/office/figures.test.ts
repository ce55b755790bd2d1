import { describe, expect, test } from 'vitest';
import { officeRows, type Results } from '../../../../src/cli/bench/office/figures.js';
import { rowsTable } from '../../../../src/cli/bench/row.js';

const group = { circuits: 24, erlangs: 18, calls: 100_000 };
const hour = {
  calls: { dialled: 1_750, answered: 1_403, busy: 155, congestion: 23 },
  octets: 0,
  wallMs: 7_200_000,
  processorMs: 1_800,
};
const results: Results = {
  trunks: [
    { ...group, law: 'exponential', blocking: { mean: 0.035256 + 0.001, standardError: 0.001 } },
    { ...group, law: 'all equal', blocking: { mean: 0.035256 - 0.003, standardError: 0.001 } },
    {
      ...group,
      circuits: 10,
      erlangs: 5,
      law: 'all equal',
      blocking: { mean: 0.018385, standardError: 0.001 },
    },
  ],
  redialled: { ...group, law: 'exponential', blocking: { mean: 0.037, standardError: 0.001 } },
  hours: [{ equipment: 'telephones', hour }],
  voice: { stream: 0.004, detectors: 0.002 },
  ptys: {
    idle: [0.006, 0.03, 0.005].map((processor) => ({ processor, flow: 0 })),
    busy: [0.3, 0.2, 0.26].map((processor) => ({ processor, flow: 1 })),
  },
};
const rows = officeRows(results);
const rowOf = (figure: string) => rows.find((row) => row.figure.startsWith(figure));

describe('telephony 5: figures of the simulated network', () => {
  test('telephony 5: a group counts by the law that is farthest from Erlang B, on whichever side', () => {
    expect(rowOf('24 circuits, 18 E: off')).toMatchObject({ value: 3, met: false });
    expect(rowOf('24 circuits, 18 E: off')?.remarks).toEqual([
      'exponential 0.03626 (s.e. 0.00100, least 0.00058), Erlang B 0.03526.',
      'all equal 0.03226 (s.e. 0.00100, least 0.00058), Erlang B 0.03526.',
    ]);
    expect(rowOf('10 circuits, 5 E: off')).toMatchObject({ met: true });
  });

  test('telephony 5: redialled calls that come out as Erlang B says miss their goal', () => {
    expect(rowOf('24 circuits, 18 E, redialled')).toMatchObject({ met: false });
  });

  test('the factor is of processor time', () => {
    expect(rowOf('busy hour')).toMatchObject({ value: 2_000, met: true });
  });

  test('telephony 2: a voice stream counts for one end, and its detectors explain it', () => {
    expect(rowOf('voice stream both ways')).toMatchObject({ value: 0.4, goal: 1, met: true });
    expect(rowOf('DTMF and call progress in it')).toMatchObject({ value: 0.2, goal: null, met: null });
  });

  test('the median of the stretches counts, in percent', () => {
    expect(rowOf('100 idle ptys')).toMatchObject({ value: 0.6, met: true });
    expect(rowOf('100 ptys full')).toMatchObject({ value: 26, met: false });
  });

  test('lines that were not full give no figure', () => {
    const ptys = { idle: [], busy: [{ processor: 0.01, flow: 0.9 }] };
    expect(officeRows({ ...results, ptys }).at(-1)).toMatchObject({ value: null, met: false });
  });

  test('ptys that could not be measured say why, and the other figures stay', () => {
    const without = officeRows({ ...results, ptys: { problem: 'no glibc here' } });
    expect(without).toHaveLength(rows.length);
    expect(without.slice(-2)).toMatchObject([
      { value: null, met: false, remarks: ['no glibc here'] },
      { value: null, met: false, remarks: ['no glibc here'] },
    ]);
  });

  test('the table fits 100 columns', () => {
    const widths = rowsTable(rows, [])
      .split('\n')
      .map((line) => line.length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(100);
  });
});

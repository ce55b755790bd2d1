import { execFileSync, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FormatName } from '../../../src/billing/exports/formats.js';
import { goldenCalls, goldenFiles } from './calls.js';

const isMissing = spawnSync('python3', ['--version']).status !== 0;
if (isMissing && process.env.CORDBOARD_REQUIRE_PROGRAMS === '1') throw new Error('python3 is not installed.');

/** What a reader that knows the README alone finds in the golden file. */
function readBack(format: FormatName): unknown {
  const reader = resolve(import.meta.dirname, 'read_export.py');
  return JSON.parse(execFileSync('python3', [reader, format, goldenFiles[format]], { encoding: 'utf8' }));
}

describe.skipIf(isMissing)('read back in Python, by the README alone', () => {
  test('BL-70 BAF: who called whom, when, for how long, and whether it was answered', () => {
    const common = {
      ...{
        structure: '00001',
        sensorType: '036',
        sensorId: '0012345',
        officeType: '036',
        officeId: '0012345',
      },
      ...{ date: '61121', timing: '00000', observed: '0', feature: '000' },
    };
    const plain = { ...common, callType: '006', study: '0000000', operator: '0' };
    const called = { overseas: '0', area: '00415', number: '5550102' };
    const calling = { originArea: '212', origin: '5550101' };
    const joined = { answer: '0', elapsed: '000001303' };
    expect(readBack('baf')).toEqual({
      header: { number: 3, length: 28 + 4 * 60, records: 4 },
      records: [
        { ...plain, ...calling, ...called, ...joined, time: '1004159' },
        {
          ...common,
          ...{ callType: '014', study: '0000010', operator: '6', originArea: '000', origin: '0000000' },
          ...{ ...called, ...joined, time: '1010102' },
        },
        { ...plain, ...calling, ...called, answer: '1', elapsed: '000000000', time: '1020000' },
        {
          ...plain,
          ...{ originArea: '212', origin: '5550177', overseas: '1', area: '00212', number: '5550102' },
          ...{ ...joined, time: '1030102' },
        },
      ],
    });
  });

  test('BL-75 EMI: who pays what for which call', () => {
    const joined = {
      ...{ id: '010101', date: '261121', overflow: '000', calledLength: '10', amount: '0001250' },
      conversation: '0000903',
    };
    expect(readBack('emi')).toEqual({
      header: '202401261121',
      trailer: '202402261121',
      records: [
        {
          ...joined,
          ...{ callingLength: '10', calling: '2125550101', called: '4155550102', connect: '100415' },
          ...{ messageType: '1', billing: '2125550101' },
        },
        {
          ...joined,
          ...{ callingLength: '00', calling: '0000000000', called: '4155550102', connect: '101010' },
          ...{ messageType: '4', billing: '4155550102' },
        },
        {
          ...joined,
          ...{ callingLength: '10', calling: '2125550177', called: '2125550102', connect: '103010' },
          ...{ messageType: '2', billing: '2125550103' },
        },
      ],
    });
  });

  test('telephony 7.1: Master.csv has its columns, with every call', () => {
    const rows = readBack('asterisk') as Record<string, string>[];
    expect(rows.map(({ uniqueid }) => uniqueid)).toEqual(goldenCalls.map(({ trackingId }) => trackingId));
    expect(rows[0]).toMatchObject({
      ...{ accountcode: '000000000001', src: '2125550101', dst: '4155550102', clid: '2125550101' },
      ...{ start: '2026-11-21 10:04:05', answer: '2026-11-21 10:04:15', end: '2026-11-21 10:05:46' },
      ...{ duration: '101', billsec: '91', disposition: 'ANSWERED', amaflags: 'BILLING' },
    });
    expect(rows.map(({ disposition }) => disposition)).toEqual([
      'ANSWERED',
      'ANSWERED',
      'BUSY',
      'ANSWERED',
      'FAILED',
      'ANSWERED',
    ]);
    expect(rows[2]).toMatchObject({ answer: '', billsec: '0', amaflags: 'DOCUMENTATION' });
  });

  test('telephony 7.2: the default template of mod_cdr_csv has its columns, with every call', () => {
    const rows = readBack('freeswitch') as Record<string, string>[];
    expect(rows.map(({ uuid }) => uuid)).toEqual(goldenCalls.map(({ trackingId }) => trackingId));
    expect(rows.map((row) => row.hangup_cause)).toEqual([
      ...['NORMAL_CLEARING', 'NORMAL_CLEARING', 'USER_BUSY', 'NORMAL_CLEARING', 'CALL_REJECTED'],
      'NORMAL_CLEARING',
    ]);
    expect(rows[2]).toMatchObject({ answer_stamp: '', duration: '101', billsec: '0' });
  });

  test('BL-70 csv and ndjson say the same, and the formula is text', () => {
    const rows = readBack('csv') as Record<string, string>[];
    const objects = readBack('ndjson') as Record<string, unknown>[];
    expect(rows).toHaveLength(goldenCalls.length);
    expect(rows[4]?.reason).toBe(`'=cmd|"/c calc"!A1`);
    expect(objects[4]?.reason).toBe('=cmd|"/c calc"!A1');
    const asText = (object: Record<string, unknown>) =>
      Object.fromEntries(Object.entries(object).map(([field, value]) => [field, String(value ?? '')]));
    expect(rows.map(({ reason, ...row }) => row)).toEqual(
      objects.map(({ reason, ...object }) => asText(object)),
    );
  });
});

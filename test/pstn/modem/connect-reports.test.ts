import { describe, expect, test } from 'vitest';
import { silentLog } from '../../../src/log/log.js';
import type { OfficeLineOptions } from '../../../src/pstn/central-office/options.js';
import { simBinding } from '../../../src/pstn/central-office/ports/sim-port.js';
import { readConnectReport, readConnectText } from '../../../src/pstn/modem/connect-reports.js';
import { openModem } from '../../../src/pstn/modem/open-modem.js';
import { simulatedOffice } from '../../support/office.js';
import { settled } from '../../support/scripted-modem.js';
import { dataCall } from '../../support/telephone-call.js';

describe('what a modem says of a connection', () => {
  test.each([
    ['+MRR: 33600,31200', { rate: 31_200 }],
    ['+MRR: 14400', { rate: 14_400 }],
    ['+MRR:', {}],
    ['CARRIER 28800', { rate: 28_800 }],
    ['+ER: LAPM', { isErrorFree: true }],
    ['+ER: ALT', { isErrorFree: true }],
    ['+ER: NONE', { isErrorFree: false }],
    ['PROTOCOL: LAP-M', { isErrorFree: true }],
    ['PROTOCOL: NONE', { isErrorFree: false }],
    ['+MCR: V34', undefined],
    ['+ERROR', undefined],
    ['NMBR = 5550101', undefined],
  ])('AL-4 fault 38: "%s"', (line, report) => {
    expect(readConnectReport(line)).toEqual(report);
  });

  test('AL-4 fault 38: the result code itself', () => {
    expect(readConnectText('CONNECT 33600/ARQ/V34/LAPM/V42BIS')).toEqual({ isErrorFree: true });
    expect(readConnectText('CONNECT 33600/V34/NONE')).toEqual({ isErrorFree: false });
    expect(readConnectText('CONNECT 14400/NONE')).toEqual({ isErrorFree: false });
    expect(readConnectText('CONNECT 14400')).toEqual({});
  });

  test.each<[string, Partial<OfficeLineOptions>, boolean]>([
    ['a clean line is error-free', {}, true],
    ['a noisy one is not', { bitErrorRate: 1e-6 }, false],
  ])('AL-4: %s, on both ends, and the rate is the line’s', async (_, lineOptions, isErrorFree) => {
    const { clock, office } = simulatedOffice({
      lines: [{ number: '5550101', rate: 14_400, ...lineOptions }, { number: '5550102' }],
    });
    const open = (number: string) =>
      settled(
        clock,
        openModem(`sim:${number}`, {
          clock,
          log: silentLog,
          simBinding: simBinding(office),
          initialise: ['+IPR=115200'],
        }),
      );
    const [caller, callee] = [await open('5550101'), await open('5550102')];
    const told = { description: 'CONNECT 115200', rate: 14_400, isErrorFree };
    for (const connection of await settled(clock, dataCall(caller, '5550102', callee))) {
      expect(connection).toMatchObject(told);
    }
  });
});

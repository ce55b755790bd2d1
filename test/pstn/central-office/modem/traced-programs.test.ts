import { describe, expect, test } from 'vitest';
import {
  type ProfileName,
  profileNames,
} from '../../../../src/pstn/central-office/modem/profiles/profile.js';
import { bench } from './bench.js';

/** What each program sends, as traced from it, and what it must get; milliseconds of silence before a line. */
const programs: Readonly<
  Record<string, readonly (readonly [sent: string, answer: RegExp, beforeMs?: number])[]>
> = {
  'cu (Taylor UUCP)': [
    ['ATZ\r', /\r\nOK\r\n$/],
    ['ATM0L0E1Q0\r', /OK\r\n$/],
    ['ATDT5550100\r', /\r\nCONNECT (33600|115200)\S*\r\n$/],
    ['login: ', /^$/],
    ['+++', /OK\r\n$/, 2000],
    ['ATM0H\r', /OK\r\n$/, 2000],
  ],
  'C-Kermit': [
    ['+++', /^$/],
    ['ATQ0H0\r', /OK\r\n$/, 1100],
    ['ATQ0\r', /OK\r\n$/],
    ['AT&H1&R2&I0\r', /OK\r\n$/],
    ['ATQ0X4&A3&N0&Y3S14=0\r', /OK\r\n$/],
    ['AT&M4&B1\r', /OK\r\n$/],
    ['AT&K1\r', /OK\r\n$/],
    ['ATM1L2\r', /OK\r\n$/],
    ['ATS2=43S7=70\r', /OK\r\n$/],
    ['ATD5551212\r', /CONNECT (33600|115200)\S*\r\n$/],
    ['+++', /OK\r\n$/, 1100],
    ['ATQ0H0\r', /OK\r\n$/, 1100],
  ],
  minicom: [
    ['\r', /^\r?$/],
    ['AT S7=45 S0=0 L1 V1 X4 &c1 E1 Q0\r', /OK\r\n$/],
    ['ATDT5550100\r', /CONNECT (33600|115200)\S*\r\n$/],
    ['+++', /OK\r\n$/, 1200],
    ['ATH\r', /OK\r\n$/, 1200],
  ],
  wvdial: [
    ['\r\r\r', /^\r*$/],
    ['ATZ\r', /OK\r\n$/],
    ['ATQ0 V1 E1 S0=0 &C1 &D2 +FCLASS=0\r', /OK\r\n$/],
    ['ATDT5550100\r', /CONNECT (33600|115200)\S*\r\n$/],
  ],
  mgetty: [
    ['AT Q0V1H0\r', /OK\r\n$/],
    ['AT\r', /OK\r\n$/],
    ['ATA\r', /CONNECT (33600|115200)\S*\r\n$/],
  ],
  'vgetty (forceV253)': [
    ['ATE0\r', /OK\r\n$/],
    ['ATI9\r', /^(?!.*56000).*OK\r\n$/s],
    ['ATI3\r', /^(?!.*56000).*OK\r\n$/s],
    ['ATI\r', /^(?!.*56000).*OK\r\n$/s],
    ['AT+FCLASS?\r', /\r\n0\r\n.*OK/s],
    ['AT+FCLASS=8\r', /OK\r\n$/],
    ['AT\r', /OK\r\n$/],
    ['AT+VSM=?\r', /1,"UNSIGNED PCM",8,0,\(8000\),\(0\),\(0\)\r\n.*OK\r\n$/s],
    ['AT+VSD=40,70\r', /OK\r\n$/],
    ['AT+VGT=127\r', /OK\r\n$/],
    ['AT+VGR=127\r', /OK\r\n$/],
    ['AT+VRA=70;+VRN=10\r', /OK\r\n$/],
    ['AT+IFC=2,2\r', /OK\r\n$/],
    ['AT+VCID=1\r', /OK\r\n$/],
    ['AT+VNH=0\r', /OK\r\n$/],
    ['AT+VIT=0\r', /OK\r\n$/],
    ['AT+VDR=1,15\r', /OK\r\n$/],
    ['AT+FCLASS=0\r', /OK\r\n$/],
    ['AT+FCLASS=8\r', /OK\r\n$/],
    ['AT+VLS=1\r', /(OK|VCON)\r\n$/],
    ['AT+VTS=[933,,150]\r', /OK\r\n$/],
    ['AT+VSM=1,8000\r', /OK\r\n$/],
    ['AT+IFC=2,2\r', /OK\r\n$/],
  ],
};

/** C-Kermit is told what modem it has: its U.S. Robotics words are no others'. vgetty wants voice class, and no `56000`. */
const makes: Readonly<Record<string, readonly ProfileName[]>> = {
  'C-Kermit': ['generic', 'usr'],
  'vgetty (forceV253)': ['generic', 'strict'],
};

const passed = Object.entries(programs).flatMap(([program, steps]) =>
  (makes[program] ?? profileNames).map((make) => ({ program, make, steps })),
);

describe('the traced sequence of each program', () => {
  test.each(passed)('AL-4 telephony 3: $program on $make', ({ make, steps }) => {
    const { clock, line, port } = bench(make);
    for (const [sent, answer, beforeMs = 100] of steps) {
      clock.advance(beforeMs);
      port.type(sent);
      if (/AT(D|A)/.test(sent)) settle(clock, line);
      clock.advance(1500);
      line.sends();
      expect({ sent, answer: port.output().replace(sent, '') }).toEqual({
        sent,
        answer: expect.stringMatching(answer),
      });
    }
  });

  const settle = (clock: ReturnType<typeof bench>['clock'], line: ReturnType<typeof bench>['line']) => {
    line.hears([350, 440]);
    clock.advance(100);
    line.hears([]);
    clock.advance(2000);
    line.connectCarrier();
  };
});

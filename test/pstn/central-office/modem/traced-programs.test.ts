import { describe, expect, test } from 'vitest';
import { bench, words } from './bench.js';

/** What each program sends, as traced from it, and what it must get; milliseconds of silence before a line. */
const programs: Readonly<
  Record<string, readonly (readonly [sent: string, answer: RegExp, beforeMs?: number])[]>
> = {
  'cu (Taylor UUCP)': [
    ['ATZ\r', /\r\nOK\r\n$/],
    ['ATM0L0E1Q0\r', /OK\r\n$/],
    ['ATDT5550100\r', /\r\nCONNECT 33600\r\n$/],
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
    ['ATD5551212\r', /CONNECT 33600\r\n$/],
    ['+++', /OK\r\n$/, 1100],
    ['ATQ0H0\r', /OK\r\n$/, 1100],
  ],
  minicom: [
    ['\r', /^\r?$/],
    ['AT S7=45 S0=0 L1 V1 X4 &c1 E1 Q0\r', /OK\r\n$/],
    ['ATDT5550100\r', /CONNECT 33600\r\n$/],
    ['+++', /OK\r\n$/, 1200],
    ['ATH\r', /OK\r\n$/, 1200],
  ],
  wvdial: [
    ['\r\r\r', /^\r*$/],
    ['ATZ\r', /OK\r\n$/],
    ['ATQ0 V1 E1 S0=0 &C1 &D2 +FCLASS=0\r', /OK\r\n$/],
    ['ATDT5550100\r', /CONNECT 33600\r\n$/],
  ],
  mgetty: [
    ['AT Q0V1H0\r', /OK\r\n$/],
    ['AT\r', /OK\r\n$/],
    ['ATA\r', /CONNECT 33600\r\n$/],
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

describe('the traced sequence of each program', () => {
  test.each(Object.entries(programs))('AL-4 %s', (_, steps) => {
    const { clock, line, port } = bench();
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

describe('complaints about other emulators', () => {
  test('AL-4 H1 makes the line busy: off-hook without carrier', () => {
    const { line, command } = bench();
    expect(command('H1')).toBe('OK');
    expect(line.actions).toEqual(['off-hook']);
    expect(command('H0')).toBe('OK');
    expect(line.actions).toEqual(['off-hook', 'on-hook']);
  });

  test('AL-4 O is not A: without a call it is NO CARRIER and stays on-hook', () => {
    const { line, command } = bench();
    expect(command('O')).toBe('NO CARRIER');
    expect(line.actions).toEqual([]);
  });

  test('AL-4 M and L are accepted with any value', () => {
    const { command } = bench();
    for (const text of ['M0', 'M3', 'L0', 'L3', 'L']) expect(command(text)).toBe('OK');
  });

  test('AL-4 what cannot be connected is NO CARRIER, not ERROR', () => {
    const { clock, port, dial } = bench();
    dial();
    clock.advance(50_000);
    expect(words(port.output())).toBe('NO CARRIER');
  });

  test('AL-4 numeric codes are the number and CR, with nothing before or after', () => {
    const { port } = bench();
    port.type('ATV0\r');
    port.type('AT\r');
    expect(port.output()).toBe('0\r0\r');
  });

  test('AL-4 X1 tells the rate, and &C1 follows the carrier', () => {
    const { line, port, command } = bench();
    command('X1&C1');
    port.type('ATA\r');
    expect(port.last.dcd).toBe(false);
    line.connectCarrier(14_400);
    expect(words(port.output())).toBe('CONNECT 14400');
    expect(port.last.dcd).toBe(true);
  });

  test('AL-4 one write of a program is one write on the line, and the reverse', () => {
    const { line, port, connect } = bench();
    connect();
    port.type('x'.repeat(400));
    line.receives('y'.repeat(400));
    expect(port.events).toEqual(['y'.repeat(400)]);
  });

  test('AL-4 DCD does not flicker while a carrier is short of S10', () => {
    const { clock, line, port, connect } = bench();
    connect();
    for (let times = 0; times < 5; times++) {
      line.loseCarrier();
      clock.advance(500);
      line.connectCarrier();
      clock.advance(500);
    }
    expect(port.events).toEqual([]);
  });

  test('AL-4 a line that opens and closes every 100 ms leaves the modem as it was', () => {
    const { clock, line, modem, command, port } = bench();
    for (let times = 0; times < 50; times++) {
      modem.dtr(times % 2 === 0);
      clock.advance(100);
    }
    modem.dtr(true);
    expect(port.output()).toBe('');
    expect(line.actions).toEqual([]);
    expect(command('')).toBe('OK');
  });
});

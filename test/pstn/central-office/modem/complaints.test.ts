import { describe, expect, test } from 'vitest';
import { profileNames } from '../../../../src/pstn/central-office/modem/profiles/profile.js';
import { bench, words } from './bench.js';

/** What users of other emulated modems complained of (telephony 1.8), each as the modem here does it. */
describe('tcpser', () => {
  test.each(profileNames)(
    'telephony 1.8: FozzTexx/tcpser #14, go4retro/tcpser #6: ATH1 busies the line (%s)',
    (make) => {
      const { line, port, command } = bench(make);
      expect(command('H1')).toBe('OK');
      expect(line.actions).toEqual(['off-hook']);
      expect(port.last.dcd).toBe(false);
      line.equipment.ringing(true);
      expect(port.output()).toBe('');
      expect(command('H0')).toBe('OK');
      expect(line.actions).toEqual(['off-hook', 'on-hook']);
    },
  );

  test('telephony 1.8: FozzTexx/tcpser #8, #17, #32: DTR and DCD make no loop, and a call is not cut at once', () => {
    const { clock, line, modem, port, connect } = bench();
    // The program follows DCD with DTR, as a cable that ties the two together does.
    const follow = () => modem.dtr(port.last.dcd);
    connect();
    for (let look = 0; look < 100; look++) {
      follow();
      clock.advance(20);
    }
    expect(port.events).toEqual([]);
    line.loseCarrier();
    clock.advance(1400);
    follow();
    for (let look = 0; look < 100; look++) {
      follow();
      clock.advance(20);
    }
    expect(words(port.events.join(''))).toBe('dcd off NO CARRIER');
    expect(line.actions.filter((action) => action === 'on-hook')).toHaveLength(1);
  });

  test('telephony 1.8: FozzTexx/tcpser #32: a program that raises DTR only after it has dialled keeps its call', () => {
    const { clock, modem, port, connect } = bench();
    modem.dtr(false);
    clock.advance(10_000);
    connect();
    clock.advance(10_000);
    modem.dtr(true);
    clock.advance(10_000);
    expect(port.events).toEqual([]);
  });

  test.each([
    ['OK', '', '0\r'],
    ['ERROR', 'X99', '4\r'],
    ['information, then OK', 'S7?', '050\r\n0\r'],
  ])('telephony 1.8: go4retro/tcpser #31: the numeric code of %s', (_, text, output) => {
    const { port } = bench();
    port.type('ATV0\r');
    port.output();
    port.type(`AT${text}\r`);
    expect(port.output()).toBe(output);
  });

  test('telephony 1.8: tcpser: O is not A: without a call it is NO CARRIER and stays on-hook', () => {
    const { line, command } = bench();
    expect(command('O')).toBe('NO CARRIER');
    expect(command('O1')).toBe('NO CARRIER');
    expect(line.actions).toEqual([]);
  });
});

describe('Zimodem', () => {
  test('telephony 1.8: Zimodem #45, #47: DCD goes on when A connects, before CONNECT', () => {
    const { line, port } = bench();
    line.rings();
    port.events.length = 0;
    port.type('ATA\r');
    expect(port.events).toEqual([]);
    line.connectCarrier();
    expect(port.events).toEqual(['dcd on', '\r\nCONNECT 33600\r\n']);
  });

  test('telephony 1.8: Zimodem #60: a line that does not answer is no ERROR', () => {
    for (const make of profileNames) {
      const { clock, port, dial } = bench(make);
      dial();
      clock.advance(255_000);
      expect(words(port.output())).toMatch(/^NO (CARRIER|ANSWER)$/);
    }
  });

  test('telephony 1.8: Zimodem #95: ATM and ATL are accepted, as Mac OS sends them', () => {
    for (const make of profileNames) {
      const { command } = bench(make);
      for (const text of ['M0', 'M1', 'L0', 'L3', 'L', 'M1L2']) expect(command(text)).toBe('OK');
    }
    const { command } = bench();
    for (const text of ['M3', 'L9', 'M9L9']) expect(command(text)).toBe('OK');
  });

  test('telephony 1.8: Zimodem #71: nothing stands before or behind a numeric code', () => {
    const { clock, line, port } = bench();
    port.type('ATV0S7=1\r');
    port.type('AT\r');
    line.rings(1);
    port.type('ATA\r');
    clock.advance(1000);
    expect(port.output()).toBe('0\r0\r2\r3\r');
  });

  test('telephony 1.8: Zimodem #49: one write of a program is one write on the line, and the reverse', () => {
    const { line, port, connect } = bench();
    connect();
    port.type('x'.repeat(400));
    line.receives('y'.repeat(400));
    expect(line.transmitted).toHaveLength(400);
    expect(port.events).toEqual(['y'.repeat(400)]);
  });
});

describe('DOSBox', () => {
  test('telephony 1.8: dosbox-staging #172: +++ reaches the far end, and without its silences escapes nothing', () => {
    const { clock, line, port, connect } = bench();
    connect();
    port.type('data+++more');
    clock.advance(5000);
    port.type('+++');
    clock.advance(500);
    port.type('ATH\r');
    clock.advance(5000);
    expect(line.sentText).toBe('data+++more+++ATH\r');
    expect(port.output()).toBe('');
    port.type('+++');
    clock.advance(1000);
    expect(words(port.output())).toBe('OK');
    expect(line.sentText).toBe('data+++more+++ATH\r+++');
  });

  test.each([
    ['S0=1', true, true],
    ['S0=1', false, false],
    ['S0=1&D0', false, true],
    ['S0=0', true, false],
  ])('telephony 1.8: dosbox-staging #1609: AT%s with DTR %s answers: %s', (text, dtr, answers) => {
    const { clock, line, modem, command } = bench();
    command(text);
    modem.dtr(dtr);
    clock.advance(1000);
    line.rings();
    expect(line.isOffHook).toBe(answers);
  });

  test('telephony 1.8: dosbox-staging #1609: S25 is how long DTR must be off', () => {
    for (const [register, lengthMs, hangsUp] of [
      ['S25=20', 199, false],
      ['S25=20', 200, true],
      ['S25=0', 1, true],
    ] as const) {
      const { clock, line, modem, command, connect } = bench();
      command(register);
      connect();
      modem.dtr(false);
      clock.advance(lengthMs);
      modem.dtr(true);
      clock.advance(10_000);
      expect(line.isOffHook || line.actions.length === 0).toBe(!hangsUp);
    }
  });

  test.each(['\x1b', '+++AT\r', '\x00\x00\xff\xff', '\r\r\r', '~~~+++ATH', 'login: root\r', 'aaaaa'])(
    'telephony 1.8: dosbox-staging #1464: %j before AT',
    (junk) => {
      const { port } = bench();
      port.write(Buffer.from(junk, 'latin1'));
      port.type('\r');
      port.output();
      port.type('ATS7?\r');
      expect(words(port.output())).toBe('050 OK');
    },
  );
});

describe('others', () => {
  test('telephony 1.8: IBMulator #72: X1 tells the rate, and &C1 follows the carrier', () => {
    const { line, port, command } = bench();
    command('X1&C1');
    port.type('ATA\r');
    expect(port.last.dcd).toBe(false);
    line.connectCarrier(14_400);
    expect(words(port.output())).toBe('CONNECT 14400');
    expect(port.last.dcd).toBe(true);
  });

  test('telephony 1.8: AppleWin #386, qodem #74: DCD does not flicker while a carrier is away for less than S10', () => {
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

  test('telephony 1.8: 1541ultimate #61: &C0 keeps DCD on for programs that cannot do without', () => {
    const { clock, line, port, command, connect } = bench();
    command('&C0');
    expect(port.last.dcd).toBe(true);
    connect();
    line.loseCarrier();
    clock.advance(2000);
    expect(words(port.events.join(''))).toBe('NO CARRIER');
    expect(port.last.dcd).toBe(true);
  });

  test('telephony 1.8: 1541ultimate #62: what was typed before the cable was plugged is not the beginning of a line', () => {
    const { clock, modem, port } = bench();
    port.type('ATS7=9');
    modem.dtr(false);
    clock.advance(100);
    modem.dtr(true);
    port.type('ATS7?\r');
    expect(words(port.output())).toBe('050 OK');
  });

  test('telephony 1.8: 1541ultimate #260: CONNECT in numbers is one number for each rate', () => {
    const { port, line } = bench();
    port.type('ATV0\r');
    port.output();
    port.type('ATA\r');
    line.connectCarrier(19_200);
    expect(port.output()).toBe('14\r');
  });

  test('telephony 1.7: 1541ultimate #207: the calling side sees no RING', () => {
    const { line, port, dial } = bench();
    dial();
    line.equipment.ringing(true);
    line.equipment.ringing(false);
    expect(port.output()).toBe('');
  });

  test('telephony 1.6: WiRSa #20: DTR off for 5 s: never answers, no glitch of DCD, none for voice calls either', () => {
    const { clock, line, modem, port, command } = bench();
    command('S0=1');
    modem.dtr(false);
    clock.advance(5000);
    port.events.length = 0;
    line.rings(3);
    expect(line.isOffHook).toBe(false);
    modem.dtr(true);
    command('+FCLASS=8;+VLS=1');
    expect(port.events.filter((event) => event.startsWith('dcd'))).toEqual([]);
  });

  test('telephony 1.8: spandsp: A/ repeats a line, also one that dials', () => {
    const { clock, line, port, command } = bench();
    command('X3');
    port.type('ATD55\r');
    clock.advance(3000);
    port.type(' ');
    expect(words(port.output())).toBe('NO CARRIER');
    port.type('A/');
    clock.advance(3000);
    expect(line.digits).toBe('5555');
    port.type(' ');
    expect(words(port.output())).toBe('NO CARRIER');
  });
});

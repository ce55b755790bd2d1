import { describe, expect, test } from 'vitest';
import { tones } from '../../../../src/pstn/signals.js';
import { bench, words } from './bench.js';

describe('dialling', () => {
  test('AL-4 waits for dial tone, sends each digit for S11 with a gap as long, then its carrier', () => {
    const { clock, line, port, command } = bench();
    command('S11=70');
    port.type('ATDT12\r');
    expect(line.actions).toEqual(['off-hook']);
    line.hears(tones.dial);
    clock.advance(99);
    expect(line.actions).toEqual(['off-hook']);
    clock.advance(1);
    expect(line.actions).toEqual(['off-hook', 'digit 1/70']);
    clock.advance(139);
    expect(line.actions).toHaveLength(2);
    clock.advance(1);
    expect(line.actions).toEqual(['off-hook', 'digit 1/70', 'digit 2/70']);
    clock.advance(140);
    expect(line.actions.at(-1)).toBe('carrier originate 33600');
  });

  test('AL-4 a click of dial tone is not dial tone', () => {
    const { clock, line, port } = bench();
    port.type('ATDT12\r');
    line.hearsCadence(tones.dial, 50, 50, 10);
    clock.advance(4000);
    expect(words(port.output())).toBe('NO DIALTONE');
    expect(line.digits).toBe('');
  });

  test('AL-4 blind (X3) it waits S6', () => {
    const { clock, line, port, command } = bench();
    command('X3S6=4');
    port.type('ATDT12\r');
    clock.advance(3999);
    expect(line.digits).toBe('');
    clock.advance(1);
    expect(line.digits).toBe('1');
  });

  test('AL-4 a W in front replaces S6', () => {
    const { clock, line, port, command } = bench();
    command('X3');
    port.type('ATDW12\r');
    line.hears(tones.dial);
    clock.advance(100);
    expect(line.digits).toBe('1');
  });

  test('AL-4 reorder in place of dial tone is NO DIALTONE: the exchange is busy, not the called line', () => {
    const { clock, line, port } = bench();
    port.type('ATDT12\r');
    clock.advance(500);
    line.hearsCadence(tones.busyOrReorder, 250, 250, 8);
    expect(port.output()).toBe('');
    clock.advance(500);
    expect(words(port.output())).toBe('NO DIALTONE');
  });

  test('AL-4 busy is told when the third burst begins, 2 s after the first', () => {
    const { clock, line, port, dial } = bench();
    dial();
    line.hearsCadence(tones.busyOrReorder, 500, 500, 2);
    expect(port.output()).toBe('');
    clock.advance(500);
    line.hears(tones.busyOrReorder);
    expect(words(port.output())).toBe('BUSY');
  });

  test('AL-4 bursts that are far apart are not busy tone', () => {
    const { clock, line, port, dial } = bench();
    dial();
    for (let times = 0; times < 4; times++) {
      line.hearsCadence(tones.busyOrReorder, 500, 500, 2);
      clock.advance(3000);
    }
    expect(port.output()).toBe('');
  });

  test.each([
    ['5550100', '5550100'],
    ['T(555) 01-00', '5550100'],
    ['P555.0100', '5550100'],
    ['T+1/555-0100', '15550100'],
    ['T*67#ABCD', '*67#ABCD'],
    ['T^5>5', '55'],
  ])('AL-4 D%s sends %s', (text, digits) => {
    const { clock, line, port, command } = bench();
    command('X3');
    port.type(`ATD${text}\r`);
    clock.advance(5000);
    expect(line.digits).toBe(digits);
  });

  test('telephony 1.4: $ waits for the bong tone, and without it gives up after S7', () => {
    const { clock, line, port, command } = bench();
    command('X3S7=20');
    port.type('ATD5$67\r');
    clock.advance(10_000);
    expect(line.digits).toBe('5');
    line.hears([350, 440]);
    clock.advance(1000);
    line.hears([]);
    expect(line.digits).toBe('5');
    line.hears([941, 1477]);
    clock.advance(60);
    expect(line.digits).toBe('56');
    line.hears([350, 440]);
    clock.advance(1000);
    expect(line.digits).toBe('567');
    port.type('x');
    port.output();
    port.type('ATD5$67\r');
    clock.advance(60_000);
    expect(words(port.output())).toBe('NO CARRIER');
    expect(line.isOffHook).toBe(false);
    expect(clock.nextDeadlineMs()).toBeUndefined();
  });

  test.each(['55E', 'HELLO', '55?', '55"1"', "55'", '55=1', 'L', 'S=1', 'S=9'])(
    'fault 39: D%s is an error and leaves the line alone',
    (text) => {
      const { line, command } = bench();
      expect(command(`D${text}`)).toBe('ERROR');
      expect(line.actions).toEqual([]);
    },
  );

  test('fault 39: a dial string of over 40 characters is dialled whole', () => {
    const { clock, line, port, command } = bench();
    command('X3S11=50');
    const number = '1234567890'.repeat(6);
    port.type(`ATDT${number}\r`);
    clock.advance(10_000);
    expect(line.digits).toBe(number);
  });

  test('AL-4 a comma waits S8', () => {
    const { clock, line, port, command } = bench();
    command('X3S8=3');
    port.type('ATDT9,5\r');
    clock.advance(2000 + 190 + 2999);
    expect(line.digits).toBe('9');
    clock.advance(1);
    expect(line.digits).toBe('95');
  });

  test('AL-4 DL dials again, DS=n a stored number', () => {
    const { clock, line, port, command } = bench();
    command('X3');
    expect(command('&Z1=T5550100')).toBe('OK');
    expect(command('&Z7=1')).toBe('ERROR');
    for (const text of ['DS=1', 'DL', 'DTL']) {
      line.actions.length = 0;
      port.type(`AT${text}\r`);
      clock.advance(5000);
      expect(line.digits).toBe('5550100');
      port.type('x');
      expect(words(port.output())).toBe('NO CARRIER');
    }
  });

  test('AL-4 ; stays in the command state, off-hook; dialling then goes on without dial tone', () => {
    const { clock, line, port, command } = bench();
    command('X3');
    port.type('ATDT55;\r');
    clock.advance(2000 + 380);
    expect(words(port.output())).toBe('OK');
    expect(line.isOffHook).toBe(true);
    expect(line.actions).not.toContain('carrier originate 33600');
    port.type('ATD!,77;\r');
    clock.advance(500 + 2000 + 380);
    expect(words(port.output())).toBe('OK');
    expect(line.actions).toEqual([
      'off-hook',
      'digit 5/95',
      'digit 5/95',
      'on-hook',
      'off-hook',
      'digit 7/95',
      'digit 7/95',
    ]);
    expect(command('H')).toBe('OK');
    expect(line.isOffHook).toBe(false);
  });

  test('AL-4 D without digits is a handshake on a line without exchange', () => {
    const { line, port } = bench();
    port.type('ATD\r');
    expect(line.actions).toEqual(['off-hook', 'carrier originate 33600']);
    line.connectCarrier();
    expect(words(port.output())).toBe('CONNECT 33600');
  });

  test('AL-4 what comes within 125 ms of the command does not abandon it, what comes later does', () => {
    const { clock, line, port, command } = bench();
    port.type('ATDT5550100\r\n');
    clock.advance(124);
    port.type('\n');
    expect(line.isOffHook).toBe(true);
    clock.advance(1);
    port.type('\nATS7?\r');
    expect(line.isOffHook).toBe(false);
    expect(words(port.output())).toBe('NO CARRIER 050 OK');
    expect(command('')).toBe('OK');
  });

  test('AL-4 the far end hangs up while the call is being set up', () => {
    const { line, port, dial } = bench();
    dial();
    line.equipment.loopBreak();
    expect(words(port.output())).toBe('NO CARRIER');
    expect(line.isOffHook).toBe(false);
  });
});

describe("the server's signals to an unmodified modem", () => {
  const accounts = '000000000001000000000002#';

  /** Dials the server and its ready tone; past the last digit afterwards. */
  const dialServer = () => {
    const it = bench();
    it.port.type(`ATX4DT5550100W${accounts}\r`);
    it.line.hears(tones.dial);
    it.clock.advance(100);
    it.line.hears(tones.silence);
    it.clock.advance(7 * 190);
    it.line.hearsCadence(tones.ringBack, 2000, 4000, 1);
    return it;
  };

  test('CM-300 CM-305 AL-5 W waits for the ready tone, and the accounts follow as 25 digits', () => {
    const { clock, line } = dialServer();
    expect(line.digits).toBe('5550100');
    clock.advance(3000);
    expect(line.digits).toBe('5550100');
    line.hears(tones.dial);
    clock.advance(100);
    expect(line.digits).toBe('55501000');
    line.hears(tones.silence);
    clock.advance(25 * 190);
    expect(line.digits).toBe(`5550100${accounts}`);
    expect(line.actions.at(-1)).toBe('carrier originate 33600');
    line.hearsCadence(tones.ringBack, 2000, 4000, 2);
    line.connectCarrier();
    expect(line.isOffHook).toBe(true);
  });

  test('AL-4 reorder tone after the accounts is BUSY', () => {
    const { clock, line, port } = dialServer();
    line.hears(tones.dial);
    clock.advance(100);
    line.hears(tones.silence);
    clock.advance(25 * 190);
    line.hearsCadence(tones.busyOrReorder, 250, 250, 6);
    expect(words(port.output())).toBe('BUSY');
    expect(line.isOffHook).toBe(false);
  });

  test('CM-305 a called line that is busy is BUSY, not a missing ready tone', () => {
    const { line, port } = dialServer();
    line.hearsCadence(tones.busyOrReorder, 500, 500, 4);
    expect(words(port.output())).toBe('BUSY');
  });

  test('fault 39: without the ready tone W gives up after S7', () => {
    const { clock, line, port } = dialServer();
    clock.advance(50_000);
    expect(words(port.output())).toBe('NO DIALTONE');
    expect(line.digits).toBe('5550100');
    expect(line.isOffHook).toBe(false);
  });
});

import { describe, expect, test } from 'vitest';
import { bench, words } from './bench.js';

describe('an incoming call', () => {
  test('CM-295 RING at the start of each burst, and A answers with the carrier', () => {
    const { clock, line, port } = bench();
    line.rings(2);
    expect(words(port.output())).toBe('RING RING');
    port.type('ATA\r\n');
    expect(line.actions).toEqual(['off-hook', 'carrier answer 33600']);
    clock.advance(6000);
    line.connectCarrier();
    expect(words(port.output())).toBe('CONNECT 33600');
  });

  test.each([
    [1, ''],
    [3, 'RING RING '],
  ])('CM-295 S0=%i answers at that ring', (rings, before) => {
    const { line, port, command } = bench();
    command(`S0=${rings}`);
    line.rings(rings - 1);
    expect(line.actions).toEqual([]);
    line.equipment.ringing(true);
    line.equipment.ringing(false);
    expect(line.actions).toEqual(['off-hook', 'carrier answer 33600']);
    line.connectCarrier();
    expect(words(port.output())).toBe(`${before}RING CONNECT 33600`);
  });

  test('AL-4 S0=1 does not answer while DTR is off, but under &D0 it does', () => {
    for (const [setting, answers] of [
      ['&D2', false],
      ['&D3', false],
      ['&D0', true],
    ] as const) {
      const { clock, line, modem, command } = bench();
      command(`S0=1${setting}`);
      modem.dtr(false);
      clock.advance(1000);
      line.rings();
      expect(line.isOffHook).toBe(answers);
    }
  });

  test('AL-4 S1 counts the rings, is cleared 8 s after the last and cannot be set', () => {
    const { clock, line, command } = bench();
    line.rings(3);
    expect(command('S1?')).toContain('003 OK');
    clock.advance(1999);
    expect(command('S1?')).toBe('003 OK');
    clock.advance(1);
    expect(command('S1?')).toBe('000 OK');
  });

  test('CM-295 A waits S7 for the carrier', () => {
    const { clock, line, port, command } = bench();
    command('S7=5');
    line.rings();
    port.output();
    port.type('ATA\r');
    clock.advance(4999);
    expect(port.output()).toBe('');
    clock.advance(1);
    expect(words(port.output())).toBe('NO CARRIER');
    expect(line.isOffHook).toBe(false);
  });

  test('fault 44: the caller hangs up while it is being answered', () => {
    const { line, port } = bench();
    port.type('ATA\r');
    line.equipment.loopBreak();
    expect(words(port.output())).toBe('NO CARRIER');
    expect(line.isOffHook).toBe(false);
  });

  test('fault 44: half a ring, and a ring without a caller', () => {
    const { clock, line, port } = bench();
    line.equipment.ringing(true);
    clock.advance(300);
    line.equipment.ringing(false);
    expect(words(port.output())).toBe('RING');
    clock.advance(60_000);
    expect(port.output()).toBe('');
    expect(line.actions).toEqual([]);
  });

  test('fault 44: dialling while it rings picks the call up, and dials', () => {
    const { clock, line, port } = bench();
    line.equipment.ringing(true);
    port.type('ATDT55\r');
    clock.advance(400);
    expect(line.actions.slice(0, 2)).toEqual(['off-hook', 'digit 5/95']);
    expect(port.output()).toBe('\r\nRING\r\n');
  });

  test('AL-4 the calling side sees no RING, nor does one that is off-hook', () => {
    const { line, port, command, dial } = bench();
    dial();
    line.equipment.ringing(true);
    line.equipment.ringing(false);
    expect(port.output()).toBe('');
    const other = bench();
    expect(other.command('H1')).toBe('OK');
    other.line.equipment.ringing(true);
    expect(other.port.output()).toBe('');
    expect(command('')).toBe('NO CARRIER');
  });
});

describe('caller ID', () => {
  const reported = (setting: string, id: Parameters<ReturnType<typeof bench>['modem']['callerId']>[0]) => {
    const { line, port, command } = bench();
    command(setting);
    line.rings();
    line.equipment.callerId(id);
    line.rings();
    return port.output();
  };

  test('CM-290 the number comes between the first ring and the second', () => {
    const output = reported('+VCID=1', { kind: 'number', number: '5550100', name: 'SMITH JOHN' });
    expect(words(output)).toBe('RING DATE = 0101 TIME = 0000 NMBR = 5550100 NAME = SMITH JOHN RING');
    expect(output).toContain('\r\nNMBR = 5550100\r\n');
  });

  test.each([
    ['withheld', 'P'],
    ['unavailable', 'O'],
  ] as const)('CM-290 a number that is %s is %s', (kind, letter) => {
    expect(words(reported('#CID=1', { kind }))).toBe(`RING DATE = 0101 TIME = 0000 NMBR = ${letter} RING`);
  });

  test('CM-290 none is told when it was not asked for', () => {
    expect(words(reported('', { kind: 'number', number: '5550100' }))).toBe('RING RING');
  });

  test('fault 43: line ends in a name forge no result code', () => {
    const output = reported('+VCID=1', { kind: 'number', number: '1', name: 'X\r\nCONNECT 33600\r\n' });
    expect(output).not.toContain('\r\nCONNECT');
    expect(output).toContain('NAME = XCONNECT 33600\r\n');
  });
});

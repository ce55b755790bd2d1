import { describe, expect, test } from 'vitest';
import type { DtmfSymbol } from '../../../../src/pstn/signals.js';
import { tones } from '../../../../src/pstn/signals.js';
import { bench, words } from './bench.js';

/** In voice class and off-hook. */
function voice() {
  const it = bench();
  if (it.command('+FCLASS=8;+VLS=1') !== 'OK') throw new Error('no voice');
  it.line.actions.length = 0;
  return it;
}

describe('tones', () => {
  test('CM-300 AL-5 +VTS plays dial tone for its length; the OK comes when it has been played', () => {
    const { clock, line, port } = voice();
    port.type('AT+VTS=[350,440,200]\r');
    expect(line.actions).toEqual(['tone 350+440']);
    clock.advance(1999);
    expect(port.output()).toBe('');
    clock.advance(1);
    expect(line.actions).toEqual(['tone 350+440', 'tone silence']);
    expect(words(port.output())).toBe('OK');
  });

  test.each([
    ['[933,,150]', ['tone 933', 'tone silence'], 1500],
    ['[440,350,10],[,,5],[0,480,10]', ['tone 350+440', 'tone silence', 'tone 480', 'tone silence'], 250],
    ['[440,,]', ['tone 440', 'tone silence'], 1000],
    ['[440]', ['tone 440', 'tone silence'], 1000],
    ['{7,20},{#,5}', ['tone silence', 'digit 7/200', 'tone silence', 'digit #/50', 'tone silence'], 440],
    ['1', ['tone silence', 'digit 1/1000', 'tone silence'], 1095],
    ['!', ['on-hook', 'off-hook', 'tone silence'], 500],
  ])('AL-4 +VTS=%s', (list, actions, lengthMs) => {
    const { clock, line, port } = voice();
    port.type(`AT+VTS=${list}\r`);
    clock.advance(lengthMs - 1);
    expect(port.output()).toBe('');
    clock.advance(1);
    expect(line.actions).toEqual(actions);
    expect(words(port.output())).toBe('OK');
  });

  test('AL-4 +VTD is the length where none is given', () => {
    const { clock, command, port } = voice();
    expect(command('+VTD=20;+VTD?')).toBe('+VTD: 20 OK');
    port.type('AT+VTS=[440,480]\r');
    clock.advance(200);
    expect(words(port.output())).toBe('OK');
  });

  test.each(['', '[100,,5]', '[440,3001,5]', '[440,480,256]', '[440', 'E', '{12,5}', '[440,,5]x', '5x'])(
    'AL-4 +VTS=%s is an error and plays nothing',
    (list) => {
      const { line, command } = voice();
      expect(command(`+VTS=${list}`)).toBe('ERROR');
      expect(line.actions).toEqual([]);
    },
  );

  test('AL-4 needs voice class and a closed loop', () => {
    const { command } = bench();
    expect(command('+VLS=1')).toBe('ERROR');
    expect(command('+FCLASS=8;+VTS=[440,,5]')).toBe('ERROR');
    expect(command('+VTS=?')).toBe('(200-3000),(200-3000),(0-255) OK');
    expect(command('+VLS=1;+VLS?')).toBe('+VLS: 1 OK');
    expect(command('+VLS=0;+VLS?')).toBe('+VLS: 0 OK');
    expect(command('+VLS=9')).toBe('ERROR');
  });

  test('AL-4 what is typed while a tone plays waits for its end', () => {
    const { clock, port } = voice();
    port.type('AT+VTS=[440,,50]\rATS7?\r');
    clock.advance(499);
    expect(port.output()).toBe('');
    clock.advance(1);
    expect(words(port.output())).toBe('OK 050 OK');
  });
});

describe('what is heard', () => {
  test('CM-305 fault 42: each burst is one report, A to D and * too, doubles twice, also while a tone plays', () => {
    const { clock, line, port } = voice();
    port.type('AT+VTS=[350,440,255]\r');
    const symbols: DtmfSymbol[] = [...'0123456789*#ABCD', '7', '7'] as DtmfSymbol[];
    for (const symbol of symbols) {
      clock.advance(100);
      line.equipment.digit(symbol, 95);
    }
    expect(port.output()).toBe(symbols.map((symbol) => `\x10${symbol}`).join(''));
  });

  test.each([
    [30, ''],
    [39, ''],
    [40, '\x105'],
    [2000, '\x105'],
  ])('fault 42: a burst of %i ms -> %j', (onMs, report) => {
    const { line, port } = voice();
    line.equipment.digit('5', onMs);
    expect(port.output()).toBe(report);
  });

  test('fault 42: 24 and 26 digits are told as they come', () => {
    const { line, port } = voice();
    for (let count = 0; count < 26; count++) line.equipment.digit('1', 95);
    expect(port.output()).toBe('\x101'.repeat(26));
  });

  test('AL-4 no digit is told in data class, on-hook, or in data mode', () => {
    const { line, port, command } = bench();
    line.equipment.digit('5', 95);
    command('+FCLASS=8');
    line.equipment.digit('5', 95);
    command('+FCLASS=0');
    port.type('ATA\r');
    line.connectCarrier();
    port.output();
    line.equipment.digit('5', 95);
    expect(port.output()).toBe('');
  });

  test('AL-4 the far end gone: loop break, busy, reorder, dial tone', () => {
    const { clock, line, port } = voice();
    line.equipment.loopBreak();
    expect(port.output()).toBe('\x10l');
    line.hearsCadence(tones.busyOrReorder, 500, 500, 4);
    expect(port.output()).toBe('\x10b');
    line.hears(tones.dial);
    clock.advance(100);
    expect(port.output()).toBe('\x10d');
    line.hearsCadence(tones.busyOrReorder, 250, 250, 4);
    expect(port.output()).toBe('\x10K');
    line.hears(tones.ringBack);
    expect(port.output()).toBe('\x10r');
    line.hears(tones.answer);
    expect(port.output()).toBe('\x10a');
  });
});

describe('voice calls', () => {
  test('AL-5 a call answered by voice turns into data without hanging up', () => {
    const { clock, line, port, command } = bench();
    line.rings();
    port.output();
    expect(command('+FCLASS=8')).toBe('OK');
    expect(command('+VLS=1')).toBe('OK');
    line.equipment.digit('1', 95);
    expect(port.output()).toBe('\x101');
    expect(command('+FCLASS=0')).toBe('OK');
    expect(command('A')).toBe('');
    expect(line.actions).toEqual(['off-hook', 'carrier answer 33600']);
    clock.advance(6000);
    line.connectCarrier();
    expect(words(port.output())).toBe('CONNECT 33600');
  });

  const dialled = (settings = '') => {
    const it = bench();
    it.command(`+FCLASS=8;X4${settings}`);
    it.dial();
    return it;
  };

  test('AL-4 answered: ring-back has gone away for +VRA', () => {
    const { clock, line, port } = dialled();
    line.hearsCadence(tones.ringBack, 2000, 4000, 2);
    clock.advance(2999);
    expect(port.output()).toBe('');
    clock.advance(1);
    expect(words(port.output())).toBe('VCON');
    expect(line.isOffHook).toBe(true);
    expect(line.actions).not.toContain('carrier originate 33600');
  });

  test('AL-4 +VRA counts from the last burst only', () => {
    const { clock, line, port } = dialled('+VRA=45');
    line.hearsCadence(tones.ringBack, 2000, 4000, 3);
    expect(port.output()).toBe('');
    clock.advance(500);
    expect(words(port.output())).toBe('VCON');
  });

  test('AL-4 answered: ring-back never came in +VRN, or something else sounds', () => {
    const { clock, port } = dialled('+VRN=3');
    clock.advance(3000);
    expect(words(port.output())).toBe('VCON');

    const other = dialled();
    other.line.hearsCadence(tones.ringBack, 2000, 4000, 1);
    other.line.hears([1000]);
    expect(words(other.port.output())).toBe('VCON');
  });

  test('AL-4 busy, no answer, no dial tone', () => {
    const { line, port } = dialled();
    line.hearsCadence(tones.busyOrReorder, 500, 500, 4);
    expect(words(port.output())).toBe('BUSY');

    const ringing = dialled('S7=20');
    ringing.line.hearsCadence(tones.ringBack, 2000, 4000, 4);
    expect(words(ringing.port.output())).toBe('NO ANSWER');

    const dead = bench();
    dead.command('+FCLASS=8');
    dead.port.type('ATDT55\r');
    dead.clock.advance(5000);
    expect(words(dead.port.output())).toBe('NO DIALTONE');
  });
});

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

describe('caller ID as it came', () => {
  const id = { kind: 'number', number: '5550100', name: 'SMITH JOHN' } as const;

  test('telephony 2.3: +VCID=2 prints the whole message in hex, a single one without a name, a multiple one with', () => {
    const { line, port, command } = bench();
    command('+VCID=2');
    line.rings();
    line.equipment.callerId({ kind: 'number', number: '5550100' });
    line.rings();
    line.equipment.callerId(id);
    const [, single, , multiple] = port
      .output()
      .split(/[\r\n]+/)
      .filter(Boolean);
    expect(single).toBe('040F3031303130303030353535303130300B');
    expect(multiple).toBe('801F01083031303130303030020735353530313030070A534D495448204A4F484E88');
    for (const message of [single, multiple]) {
      const sum = [...Buffer.from(message ?? '', 'hex')].reduce((total, octet) => total + octet, 0);
      expect(sum % 256).toBe(0);
    }
  });

  test('telephony 2.1: +VRID tells the last caller again, with the time of the call, as often as it is asked', () => {
    const { clock, line, command } = bench();
    line.rings();
    line.equipment.callerId(id);
    clock.advance(3_600_000);
    const told = 'DATE = 0101 TIME = 0000 NMBR = 5550100 NAME = SMITH JOHN OK';
    expect(command('+VRID')).toContain(told);
    expect(command('+VRID=0')).toBe(told);
    expect(command('+VRID=1')).toMatch(/^801F[0-9A-F]{64} OK$/);
  });

  test('fault 43: a caller who hides, or a line that tells nothing, is not the caller before', () => {
    const { line, command } = bench();
    command('+VCID=1');
    line.rings();
    line.equipment.callerId(id);
    line.rings();
    line.equipment.callerId({ kind: 'withheld' });
    expect(command('+VRID')).toMatch(/DATE = 0101 TIME = 0000 NMBR = P OK$/);
  });
});

describe('distinctive ringing', () => {
  /** Bursts and pauses by turns. */
  const ring = ({ clock, line }: ReturnType<typeof bench>, ...lengthsMs: number[]) => {
    for (const [index, lengthMs] of lengthsMs.entries()) {
      line.equipment.ringing(index % 2 === 0);
      clock.advance(lengthMs);
    }
  };

  test.each([
    ['+VDR=0,15', [2000, 4000, 2000, 4000], 'RING RING'],
    ['+VDR=1,0', [2000, 4000, 2000, 4000], 'DRON=20 DROF=40 DRON=20'],
    ['+VDR=1,15', [2000, 4000, 2000, 4000], 'DRON=20 RING DROF=40 DRON=20 RING'],
    ['+VDR=1,5', [800, 400, 800, 4000], 'DRON=8 DROF=4 DRON=8 RING'],
    ['+VDR=1,3', [800, 400, 800, 4000], 'DRON=8 RING DROF=4 DRON=8 RING'],
    [
      '+VDR=1,5',
      [300, 200, 1000, 200, 300, 4000, 300, 200, 1000, 200, 300, 4000],
      'DRON=3 DROF=2 DRON=10 DROF=2 DRON=3 RING DROF=40 DRON=3 DROF=2 DRON=10 DROF=2 DRON=3 RING',
    ],
    ['+VDR=0', [800, 400, 800, 4000], 'RING RING'],
  ])('telephony 2.1: %s, bursts and pauses %j -> %s', (setting, lengthsMs, told) => {
    const it = bench();
    it.command(setting);
    ring(it, ...lengthsMs);
    expect(words(it.port.output())).toBe(told);
  });

  test('telephony 2.1: RING comes so long after the burst, and not when the call was answered meanwhile', () => {
    const it = bench();
    it.command('+VDR=1,15');
    ring(it, 2000, 1499);
    expect(words(it.port.output())).toBe('DRON=20');
    it.clock.advance(1);
    expect(words(it.port.output())).toBe('RING');
    ring(it, 2000, 1000);
    it.port.type('ATA\r');
    it.clock.advance(2000);
    expect(words(it.port.output())).toBe('DROF=15 DRON=20');
  });

  test('telephony 2.1: at a tenth of the time, where pauses are as short as in a pattern, every third burst has its RING', () => {
    const it = bench();
    it.command('+VDR=1,15');
    for (let burst = 0; burst < 7; burst++) ring(it, 200, 400);
    expect(it.port.output().match(/RING/g)).toHaveLength(2);
    it.clock.advance(1500);
    expect(it.port.output()).toContain('RING');
  });

  test('telephony 2.1: S0 counts bursts, cadence or not', () => {
    const it = bench();
    it.command('+VDR=1,0;S0=2');
    it.command('S0=2');
    ring(it, 2000, 4000, 100);
    expect(it.line.isOffHook).toBe(true);
  });
});

import { describe, expect, test } from 'vitest';
import { bench, words } from './bench.js';

/** name, factory value as `?` tells it, what `=?` tells, a value to set and what `?` tells then, values that are refused. */
const parameters: readonly (readonly [string, string, string, string, string, readonly string[]])[] = [
  ['+IPR', '0', '(0-4000000)', '115200', '115200', ['-1', 'x', '4000001', '1,1']],
  ['+ICF', '3,3', '(0-6),(0-3)', '2,1', '2,1', ['7', '3,4', '3,3,3']],
  ['+IFC', '2,2', '(0-3),(0-2)', ',0', '2,0', ['4', '2,3']],
  ['+ILRR', '0', '(0-1)', '1', '1', ['2']],
  [
    '+MS',
    'V92,1,0,0,0,0',
    '(V21,B103,V22,B212,V23C,V22B,V32,V32B,V34,V90,V92),(0-1),(0-10000000),(0-10000000),(0-10000000),(0-10000000)',
    'V34,1,300,33600,300,33600',
    'V34,1,300,33600,300,33600',
    ['V35', 'V34,2', '"', 'V34,1,-1', 'V34,1,0,0,0,0,0'],
  ],
  ['+MR', '0', '(0-1)', '1', '1', ['2']],
  ['+ES', '3,0,2', '(0-4),(0-4),(0-6)', '3,2,4', '3,2,4', ['5', '3,5', '3,0,7']],
  ['+ER', '0', '(0-1)', '1', '1', ['2']],
  [
    '+DS',
    '3,0,2048,32',
    '(0-3),(0-1),(512-65535),(6-250)',
    '0',
    '0,0,2048,32',
    ['4', '3,2', '3,0,511', '3,0,2048,5'],
  ],
  ['+DR', '0', '(0-1)', '1', '1', ['2']],
  ['+VCID', '0', '(0-2)', '2', '2', ['3']],
  ['+VDR', '0,0', '(0-1),(0-255)', '1,15', '1,15', ['2', '1,256']],
  ['+VEM', 'FFFFFFFF', '(00000000-FFFFFFFF)', '08000000', '08000000', ['0', '08000000G', '080000000', '+']],
  ['+VGM', '128', '(0-255)', '127', '127', ['256']],
  ['+VGR', '128', '(0-255)', '127', '127', ['256']],
  ['+VGS', '128', '(0-255)', '127', '127', ['256']],
  ['+VGT', '128', '(0-255)', '127', '127', ['256']],
  ['+VIT', '0', '(0-255)', '30', '30', ['256']],
  ['+VNH', '0', '(0-2)', '1', '1', ['3']],
  ['+VRA', '70', '(0-255)', '50', '50', ['256']],
  ['+VRN', '10', '(0-255)', '5', '5', ['256']],
  ['+VSD', '128,50', '(0-255),(0-255)', '40,70', '40,70', ['256', '40,256']],
  ['+VTD', '100', '(5-255)', '20', '20', ['4', '256']],
];

describe('the four forms of each parameter', () => {
  test.each(parameters)('telephony 1.4, 2.1: AT%s', (name, factory, range, value, told, refused) => {
    const { command } = bench();
    expect(command(`${name}?`)).toBe(`${name}: ${factory} OK`);
    expect(command(`${name}=?`)).toBe(`${name}: ${range} OK`);
    expect(command(`${name}=${value}`)).toBe('OK');
    expect(command(`${name}?`)).toBe(`${name}: ${told} OK`);
    for (const wrong of refused) expect(command(`${name}=${wrong}`)).toBe('ERROR');
    expect(command(name)).toBe('ERROR');
    expect(command(`${name}?`)).toBe(`${name}: ${told} OK`);
    expect(command(`${name.toLowerCase()} ?`)).toBe(`${name}: ${told} OK`);
    expect(command('&FE0')).toBe('OK');
    expect(command(`${name}?`)).toBe(`${name}: ${factory} OK`);
  });

  test.each([
    ['+FCLASS?', '0 OK'],
    ['+FCLASS=?', '0,8 OK'],
    ['+FCLASS=8;+FCLASS?', '8 OK'],
    ['+FCLASS=1', 'ERROR'],
    ['+FCLASS=2.0', 'ERROR'],
    ['+FCLASS', 'ERROR'],
    ['+GCI?', '+GCI: B5 OK'],
    ['+GCI=?', '+GCI: (B5) OK'],
    ['+GCI=B5', 'OK'],
    ['+GCI=00', 'ERROR'],
    ['+GMI', 'Cordboard OK'],
    ['+GMI=1', 'ERROR'],
    ['+GMM', 'Cordboard simulated modem OK'],
    ['+GMR', 'V.250 data, V.253 voice OK'],
    ['+GOI', 'Cordboard simulated modem OK'],
    ['+GSN', '5550101 OK'],
    ['+GCAP', '+GCAP: +FCLASS,+MS,+ES,+DS,+V OK'],
    ['+GCAP=?', 'OK'],
    ['+VIP', 'OK'],
    ['+VIP=?', 'OK'],
    ['+VIP=1', 'ERROR'],
    ['+VIP?', 'ERROR'],
    ['+VRID', 'OK'],
    ['+VRID=0', 'OK'],
    ['+VRID=1', 'OK'],
    ['+VRID=?', '+VRID: (0,1) OK'],
    ['+VRID=2', 'ERROR'],
    ['+VRID?', 'ERROR'],
    ['#CID=2;+VCID?', '+VCID: 2 OK'],
    ['#CID=?', '+VCID: (0-2) OK'],
    ['+VTS=?', '(200-3000),(200-3000),(0-255) OK'],
    ['+VTS?', 'ERROR'],
    ['+VLS?', '+VLS: 0 OK'],
    ['+VLS', 'ERROR'],
    ['+VXX=?', 'ERROR'],
  ])('telephony 1.4, 2.1: AT%s -> %s', (text, answer) => {
    expect(bench().command(text)).toBe(answer);
  });
});

describe('voice class', () => {
  test('telephony 2.1: +VIP brings the voice parameters back, and only those', () => {
    const { command } = bench();
    command('+VGT=1;+VRA=2;+VEM=00000000;+VCID=1;+IFC=0,0;+MR=1');
    expect(command('+VIP')).toBe('OK');
    expect(command('+VGT?;+VRA?;+VEM?;+VCID?')).toBe('+VGT: 128 +VRA: 70 +VEM: FFFFFFFF +VCID: 0 OK');
    expect(command('+IFC?;+MR?')).toBe('+IFC: 0,0 +MR: 1 OK');
  });

  test.each([
    [1, true],
    [2, false],
    [3, true],
    [4, false],
    [5, true],
    [6, false],
    [7, true],
  ])('telephony 2.1: +VLS=%i takes the line off-hook: %s', (number, hasLine) => {
    const { line, command } = bench();
    expect(command(`+FCLASS=8;+VLS=${number};+VLS?`)).toBe(`+VLS: ${number} OK`);
    expect(line.isOffHook).toBe(hasLine);
    expect(command('+VLS=0;+VLS?')).toBe('+VLS: 0 OK');
    expect(line.isOffHook).toBe(false);
  });

  test('telephony 2.1: +VLS? follows the hook, whichever command moved it', () => {
    const { command } = bench();
    expect(command('+FCLASS=8;+VLS=5;H')).toBe('OK');
    expect(command('+VLS?')).toBe('+VLS: 0 OK');
    expect(command('H1')).toBe('OK');
    expect(command('+VLS?')).toBe('+VLS: 5 OK');
    expect(command('+VLS=2;H1')).toBe('OK');
    expect(command('+VLS?')).toBe('+VLS: 1 OK');
  });

  test('telephony 2.1: +VLS=? lists the eight paths, those with the line by the events that are told there', () => {
    const { port, command } = bench();
    port.type('AT+VLS=?\r');
    const lines = port
      .output()
      .split(/[\r\n]+/)
      .filter(Boolean);
    expect(lines).toHaveLength(9);
    // Events 4 (DTMF), 13, 18 to 21 and 25, the first bit being event 0.
    expect(lines[1]).toMatch(/^1,"T",[0-9A-F]{8},[0-9A-F]{8},08043C40$/);
    expect(lines[2]).toMatch(/^2,"L",0{8},0{8},0{8}$/);
    expect(command('')).toBe('OK');
  });

  test.each([
    ['08000000', '\x105'],
    ['00043C40', '\x10r\x10b\x10l'],
    ['00000000', ''],
    ['FFFFFFFF', '\x105\x10r\x10b\x10l'],
    ['FFFFFFF7', '\x105\x10r\x10b\x10l'],
    ['00002000', '\x10r'],
  ])('telephony 2.1: +VEM=%s lets these events pass: %j', (mask, told) => {
    const { line, port, command } = bench();
    expect(command(`+FCLASS=8;+VLS=1;+VEM=${mask}`)).toBe('OK');
    line.equipment.digit('5', 100);
    line.hears([440, 480]);
    line.hears([]);
    line.hearsCadence([480, 620], 500, 500, 3);
    line.equipment.loopBreak();
    expect(port.output()).toBe(told);
  });
});

/** V.253 9.2.5 as Conexant prints it: what still goes on-hook. */
describe('+VNH', () => {
  const events: Readonly<Record<string, (it: ReturnType<typeof bench>) => void>> = {
    'no carrier': ({ clock, port }) => {
      port.type('ATS7=5A\r');
      clock.advance(5000);
    },
    ATH: ({ command }) => command('H1H'),
    ATZ: ({ command }) => command('H1Z'),
    DTR: ({ clock, command, modem }) => {
      command('H1');
      modem.dtr(false);
      clock.advance(1000);
    },
  };
  test.each([
    [0, 'no carrier', true],
    [0, 'ATH', true],
    [0, 'ATZ', true],
    [0, 'DTR', true],
    [1, 'no carrier', false],
    [1, 'ATH', true],
    [1, 'ATZ', true],
    [1, 'DTR', true],
    [2, 'no carrier', false],
    [2, 'ATH', false],
    [2, 'ATZ', false],
    [2, 'DTR', true],
  ] as const)('telephony 2.1: +VNH=%i, %s hangs up: %s', (value, event, hangsUp) => {
    const it = bench();
    it.command(`+VNH=${value}`);
    events[event]?.(it);
    expect(it.line.isOffHook).toBe(!hangsUp);
    expect(words(it.port.output())).not.toContain('ERROR');
  });

  test('telephony 2.1: a class, or a hang-up, switches it back', () => {
    const { line, command } = bench();
    expect(command('+VNH=2;+FCLASS=8;+VNH?')).toBe('+VNH: 0 OK');
    expect(command('+VNH=1;H1H+VNH?')).toBe('+VNH: 0 OK');
    expect(line.isOffHook).toBe(false);
  });
});

describe('nobody there', () => {
  test('telephony 2.1: +VIT: a voice program that has gone leaves a modem on-hook and in data class', () => {
    const { clock, line, port, command } = bench();
    command('+FCLASS=8;+VIT=10;+VLS=1');
    clock.advance(9000);
    port.type('AT\r');
    clock.advance(9999);
    expect(line.isOffHook).toBe(true);
    clock.advance(1);
    expect(line.isOffHook).toBe(false);
    expect(words(port.output())).toBe('OK OK');
    expect(command('+FCLASS?')).toBe('0 OK');
    clock.advance(60_000);
    expect(clock.nextDeadlineMs()).toBeUndefined();
  });

  test('telephony 2.1: +VIT does not count in data class, nor in a call that has turned into data', () => {
    const { clock, line, command } = bench();
    command('+VIT=10');
    command('H1');
    clock.advance(60_000);
    expect(line.isOffHook).toBe(true);
    const it = bench();
    it.command('+FCLASS=8;+VIT=10;+VLS=1');
    it.port.type('AT+FCLASS=0;A\r');
    it.line.connectCarrier();
    it.clock.advance(60_000);
    expect(it.line.isOffHook).toBe(true);
  });

  test('telephony 1.5: S30 counts tens of seconds without an octet either way, then NO CARRIER', () => {
    const { clock, line, port, command, connect } = bench();
    command('S30=1');
    connect();
    clock.advance(9000);
    port.type('x');
    clock.advance(9000);
    line.sends();
    line.receives('y');
    clock.advance(9999);
    expect(words(port.output())).toBe('y');
    clock.advance(1);
    expect(words(port.output())).toBe('NO CARRIER');
    expect(line.isOffHook).toBe(false);
    expect(port.last.dcd).toBe(false);
    expect(command('I6')).toContain('Ended by inactivity OK');
  });

  test('telephony 1.5: S30=0 waits for ever, and costs no timer', () => {
    const { clock, connect } = bench();
    connect();
    expect(clock.nextDeadlineMs()).toBeUndefined();
  });
});

import { describe, expect, test } from 'vitest';
import { profileNames } from '../../../../src/pstn/central-office/modem/profiles/profile.js';
import { bench, words } from './bench.js';

/** By make: generic, usr, rockwell, strict. */
const answers: readonly (readonly [string, string, string, string, string])[] = [
  ['', 'OK', 'OK', 'OK', 'OK'],
  ['I', 'Cordboard simulated modem OK', '3366 OK', '56000 OK', 'Cordboard strict modem OK'],
  ['I0', 'Cordboard simulated modem OK', '3366 OK', '56000 OK', 'Cordboard strict modem OK'],
  ['I1', '255 OK', 'CD3C OK', 'OK OK', 'OK'],
  ['I2', 'OK OK', 'OK OK', 'OK OK', 'OK'],
  [
    'I3',
    'V.250 data, V.253 voice OK',
    'U.S. Robotics Courier V.Everything OK',
    'CX93001-EIS_V0.2013-V92 OK',
    'V.250 data, V.253 voice OK',
  ],
  ['I5', 'OK', 'OK', 'OK', 'OK'],
  ['I6', 'No call yet OK', 'No call yet OK', 'No call yet OK', 'OK'],
  ['I8', 'OK', 'OK', 'OK', 'OK'],
  ['+GMI', 'Cordboard OK', 'U.S. Robotics OK', 'CONEXANT OK', 'Cordboard OK'],
  [
    '+GCAP',
    '+GCAP: +FCLASS,+MS,+ES,+DS,+V OK',
    'ERROR',
    '+GCAP: +FCLASS,+MS,+ES,+DS,+V OK',
    '+GCAP: +FCLASS,+MS,+ES,+DS,+V OK',
  ],
  ['X4', 'OK', 'OK', 'OK', 'OK'],
  ['X5', 'OK', 'OK', 'ERROR', 'ERROR'],
  ['X7', 'ERROR', 'OK', 'ERROR', 'ERROR'],
  ['Q2', 'ERROR', 'OK', 'ERROR', 'ERROR'],
  ['W2', 'OK', 'OK', 'OK', 'ERROR'],
  ['&D3', 'OK', 'ERROR', 'OK', 'ERROR'],
  ['&K3', 'OK', 'OK', 'OK', 'ERROR'],
  ['&K6', 'OK', 'ERROR', 'OK', 'ERROR'],
  ['&S2', 'OK', 'OK', 'ERROR', 'ERROR'],
  ['&Q5\\N3%C1', 'OK', 'OK', 'OK', 'ERROR'],
  ['\\N9', 'OK', 'OK', 'ERROR', 'ERROR'],
  ['*Z7', 'OK', 'OK', 'OK', 'ERROR'],
  ['M3', 'OK', 'OK', 'OK', 'ERROR'],
  ['M1L2', 'OK', 'OK', 'OK', 'OK'],
  ['T', 'OK', 'OK', 'OK', 'OK'],
  ['P', 'OK', 'OK', 'OK', 'OK'],
  ['&W', 'OK', 'OK', 'OK', 'ERROR'],
  ['&W1', 'OK', 'OK', 'OK', 'ERROR'],
  ['&W2', 'OK', 'OK', 'ERROR', 'ERROR'],
  ['Z1', 'OK', 'OK', 'OK', 'OK'],
  ['Z4', 'OK', 'OK', 'ERROR', 'ERROR'],
  ['S7?', '050 OK', '060 OK', '050 OK', '050 OK'],
  ['S10?', '014 OK', '007 OK', '014 OK', '014 OK'],
  ['S11?', '095 OK', '070 OK', '085 OK', 'ERROR'],
  ['S14=0', 'OK', 'OK', 'OK', 'ERROR'],
  ['S38=20', 'OK', 'OK', 'OK', 'ERROR'],
  ['S2=255S12=0', 'OK', 'OK', 'OK', 'OK'],
  ['+FCLASS=?', '0,8 OK', '0 OK', '0,8 OK', '0,8 OK'],
  ['+FCLASS=8', 'OK', 'ERROR', 'OK', 'OK'],
  ['+FCLASS=8;+VLS=1', 'OK', 'ERROR', 'VCON', 'OK'],
  ['+VCID=1', 'OK', 'ERROR', 'OK', 'OK'],
  ['#CID=1', 'OK', 'OK', 'OK', 'OK'],
  ['+MR=1', 'OK', 'ERROR', 'OK', 'OK'],
  ['+IFC=2,2', 'OK', 'ERROR', 'OK', 'OK'],
  [`S7=60${'M1'.repeat(20)}`, 'OK', 'OK', 'OK', 'ERROR'],
  [`S7=60${'M1'.repeat(30)}`, 'OK', 'ERROR', 'OK', 'ERROR'],
];

describe('makes of modem', () => {
  const cases = answers.flatMap(([text, ...byMake]) =>
    profileNames.map((make, index) => [make, text, byMake[index]] as const),
  );
  test.each(cases)('telephony D4: %s: AT%s -> %s', (make, text, answer) => {
    expect(bench(make).command(text)).toBe(answer);
  });

  test('telephony 1.1: strict takes AT and at, not At nor aT', () => {
    for (const [prefix, answer] of [
      ['AT', 'OK'],
      ['at', 'OK'],
      ['At', ''],
      ['aT', ''],
      ['AtAT', 'OK'],
      ['aAT', 'OK'],
      ['Aat', 'OK'],
    ] as const) {
      const { port } = bench('strict');
      port.type(`${prefix}\r`);
      expect(words(port.output())).toBe(answer);
    }
  });

  test('telephony 1.4: rockwell dumps what a CX93010 dumps', () => {
    const { port } = bench('rockwell');
    port.type('AT&V\r');
    const dump = words(port.output());
    for (const setting of 'B1 E0 L2 M1 N0 Q0 V1 W0 X4 Y0 &C1 &D2 &G0 &J0 &K3 &Q5 &R1 &S0 &T5 &X0 &Y0'.split(
      ' ',
    )) {
      expect(dump).toContain(`${setting} `);
    }
    expect(dump).toContain('S10:14 S11:85 S12:50 S18:0 S25:5 S26:1 S36:7 S38:20 S46:138 S48:7 S95:0');
  });
});

/** Result codes of a connection: set-up command, rate, by make. */
const connects: readonly (readonly [string, number, string, string, string, string])[] = [
  ['', 33_600, 'CONNECT 33600', 'CONNECT 33600/ARQ/V34/LAPM/V42BIS', 'CONNECT 115200', 'CONNECT 33600'],
  ['', 14_400, 'CONNECT 14400', 'CONNECT 14400/ARQ/V32/LAPM/V42BIS', 'CONNECT 115200', 'CONNECT 14400'],
  ['', 2_400, 'CONNECT 2400', 'CONNECT 2400/ARQ/LAPM/V42BIS', 'CONNECT 115200', 'CONNECT 2400'],
  ['X0', 33_600, 'CONNECT', 'CONNECT/ARQ', 'CONNECT', 'CONNECT'],
  ['V0', 33_600, '66', '158', '19', '1'],
  ['V0', 28_800, '64', '118', '19', '1'],
  ['V0', 9_600, '12', '37', '19', '1'],
  ['V0', 1_200, '5', '15', '19', '1'],
  ['V0X0', 33_600, '1', '14', '1', '1'],
  ['W2', 33_600, 'CONNECT 33600', 'CONNECT 33600/ARQ/V34/LAPM/V42BIS', 'CONNECT 33600', 'CONNECT 33600'],
  ['&A2', 33_600, 'CONNECT 33600', 'CONNECT 33600/ARQ/V34', 'CONNECT 115200', 'CONNECT 33600'],
  ['&A1', 33_600, 'CONNECT 33600', 'CONNECT 33600/ARQ', 'CONNECT 115200', 'CONNECT 33600'],
  ['&A0', 33_600, 'CONNECT 33600', 'CONNECT 33600', 'CONNECT 115200', 'CONNECT 33600'],
  ['V0&A0', 33_600, '66', '155', '19', '1'],
  ['V0&A1', 28_800, '64', '108', '19', '1'],
  ['&M0', 33_600, 'CONNECT 33600', 'CONNECT 33600/V34/NONE', 'CONNECT 115200', 'CONNECT 33600'],
  ['&M0', 300, 'CONNECT 300', 'CONNECT', 'CONNECT 115200', 'CONNECT 300'],
  ['&K0', 33_600, 'CONNECT 33600', 'CONNECT 33600/ARQ/V34/LAPM', 'CONNECT 115200', 'CONNECT 33600'],
];

describe('CONNECT', () => {
  const cases = connects.flatMap(([text, rate, ...byMake]) =>
    profileNames.map((make, index) => [make, text, rate, byMake[index]] as const),
  );
  test.each(cases)('telephony 1.3: %s: AT%s at %i bit/s -> %s', (make, text, rate, answer) => {
    const { line, port, command } = bench(make);
    // What a make refuses leaves it as it was.
    command(text);
    port.type('ATA\r');
    line.connectCarrier(rate);
    expect(words(port.output())).toBe(answer);
  });

  test.each([
    ['W1', ['CARRIER 33600', 'PROTOCOL: LAP-M', 'COMPRESSION: V.42BIS', 'CONNECT 115200']],
    ['W1\\N0', ['CARRIER 33600', 'PROTOCOL: NONE', 'CONNECT 115200']],
    [
      '+MR=1;+ER=1;+DR=1;+ILRR=1',
      ['+MCR: V34', '+MRR: 33600,33600', '+ER: LAPM', '+DR: V42B', '+ILRR: 115200', 'CONNECT 115200'],
    ],
    ['+MR=1;+ER=1;+MS=V32B', ['+MCR: V32B', '+MRR: 14400,14400', '+ER: LAPM', 'CONNECT 115200']],
    ['+MR=1;+MS=V34,1,300,28800,300,28800', ['+MCR: V34', '+MRR: 28800,28800', 'CONNECT 115200']],
    ['+ER=1;+DR=1;+ES=4,4,6', ['+ER: ALT', '+DR: V42B', 'CONNECT 115200']],
    ['+ER=1;+DR=1;+DS=0', ['+ER: LAPM', '+DR: NONE', 'CONNECT 115200']],
    ['+ER=1;+DR=1%C0', ['ERROR']],
    ['+MR=1;+ER=1;+DR=1;+ILRR=1;+IPR=57600;Q1', []],
  ])('telephony 1.4: AT%s is followed by %j', (text, lines) => {
    const { line, port, command } = bench('rockwell');
    const said = command(text);
    port.type('ATA\r');
    line.connectCarrier(Number(/carrier answer (\d+)/.exec(line.actions.join())?.[1]));
    const told = port
      .output()
      .split(/[\r\n]+/)
      .filter(Boolean);
    expect(said === 'ERROR' ? ['ERROR'] : told).toEqual(lines);
  });
});

describe('where makes differ in what they tell of a call', () => {
  test.each(profileNames)('telephony 1.3: %s: a line that rings on, at the end of S7', (make) => {
    const { clock, line, port, command, dial } = bench(make);
    command('S7=20');
    dial();
    line.hearsCadence([440, 480], 2000, 4000, 4);
    expect(words(port.output())).toBe(make === 'rockwell' ? 'NO ANSWER' : 'NO CARRIER');
    clock.advance(60_000);
    expect(clock.nextDeadlineMs()).toBeUndefined();
  });

  test('telephony 1.3: rockwell: a line that rang, and then is silent, is NO CARRIER', () => {
    const { clock, line, port, command, dial } = bench('rockwell');
    command('S7=30');
    dial();
    line.hearsCadence([440, 480], 2000, 4000, 2);
    clock.advance(20_000);
    expect(words(port.output())).toBe('NO CARRIER');
  });

  test.each([
    ['generic', 'NO DIALTONE'],
    ['usr', 'NO DIAL TONE'],
    ['rockwell', 'NO DIALTONE'],
    ['strict', 'NO DIALTONE'],
  ] as const)('telephony 1.3: %s: %s', (make, text) => {
    const { clock, port } = bench(make);
    port.type('ATD5\r');
    clock.advance(5000);
    expect(words(port.output())).toBe(text);
  });

  test('telephony 1.2: usr: Q2 is silent about calls that come in, and about nothing else', () => {
    const { clock, line, port, command, dial } = bench('usr');
    command('Q2');
    line.rings(2);
    port.type('ATA\r');
    line.connectCarrier();
    expect(port.output()).toBe('');
    expect(port.last.dcd).toBe(true);
    line.receives('data');
    expect(port.output()).toBe('data');
    line.loseCarrier();
    clock.advance(1000);
    expect(port.output()).toBe('');
    expect(port.last.dcd).toBe(false);
    expect(command('')).toBe('OK');
    dial();
    line.connectCarrier();
    expect(words(port.output())).toBe('CONNECT 33600/ARQ/V34/LAPM/V42BIS');
  });

  test('telephony 1.5: usr: S19 counts minutes, S30 does not count', () => {
    const { clock, line, port, command, dial } = bench('usr');
    command('S30=1S19=1');
    dial();
    line.connectCarrier();
    port.output();
    clock.advance(59_999);
    expect(port.output()).toBe('');
    clock.advance(1);
    expect(words(port.output())).toBe('NO CARRIER');
  });

  test.each([
    ['&H0', '&R2&I0', [0, 'data']],
    ['&H1', '&I1', [2, 'passed-on']],
  ] as const)('telephony 1.4: usr: %s%s sets flow control', (send, receive, [cts]) => {
    const { line, port, command, dial } = bench('usr');
    expect(command(`${send}${receive}`)).toBe('OK');
    dial();
    line.connectCarrier();
    port.write(new Uint8Array(2000));
    expect(port.last.cts).toBe(cts === 0);
  });
});

import { describe, expect, test } from 'vitest';
import { bench, words } from './bench.js';

describe('the command line', () => {
  test.each([
    ['AT\r', 'OK'],
    ['at\r', 'OK'],
    ['At\r', 'OK'],
    ['aT\r', 'OK'],
    ['AAT\r', 'OK'],
    ['\x1b\x1b+++junkAT\r', 'OK'],
    ['ATH\r', 'OK'],
    ['A T\r', ''],
    ['\r\r\r', ''],
    ['hello world\r', ''],
    ['AT E0 Q0 V1\r', 'OK'],
    ['ATS7?\r\n', '050 OK'],
    ['ATS7?\nE0\r', '050 OK'],
    ['ATS\x01\x027\x00?\r', '050 OK'],
    ['ATS99\b\b7?\r', '050 OK'],
    ['AT\b\b\bS7?\r', '050 OK'],
    ['ATD5550100\x18ATS7?\r', '050 OK'],
    ['ATS7=60\x18\rATS7?\r', '050 OK'],
  ])('AL-4 %j -> %s', (typed, answer) => {
    const { port } = bench();
    port.type(typed);
    expect(words(port.output())).toBe(answer);
  });

  test('AL-4 the eighth bit is parity, and is echoed as it came', () => {
    const { port, command } = bench();
    command('E1');
    const typed = Buffer.from('ATS7?\r', 'latin1').map((octet) => octet | 0x80);
    port.write(typed);
    expect(port.output()).toBe(`${Buffer.from(typed).toString('latin1')}\r\n050\r\n\r\nOK\r\n`);
  });

  test('fault 37: echo gives each character back, the CR without LF', () => {
    const { port, command } = bench();
    expect(command('E1')).toBe('OK');
    for (const character of 'ATI\r') port.type(character);
    expect(port.output()).toBe('ATI\r\r\nCordboard simulated modem\r\n\r\nOK\r\n');
    port.type('ATE0\r');
    expect(port.output()).toBe('ATE0\r\r\nOK\r\n');
    port.type('AT\r');
    expect(port.output()).toBe('\r\nOK\r\n');
  });

  test('AL-4 S3, S4 and S5 are obeyed: the first two from their own result on, S5 from the next line', () => {
    const { port } = bench();
    port.type('ATS3=33S4=46\r');
    expect(port.output()).toBe('!.OK!.');
    port.type('ATS7?!');
    expect(port.output()).toBe('!.050!.!.OK!.');
    port.type('ATS3=13S4=10S5=35!');
    expect(port.output()).toBe('\r\nOK\r\n');
    port.type('ATS99##7?\r');
    expect(words(port.output())).toBe('050 OK');
  });

  test('AL-4 256 characters are a line; with one more nothing of it is executed', () => {
    const { port, command } = bench();
    port.type(`ATS7=60${'M1'.repeat(125)}M\r`);
    expect(words(port.output())).toBe('OK');
    port.type(`ATS7=70${'M1'.repeat(126)}\r`);
    expect(words(port.output())).toBe('ERROR');
    expect(command('S7?')).toBe('060 OK');
  });

  test('AL-4 A/ repeats the last line at once, without CR; with none stored it is OK', () => {
    const { modem, port, command } = bench();
    command('S7?');
    port.type('A/');
    expect(words(port.output())).toBe('050 OK');
    port.type('a/');
    expect(words(port.output())).toBe('050 OK');
    expect(modem.received(Buffer.from('A'))).toBe(1);
  });

  test('AL-4 the program that does not read its echo is made to wait, and nothing is lost', () => {
    const { port, command } = bench();
    command('E1');
    port.leavesUnread = true;
    port.write(Buffer.alloc(100_000, 'x'));
    expect(port.unread).toBeLessThan(10_000);
    expect(port.waiting).toBeGreaterThan(90_000);
    expect(port.last.cts).toBe(false);
    port.leavesUnread = false;
    port.reads();
    expect(port.waiting).toBe(0);
    expect(port.output().length).toBeGreaterThanOrEqual(100_000);
    expect(port.last.cts).toBe(true);
  });
});

describe('commands on one line', () => {
  test.each([
    ['E0Q0V1X4&C1&D2', 'OK'],
    ['S7=60S7?', '060 OK'],
    ['S7=S7?', 'ERROR'],
    ['S8=S8?', '000 OK'],
    ['S007=044S7?', '044 OK'],
    ['S10?S7?', '014 050 OK'],
    ['S7', 'OK'],
    ['S8?=5?S8?', '002 005 005 OK'],
    ['S8', 'OK'],
    ['+FCLASS=8;+FCLASS?', '8 OK'],
    ['+FCLASS=8S7?', 'ERROR'],
    ['E0+FCLASS=8;E0', 'OK'],
    ['+FCLASS=8;', 'OK'],
    ['S7=60+BOGUS;S7=70', 'ERROR'],
    ['+GMI', 'Cordboard OK'],
    ['+gmi', 'Cordboard OK'],
    ['+GSN', '5550101 OK'],
    ['+GCAP', '+GCAP: +FCLASS,+MS,+ES,+DS,+V OK'],
    ['+GMM=?', 'OK'],
    ['+IFC?', '+IFC: 2,2 OK'],
    ['+IFC=,0;+IFC?', '+IFC: 2,0 OK'],
    ['+IFC=?', '+IFC: (0-3),(0-2) OK'],
    ['+IFC=4', 'ERROR'],
    ['+IFC=2,2,2', 'ERROR'],
    ['+IFC="2"', 'ERROR'],
    ['&K0+IFC?', '+IFC: 0,0 OK'],
    ['&K4+IFC?', '+IFC: 1,1 OK'],
    ['+FCLASS=?', '0,8 OK'],
    ['+FCLASS=1', 'ERROR'],
    ['E2', 'ERROR'],
    ['Q2', 'ERROR'],
    ['V2', 'ERROR'],
    ['X6', 'ERROR'],
    ['&C2', 'ERROR'],
    ['&D4', 'ERROR'],
    ['S100=1', 'ERROR'],
    ['S7=256', 'ERROR'],
    ['S1=3', 'ERROR'],
    ['S77=200S77?', '200 OK'],
    ['5', 'ERROR'],
    ['!', 'ERROR'],
    ['+', 'ERROR'],
    ['&', 'ERROR'],
    ['B0C1L3M1N0Y0', 'OK'],
    ['&Q5\\N3%C1*C1&A3&Y3', 'OK'],
    ['Z5;garbage', 'OK'],
    ['O', 'NO CARRIER'],
    ['H', 'OK'],
    ['H2', 'ERROR'],
    ['I99', 'OK'],
  ])('AL-4 AT%s -> %s', (text, answer) => {
    const { command } = bench();
    expect(command(text)).toBe(answer);
  });

  test('AL-4 what stood before a failure is done, what follows is not', () => {
    const { command } = bench();
    expect(command('S7=60X9S8=7')).toBe('ERROR');
    expect(command('S7?S8?')).toBe('060 002 OK');
  });

  test('AL-4 &W stores, Z brings back, &F is the factory', () => {
    const { command } = bench();
    expect(command('S0=2X3&W')).toBe('OK');
    expect(command('S0=0X1+FCLASS=8')).toBe('OK');
    expect(command('Z')).toBe('OK');
    expect(command('E0')).toBe('OK');
    expect(command('S0?+FCLASS?')).toBe('002 0 OK');
    expect(command('&V')).toContain('X3');
    expect(command('&FE0')).toBe('OK');
    expect(command('S0?')).toBe('000 OK');
    expect(command('&V')).toContain(
      'ACTIVE PROFILE: B1 E0 L2 M1 N1 Q0 V1 W0 X4 &C1 &D2 &K3 &Q5 &S0 &Y0 \\N3 %C3 T +FCLASS:0 +IFC:2,2 S00:0 S01:0 S02:43 S03:13 S04:10 S05:8 S06:2 S07:50 ' +
        'S08:2 S09:6 S10:14 S11:95 S12:50 S25:5 S29:50 S30:0 S36:7 S38:20 S46:138 S48:7 S95:0 STORED PROFILE 0: B1 E0',
    );
  });
});

describe('result codes', () => {
  test('fault 37: verbose, numeric and none; information is never suppressed', () => {
    const { port } = bench();
    const raw = (text: string) => {
      port.type(`AT${text}\r`);
      return port.output();
    };
    expect(raw('S7?')).toBe('\r\n050\r\n\r\nOK\r\n');
    expect(raw('V0')).toBe('0\r');
    expect(raw('S7?')).toBe('050\r\n0\r');
    expect(raw('X9')).toBe('4\r');
    expect(raw('Q1')).toBe('');
    expect(raw('S7?')).toBe('050\r\n');
    expect(raw('X9')).toBe('');
    expect(raw('Q0V1')).toBe('\r\nOK\r\n');
  });

  test.each([
    ['', 33_600, '\r\nCONNECT 33600\r\n'],
    ['W2', 14_400, '\r\nCONNECT 14400\r\n'],
    ['+IPR=115200', 33_600, '\r\nCONNECT 115200\r\n'],
    ['W2+IPR=115200', 33_600, '\r\nCONNECT 33600\r\n'],
    ['X0', 33_600, '\r\nCONNECT\r\n'],
    ['V0', 33_600, '66\r'],
    ['V0', 2400, '10\r'],
    ['V0', 12_345, '1\r'],
    ['V0X0', 33_600, '1\r'],
    ['Q1', 33_600, ''],
    [
      'W1+IPR=57600',
      33_600,
      '\r\nCARRIER 33600\r\n\r\nPROTOCOL: LAP-M\r\n\r\nCOMPRESSION: V.42BIS\r\n\r\nCONNECT 57600\r\n',
    ],
    [
      '+MR=1;+ER=1;+DR=1;+ILRR=1',
      28_800,
      '\r\n+MCR: V34\r\n\r\n+MRR: 28800,28800\r\n\r\n+ER: LAPM\r\n\r\n+DR: V42B\r\n\r\n+ILRR: 28800\r\n\r\nCONNECT 28800\r\n',
    ],
  ])('fault 38: AT%s at %i bit/s -> %j', (settings, rate, text) => {
    const { line, port, command } = bench();
    command(settings);
    port.type('ATA\r');
    line.connectCarrier(rate);
    expect(port.output()).toBe(text);
  });

  test.each([
    ['NO CARRIER', 3],
    ['RING', 2],
  ])('fault 37: %s is %i in V0', (result, number) => {
    const { clock, line, port, command } = bench();
    command('V0S7=1');
    if (result === 'RING') line.rings();
    else {
      port.type('ATA\r');
      clock.advance(1000);
    }
    expect(port.output()).toBe(`${number}\r`);
  });
});

import { describe, expect, test } from 'vitest';
import { bench, words } from './bench.js';

describe('octets both ways', () => {
  test('fault 35: result codes and RING inside data are data', () => {
    const { line, port, connect } = bench();
    connect();
    const data = '\r\nNO CARRIER\r\nBUSY\r\nOK\r\nRING\r\nCONNECT 300\r\n';
    line.receives(data);
    expect(port.output()).toBe(data);
    port.type(data);
    expect(line.sentText).toBe(data);
  });

  test('fault 37: XON and XOFF are data, as every octet is', () => {
    const { line, port, connect } = bench();
    connect();
    const every = Uint8Array.from({ length: 256 }, (_, octet) => octet);
    port.write(every);
    expect(line.transmitted).toEqual([...every]);
    line.equipment.receive(every);
    expect(port.output()).toBe(Buffer.from(every).toString('latin1'));
  });

  test('AL-5 the program is held by CTS while the line is full, and loses nothing', () => {
    const { line, port, connect } = bench();
    connect();
    const data = Array.from({ length: 1000 }, (_, index) => index % 251);
    port.write(Uint8Array.from(data));
    expect(line.transmitted).toHaveLength(420);
    expect(port.events).toEqual(['cts off']);
    while (port.waiting > 0) line.sends();
    expect(line.transmitted).toEqual(data);
    expect(port.last.cts).toBe(true);
  });

  test('AL-5 &K0: CTS stays on, and nothing is lost all the same', () => {
    const { line, port, command, connect } = bench();
    command('&K0');
    connect();
    port.write(new Uint8Array(1000));
    expect(port.last.cts).toBe(true);
    while (port.waiting > 0) line.sends();
    expect(line.transmitted).toHaveLength(1000);
  });

  test('AL-5 the far end is held back while the program does not read', () => {
    const { line, port, modem, connect } = bench();
    connect();
    const room = modem.receiveRoom();
    port.leavesUnread = true;
    line.equipment.receive(new Uint8Array(room));
    expect(modem.receiveRoom()).toBe(0);
    const resumed = line.resumed;
    port.reads();
    expect(line.resumed).toBe(resumed + 1);
    expect(modem.receiveRoom()).toBe(room);
  });

  test('fault 37: with &K4 XOFF and XON hold and release the far end and do not reach it', () => {
    const { line, port, modem, command, connect } = bench();
    command('&K4');
    connect();
    port.type('ab\x13cd');
    expect(modem.receiveRoom()).toBe(0);
    const resumed = line.resumed;
    port.type('\x11ef');
    expect(modem.receiveRoom()).toBeGreaterThan(0);
    expect(line.resumed).toBe(resumed + 1);
    expect(line.sentText).toBe('abcdef');
  });

  test('fault 37: with &K5 they reach it too', () => {
    const { line, port, modem, command, connect } = bench();
    command('&K5');
    connect();
    port.type('ab\x13cd');
    expect(modem.receiveRoom()).toBe(0);
    expect(line.sentText).toBe('ab\x13cd');
  });

  test('fault 38: a change of rate in the middle is not told, and nothing is lost', () => {
    const { line, port, connect } = bench();
    connect();
    port.type('before');
    line.equipment.carrier({
      up: true,
      rate: 14_400,
      modulation: 'V32B',
      errorControl: 'LAPM',
      compression: 'NONE',
    });
    port.type(' after');
    expect(port.output()).toBe('');
    expect(line.sentText).toBe('before after');
  });

  test('fault 38: a carrier that comes back within S10 is the same connection', () => {
    const { clock, line, port, command, connect } = bench();
    command('S10=50');
    connect();
    line.loseCarrier();
    clock.advance(4900);
    line.connectCarrier();
    clock.advance(60_000);
    expect(port.events).toEqual([]);
    expect(line.isOffHook || line.actions.length === 0).toBe(true);
  });

  test('AL-4 S10=255 never hangs up by itself', () => {
    const { clock, line, port, command, connect } = bench();
    command('S10=255');
    connect();
    line.loseCarrier();
    clock.advance(3_600_000);
    expect(port.events).toEqual([]);
  });

  test('fault 40: with S10=255, a hang-up after the carrier is lost waits for no octets: none can leave', () => {
    const { clock, line, modem, command, connect } = bench();
    command('S10=255S38=255');
    connect();
    line.loseCarrier();
    modem.dtr(false);
    clock.advance(1_000);
    expect(line.actions).toEqual(['carrier off', 'on-hook']);
    expect(clock.nextDeadlineMs()).toBeUndefined();
  });
});

describe('the escape sequence', () => {
  const escaped = (pauseBeforeMs: number, text: string, pauseAfterMs: number, settings = '') => {
    const it = bench();
    it.command(settings);
    it.connect();
    it.port.type('data');
    it.clock.advance(pauseBeforeMs);
    it.port.type(text);
    it.clock.advance(pauseAfterMs);
    return { ...it, answer: words(it.port.output()) };
  };

  test.each([
    ['silence, +++, silence', 1000, '+++', 1000, '', 'OK'],
    ['too little silence before', 990, '+++', 1000, '', ''],
    ['too little silence after', 1000, '+++', 990, '', ''],
    ['two only', 1000, '++', 5000, '', ''],
    ['four', 1000, '++++', 5000, '', ''],
    ['in the middle of data', 1000, 'abc+++def', 5000, '', ''],
    ['at the end of data', 1000, 'abc+++', 5000, '', ''],
    ['at the start of data', 1000, '+++ATH\r', 5000, '', ''],
    ['S2=42', 1000, '***', 1000, 'S2=42', 'OK'],
    ['S2=42 and plus', 1000, '+++', 5000, 'S2=42', ''],
    ['S2=255', 1000, '\xff\xff\xff', 5000, 'S2=255', ''],
    ['S2=128', 1000, '+++', 5000, 'S2=128', ''],
    ['S12=20', 400, '+++', 400, 'S12=20', 'OK'],
    ['S12=0', 5000, '+++', 5000, 'S12=0', ''],
  ])('fault 36: %s', (_, before, text, after, settings, answer) => {
    const it = escaped(before, text, after, settings);
    expect(it.answer).toBe(answer);
    expect(it.line.sentText).toBe(`data${text}`);
  });

  test('fault 36: the three typed one by one, each within the guard time of the last', () => {
    for (const [gapMs, answer] of [
      [900, 'OK'],
      [1000, ''],
    ] as const) {
      const { clock, port, connect } = bench();
      connect();
      clock.advance(2000);
      for (let count = 0; count < 3; count++) {
        port.type('+');
        clock.advance(gapMs);
      }
      clock.advance(100);
      expect(words(port.output())).toBe(answer);
    }
  });

  test('fault 36: a pause that the full line makes is not silence', () => {
    const { clock, line, port, connect } = bench();
    connect();
    port.write(Buffer.concat([Buffer.alloc(420), Buffer.from('+++')]));
    clock.advance(5000);
    line.sends();
    clock.advance(5000);
    expect(port.output()).toBe('');

    line.sends();
    clock.advance(5000);
    port.write(Buffer.concat([Buffer.alloc(417), Buffer.from('+++')]));
    port.type('more');
    clock.advance(5000);
    expect(port.output()).toBe('');
  });

  test('fault 36: +++ alone and then data that the line has no room for', () => {
    const { clock, line, port, connect } = bench();
    connect();
    port.write(Buffer.alloc(417));
    clock.advance(1000);
    port.type('+++');
    clock.advance(500);
    port.type('data');
    clock.advance(5000);
    expect(port.output()).toBe('');
    line.sends();
    expect(line.sentText.endsWith('+++data')).toBe(true);
  });

  test('AL-4 online command state: the call stays, what comes is held back, O goes back', () => {
    const it = escaped(1000, '+++', 1000);
    expect(it.port.last.dcd).toBe(true);
    expect(it.modem.receiveRoom()).toBe(0);
    expect(it.command('S7?')).toBe('050 OK');
    expect(it.command('D5550100')).toBe('ERROR');
    expect(it.command('A')).toBe('ERROR');
    const resumed = it.line.resumed;
    expect(it.command('O')).toBe('CONNECT 33600');
    expect(it.line.resumed).toBe(resumed + 1);
    it.port.type('AT\r');
    expect(it.line.sentText).toBe('data+++AT\r');
    it.line.receives('answer');
    expect(it.port.output()).toBe('answer');
  });

  test('fault 38: O1 trains anew, and CONNECT comes after it; what the far end sent waits', () => {
    const { clock, line, modem, port, command, connect } = bench();
    command('&D1');
    connect();
    modem.dtr(false);
    clock.advance(50);
    modem.dtr(true);
    port.output();
    port.type('ATO1\r');
    expect(line.actions).toEqual(['retrain']);
    expect(modem.receiveRoom()).toBe(0);
    clock.advance(5999);
    expect(port.output()).toBe('');
    clock.advance(1);
    expect(words(port.output())).toBe('CONNECT 33600');
    expect(modem.receiveRoom()).toBeGreaterThan(0);
    port.type('data');
    expect(line.sentText).toBe('data');
  });

  test('telephony 1.1: a character while O1 trains gives the call up, a carrier that is lost ends it', () => {
    for (const end of ['x', 'loss'] as const) {
      const { clock, line, modem, port, command, connect } = bench();
      command('&D1');
      connect();
      modem.dtr(false);
      clock.advance(50);
      modem.dtr(true);
      port.output();
      port.type('ATO1\r');
      clock.advance(200);
      if (end === 'x') port.type('x');
      else line.loseCarrier();
      clock.advance(60_000);
      expect(words(port.output())).toBe('NO CARRIER');
      expect(line.isOffHook).toBe(false);
      expect(clock.nextDeadlineMs()).toBeUndefined();
      expect(command('O1')).toBe('NO CARRIER');
    }
  });

  test('AL-4 online command state: H ends the call, and the far end may end it too', () => {
    const it = escaped(1000, '+++', 1000);
    it.line.sends();
    expect(it.command('H')).toBe('OK');
    expect(it.line.actions.slice(-2)).toEqual(['carrier off', 'on-hook']);
    expect(it.command('O')).toBe('NO CARRIER');

    const other = escaped(1000, '+++', 1000);
    other.line.loseCarrier();
    other.clock.advance(1400);
    expect(words(other.port.output())).toBe('NO CARRIER');
    expect(other.command('O')).toBe('NO CARRIER');
  });
});

describe('hanging up', () => {
  test('AL-4 H sends what the line still holds before it hangs up', () => {
    const { clock, line, port, command, connect } = bench();
    connect();
    port.write(new Uint8Array(100));
    clock.advance(1000);
    port.type('+++');
    clock.advance(1000);
    port.output();
    expect(command('H')).toBe('');
    clock.advance(5000);
    expect(line.actions).toEqual([]);
    line.sends();
    clock.advance(100);
    expect(line.actions).toEqual(['carrier off', 'on-hook']);
    expect(port.events.slice(-2)).toEqual(['dcd off', '\r\nOK\r\n']);
  });

  test.each([
    ['S38=20', 20_000],
    ['S38=3', 3000],
    ['S38=0', 0],
  ])('AL-4 %s is how long that may take', (setting, limitMs) => {
    const { clock, line, port, command, connect } = bench();
    command(setting);
    connect();
    port.write(new Uint8Array(100));
    clock.advance(1000);
    port.type('+++');
    clock.advance(1000);
    port.output();
    port.type('ATH\r');
    if (limitMs > 0) {
      clock.advance(limitMs - 1);
      expect(line.actions).toEqual([]);
      clock.advance(1);
    }
    expect(line.actions).toEqual(['carrier off', 'on-hook']);
    expect(words(port.output())).toBe('OK');
  });

  test('AL-4 after H the rest of the line is executed, Z brings the profile back', () => {
    const { clock, port, line, command, connect } = bench();
    command('&W');
    connect();
    port.write(new Uint8Array(10));
    clock.advance(1000);
    port.type('+++');
    clock.advance(1000);
    port.output();
    port.type('ATS7=9H0S7?Z\rATS7?\r');
    expect(port.output()).toBe('');
    line.sends();
    clock.advance(100);
    expect(words(port.output())).toBe('009 OK 050 OK');
  });

  test('AL-4 DTR drop: what the program still wrote is sent first, then on-hook and OK', () => {
    const { clock, line, modem, port, connect } = bench();
    connect();
    port.write(new Uint8Array(1000));
    modem.dtr(false);
    clock.advance(100);
    expect(line.isOffHook || line.actions.length === 0).toBe(true);
    line.sends();
    line.sends();
    expect(line.transmitted).toHaveLength(1000);
    clock.advance(1000);
    expect(line.actions).toEqual([]);
    line.sends();
    clock.advance(1000);
    expect(line.actions).toEqual(['carrier off', 'on-hook']);
    expect(port.events.slice(-2)).toEqual(['dcd off', '\r\nOK\r\n']);
  });

  test('AL-4 commands typed when DTR is back while data still leaves wait, and are not sent as data', () => {
    const { clock, line, modem, port, connect } = bench();
    connect();
    port.write(new Uint8Array(10));
    modem.dtr(false);
    clock.advance(100);
    modem.dtr(true);
    port.type('ATS7?\r');
    expect(port.output()).toBe('');
    line.sends();
    clock.advance(1000);
    expect(words(port.output())).toBe('OK 050 OK');
    expect(line.transmitted).toHaveLength(10);
  });

  test('fault 36: file octets that are held when DTR comes back are neither sent nor read as commands', () => {
    const { clock, line, modem, port, connect } = bench();
    connect();
    port.write(Buffer.concat([new Uint8Array(420), Buffer.from('\rATS7=1\r')]));
    modem.dtr(false);
    clock.advance(100);
    modem.dtr(true);
    port.type('ATS7?\r');
    line.sends();
    clock.advance(1000);
    expect(words(port.output())).toBe('OK 050 OK');
    expect(line.transmitted).toHaveLength(420);
  });

  test('AL-4 there is nothing to wait for when the carrier is gone, or goes', () => {
    const { clock, line, modem, port, connect } = bench();
    connect();
    port.write(new Uint8Array(10));
    line.loseCarrier();
    modem.dtr(false);
    clock.advance(50);
    expect(words(port.output())).toBe('OK');

    const other = bench();
    other.connect();
    other.port.write(new Uint8Array(10));
    other.modem.dtr(false);
    other.clock.advance(1000);
    expect(other.port.output()).toBe('');
    other.line.loseCarrier();
    expect(words(other.port.output())).toBe('OK');
    expect(other.line.isOffHook).toBe(false);
  });

  test('fault 36: file octets that are held when the carrier goes are never read as commands', () => {
    const { clock, line, port, connect } = bench();
    connect();
    port.write(Buffer.concat([new Uint8Array(420), Buffer.from('\rATD5550199\rATS7=1\r')]));
    line.loseCarrier();
    clock.advance(60_000);
    expect(words(port.output())).toBe('NO CARRIER');
    expect(line.actions).toEqual(['carrier off', 'on-hook']);
    port.type('ATS7?\r');
    expect(words(port.output())).toBe('050 OK');
  });

  test('AL-4 while it waits to hang up, octets from the far end are taken, so that neither waits for the other', () => {
    const { clock, line, modem, port, connect } = bench();
    connect();
    port.write(new Uint8Array(10));
    modem.dtr(false);
    clock.advance(100);
    expect(modem.receiveRoom()).toBeGreaterThan(0);
    line.receives('late');
    expect(port.output()).toBe('');
  });
});

import { describe, expect, test } from 'vitest';
import { bench, words } from './bench.js';

describe('DTR', () => {
  test('AL-4 shorter than S25 is not noticed', () => {
    const { clock, modem, port, connect } = bench();
    connect();
    modem.dtr(false);
    clock.advance(49);
    modem.dtr(true);
    clock.advance(1000);
    expect(port.events).toEqual([]);
  });

  test('fault 41: &D0 ignores it', () => {
    const { clock, line, modem, port, command, connect } = bench();
    command('&D0');
    connect();
    modem.dtr(false);
    clock.advance(60_000);
    port.type('still data');
    expect(line.sentText).toBe('still data');
    expect(port.events).toEqual([]);
  });

  test('AL-4 &D1 goes to the online command state', () => {
    const { clock, modem, port, command, connect } = bench();
    command('&D1');
    connect();
    modem.dtr(false);
    clock.advance(50);
    expect(words(port.output())).toBe('OK');
    expect(port.last.dcd).toBe(true);
    expect(command('O')).toBe('CONNECT 33600');
  });

  test('AL-4 &D2 hangs up and keeps the settings, &D3 brings the profile back', () => {
    for (const [setting, register] of [
      ['&D2', '033 OK'],
      ['&D3', '050 OK'],
    ] as const) {
      const { clock, line, modem, port, command, connect } = bench();
      command(`${setting}&WS7=33`);
      connect();
      modem.dtr(false);
      clock.advance(50);
      expect(words(port.output())).toBe('OK');
      expect(line.isOffHook).toBe(false);
      expect(command('S7?')).toBe(register);
    }
  });

  test('CM-A8 octets that the port has thrown away with their program cost the next program none', () => {
    const { clock, modem, port, connect } = bench();
    connect();
    port.write(new Uint8Array(100_000));
    expect(port.waiting).toBeGreaterThan(0);
    port.forget();
    modem.dtr(false);
    clock.advance(60_000);
    modem.dtr(true);
    port.output();
    port.type('AT\r');
    expect(words(port.output())).toContain('OK');
  });

  test('AL-4 a drop while a voice tone plays ends it, and the line with it', () => {
    const { clock, line, modem, port, command } = bench();
    command('+FCLASS=8;+VLS=1');
    port.type('AT+VTS=[440,,255],[480,,255]\r');
    clock.advance(100);
    modem.dtr(false);
    clock.advance(10_000);
    expect(words(port.output())).toBe('OK');
    expect(line.actions.slice(-2)).toEqual(['tone silence', 'on-hook']);
    expect(line.actions).not.toContain('tone 480');
  });

  test('AL-4 a drop on an idle modem clears the line that was begun', () => {
    const { clock, modem, port, command } = bench();
    port.type('ATS7=9');
    modem.dtr(false);
    clock.advance(100);
    modem.dtr(true);
    port.type('\r');
    expect(port.output()).toBe('');
    expect(command('S7?')).toBe('050 OK');
  });
});

describe('circuits that the modem drives', () => {
  test('AL-4 DCD is on before CONNECT and off before NO CARRIER', () => {
    const { clock, line, port } = bench();
    port.events.length = 0;
    port.type('ATA\r');
    line.connectCarrier();
    expect(port.events).toEqual(['dcd on', '\r\nCONNECT 33600\r\n']);
    port.events.length = 0;
    line.loseCarrier();
    clock.advance(1400);
    expect(port.events).toEqual(['dcd off', '\r\nNO CARRIER\r\n']);
  });

  test('AL-4 &C0 keeps DCD on, &S1 ties DSR to the carrier', () => {
    const { line, port, command } = bench();
    expect(port.last).toEqual({ cts: true, dsr: true, dcd: false, ri: false });
    command('&C0&S1');
    expect(port.last).toEqual({ cts: true, dsr: false, dcd: true, ri: false });
    port.type('ATA\r');
    line.connectCarrier();
    expect(port.last.dsr).toBe(true);
  });

  test('AL-4 RI is on during the bursts', () => {
    const { line, port } = bench();
    port.events.length = 0;
    line.rings(2);
    expect(port.events).toEqual(['ri on', '\r\nRING\r\n', 'ri off', 'ri on', '\r\nRING\r\n', 'ri off']);
  });

  test('AL-4 voice calls have no DCD', () => {
    const { port, command } = bench();
    port.events.length = 0;
    expect(command('+FCLASS=8')).toBe('OK');
    expect(command('A')).toBe('VCON');
    expect(port.events.join('')).not.toContain('dcd');
  });
});

import { describe, expect, test } from 'vitest';
import { profiles } from '../../../../src/pstn/central-office/modem/profiles/by-name.js';
import { SimulatedModem } from '../../../../src/pstn/central-office/modem/simulated-modem.js';
import { Network, type NetworkLine } from '../../../../src/pstn/central-office/network.js';
import { SimulatedClock } from '../../../../src/time/simulated-clock.js';
import { words } from './bench.js';
import { FakePort } from './fake-port.js';

const settings: Omit<NetworkLine, 'number'> = {
  rate: 33_600,
  delayMs: 30,
  bitErrorRate: 0,
  callerId: 'number',
};

/** Three modems on one network, echo off. */
function office(change: Partial<NetworkLine> = {}) {
  const clock = new SimulatedClock();
  const numbers = ['5550101', '5550102', '5550103'] as const;
  const lines = numbers.map((number) => ({ ...settings, number, ...change }));
  const network = new Network({ lines, timeScale: 1, seed: 7 }, { clock });
  const [alice, bob, carol] = numbers.map((number) => {
    const modem = new SimulatedModem({
      line: network.line(number),
      clock,
      maxRate: 33_600,
      profile: profiles.generic,
    });
    const port = new FakePort(modem);
    modem.plug(port);
    modem.dtr(true);
    port.type('ATE0+VCID=1\r');
    port.output();
    return { modem, port };
  });
  if (!alice || !bob || !carol) throw new Error('three lines');
  /** Runs until `port` has said what matches. */
  const until = (port: FakePort, pattern: RegExp, limitMs = 100_000): string => {
    const endMs = clock.monotonicMs() + limitMs;
    let said = '';
    while (clock.monotonicMs() < endMs) {
      said += port.output();
      if (pattern.test(said)) return words(said);
      clock.advance(10);
    }
    throw new Error(`${pattern} not said in ${limitMs} ms, but ${JSON.stringify(said)}`);
  };
  const connect = () => {
    alice.port.type('ATDT5550102\r');
    until(bob.port, /RING/);
    bob.port.type('ATA\r');
    until(alice.port, /CONNECT 33600\r\n/);
    until(bob.port, /CONNECT 33600\r\n/);
  };
  return { clock, network, alice, bob, carol, until, connect };
}

describe('two modems and an exchange', () => {
  test('AL-5 CM-290 CM-295 dial, RING, caller ID, answer, CONNECT, octets, hang-up, NO CARRIER', () => {
    const { clock, alice, bob, until } = office();
    alice.port.type('ATDT5550102\r');
    expect(until(bob.port, /RING[\s\S]*RING/)).toMatch(/^RING DATE = 0101 TIME = 0000 NMBR = 5550101 RING$/);
    bob.port.type('ATA\r');
    until(alice.port, /\r\nCONNECT 33600\r\n$/);
    until(bob.port, /\r\nCONNECT 33600\r\n$/);

    const data = Uint8Array.from({ length: 20_000 }, (_, index) => (index * 7919) & 0xff);
    alice.port.write(data);
    bob.port.write(data.toReversed());
    clock.advance(1000 + (20_000 * 8) / 33.6);
    expect(Buffer.from(bob.port.output(), 'latin1').equals(data)).toBe(true);
    expect(Buffer.from(alice.port.output(), 'latin1').equals(data.toReversed())).toBe(true);

    alice.port.type('last words');
    alice.modem.dtr(false);
    expect(until(bob.port, /NO CARRIER/)).toBe('last words NO CARRIER');
    expect(words(alice.port.output())).toBe('OK');
    expect(alice.port.last.dcd).toBe(false);
    clock.advance(20_000);
    alice.modem.dtr(true);
    alice.port.type('ATDT5550102\r');
    until(bob.port, /RING/);
  });

  test('AL-5 the line rate is reached both ways at once', () => {
    const { clock, alice, bob, connect } = office();
    connect();
    const startMs = clock.monotonicMs();
    for (const { port } of [alice, bob]) port.write(new Uint8Array(42_000));
    let received = 0;
    while (received < 42_000) {
      clock.advance(5);
      received += bob.port.output().length;
      alice.port.output();
    }
    const ideal = (42_000 * 8) / 33.6 + 60;
    expect((clock.monotonicMs() - startMs) / ideal).toBeLessThan(1.005);
  });

  test('AL-5 a program that reads slowly holds the far program back, and nothing is lost', () => {
    const { clock, alice, bob, connect } = office();
    connect();
    bob.port.leavesUnread = true;
    alice.port.write(new Uint8Array(30_000));
    clock.advance(60_000);
    expect(bob.port.unread).toBeLessThan(3000);
    expect(alice.port.waiting).toBeGreaterThan(20_000);
    let received = 0;
    for (let reads = 0; received < 30_000 && reads < 100; reads++) {
      received += bob.port.output().length;
      bob.port.reads();
      clock.advance(1000);
    }
    expect(received).toBe(30_000);
  });

  test('fault 36: +++ with its silences is seen by the modem of its own side only, and reaches the far one', () => {
    const { clock, alice, bob, connect } = office();
    connect();
    clock.advance(1000);
    alice.port.type('+++');
    clock.advance(1000);
    expect(words(alice.port.output())).toBe('OK');
    expect(bob.port.output()).toBe('+++');
    clock.advance(5000);
    bob.port.type('held back');
    clock.advance(1000);
    expect(alice.port.output()).toBe('');
    alice.port.type('ATO\r');
    clock.advance(1000);
    expect(alice.port.output()).toBe('\r\nCONNECT 33600\r\nheld back');
  });

  test('AL-4 busy: a line that is in a call, and one that H1 took off-hook', () => {
    const { alice, bob, carol, until, connect } = office();
    connect();
    carol.port.type('ATDT5550102\r');
    expect(until(carol.port, /BUSY/)).toBe('BUSY');

    const other = office();
    other.bob.port.type('ATH1\r');
    other.alice.port.type('ATDT5550102\r');
    expect(other.until(other.alice.port, /BUSY/)).toBe('BUSY');
    expect(alice.port.last.dcd && bob.port.last.dcd).toBe(true);
  });

  test('AL-4 no such number and a line that nobody answers are NO CARRIER after S7, a number that is not finished BUSY (reorder)', () => {
    const { alice, bob, until } = office();
    alice.port.type('ATDT555\r');
    expect(until(alice.port, /\r\n[A-Z]/)).toBe('BUSY');
    alice.port.type('ATS7=20DT9999999\r');
    expect(until(alice.port, /\r\n[A-Z]/)).toBe('NO CARRIER');
    alice.port.type('ATS7=20DT5550102\r');
    expect(until(alice.port, /\r\n[A-Z]/)).toBe('NO CARRIER');
    bob.port.output();
  });

  test('fault 40: a line that is cut, before the call and during it', () => {
    const { network, alice, bob, until, connect } = office();
    connect();
    network.line('5550101').cut(true);
    expect(until(alice.port, /NO/)).toBe('NO CARRIER');
    expect(until(bob.port, /NO/)).toBe('NO CARRIER');
    alice.port.type('ATDT5550102\r');
    expect(until(alice.port, /NO/)).toBe('NO DIALTONE');
  });

  test('fault 38: one end trains anew by O1: nothing is lost either way, and the other end is told nothing', () => {
    const { clock, alice, bob, connect, until } = office();
    connect();
    clock.advance(1000);
    alice.port.type('+++');
    until(alice.port, /OK/);
    const data = Uint8Array.from({ length: 5000 }, (_, index) => (index * 31) & 0xff);
    bob.port.output();
    bob.port.write(data);
    alice.port.type('ATO1\r');
    clock.advance(5000);
    expect(alice.port.output()).toBe('');
    alice.port.type('');
    until(alice.port, /CONNECT 33600\r\n/);
    alice.port.write(data);
    clock.advance(10_000);
    expect(Buffer.from(alice.port.output(), 'latin1').equals(data)).toBe(true);
    expect(Buffer.from(bob.port.output(), 'latin1').subarray(-5000).equals(data)).toBe(true);
  });

  test('telephony 1.4: +MS, +ES and +DS of both ends meet, and both are told the same', () => {
    const { clock, alice, bob, until } = office();
    alice.port.type('AT+MR=1;+ER=1;+DR=1;+MS=V34,1,0,28800\r');
    bob.port.type('AT+MR=1;+ER=1;+DR=1;+DS=0;+MS=V32B\r');
    clock.advance(10);
    alice.port.output();
    bob.port.output();
    alice.port.type('ATDT5550102\r');
    until(bob.port, /RING/);
    bob.port.type('ATA\r');
    const told = '+MCR: V32B +MRR: 14400,14400 +ER: LAPM +DR: NONE CONNECT 14400';
    expect(until(alice.port, /CONNECT 14400\r\n/)).toBe(told);
    expect(until(bob.port, /CONNECT 14400\r\n/)).toContain(told);
  });

  test('fault 40: modems that have nothing in common train until S7, and are on-hook then', () => {
    const { alice, bob, until } = office();
    alice.port.type('ATS7=20+MS=V34,0\r');
    bob.port.type('ATS7=20+MS=V32B,0\r');
    alice.port.type('ATDT5550102\r');
    until(bob.port, /RING/);
    bob.port.type('ATA\r');
    expect(until(bob.port, /NO CARRIER/)).toMatch(/NO CARRIER$/);
    expect(until(alice.port, /NO CARRIER/)).toMatch(/NO CARRIER$/);
    alice.port.type('AT+MS=V34,1\r');
    until(alice.port, /OK/);
    alice.port.type('ATDT5550102\r');
    until(bob.port, /RING/);
  });

  test.each([
    ['r1', 'DRON=20'],
    ['r2', 'DRON=8 DROF=4 DRON=8'],
    ['r3', 'DRON=4 DROF=2 DRON=4 DROF=2 DRON=8'],
    ['r4', 'DRON=3 DROF=2 DRON=10 DROF=2 DRON=3'],
  ] as const)('telephony 2.1: a line that rings %s: +VDR tells %s, with one RING', (ring, told) => {
    const { alice, bob, until } = office({ ring });
    bob.port.type('AT+VCID=0;+VDR=1,10\r');
    until(bob.port, /OK/);
    alice.port.type('ATDT5550102\r');
    expect(until(bob.port, /RING[\s\S]*RING/)).toBe(`${told} RING DROF=40 ${told} RING`);
    bob.port.type('ATA\r');
    until(alice.port, /CONNECT 33600\r\n/);
  });

  test('fault 40: training fails', () => {
    const { network, alice, bob, until } = office();
    network.line('5550102').trainingFails = true;
    bob.port.type('ATS0=1S7=30\r');
    alice.port.type('ATS7=30DT5550102\r');
    expect(until(alice.port, /NO/)).toBe('NO CARRIER');
    expect(until(bob.port, /NO/)).toBe('OK RING NO CARRIER');
  });
});

describe('signalling by tones, then data (Figure 4 as a plain modem does it)', () => {
  const accounts = '000000000001000000000002#';

  test('CM-300 CM-305 AL-4 AL-5 ready tone, accounts by DTMF, ring-back, data, all on one call', () => {
    const { clock, alice: caller, bob: server, until } = office();
    server.port.type('AT+FCLASS=8\r');
    until(server.port, /OK/);
    caller.port.type(`ATX4DT5550102W${accounts}\r`);
    until(server.port, /RING/);
    server.port.type('AT+VLS=1\r');
    until(server.port, /OK/);
    server.port.type('AT+VTS=[350,440,200]\r');
    const heard = until(server.port, /#/, 20_000);
    expect(heard.replaceAll('\x10', '').replace(/ ?OK ?/, '')).toBe(accounts);
    server.port.type('AT+VTS=[440,480,200]\r');
    until(server.port, /OK/);
    server.port.type('AT+FCLASS=0\r');
    until(server.port, /OK/);
    server.port.type('ATA\r');
    expect(until(caller.port, /CONNECT/)).toBe('CONNECT 33600');
    until(server.port, /CONNECT 33600\r\n/);
    caller.port.type('hello');
    clock.advance(1000);
    expect(server.port.output()).toBe('hello');
  });

  test('AL-4 the reorder tone, played by +VTS, is BUSY; the server hears that the caller is gone', () => {
    const { alice: caller, bob: server, until } = office();
    server.port.type('AT+FCLASS=8\r');
    caller.port.type(`ATX4DT5550102W${accounts}\r`);
    until(server.port, /RING/);
    server.port.type('AT+VLS=1;+VTS=[350,440,100]\r');
    until(server.port, /#/, 20_000);
    server.port.type(`AT+VTS=${Array(6).fill('[480,620,25],[,,25]').join(',')}\r`);
    expect(until(caller.port, /BUSY/)).toBe('BUSY');
    expect(until(server.port, /l/, 20_000)).toContain('\x10l');
  });
});

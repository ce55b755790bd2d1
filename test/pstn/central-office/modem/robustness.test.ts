import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { profiles } from '../../../../src/pstn/central-office/modem/profiles/by-name.js';
import { SimulatedModem } from '../../../../src/pstn/central-office/modem/simulated-modem.js';
import { tones } from '../../../../src/pstn/signals.js';
import { type Bench, bench, words } from './bench.js';

const pieces = [
  'AT', 'at', 'A/', '\r', '\r\n', '\b', '\x18', '+++', 'ATH', 'ATA\r', 'ATO\r', 'ATZ\r', 'ATD55;\r', 'ATDT5550100\r',
  'ATX3D5W@!,5\r', 'AT+FCLASS=8\r', 'AT+FCLASS=0\r', 'AT+VLS=1\r', 'AT+VTS=[350,440,5],1,!\r', 'AT&D0\r', 'AT&D1\r',
  'AT&D3\r', 'ATS0=1\r', 'ATS38=1S10=1S7=2\r', 'AT&K4\r', 'ATQ1\r', 'ATV0\r', 'ATS3=65\r', 'AT+VCID=1\r', '"', ';', '\x13', '\x11',
]; // biome-ignore format: a word list

const step = fc.oneof(
  fc.constantFrom(...pieces).map((text) => (it: Bench) => it.port.type(text)),
  fc.uint8Array({ maxLength: 600 }).map((octets) => (it: Bench) => it.port.write(octets)),
  fc.boolean().map((on) => (it: Bench) => it.modem.dtr(on)),
  fc.nat(3000).map((ms) => (it: Bench) => it.clock.advance(ms)),
  fc.boolean().map((on) => (it: Bench) => it.line.equipment.ringing(on)),
  fc.constantFrom(...Object.values(tones), [950]).map((tone) => (it: Bench) => it.line.hears(tone)),
  fc.constantFrom(
    (it: Bench) => it.line.connectCarrier(),
    (it: Bench) => it.line.loseCarrier(),
    (it: Bench) => it.line.equipment.loopBreak(),
    (it: Bench) => it.line.equipment.digit('5', 95),
    (it: Bench) => it.line.equipment.callerId({ kind: 'withheld' }),
    (it: Bench) => it.line.sends(),
    (it: Bench) => it.port.reads(),
    (it: Bench) => it.line.equipment.receive(new Uint8Array(Math.min(100, it.modem.receiveRoom()))),
  ),
);

describe('every state takes every input', () => {
  test('AL-4 nothing throws, no timer stays, and ATZ answers OK and frees the line', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const it = bench();
        for (const run of steps) run(it);
        leaveEverything(it);
        expect(words(it.port.output())).toMatch(/OK$/);
        expect(it.line.isOffHook).toBe(false);
        it.clock.advance(60_000);
        expect(it.clock.nextDeadlineMs()).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  /** Lets every wait run out; then ATZ twice, for the first may end a line that was begun, or S3 may be an A. */
  function leaveEverything({ clock, line, port, modem }: Bench): void {
    line.loseCarrier();
    line.equipment.loopBreak();
    line.hears(tones.silence);
    line.equipment.ringing(false);
    clock.advance(300_000);
    modem.dtr(true);
    port.type('\rA\r');
    clock.advance(1000);
    port.type('AATS3=13\rA');
    clock.advance(300_000);
    port.output();
    port.type('AATZ\r\rATZ\r');
    clock.advance(300_000);
  }
});

describe('garbage', () => {
  test('AL-4 1 MiB without CR is neither kept nor answered', () => {
    const { port, command } = bench();
    const garbage = new Uint8Array(1 << 20).fill(0x55);
    port.write(garbage);
    port.type('AT');
    port.write(garbage);
    expect(port.output()).toBe('');
    expect(port.waiting).toBe(0);
    port.type('\r');
    expect(words(port.output())).toBe('ERROR');
    expect(command('')).toBe('OK');
  });

  test('fault 35: any text between two commands leaves the second as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 100 }), (text) => {
        const { port } = bench();
        port.type(`${text.replaceAll(/[aA]/g, '')}\r`);
        port.output();
        port.type('ATS7?\r');
        expect(words(port.output())).toBe('050 OK');
      }),
    );
  });
});

describe('closing', () => {
  test('fault 91: close goes on-hook and leaves no timer, from every mode', () => {
    const modes: ((it: Bench) => void)[] = [
      () => {},
      ({ line }) => line.equipment.ringing(true),
      ({ port }) => port.type('ATDT55\r'),
      ({ line, port }) => {
        port.type('ATDT55\r');
        line.hears(tones.dial);
      },
      ({ port }) => port.type('ATA\r'),
      (it) => it.connect(),
      (it) => {
        it.connect();
        it.port.write(new Uint8Array(1000));
        it.modem.dtr(false);
        it.clock.advance(60);
      },
      ({ port }) => port.type('AT+FCLASS=8;+VLS=1;+VTS=[440,,100]\r'),
    ];
    for (const enter of modes) {
      const it = bench();
      enter(it);
      it.modem.close();
      expect(it.clock.nextDeadlineMs()).toBeUndefined();
      expect(it.line.isOffHook).toBe(false);
      it.line.equipment.ringing(true);
      it.line.hears(tones.dial);
      it.port.type('ATD55\r');
      it.modem.dtr(false);
      expect(it.clock.nextDeadlineMs()).toBeUndefined();
      expect(it.line.isOffHook).toBe(false);
    }
  });

  test('AL-4 an idle modem has no timer, with or without a port', () => {
    const { clock, line, command } = bench();
    command('S0=1+FCLASS=8');
    expect(clock.nextDeadlineMs()).toBeUndefined();
    const bare = new SimulatedModem({ line, clock, maxRate: 300, profile: profiles.generic });
    bare.ringing(true);
    bare.ringing(false);
    bare.received(Buffer.from('ATI\r'));
    clock.advance(8000);
    expect(clock.nextDeadlineMs()).toBeUndefined();
  });

  test('AL-4 a second cable takes the place of the first', () => {
    const { modem, port } = bench();
    const other: string[] = [];
    modem.plug({
      send: (octets) => other.push(Buffer.from(octets).toString()),
      pending: () => 0,
      circuits: ({ dsr }) => other.push(`dsr ${dsr}`),
      resume() {},
    });
    modem.received(Buffer.from('AT\r'));
    expect(other).toEqual(['dsr true', '\r\nOK\r\n']);
    expect(port.output()).toBe('');
  });
});

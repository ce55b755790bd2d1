import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { profileNames } from '../../../../src/pstn/central-office/modem/profiles/profile.js';
import { tones } from '../../../../src/pstn/signals.js';
import { type Bench, bench, words } from './bench.js';

/** How to bring a modem into each state in which octets mean something else. */
const states: Readonly<Record<string, (it: Bench) => void>> = {
  command: () => {},
  'a line that was begun': ({ port }) => port.type('ATS7=60'),
  'waiting for dial tone': ({ clock, port }) => {
    port.type('ATDT5550100\r');
    clock.advance(126);
  },
  'sending digits': (it) => {
    it.port.type('ATDT5550100\r');
    it.line.hears(tones.dial);
    it.clock.advance(500);
  },
  'a pause in the dial string': ({ clock, port, command }) => {
    command('X3');
    port.type('ATD,,,,5;\r');
    clock.advance(3000);
  },
  'waiting for an answer, in voice class': (it) => {
    it.command('+FCLASS=8');
    it.dial();
  },
  handshake: (it) => it.dial(),
  answering: ({ clock, port, line }) => {
    line.equipment.ringing(true);
    port.type('ATA\r');
    clock.advance(200);
  },
  ringing: ({ line }) => line.equipment.ringing(true),
  data: (it) => it.connect(),
  'data, with a full line': (it) => {
    it.connect();
    it.port.write(new Uint8Array(420));
  },
  'online command': (it) => {
    it.connect();
    it.clock.advance(1000);
    it.port.type('+++');
    it.clock.advance(1000);
  },
  'training anew': (it) => {
    it.connect();
    it.clock.advance(1000);
    it.port.type('+++');
    it.clock.advance(1000);
    it.port.type('ATO1\r');
    it.clock.advance(200);
  },
  'carrier lost, S10 running': (it) => {
    it.command('S10=100');
    it.connect();
    it.line.loseCarrier();
  },
  releasing: (it) => {
    it.connect();
    it.port.write(new Uint8Array(300));
    it.modem.dtr(false);
    it.clock.advance(60);
  },
  'voice command': ({ command }) => command('+FCLASS=8;+VLS=1'),
  'playing tones': ({ port, command }) => {
    command('+FCLASS=8;+VLS=1');
    port.type('AT+VTS=[440,,200],5,!\r');
  },
  'voice, playing': ({ port, command }) => {
    command('+FCLASS=8;+VLS=1');
    port.type('AT+VTX\r');
  },
  'voice, recording': ({ port, command }) => {
    command('+FCLASS=8;+VLS=1');
    port.type('AT+VRX\r');
  },
  'voice, both ways': ({ port, command }) => {
    command('+FCLASS=8;+VLS=1');
    port.type('AT+VTR\r');
  },
};

/** Everything on the line ends, every wait runs out, DTR goes off and on: as when a program is replaced by another. */
function replaceProgram({ clock, line, port, modem }: Bench): void {
  line.loseCarrier();
  line.equipment.loopBreak();
  line.hears(tones.silence);
  line.equipment.ringing(false);
  line.sends();
  // Closing: what the program wrote and the modem did not take goes with it.
  port.forget();
  modem.dtr(false);
  clock.advance(100_000);
  modem.dtr(true);
  clock.advance(100);
  port.output();
}

/** Commands that a next program cannot know of: another end of line, no result codes, DTR ignored. */
const leavesTraces = /S0*[345]|Q|V|&D|&F|Z|\?|=/i;

/** What may stand in the way of a modem that looks for the end of something. */
const pieces = [
  'AT', 'aT', 'A/', 'ATH\r', 'ATO\r', 'ATO1\r', 'ATA\r', 'ATH1\r', 'ATD\r', 'ATD5;\r', 'ATD5@W$!,5\r', 'AT+FCLASS=8\r',
  'AT+FCLASS=0\r', 'AT+VNH=2\r', 'AT+VTS=5,!\r', 'AT+VTX\r', 'AT+VRX\r', 'AT&Z0=5\rATDS=0\r', 'AT"', 'AT;;;\r', 'AT\x18', '\b\b',
  '+++', '\r', '\n', '\x10\x03', '\x10!', '\x10^', '\x10\x18', '\x10', '\x11', '\x13',
]; // biome-ignore format: a word list

describe('garbage in every state', () => {
  test.each(Object.entries(states))(
    'telephony 1.1: %s: octets of any kind, and the next program finds a modem',
    (_, enter) => {
      const octets = fc.oneof(
        fc.uint8Array({ maxLength: 300 }).filter((some) => !leavesTraces.test(seven(some))),
        fc.constantFrom(...pieces).map((text) => new Uint8Array(Buffer.from(text, 'latin1'))),
      );
      const steps = fc.array(fc.tuple(octets, fc.nat(2000)), { maxLength: 8 });
      fc.assert(
        fc.property(steps, fc.constantFrom(...profileNames), (chunks, make) => {
          const it = bench(make);
          enter(it);
          for (const [chunk, waitMs] of chunks) {
            it.port.write(chunk);
            it.clock.advance(waitMs);
            it.line.sends();
          }
          replaceProgram(it);
          it.port.type('AT\r');
          expect(words(it.port.output())).toMatch(/OK$/);
          expect(it.line.isOffHook).toBe(false);
          it.clock.advance(60_000);
          expect(it.clock.nextDeadlineMs()).toBeUndefined();
        }),
        { numRuns: 40 },
      );
    },
  );

  test.each(Object.entries(states))(
    'fault 37: %s: 1 MiB without CR costs no memory, and the modem answers after it',
    (_, enter) => {
      const it = bench();
      enter(it);
      const kibibyte = new Uint8Array(1024).fill(0x55);
      for (let count = 0; count < 1024; count++) {
        it.port.write(kibibyte);
        it.clock.advance(100);
        it.line.sends();
        it.line.transmitted.length = 0;
        it.line.played.length = 0;
        it.line.actions.length = 0;
      }
      replaceProgram(it);
      it.port.type('AT\r');
      expect(words(it.port.output())).toMatch(/OK$/);
    },
  );
});

describe('two programs on one line', () => {
  /** As the octets of two writers come from one terminal: in any order between them, each in its own. */
  const interleaved = (left: string, right: string) =>
    fc
      .array(fc.boolean(), { minLength: left.length + right.length, maxLength: left.length + right.length })
      .map((turns) => {
        const [a, b] = [[...left], [...right]];
        return turns.map((turn) => (turn ? (a.shift() ?? b.shift()) : (b.shift() ?? a.shift()))).join('');
      });

  test('telephony 1.1: what they type at once is answered or dropped, and neither hangs the modem', () => {
    fc.assert(
      fc.property(interleaved('ATZ\rATDT5550100\r', 'ATE0V1\rAT&F\rATA\r'), (typed) => {
        const it = bench();
        for (const character of typed) {
          it.port.type(character);
          it.clock.advance(40);
        }
        replaceProgram(it);
        it.port.type('AT\r');
        // Between them they may have typed ATV.
        expect(words(it.port.output())).toMatch(/(OK|0)$/);
        expect(it.line.isOffHook).toBe(false);
        expect(it.clock.nextDeadlineMs()).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  test('telephony 1.1: a second one that types while the first is dialling gives the call up, once', () => {
    const { clock, line, port } = bench();
    port.type('ATDT5550100\r');
    line.hears(tones.dial);
    clock.advance(500);
    port.type('ATZ\r');
    clock.advance(100);
    expect(words(port.output())).toBe('NO CARRIER');
    expect(line.isOffHook).toBe(false);
    port.type('ATZ\r');
    expect(words(port.output())).toMatch(/OK$/);
  });
});

describe('a line that opens and closes every 100 ms', () => {
  test.each(Object.entries(states))(
    'telephony 1.6: %s: the modem is idle afterwards, and has said what it did',
    (_, enter) => {
      const it = bench();
      enter(it);
      for (let times = 0; times < 100; times++) {
        it.modem.dtr(times % 2 === 0);
        if (times % 2 === 1) it.port.forget();
        it.clock.advance(100);
        it.line.sends();
      }
      it.line.equipment.ringing(false);
      replaceProgram(it);
      it.port.type('AT\r');
      expect(words(it.port.output())).toMatch(/OK$/);
      expect(it.line.isOffHook).toBe(false);
      expect(it.clock.nextDeadlineMs()).toBeUndefined();
    },
  );
});

function seven(octets: Uint8Array): string {
  return Buffer.from(octets.map((octet) => octet & 0x7f)).toString('latin1');
}

import { describe, expect, test } from 'vitest';
import { tones } from '../../../../src/pstn/signals.js';
import { type Bench, bench, words } from './bench.js';

/** What the exchange does after the number is dialled; `silence` leaves the rest to S7. */
const outcomes = {
  'called line busy': ({ line }: Bench) => line.hearsCadence(tones.busyOrReorder, 500, 500, 8),
  'trunks busy': ({ line }: Bench) => line.hearsCadence(tones.busyOrReorder, 250, 250, 16),
  'ring, no answer': ({ line }: Bench) => line.hearsCadence(tones.ringBack, 2000, 4000, 8),
  'intercept and announcement': ({ line }: Bench) => {
    for (const hz of [950, 1400, 1800]) line.hearsCadence([hz], 330, 0, 1);
  },
  'human answers': ({ line, clock }: Bench) => {
    line.hearsCadence(tones.ringBack, 2000, 4000, 2);
    clock.advance(10_000);
  },
  'modem answers and trains': ({ line, clock }: Bench) => {
    line.hears(tones.answer);
    clock.advance(3000);
    line.connectCarrier();
  },
  'training fails': ({ line, clock }: Bench) => {
    line.hears(tones.answer);
    clock.advance(3300);
    line.hears(tones.silence);
  },
} as const;

type Outcome = keyof typeof outcomes;

const rows: readonly [outcome: Outcome, x0: string, x1: string, x2: string, x3: string, x4: string][] = [
  ['called line busy', 'NO CARRIER', 'NO CARRIER', 'NO CARRIER', 'BUSY', 'BUSY'],
  ['trunks busy', 'NO CARRIER', 'NO CARRIER', 'NO CARRIER', 'BUSY', 'BUSY'],
  ['ring, no answer', 'NO CARRIER', 'NO CARRIER', 'NO CARRIER', 'NO CARRIER', 'NO CARRIER'],
  ['intercept and announcement', 'NO CARRIER', 'NO CARRIER', 'NO CARRIER', 'NO CARRIER', 'NO CARRIER'],
  ['human answers', 'NO CARRIER', 'NO CARRIER', 'NO CARRIER', 'NO CARRIER', 'NO CARRIER'],
  ['modem answers and trains', 'CONNECT', 'CONNECT 33600', 'CONNECT 33600', 'CONNECT 33600', 'CONNECT 33600'],
  ['training fails', 'NO CARRIER', 'NO CARRIER', 'NO CARRIER', 'NO CARRIER', 'NO CARRIER'],
];

const cells = rows.flatMap(([outcome, ...results]) =>
  results.map((result, index) => ({ outcome, level: `X${index}`, result })),
);

describe('the exchange does, the modem reports', () => {
  test.each(cells)('AL-4 $level: $outcome -> $result', ({ outcome, level, result }) => {
    const it = bench();
    it.command(level);
    dialTo(it, '5550100');
    outcomes[outcome](it);
    const early = words(it.port.output());
    if (result === 'NO CARRIER') {
      expect(early).toBe('');
      it.clock.advance(50_000);
      expect(words(it.port.output())).toBe('NO CARRIER');
    } else expect(early).toBe(result);
    expect(it.line.isOffHook).toBe(result.startsWith('CONNECT'));
  });

  test.each([
    { level: 'X0', result: 'NO CARRIER' },
    { level: 'X1', result: 'NO CARRIER' },
    { level: 'X2', result: 'NO DIALTONE' },
    { level: 'X3', result: 'NO CARRIER' },
    { level: 'X4', result: 'NO DIALTONE' },
  ])('AL-4 $level: no dial tone -> $result', ({ level, result }) => {
    const { clock, line, port, command } = bench();
    command(level);
    port.type('ATDT5550100\r');
    clock.advance(4900);
    expect(port.output()).toBe('');
    clock.advance(200);
    if (result === 'NO CARRIER') {
      expect(line.digits).toBe('5550100');
      clock.advance(50_000);
    } else expect(line.digits).toBe('');
    expect(words(port.output())).toBe(result);
    expect(line.isOffHook).toBe(false);
  });

  test.each(['X0', 'X1', 'X2', 'X3', 'X4'])(
    'AL-4 %s: the far end hangs up -> NO CARRIER after S10',
    (level) => {
      const { clock, line, port, command, dial } = bench();
      command(level);
      dial();
      clock.advance(2000);
      line.connectCarrier();
      port.events.length = 0;
      line.loseCarrier();
      line.equipment.loopBreak();
      clock.advance(1399);
      expect(port.events).toEqual([]);
      clock.advance(1);
      expect(port.events).toEqual(['dcd off', '\r\nNO CARRIER\r\n']);
      expect(line.isOffHook).toBe(false);
    },
  );

  test.each(['X0', 'X1', 'X2', 'X3', 'X4'])(
    'AL-4 %s: a character, or DTR, abandons the call -> NO CARRIER',
    (level) => {
      for (const abandon of [(it: Bench) => it.port.type('x'), (it: Bench) => it.modem.dtr(false)]) {
        const it = bench();
        it.command(level);
        it.port.type('ATDT5550100\r');
        it.clock.advance(200);
        abandon(it);
        it.clock.advance(50);
        expect(words(it.port.output())).toBe('NO CARRIER');
        expect(it.line.isOffHook).toBe(false);
        it.clock.advance(60_000);
        expect(it.port.output()).toBe('');
      }
    },
  );

  test('AL-4 X5 is X4, and tells each burst of ring-back', () => {
    const it = bench();
    it.command('X5');
    dialTo(it, '5550100');
    it.line.hearsCadence(tones.ringBack, 2000, 4000, 2);
    expect(words(it.port.output())).toBe('RINGING RINGING');
    outcomes['called line busy'](it);
    expect(words(it.port.output())).toBe('BUSY');
  });

  test('AL-4 @ without the silence -> NO ANSWER, with it dialling goes on', () => {
    const { clock, line, port } = bench();
    port.type('ATX3DT5550100@77;\r');
    clock.advance(2000 + 7 * 190);
    line.hearsCadence(tones.ringBack, 2000, 4000, 1);
    line.hears(tones.ringBack);
    clock.advance(500);
    line.hears(tones.silence);
    clock.advance(4999);
    expect(line.digits).toBe('5550100');
    clock.advance(1 + 2 * 190);
    expect(line.digits).toBe('555010077');
    expect(words(port.output())).toBe('OK');

    const silent = bench();
    silent.port.type('ATX3DT5550100@77;\r');
    silent.clock.advance(2000 + 7 * 190);
    silent.line.hearsCadence([1000], 100, 49_000, 1);
    expect(silent.port.output()).toBe('');
    silent.clock.advance(1000);
    expect(words(silent.port.output())).toBe('NO ANSWER');

    const other = bench();
    other.port.type('ATX3DT5550100@77;\r');
    other.clock.advance(2000 + 7 * 190);
    other.line.hearsCadence(tones.ringBack, 2000, 4000, 9);
    expect(words(other.port.output())).toBe('NO ANSWER');
  });
});

/** With dial tone where the modem waits for it, and past the last digit either way. */
function dialTo({ clock, line, port }: Bench, number: string): void {
  port.type(`ATDT${number}\r`);
  clock.advance(300);
  line.hears(tones.dial);
  clock.advance(1700);
  line.hears(tones.silence);
  clock.advance(number.length * 190);
}

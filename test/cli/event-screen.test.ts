import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { type AccountNumber, parseAccountNumber } from '../../src/bytes/account-number.js';
import { jsonScreen, personScreen, type Terminal } from '../../src/cli/event-screen.js';
import { amount, duration, progressLine } from '../../src/cli/progress-line.js';
import { wrap, wrapFor } from '../../src/cli/wrap.js';
import type { EndpointEvent, Failed, Progress, Quoted } from '../../src/endpoint/actions/events.js';

const bob = { account: parseAccountNumber('2') as AccountNumber, name: 'Bob and Sons' };

const failed: Failed = {
  event: 'failed',
  outcome: 'not-confirmed',
  step: 'KX-425',
  reason: 'the check string did not match',
  advice: 'Nothing was stored. Pair again when both people are at the telephone.',
  peer: bob,
};

const halfway: Progress = {
  event: 'progress',
  octets: 48_449,
  total: 96_897,
  rate: 3_249.7,
  secondsLeft: 14.9,
};

/** What was written to a terminal of so many columns; none: to a pipe. */
function shown(events: readonly EndpointEvent[], columns?: number, label?: string): string {
  let text = '';
  const terminal: Terminal = {
    ...(columns !== undefined && { isTTY: true, columns }),
    write: (part) => {
      text += part;
    },
  };
  const screen = personScreen(label, terminal, terminal);
  for (const event of events) screen.show(event);
  return stripVTControlCharacters(text);
}

describe('what a person is told', () => {
  test('a failure is told in words, without the step of the figure', () => {
    const text = shown([failed]);
    expect(text).toContain('Failed (not confirmed): the check string did not match\nNothing was stored.');
    expect(text).not.toMatch(/KX-|425/);
  });

  test('BL-A2 a quote tells time, price, who pays and for how long; where there is no price it says so', () => {
    const quoted: Quoted = {
      event: 'quote',
      peer: bob,
      octets: 100_169,
      seconds: 30,
      rate: 33_600,
      price: '0.0500',
      currency: 'USD',
      payer: 'caller',
      longestSeconds: 120,
    };
    expect(shown([quoted])).toBe(
      '100,169 octets to Bob and Sons (000000000002): about 30 s at 33,600 bit/s.\n' +
        'Price: 0.0500 USD; you pay. Who pays has a limit: a call lasts 120 s at most.\nNothing was sent.\n',
    );
    const unpriced = { ...quoted, rate: null, price: null, currency: null, longestSeconds: null };
    expect(shown([{ ...unpriced, payer: 'callee' }])).toContain(
      'about 30 s if the line makes 28,800 bit/s.\n' +
        'The server has no price for it; Bob and Sons (000000000002) pays.\n',
    );
  });

  test('what was asked wrongly is not called by the name of an exit code', () => {
    expect(shown([{ ...failed, outcome: 'usage', reason: 'Nobody is called so.', advice: null }])).toBe(
      'Failed: Nobody is called so.\n',
    );
  });

  test('programs get outcome and step as they are', () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    jsonScreen.show(failed);
    const [text] = write.mock.lastCall ?? [];
    write.mockRestore();
    expect(JSON.parse(String(text))).toMatchObject({ v: 1, outcome: 'not-confirmed', step: 'KX-425' });
  });

  test('sentences are broken between words at a terminal, and left whole in a pipe', () => {
    const asked: EndpointEvent = { event: 'check-string', peer: bob, x: 'GVN9B', version: 2 };
    const lines = shown([asked], 60, 'Alice | ').trimEnd().split('\n');
    expect(lines.length).toBe(7);
    for (const line of lines) {
      expect(line.length).toBeLessThanOrEqual(60);
      expect(line).toMatch(/^Alice \| \S/);
    }
    expect(shown([asked]).split('\n')).toHaveLength(5);
  });

  test('KX-475 KX-490 who reads out says yes when the other screen took it, and that screen says so', () => {
    expect(shown([{ event: 'check-string', peer: bob, x: 'GVN9B', version: 2 }])).toContain(
      'Say yes only when they say that their screen took them.',
    );
    expect(shown([{ event: 'check-string-taken', peer: bob }])).toContain('your screen took it');
    expect(shown([{ event: 'second-string', peer: bob, x: 'GVN9B' }])).toMatch(/Second string: {2}G V N 9 B/);
    expect(shown([{ event: 'type-second-string', peer: bob }])).toContain('Type them as heard');
  });

  test('files are listed in columns', () => {
    const file = { sha256: '', mtime: new Date(0) };
    const files = [
      { ...file, name: 'a.txt', size: 12 },
      { ...file, name: 'chart.png', size: 1_234_567 },
    ];
    expect(shown([{ event: 'sent', version: 1, peer: bob, octets: 9, files, receipt: null }])).toContain(
      '  a.txt             12 octets\n  chart.png  1,234,567 octets\n',
    );
  });

  test('DX-750 only what has a receipt is called delivered', () => {
    const sent = { event: 'sent', peer: bob, octets: 9, files: [] } as const;
    expect(shown([{ ...sent, version: 1, receipt: null }])).toMatch(/^Sent 0 files/);
    expect(shown([{ ...sent, version: 2, receipt: 'ab12' }])).toMatch(/^Delivered 0 files[\s\S]*ab12\n$/);
  });
});

describe('the progress line', () => {
  test.each([20, 40, 60, 80, 120, 200])('never wraps a terminal of %i columns', (columns) => {
    const slow = { ...halfway, octets: 1, total: 9_999_999_999, rate: 12, secondsLeft: 833_333_333 };
    for (const progress of [halfway, slow, { ...halfway, total: null }]) {
      for (const label of ['', 'Alice | ', 'Bob and Sons | ']) {
        const lines = shown([progress, progress], columns, label).split('\r').slice(1);
        expect(lines).toHaveLength(2);
        for (const line of lines) {
          expect(line.length).toBeLessThan(columns);
          expect(line).toMatch(/%|B/);
        }
      }
    }
  });

  test('the narrower the terminal, the less is said', () => {
    const whole = ' 50 %, 48 kB of 97 kB, 3.2 kB/s, 15 s left';
    expect(progressLine(halfway, 79)).toBe(`[${'='.repeat(12).padEnd(24)}] ${whole}`);
    expect(progressLine(halfway, 52)).toBe(whole);
    expect(progressLine(halfway, 39)).toBe('[====    ]  50 %, 3.2 kB/s, 15 s left');
    expect(progressLine(halfway, 17)).toBe(' 50 %, 15 s left');
    expect(progressLine(halfway, 8)).toBe(' 50 %');
  });

  test('at the end nothing is said of time left', () => {
    expect(progressLine({ ...halfway, octets: 96_897, secondsLeft: 0 }, 39)).toBe(
      '100 %, 97 kB of 97 kB, 3.2 kB/s',
    );
  });

  test('a rate that is not known yet is not shown', () => {
    expect(progressLine({ ...halfway, rate: null, secondsLeft: null }, 60)).not.toContain('/s');
  });

  test('nothing of it goes to a pipe', () => {
    expect(shown([halfway])).toBe('');
  });

  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [999.6, '1.0 kB'],
    [4_149, '4.1 kB'],
    [9_960, '10 kB'],
    [999_499, '999 kB'],
    [999_501, '1.0 MB'],
    [12_345_678, '12 MB'],
  ])('%d octets are %s', (octets, text) => {
    expect(amount(octets)).toBe(text);
  });

  test.each([
    [0.2, '1 s'],
    [59.1, '1 min 00 s'],
    [125, '2 min 05 s'],
    [3600, '1 h 00 min'],
    [7140, '1 h 59 min'],
    [7199, '2 h 00 min'],
  ])('%d s are %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});

describe('lines', () => {
  test('lines after the first are indented like it; a word longer than the line stands alone', () => {
    expect(wrap('  indented as the first', 12)).toEqual(['  indented', '  as the', '  first']);
    expect(wrap('go to run/a-very-long-path now', 10)).toEqual(['go to', 'run/a-very-long-path', 'now']);
    expect(wrapFor({ isTTY: true, columns: 6 }, 'one two\nthree')).toBe('one\ntwo\nthree');
    expect(wrapFor({ columns: 6 }, 'one two')).toBe('one two');
  });
});

import { describe, expect, test } from 'vitest';
import { LineTap } from '../../../../src/cli/bench/line/line-tap.js';
import { SimulatedClock } from '../../../../src/time/simulated-clock.js';
import { simulatedOffice } from '../../../support/office.js';

const terms = { rate: 33_600, modulation: 'V34', errorControl: 'LAPM', compression: 'NONE' } as const;

function tapped(mark: string) {
  const { office } = simulatedOffice({ lines: [{ number: '1' }] });
  const clock = new SimulatedClock();
  const tap = new LineTap(office.line('1'), clock, Buffer.from(mark));
  tap.carrier({ up: true, ...terms });
  const receive = (octets: string) => {
    clock.advance(10);
    tap.receive(Buffer.from(octets));
  };
  return { tap, receive };
}

describe('listening in on a line', () => {
  test('the mark is found across lots, at the time of its first octet', () => {
    const { tap, receive } = tapped('MARK');
    for (const octets of ['..M', '.MA', 'R', 'K..MARK']) receive(octets);
    expect(tap.carriers).toEqual([{ upMs: 0, octets: 14, lastMs: 40, markMs: 20, markAt: 4 }]);
  });

  test('a new carrier begins at nothing, and what came from the earlier one is still told', () => {
    const { tap, receive } = tapped('MARK');
    receive('MARK');
    tap.carrier({ up: true, ...terms });
    const [first, second] = tap.carriers;
    expect(second).toEqual({
      upMs: 10,
      octets: 0,
      lastMs: undefined,
      markMs: undefined,
      markAt: undefined,
    });
    receive('.MARK');
    expect(first).toMatchObject({ octets: 4, markAt: 0 });
    expect(second).toMatchObject({ octets: 5, markMs: 20, markAt: 1 });
  });

  test('another mark is sought from then on', () => {
    const { tap, receive } = tapped('MARK');
    tap.seek(() => Buffer.from('SIGN'));
    receive('MARK.SIGN');
    expect(tap.carriers.at(-1)?.markAt).toBe(5);
  });
});

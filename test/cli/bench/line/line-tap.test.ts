import { describe, expect, test } from 'vitest';
import { LineTap } from '../../../../src/cli/bench/line/line-tap.js';
import { SimulatedClock } from '../../../../src/time/simulated-clock.js';
import { simulatedOffice } from '../../../support/office.js';

function tapped(mark: string) {
  const { office } = simulatedOffice({ lines: [{ number: '1' }] });
  const clock = new SimulatedClock();
  const tap = new LineTap(office.line('1'), clock, Buffer.from(mark));
  tap.carrier({ up: true, rate: 33_600, isErrorFree: true });
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
    expect([tap.markMs, tap.markAt, tap.octets]).toEqual([20, 4, 14]);
  });

  test('a new carrier begins at nothing', () => {
    const { tap, receive } = tapped('MARK');
    receive('MARK');
    tap.carrier({ up: true, rate: 33_600, isErrorFree: true });
    expect([tap.markMs, tap.markAt, tap.octets]).toEqual([undefined, undefined, 0]);
    receive('.MARK');
    expect([tap.markMs, tap.markAt]).toEqual([20, 1]);
  });
});

import { describe, expect, test } from 'vitest';
import { LineTiming } from '../../src/link/line-timing.js';

/** A second in which acknowledgements say that 1,000 octets have left, at a round trip of `tripMs`. */
function slowSecond(timing: LineTiming, tripMs: number, fromMs: number): void {
  for (let ms = 0; ms <= 1_000; ms += 100) {
    timing.roundTrip(tripMs, 100);
    timing.departed(100, fromMs + ms, true);
  }
}

describe('the measured rate', () => {
  test('falls where octets wait in the modems', () => {
    const timing = new LineTiming(4_200);
    timing.roundTrip(300, 100);
    slowSecond(timing, 1_500, 0);
    expect(timing.octetsPerSecond).toBeLessThan(4_200);
  });

  test('stays where none do: it was the sender that was slow', () => {
    const timing = new LineTiming(4_200);
    timing.roundTrip(300, 100);
    slowSecond(timing, 300, 0);
    expect(timing.octetsPerSecond).toBe(4_200);
  });
});

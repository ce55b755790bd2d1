import { setImmediate } from 'node:timers/promises';
import { silentLog } from '../../src/log/log.js';
import { Office } from '../../src/pstn/central-office/office.js';
import type { OfficeOptions } from '../../src/pstn/central-office/options.js';
import { SimulatedClock } from '../../src/time/simulated-clock.js';

/**
 * Moves `clock` timer by timer, with a turn of the event loop between, so that promises and streams keep pace
 * with simulated time. Resolves when `isTrue`; rejects when that takes more than `limitMs` of simulated time.
 */
export async function runUntil(
  clock: SimulatedClock,
  isTrue: () => boolean,
  limitMs = 120_000,
): Promise<void> {
  const endMs = clock.monotonicMs() + limitMs;
  for (;;) {
    await setImmediate();
    if (isTrue()) return;
    const nowMs = clock.monotonicMs();
    if (nowMs >= endMs) throw new Error(`Still not true after ${limitMs} ms of simulated time: ${isTrue}`);
    clock.advance(Math.min(endMs, clock.nextDeadlineMs() ?? endMs) - nowMs);
  }
}

/** Lets `forMs` of simulated time pass. */
export async function runFor(clock: SimulatedClock, forMs: number): Promise<void> {
  const endMs = clock.monotonicMs() + forMs;
  while (clock.monotonicMs() < endMs) {
    await setImmediate();
    clock.advance(Math.min(endMs, clock.nextDeadlineMs() ?? endMs) - clock.monotonicMs());
  }
  await setImmediate();
}

/** An office on a clock of its own that stands still until it is run. */
export function simulatedOffice(options: Partial<OfficeOptions> & Pick<OfficeOptions, 'lines'>) {
  const clock = new SimulatedClock();
  const office = new Office({ timeScale: 1, seed: 1, ...options }, { clock, log: silentLog });
  return {
    clock,
    office,
    runUntil: (isTrue: () => boolean, limitMs?: number) => runUntil(clock, isTrue, limitMs),
    runFor: (forMs: number) => runFor(clock, forMs),
  };
}

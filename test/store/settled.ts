import type { Clock } from '../../src/time/clock.js';
import { realClock } from '../../src/time/real-clock.js';
import type { SimulatedClock } from '../../src/time/simulated-clock.js';

/** Pauses end, patience does not: for outcomes that must not depend on how fast this machine is today. */
export const patientClock: Clock = {
  ...realClock,
  monotonicMs: () => 0,
  setTimeout: (run, delayMs) => (delayMs < 1_000 ? realClock.setTimeout(run, delayMs) : undefined),
};

/** Moves the time on by a millisecond at each turn of the event loop, until `work` has settled. */
export async function settled<T>(clock: SimulatedClock, work: Promise<T>): Promise<T> {
  while ((await stateOf(work)) === 'pending') clock.advance(1);
  return work;
}

/** Whether `work` has settled by the end of this turn of the event loop. */
export function stateOf(work: Promise<unknown>): Promise<'pending' | 'settled'> {
  const done = work.then(
    () => 'settled' as const,
    () => 'settled' as const,
  );
  return Promise.race([done, new Promise<'pending'>((resolve) => setImmediate(resolve, 'pending'))]);
}

import type { Clock, Timer } from './clock.js';

/** Node fires a longer delay at once (fault 79), so the longest is kept and the rest waited for after it. */
const longestDelayMs = 2 ** 31 - 1;

/** The system's clock. */
export const realClock: Clock = {
  monotonicMs: () => performance.now(),
  utcMs: () => Date.now(),
  setTimeout(run, delayMs) {
    const timer: { handle?: NodeJS.Timeout } = {};
    const arm = (leftMs: number) => {
      const stepMs = Math.min(leftMs, longestDelayMs);
      timer.handle = setTimeout(() => (leftMs > stepMs ? arm(leftMs - stepMs) : run()), stepMs);
    };
    arm(Math.max(0, delayMs));
    return timer;
  },
  clearTimeout(timer: Timer) {
    clearTimeout((timer as { handle?: NodeJS.Timeout } | undefined)?.handle);
  },
};

/**
 * `clock` with every delay multiplied by `scale` (0 fires at once, 0.1 is ten times as fast). The readings
 * stay those of `clock`: a scaled wait is a shorter wait, not another time.
 */
export function scaledClock(clock: Clock, scale: number): Clock {
  return { ...clock, setTimeout: (run, delayMs) => clock.setTimeout(run, delayMs * scale) };
}

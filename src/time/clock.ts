/**
 * The only door to time. Machines, modems and the central office are handed a clock; none reads the
 * system's. It has the shape that XState's `createActor(machine, { clock })` asks for.
 */
export interface Clock {
  /** Milliseconds since an arbitrary origin; never goes back. Durations are differences of it. */
  monotonicMs(): number;
  /** Milliseconds since 1970-01-01T00:00Z; for stamps only, since it may be set. */
  utcMs(): number;
  setTimeout(run: () => void, delayMs: number): Timer;
  clearTimeout(timer: Timer): void;
}

/** Whatever the clock needs to find the timer again. */
export type Timer = unknown;

/** Resolves after `delayMs` of this clock's time. */
export function wait(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => clock.setTimeout(resolve, delayMs));
}

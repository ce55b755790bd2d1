import type { Clock } from './clock.js';

/** Resolves when `promise` does or after `limitMs`, whichever comes first, and leaves no timer behind. */
export function atMost(clock: Clock, limitMs: number, promise: Promise<unknown>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(resolve, limitMs);
    promise.then(() => resolve(), reject).finally(() => clock.clearTimeout(timer));
  });
}

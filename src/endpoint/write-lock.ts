import type { Clock } from '../time/clock.js';
import { takeLock } from './lock-file.js';

const patienceMs = 5_000;

/**
 * Runs `change` while no other process changes the same home. Readers need no lock: every file is replaced
 * as a whole. Held for one read-change-write, so waiting is short.
 */
export async function withWriteLock<T>(path: string, clock: Clock, change: () => Promise<T>): Promise<T> {
  const giveBack = await takeLock(path, {
    clock,
    patienceMs,
    heldBy: (pid) =>
      `Process ${pid} is changing this endpoint and does not finish. Wait for it or end it, then try again (${path}).`,
  });
  try {
    return await change();
  } finally {
    await giveBack();
  }
}

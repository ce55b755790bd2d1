import { randomFill } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { SimulatedClock } from '../../../time/simulated-clock.js';

const fillRandom = promisify(randomFill<Uint8Array>);

/** At most so much simulated time passes before what the thread pool works on is waited for. */
const poolEveryMs = 5;
/** One task may lead to the next, as unpacking does to writing. */
const poolRounds = 2;

/** About a second. */
const mostIdleTurns = 10_000;
const stuck = 'what is waited for is neither a timer, nor the disk, nor the thread pool: it will never come';

/** What was to be done takes more line time than was given. */
export class LineTimeSpent extends Error {
  override readonly name = 'LineTimeSpent';

  constructor(limitMs: number) {
    super(`not done after ${limitMs / 1000} s of line time`);
  }
}

/**
 * Moves `clock` timer by timer until `promise` settles, and stands still while the disk or the thread pool works: what
 * the program computes and stores takes no line time. That the pool is idle is known for certain only where it has one
 * thread (UV_THREADPOOL_SIZE=1), since then a task of our own is done after all before it.
 * @param onStep called before every step of the clock: until its end everything stays as it is
 * @throws LineTimeSpent; Error when nothing is under way any more
 */
export async function drive<T>(
  clock: SimulatedClock,
  promise: Promise<T>,
  { limitMs, onStep = () => {} }: { readonly limitMs: number; onStep?(stepMs: number): void },
): Promise<T> {
  let isSettled = false;
  const settled = promise.finally(() => {
    isSettled = true;
  });
  settled.catch(() => {});
  const endMs = clock.monotonicMs() + limitMs;
  /** Until then nothing more is asked of the thread pool. */
  let quietUntilMs = Number.NEGATIVE_INFINITY;
  let idleTurns = 0;
  while (!isSettled) {
    await setImmediate();
    if (isDiskBusy()) continue;
    const nextMs = clock.nextDeadlineMs();
    if (isSettled) break;
    if (nextMs === undefined) {
      if ((await isPoolQuiet()) && ++idleTurns > mostIdleTurns) throw new Error(stuck);
      continue;
    }
    idleTurns = 0;
    if (nextMs > quietUntilMs) {
      if (!(await isPoolQuiet())) continue;
      quietUntilMs = nextMs + poolEveryMs;
      continue;
    }
    if (nextMs > endMs) throw new LineTimeSpent(limitMs);
    const stepMs = nextMs - clock.monotonicMs();
    onStep(stepMs);
    clock.advance(stepMs);
  }
  return settled;
}

function isDiskBusy(): boolean {
  return process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq') || name === 'CloseReq');
}

const octet = new Uint8Array(1);

/** What the pool had to do is done, and led to nothing new on the disk. */
async function isPoolQuiet(): Promise<boolean> {
  for (let round = 0; round < poolRounds; round++) {
    await fillRandom(octet);
    await setImmediate();
    if (isDiskBusy()) return false;
  }
  return true;
}

import { link, readFile, rename, rm } from 'node:fs/promises';
import { type Clock, wait } from '../time/clock.js';
import { writeWholeFile } from './durable-file.js';
import { codeOf, diskError, EndpointError } from './endpoint-error.js';
import { isAlive, ownIdentity } from './process-identity.js';

const retryMs = 20;
const patienceMs = 5_000;

/**
 * Runs `change` while no other process changes the same home. Readers need no lock: every file is replaced
 * as a whole. Held for one read-change-write, so waiting is short; a lock whose process died is taken over.
 */
export async function withWriteLock<T>(path: string, clock: Clock, change: () => Promise<T>): Promise<T> {
  await acquire(path, clock);
  try {
    return await change();
  } finally {
    await rm(path, { force: true });
  }
}

async function acquire(path: string, clock: Clock): Promise<void> {
  const identity = await ownIdentity();
  const deadlineMs = clock.monotonicMs() + patienceMs;
  while (!(await tryToTake(path, identity))) {
    const holder = await readFile(path, 'utf8').catch(() => undefined);
    if (holder === undefined) continue;
    if (!(await isAlive(holder))) {
      await removeStale(path, holder, identity);
      continue;
    }
    if (clock.monotonicMs() >= deadlineMs) {
      const pid = holder.split('-')[0];
      throw new EndpointError(
        'locked',
        `Process ${pid} is changing this endpoint and does not finish. Wait for it or end it, then try again (${path}).`,
      );
    }
    await wait(clock, retryMs);
  }
}

let attempts = 0;

/** The lock appears with its holder's identity in it, or not at all: a link, unlike a new file, is never empty. */
async function tryToTake(path: string, identity: string): Promise<boolean> {
  const own = `${path}.${identity}.${attempts++}`;
  try {
    await writeWholeFile(own, identity);
    await link(own, path);
    return true;
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false;
    throw diskError(`The lock ${path} cannot be made`, cause);
  } finally {
    await rm(own, { force: true });
  }
}

/** Moves the dead process's lock away; should another process have been faster, its fresh lock is put back. */
async function removeStale(path: string, holder: string, identity: string): Promise<void> {
  const aside = `${path}.${identity}.stale`;
  try {
    await rename(path, aside);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return;
    throw diskError(`The stale lock ${path} cannot be removed`, cause);
  }
  if ((await readFile(aside, 'utf8')) !== holder) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

import { link, readFile, rename, rm } from 'node:fs/promises';
import { writeWholeFile } from '../disk/durable-writes.js';
import { type Clock, wait } from '../time/clock.js';
import { codeOf, diskError, EndpointError } from './endpoint-error.js';
import { isAlive, ownIdentity } from './process-identity.js';

export interface LockOptions {
  readonly clock: Clock;
  /** How long another process is waited for; 0 is not at all. */
  readonly patienceMs: number;
  /** What a person is told when that process still holds it: what it does, and what to do. */
  heldBy(pid: string): string;
}

const retryMs = 20;
const mostVanished = 100;

/**
 * Takes the lock at `path`, also from a process that died with it.
 * @returns gives it back
 * @throws EndpointError `locked`, `store-unavailable`
 */
export async function takeLock(path: string, options: LockOptions): Promise<() => Promise<void>> {
  const { clock, patienceMs, heldBy } = options;
  const identity = await ownIdentity();
  const deadlineMs = clock.monotonicMs() + patienceMs;
  let vanished = 0;
  while (!(await tryToTake(path, identity))) {
    const holder = await holderOf(path);
    if (holder === undefined) {
      // Freed just now, and perhaps taken again; or a link to nothing, which is neither free nor anybody's.
      vanished += 1;
      if (vanished > mostVanished)
        throw diskError(`The lock ${path} cannot be taken`, 'it is a link to nothing');
      continue;
    }
    if (!(await isAlive(holder))) {
      await removeStale(path, holder, identity);
      continue;
    }
    if (clock.monotonicMs() >= deadlineMs) {
      throw new EndpointError('locked', heldBy(holder.split('-')[0] ?? holder));
    }
    await wait(clock, retryMs);
  }
  return () => rm(path, { force: true });
}

/** `undefined` when it is free. */
async function holderOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw diskError(`The lock ${path} cannot be read`, cause);
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

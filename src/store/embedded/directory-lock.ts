import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Another process has the directory open. Two at once would lose rows in silence. */
export class DirectoryInUse extends Error {
  override readonly name = 'DirectoryInUse';
}

interface Holder {
  readonly host: string;
  readonly pid: number;
  /** Tells this process from another that got the same pid later; absent where the system does not say. */
  readonly started: string | undefined;
}

/**
 * Takes the lock file `path` for this process and returns how to give it back. A lock whose process is gone
 * (killed, or its pid reused: fault 73) is taken over.
 * @throws DirectoryInUse
 */
export function lockDirectory(path: string): () => void {
  const own: Holder = { host: hostname(), pid: process.pid, started: startOf(process.pid) };
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(own));
  try {
    if (!tryLink(draft, path)) {
      removeIfAbandoned(path);
      if (!tryLink(draft, path)) throw inUse(path, read(path));
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return () => {
    if (isSame(read(path), own)) rmSync(path, { force: true });
  };
}

/** Creates `path` whole or not at all (O_EXCL alone would show an empty file for a moment). */
function tryLink(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves the file aside before it judges, so that of two who find the same abandoned lock only one takes it. */
function removeIfAbandoned(path: string): void {
  const holder = read(path);
  if (holder && isAlive(holder)) throw inUse(path, holder);
  const aside = `${path}.${process.pid}.old`;
  try {
    renameSync(path, aside);
  } catch {
    return; // Someone else took it away first.
  }
  const moved = read(aside);
  if (moved && isAlive(moved)) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function read(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

function isSame(a: Holder | undefined, b: Holder): boolean {
  return a?.host === b.host && a.pid === b.pid && a.started === b.started;
}

/** A process of another host (or container) cannot be asked; it counts as alive. */
function isAlive({ host, pid, started }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, but another user's.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return started === undefined || startOf(pid) === started;
}

/** When a process began: the boot's identity and the start time in clock ticks since boot (proc(5), field 22). */
function startOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name, in parentheses, may itself hold blanks and parentheses.
    return `${boot}/${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return undefined;
  }
}

function inUse(path: string, holder: Holder | undefined): DirectoryInUse {
  const who = holder ? `process ${holder.pid} on ${holder.host}` : 'another process';
  return new DirectoryInUse(
    `it is in use by ${who}, and two at once would lose data. ` +
      `Stop that process, or set DATABASE_URL so that several can share a PostgreSQL server. ` +
      `If it no longer runs, delete ${path}.`,
  );
}

import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import type { Libc } from './libc.js';

/**
 * A path claimed for one holder, by a locked file beside it that names the process. The kernel gives the lock back
 * when a process dies, so nobody is mistaken for alive whose number another process has by now (fault 73).
 */
export class PathClaim {
  readonly #lockPath: string;
  readonly #fd: number;

  /** @throws Error naming the holder when the path is claimed, by this process or another */
  constructor(path: string, libc: Libc) {
    this.#lockPath = `${path}.lock`;
    this.#fd = openLocked(this.#lockPath, libc) ?? refuse(path, this.#lockPath);
    ftruncateSync(this.#fd);
    writeSync(this.#fd, `${process.pid}\n`, 0);
  }

  giveUp(): void {
    // Removed while it is still locked: afterwards the file may be somebody else's.
    if (isAt(this.#fd, this.#lockPath)) unlinkSync(this.#lockPath);
    closeSync(this.#fd);
  }
}

/** The locked file's descriptor; undefined when another has it. */
function openLocked(lockPath: string, libc: Libc): number | undefined {
  const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;
  for (;;) {
    const fd = openSync(lockPath, O_RDWR | O_CREAT | O_NOFOLLOW, 0o644);
    try {
      if (!libc.lock(fd)) {
        closeSync(fd);
        return undefined;
      }
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    if (isAt(fd, lockPath)) return fd;
    // Its holder removed it between our opening and our locking: what we have is no longer the file of that name.
    closeSync(fd);
  }
}

function isAt(fd: number, path: string): boolean {
  const now = statSync(path, { throwIfNoEntry: false });
  const held = fstatSync(fd);
  return now?.ino === held.ino && now.dev === held.dev;
}

function refuse(path: string, lockPath: string): never {
  throw new Error(
    `${path} leads to a line of ${holderOf(lockPath)}, which still runs, and two networks cannot share one path. ` +
      'Stop that process, or give the line another path.',
  );
}

function holderOf(lockPath: string): string {
  try {
    return `process ${Number.parseInt(readFileSync(lockPath, 'utf8'), 10)}`;
  } catch {
    return 'another process';
  }
}

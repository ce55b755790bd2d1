import { readFile, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** Where cu, mgetty, minicom and pppd say which port they use. */
const lockFolder = '/var/lock';

/**
 * The process that has locked a serial port by a lock file of UUCP (`LCK..ttyS0`, the pid in ASCII), as programs do that
 * lock nothing in the kernel; `undefined` when there is none, or when it is dead.
 */
export async function lockHolder(path: string, folder = lockFolder): Promise<number | undefined> {
  const device = await realpath(path).catch(() => path);
  // mgetty writes LCK..pts_3 for /dev/pts/3.
  const names = new Set([
    basename(path),
    basename(device),
    device.replace(/^\/dev\//, '').replaceAll('/', '_'),
  ]);
  for (const name of names) {
    const text = await readFile(join(folder, `LCK..${name}`), 'latin1').catch(() => '');
    const pid = /^\s*([0-9]{1,9})\b/.exec(text)?.[1];
    if (pid !== undefined && isAlive(Number(pid))) return Number(pid);
  }
  return undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process may not be signalled.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

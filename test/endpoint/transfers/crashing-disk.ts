import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';

type FileSystem = typeof import('node:fs/promises');

type Failure = 'crash' | 'torn' | 'ENOSPC' | 'EIO';

/** Counts operations that change the disk. The one that is due does not happen, and after a crash none does. */
export const disk = {
  count: 0,
  failsAt: 0,
  /** `crash`: the process is gone. `torn`: the same, but half of the octets were written. Otherwise the error's code, once. */
  how: 'crash' as Failure,
  isDown: false,
  done: [] as string[],
  /** The disk works, and fails at its n-th operation from now on; 0 is never. */
  failAt(n: number, how: Failure = 'crash'): void {
    Object.assign(disk, { count: 0, failsAt: n, how, isDown: false, done: [] });
  },
};

/** @returns whether half of it is still done */
function attempt(operation: string): boolean {
  if (disk.isDown) throw new Error('the process is gone');
  disk.count += 1;
  disk.done.push(operation);
  if (disk.count !== disk.failsAt) return false;
  disk.isDown = disk.how === 'crash' || disk.how === 'torn';
  if (disk.how === 'torn') return true;
  throw Object.assign(new Error(disk.how), { code: disk.how });
}

/** For `vi.mock('node:fs/promises', ...)`. */
export function crashing(real: FileSystem): FileSystem {
  const pathOperation =
    <Given extends unknown[], Result>(name: string, work: (...given: Given) => Promise<Result>) =>
    async (...given: Given): Promise<Result> => {
      if (attempt(`${name} ${basename(String(given[0]))}`)) throw new Error('the process is gone');
      return work(...given);
    };
  return {
    ...real,
    mkdir: pathOperation(
      'mkdir',
      real.mkdir as (...given: unknown[]) => Promise<undefined>,
    ) as FileSystem['mkdir'],
    rename: pathOperation('rename', real.rename),
    link: pathOperation('link', real.link),
    rm: pathOperation('rm', real.rm),
    open: async (...given: Parameters<FileSystem['open']>) => {
      const isChange = given[1] !== 'r' && given[1] !== undefined;
      const name = basename(String(given[0]));
      if (isChange && attempt(`open ${name}`)) throw new Error('the process is gone');
      return crashingHandle(await real.open(...given), name);
    },
  };
}

function crashingHandle(handle: FileHandle, name: string): FileHandle {
  for (const method of ['appendFile', 'writeFile', 'sync', 'datasync', 'truncate', 'utimes'] as const) {
    const operation = handle[method].bind(handle) as (...given: unknown[]) => Promise<unknown>;
    const failing = async (...given: unknown[]) => {
      if (!attempt(`${method} ${name}`)) return operation(...given);
      const [octets] = given;
      if (octets instanceof Uint8Array) await operation(octets.subarray(0, octets.length / 2));
      throw new Error('the process is gone');
    };
    Object.assign(handle, { [method]: failing });
  }
  return handle;
}

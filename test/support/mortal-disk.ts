import type { FileHandle } from 'node:fs/promises';

type FileSystem = typeof import('node:fs/promises');

/** Counts the operations that change one home. The one that is due does not happen, and none after it: its process is gone. */
export const mortal = {
  /** Whose process it is; empty: nobody's. */
  home: '',
  count: 0,
  diesAt: 0,
  isDead: false,
  /** What happens to a process's line when it goes. */
  onDeath: (): void => {},
  /** @param n 0: it lives; its operations are counted */
  watch(home: string, n: number, onDeath: () => void): void {
    Object.assign(mortal, { home, count: 0, diesAt: n, isDead: false, onDeath });
  },
  forget(): void {
    mortal.watch('', 0, () => {});
  },
};

function attempt(path: string): void {
  if (mortal.home === '' || !path.startsWith(mortal.home)) return;
  if (!mortal.isDead) {
    mortal.count += 1;
    if (mortal.count !== mortal.diesAt) return;
    mortal.isDead = true;
    mortal.onDeath();
  }
  throw new Error('the process is gone');
}

/** For `vi.mock('node:fs/promises', ...)`. */
export function mortalDisk(real: FileSystem): FileSystem {
  const changing =
    <Given extends unknown[], Result>(work: (...given: Given) => Promise<Result>) =>
    async (...given: Given): Promise<Result> => {
      attempt(String(given[0]));
      return work(...given);
    };
  return {
    ...real,
    mkdir: changing(real.mkdir as (...given: unknown[]) => Promise<undefined>) as FileSystem['mkdir'],
    rename: changing(real.rename),
    link: changing(real.link),
    rm: changing(real.rm),
    open: async (...given: Parameters<FileSystem['open']>) => {
      const path = String(given[0]);
      if (given[1] !== 'r' && given[1] !== undefined) attempt(path);
      return mortalHandle(await real.open(...given), path);
    },
  };
}

function mortalHandle(handle: FileHandle, path: string): FileHandle {
  for (const method of ['appendFile', 'writeFile', 'sync', 'datasync', 'truncate', 'utimes'] as const) {
    const operation = handle[method].bind(handle) as (...given: unknown[]) => Promise<unknown>;
    const failing = async (...given: unknown[]) => {
      attempt(path);
      return operation(...given);
    };
    Object.assign(handle, { [method]: failing });
  }
  return handle;
}

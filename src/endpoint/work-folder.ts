import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RandomSource } from '../crypto/random.js';
import { makeFolder } from './durable-file.js';
import { diskError } from './endpoint-error.js';
import { isAlive, ownIdentity } from './process-identity.js';

/** A folder of its own for one call's spool or quarantine, named after this process so that it can be swept up. */
export async function makeWorkFolder(parent: string, random: RandomSource): Promise<string> {
  await makeFolder(parent);
  const path = join(parent, `${await ownIdentity()}.${Buffer.from(random(6)).toString('hex')}`);
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (cause) {
    throw diskError(`The folder ${path} cannot be made`, cause);
  }
  return path;
}

/** Removes what processes that died in the middle of a call left behind. */
export async function sweepWorkFolders(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    const [identity = '', random] = name.split('.');
    // Version 2 keeps transfers beside them, which outlive their process.
    if (random !== undefined && !(await isAlive(identity)))
      await rm(join(parent, name), { recursive: true, force: true });
  }
}

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { silentLog } from '../../src/log/log.js';
import { EmbeddedPostgres } from '../../src/store/embedded/embedded-postgres.js';
import { realClock } from '../../src/time/real-clock.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * A temporary data directory for `openStore`, with an empty embedded database in it: a copy of one that is made
 * once and kept, because making one takes seconds. Remove it with `rm`.
 */
export async function freshDataDir(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'cordboard-store-'));
  await cp(await template(), join(dataDir, 'db'), { recursive: true });
  return dataDir;
}

async function template(): Promise<string> {
  const files = ['package-lock.json', 'src/store/embedded/worker.mjs'];
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(join(root, file)));
  const place = join(root, 'node_modules/.cache/cordboard', `db-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(place)) return place;

  const work = await mkdtemp(join(tmpdir(), 'cordboard-template-'));
  const engine = new EmbeddedPostgres(join(work, 'db'), realClock, silentLog);
  await engine.version();
  await engine.close();
  await mkdir(join(place, '..'), { recursive: true });
  const draft = `${place}.${process.pid}`;
  await cp(join(work, 'db'), draft, { recursive: true });
  await rename(draft, place).catch(() => rm(draft, { recursive: true })); // Another test run was first.
  await rm(work, { recursive: true });
  return place;
}

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Compiles the sources as they stand into a temporary directory, for tests that need a process of its own to
 * kill. It lies under node_modules, so that the packages are found. Remove it with `rm`.
 */
export function compileSources(): string {
  const cache = join(root, 'node_modules/.cache/cordboard');
  mkdirSync(cache, { recursive: true });
  const place = mkdtempSync(join(cache, 'compiled-'));
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const options = ['--outDir', place, '--declaration', 'false', '--sourceMap', 'false'];
  const { error } = spawnSync(process.execPath, [compiler, '-p', root, ...options]);
  if (error) throw error;
  cpSync(join(root, 'src'), place, {
    recursive: true,
    filter: (path) => ['', '.sql', '.mjs'].includes(extname(path)),
  });
  return place;
}

// Compiles src/ to dist/ and copies what the compiler leaves behind (.sql, .mjs).
// --if-stale: only when a source is newer than the last build.
// dist/ is replaced at once and only by a whole build, so that what runs from it does not meet half of one.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sources = join(root, 'src');
const built = join(root, 'dist');
const program = join(built, 'cli', 'main.js');
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function isStale() {
  if (!existsSync(program)) return true;
  const builtAtMs = statSync(program).mtimeMs;
  return filesBelow(sources).some((file) => statSync(file).mtimeMs > builtAtMs);
}

function build() {
  const startedAt = new Date();
  const fresh = join(root, 'node_modules', '.cache', 'cordboard', `build-${process.pid}`);
  const { status } = spawnSync(process.execPath, [compiler, '-p', root, '--outDir', fresh], {
    stdio: 'inherit',
  });
  if (status !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    process.exit(status ?? 1);
  }
  for (const file of filesBelow(sources).filter((name) => /\.(sql|mjs)$/.test(name))) {
    const copy = join(fresh, relative(sources, file));
    mkdirSync(dirname(copy), { recursive: true });
    copyFileSync(file, copy);
  }
  const freshProgram = join(fresh, relative(built, program));
  chmodSync(freshProgram, 0o755);
  // A source that was edited while the compiler ran is newer than this.
  utimesSync(freshProgram, startedAt, startedAt);
  install(fresh);
}

function install(fresh) {
  const replaced = `${fresh}-replaced`;
  unless('ENOENT', () => renameSync(built, replaced));
  // Another build may have come in between; its result is as good.
  unless('ENOTEMPTY', () => renameSync(fresh, built));
  for (const folder of [fresh, replaced]) rmSync(folder, { recursive: true, force: true });
}

function unless(expected, act) {
  try {
    act();
  } catch (cause) {
    if (cause.code !== expected) throw cause;
  }
}

if (!process.argv.includes('--if-stale') || (existsSync(sources) && isStale())) {
  if (existsSync(compiler)) build();
  else if (!existsSync(program)) {
    console.error(
      'cordboard: not built, and the compiler is not installed (npm ci --omit=dev leaves it out).\n' +
        'Run `npm ci` without --omit=dev, or copy dist/ from a machine that did.',
    );
    // `prepare` runs inside `npm ci --omit=dev` too: only a start needs the program.
    process.exit(process.argv.includes('--if-stale') ? 1 : 0);
  }
}

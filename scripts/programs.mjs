// The README's table of real programs: what each of them did on the simulated network, unmodified.
//   npm run programs            runs their tests, asks each program for its version, and writes the table
import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { testTitles } from './trace.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const readme = join(root, 'README.md');
const [begin, end] = ['<!-- npm run programs -->\n', '<!-- end of npm run programs -->'];
const header = ['program', 'version', 'what it did', 'passed'];

/**
 * One row each. The title of a program's test: its requirements, the name here, a colon, what the program did.
 * `version` makes it tell its version; the first number with a point in the answer is taken.
 * @satisfies {Record<string, { executables: readonly string[], version: readonly string[] }>}
 */
export const programs = {
  'shell scripts': { executables: ['sh'], version: ['dpkg-query', '--show', 'dash'] },
  cu: { executables: ['cu'], version: ['cu', '--version'] },
  uucico: { executables: ['uucico', 'uucp'], version: ['uucico', '--version'] },
  'C-Kermit': { executables: ['kermit'], version: ['kermit', '--version'] },
  minicom: { executables: ['minicom'], version: ['minicom', '--version'] },
  picocom: { executables: ['picocom'], version: ['picocom', '--help'] },
  mgetty: { executables: ['mgetty', 'login'], version: ['mgetty', '-V'] },
  vgetty: {
    executables: ['vgetty', 'pvftormd', 'unshare'],
    version: ['pvftormd', '-h'],
  },
  wvdial: { executables: ['wvdial', 'pppd'], version: ['wvdial', '--version'] },
  lrzsz: { executables: ['sz', 'rz'], version: ['sz', '--version'] },
  ser2net: { executables: ['ser2net'], version: ['ser2net', '-v'] },
  gammu: { executables: ['gammu'], version: ['gammu', '--version'] },
  'gammu-smsd': {
    executables: ['gammu-smsd', 'gammu-smsd-inject'],
    version: ['gammu-smsd', '--version'],
  },
  'multimon-ng': { executables: ['multimon-ng'], version: ['multimon-ng', '-h'] },
  sox: { executables: ['sox'], version: ['sox', '--version'] },
  'espeak-ng': { executables: ['espeak-ng'], version: ['espeak-ng', '--version'] },
};

/** Where an executable is: some of these are for root alone, or for other programs, and not in everybody's PATH. */
export function executablePath(name) {
  for (const folder of [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/lib/uucp']) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {}
  }
  return undefined;
}

/** The tests of real programs, as their titles tell. */
function programTests() {
  return testTitles().flatMap(({ file, title }) => {
    const [, program, did] =
      /^(?:(?:[A-Z]{2}-\d+|fault \d+|telephony [\d.]+):? )*([^:]+): (.+)$/.exec(title) ?? [];
    return program !== undefined && Object.hasOwn(programs, program) ? [{ file, title, program, did }] : [];
  });
}

/** What the table must say of each program, as its tests stand. @returns {{ program: string, did: string, tests: number }[]} */
export function programsTested() {
  const tests = programTests();
  return Object.keys(programs).map((program) => {
    const own = tests.filter((test) => test.program === program);
    return { program, did: own.map(({ did }) => did).join(' · '), tests: own.length };
  });
}

/** The table as it stands in the README. @returns {string[][]} its rows, without the header */
export function tableInReadme() {
  const text = readFileSync(readme, 'utf8');
  const table = text.slice(text.indexOf(begin) + begin.length, text.indexOf(end));
  return table
    .trim()
    .split('\n')
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    )
    .slice(2);
}

function versionOf(program) {
  const [name = '', ...args] = programs[program].version;
  const { stdout, stderr } = spawnSync(executablePath(name) ?? name, args, { encoding: 'utf8', input: '' });
  return /\d+\.\d[\w.~]*/.exec(`${stdout}${stderr}`)?.[0] ?? 'not told';
}

/** Runs the tests. @returns {Map<string, string>} title to state */
function runTests(files) {
  const folder = mkdtempSync(join(tmpdir(), 'programs-'));
  const report = join(folder, 'report.json');
  try {
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    spawnSync(process.execPath, [vitest, 'run', ...files, ...reporters], {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, CORDBOARD_REQUIRE_PROGRAMS: '1' },
    });
    const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
    return new Map(
      testResults.flatMap(({ assertionResults }) =>
        assertionResults.map(({ title, status }) => [title, status]),
      ),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function main() {
  const tests = programTests();
  const states = runTests([...new Set(tests.map(({ file }) => file))]);
  const rows = programsTested().map(({ program, did, tests: count }) => {
    const own = tests.filter((test) => test.program === program);
    const passed = own.filter(({ title }) => states.get(title) === 'passed').length;
    return [program, versionOf(program), did, `${passed} of ${count}`];
  });
  const table = [header, header.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('');
  console.log(table);
  const text = readFileSync(readme, 'utf8');
  if (!text.includes(begin) || !text.includes(end)) throw new Error(`README.md has no ${begin}and ${end}`);
  writeFileSync(
    readme,
    text.slice(0, text.indexOf(begin) + begin.length) + table + text.slice(text.indexOf(end)),
  );
  if (tests.some(({ title }) => states.get(title) !== 'passed')) process.exitCode = 1;
}

if (relative(fileURLToPath(import.meta.url), process.argv[1] ?? '') === '') main();

// The requirement table: each ID of fixtures/spec/requirements.csv, with the machine steps and tests that claim it.
//   npm run trace               a table and counts
//   npm run trace -- --json     [{ id, state, machines, tests }]
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const id = '(?:CM|KX|DX|EN|BL|AL|KD|VC|SM|RL)-[A-Z]?\\d+[A-Z]?';
const titlePattern = /\b(?:test|it|describe)(?:\.\w+(?:\([^()]*\))?)*\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g;
const leadingIds = new RegExp(`^(?:${id}[ ,:]+)+`);

/** Steps that a figure draws: a machine must perform them, besides the test that shows it. */
const isFigureStep = (requirement) => /^(?:CM|KX|DX)-\d/.test(requirement);

/** @returns {{ id: string, requirement: string }[]} */
export function readRequirements() {
  const lines = readFileSync(join(root, 'fixtures/spec/requirements.csv'), 'utf8').trim().split(/\r?\n/);
  return lines.slice(1).map((line) => {
    const [name = '', , , ...rest] = line.split(',');
    return { id: name, requirement: rest.join(',') };
  });
}

/** The titles of all tests and of the groups that they stand in. @returns {{ file: string, title: string }[]} */
export function testTitles() {
  const tests = join(root, 'test');
  const files = readdirSync(tests, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.test.ts'),
  );
  return files.sort().flatMap((name) =>
    [...readFileSync(join(tests, name), 'utf8').matchAll(titlePattern)].map(([, , title = '']) => ({
      file: `test/${name}`,
      title,
    })),
  );
}

/** The IDs at the beginning of every test's title, with the titles. @returns {Map<string, string[]>} */
export function testClaims() {
  const claims = new Map();
  for (const { file, title } of testTitles()) {
    for (const claimed of leadingIds.exec(title)?.[0].match(new RegExp(id, 'g')) ?? []) {
      claims.set(claimed, [...(claims.get(claimed) ?? []), `${file}: ${title}`]);
    }
  }
  return claims;
}

/** The IDs in the `meta.steps` of the machines' states and transitions. @returns {Map<string, string[]>} */
export function machineClaims(machines) {
  const claims = new Map();
  const note = (meta, place) => {
    for (const step of meta?.steps ?? [])
      claims.set(step, [...new Set([...(claims.get(step) ?? []), place])]);
  };
  const walk = (node) => {
    note(node.meta, node.id);
    for (const transition of [...node.transitions.values()].flat()) note(transition.meta, node.id);
    for (const transition of node.always ?? []) note(transition.meta, node.id);
    for (const child of Object.values(node.states)) walk(child);
  };
  for (const machine of machines) walk(machine.root);
  return claims;
}

/** The exports of these modules that are state machines. */
export function machinesIn(modules) {
  return modules
    .flatMap((module) => Object.values(module))
    .filter(
      (value) =>
        typeof value === 'object' && value !== null && 'root' in value && 'getInitialSnapshot' in value,
    );
}

/** One row for each requirement. */
export function traceTable(machines) {
  const tests = testClaims();
  const steps = machineClaims(machines);
  return readRequirements().map((requirement) => {
    const row = { machines: steps.get(requirement.id) ?? [], tests: tests.get(requirement.id) ?? [] };
    const isClaimed = row.tests.length > 0 && (row.machines.length > 0 || !isFigureStep(requirement.id));
    return {
      id: requirement.id,
      state: isClaimed ? 'claimed' : 'open',
      ...row,
      requirement: requirement.requirement,
    };
  });
}

async function builtMachines() {
  const folder = join(root, 'dist', 'protocol');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.js'),
  );
  return machinesIn(await Promise.all(files.map((name) => import(pathToFileURL(join(folder, name)).href))));
}

async function main() {
  const table = traceTable(await builtMachines());
  if (process.argv.includes('--json')) {
    console.log(
      JSON.stringify(
        table.map(({ requirement: _, ...row }) => row),
        null,
        1,
      ),
    );
    return;
  }
  for (const row of table) {
    console.log(`${row.id.padEnd(8)} ${row.state.padEnd(8)} ${row.requirement}`);
    for (const place of row.machines) console.log(`${' '.repeat(18)}machine ${place}`);
    for (const title of row.tests) console.log(`${' '.repeat(18)}${title}`);
  }
  const claimed = table.filter((row) => row.state === 'claimed').length;
  const open = table.filter((row) => row.state === 'open').map((row) => row.id);
  console.log(`\nopen: ${open.join(' ')}`);
  console.log(`${table.length} requirements: ${claimed} claimed, ${open.length} open`);
}

if (relative(fileURLToPath(import.meta.url), process.argv[1] ?? '') === '') await main();

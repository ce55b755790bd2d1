import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { machineClaims, machinesIn, readRequirements, testClaims, traceTable } from '../../scripts/trace.mjs';

const protocols = resolve(import.meta.dirname, '../../src/protocol');
const sources = readdirSync(protocols, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
);
const machines = machinesIn(await Promise.all(sources.map((name) => import(join(protocols, name)))));
const known = new Set(readRequirements().map((requirement) => requirement.id));

/** What later work will bring. A claim takes its line out of this file; none is ever added. */
const listedOpen = readFileSync(new URL('../../fixtures/spec/open.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n');

describe('requirement table', () => {
  test('machines were found', () => {
    expect(machines.length).toBeGreaterThanOrEqual(6);
  });

  test('no test claims a requirement that does not exist', () => {
    expect([...testClaims().keys()].filter((id) => !known.has(id))).toEqual([]);
  });

  test('no machine claims a requirement that does not exist', () => {
    expect([...machineClaims(machines).keys()].filter((id) => !known.has(id))).toEqual([]);
  });

  test('every step that a machine claims is shown by a test', () => {
    const tests = testClaims();
    expect([...machineClaims(machines).keys()].filter((id) => !tests.has(id))).toEqual([]);
  });

  test('what is open is what is listed as open', () => {
    const open = traceTable(machines).filter((row) => row.state === 'open');
    expect(open.map((row) => row.id)).toEqual(listedOpen);
  });
});

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const folder = new URL('../../src/cli/', import.meta.url);
const named = new Set(readFileSync(new URL('README.md', folder), 'utf8').match(/\b[\w/-]+\.ts\b/g) ?? []);

test('the README of the command line names every file, and none that is gone', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));
  expect(files.filter((name) => !named.has(name))).toEqual([]);
  expect([...named].filter((name) => !existsSync(new URL(name, folder)))).toEqual([]);
});

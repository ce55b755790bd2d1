import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const sources = resolve(import.meta.dirname, '../src');

const levels: Record<string, number> = {
  time: 0,
  log: 0,
  bytes: 0,
  disk: 0,
  crypto: 1,
  link: 1,
  pstn: 1,
  store: 1,
  protocol: 2,
  session: 3,
  server: 4,
  endpoint: 4,
  billing: 4,
  conformance: 4,
  cli: 5,
};

/** Third-party packages that only these folders may import: the seams of the program. */
const seams: Record<string, readonly string[]> = {
  serialport: ['pstn'],
  '@serialport/': ['pstn'],
  koffi: ['pstn'],
  postgres: ['store'],
  '@electric-sql/pglite': ['store'],
  '@noble/': ['crypto', 'endpoint'],
  '@scure/': ['protocol'],
  commander: ['cli'],
  picocolors: ['cli'],
  pino: ['cli'],
  'smol-toml': ['billing', 'cli', 'endpoint', 'protocol', 'server'],
  luxon: ['billing'],
  'csv-parse': ['billing'],
};

const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((name) =>
  /\.m?ts$|\.mjs$/.test(name),
);

function importsOf(name: string): string[] {
  const text = readFileSync(join(sources, name), 'utf8');
  return [
    ...text.matchAll(/^\s*(?:import|export)\b[^'";]*?from\s*'([^']+)'|import\(\s*'([^']+)'\s*\)/gm),
  ].map((match) => match[1] ?? match[2] ?? '');
}

const folderOf = (name: string) => name.split('/')[0] ?? '';

/** A protocol is a folder of its own: `protocol/key-exchange`. */
const unitOf = (name: string) =>
  name
    .split('/')
    .slice(0, folderOf(name) === 'protocol' ? 2 : 1)
    .join('/');

describe('import levels', () => {
  test('every folder of src has a level', () => {
    expect([...new Set(files.map(folderOf))].filter((folder) => !(folder in levels))).toEqual([]);
  });

  test('imports go down, never sideways between applications or protocols', () => {
    const wrong: string[] = [];
    for (const name of files) {
      for (const target of importsOf(name).filter((path) => path.startsWith('.'))) {
        const imported = relative(sources, resolve(sources, dirname(name), target));
        if (unitOf(imported) === unitOf(name)) continue;
        const from = levels[folderOf(name)] ?? -1;
        const to = levels[folderOf(imported)] ?? 9;
        // Level 1 folders share the contracts of level 0 only; levels 2 to 4 hold independent units.
        if (to >= from) wrong.push(`${name} -> ${imported}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('no import leads back to where it came from', () => {
    const importedBy = (name: string) =>
      importsOf(name)
        .filter((path) => path.startsWith('.'))
        .map((path) => relative(sources, resolve(sources, dirname(name), path)).replace(/\.js$/, '.ts'));
    const done = new Set<string>();
    const circles: string[] = [];
    const follow = (name: string, path: readonly string[]) => {
      if (path.includes(name)) circles.push([...path.slice(path.indexOf(name)), name].join(' -> '));
      else if (!done.has(name)) for (const next of importedBy(name)) follow(next, [...path, name]);
      done.add(name);
    };
    for (const name of files) follow(name, []);
    expect(circles).toEqual([]);
  });

  test('packages stay behind their seams', () => {
    const wrong: string[] = [];
    for (const name of files) {
      for (const path of importsOf(name)) {
        const seam = Object.keys(seams).find((prefix) => path === prefix || path.startsWith(prefix));
        if (seam && !seams[seam]?.includes(folderOf(name))) wrong.push(`${name} -> ${path}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('the protocol core is pure: no node built-in, no promise', () => {
    const wrong = files
      .filter((name) => folderOf(name) === 'protocol')
      .filter((name) => {
        const text = readFileSync(join(sources, name), 'utf8');
        return (
          importsOf(name).some((path) => path.startsWith('node:')) || /\b(await|async|Promise)\b/.test(text)
        );
      });
    expect(wrong).toEqual([]);
  });
});

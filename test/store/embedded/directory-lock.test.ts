import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DirectoryInUse, lockDirectory } from '../../../src/store/embedded/directory-lock.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cordboard-lock-'));
  path = join(folder, 'db.lock');
});

afterEach(() => rmSync(folder, { recursive: true }));

/** A lock file as this process would write it, but for what is given. */
function leave(given: object): void {
  const unlock = lockDirectory(path);
  const own = JSON.parse(readFileSync(path, 'utf8'));
  unlock();
  writeFileSync(path, JSON.stringify({ ...own, ...given }));
}

test('fault 73: the directory is locked until it is given back', () => {
  const unlock = lockDirectory(path);
  expect(() => lockDirectory(path)).toThrow(DirectoryInUse);
  expect(() => lockDirectory(path)).toThrow(new RegExp(`process ${process.pid} .* delete ${path}`));
  unlock();
  expect(readdirSync(folder)).toEqual([]);
  lockDirectory(path)();
});

test('fault 73: the lock of a process that is gone is taken over', () => {
  leave({ pid: 2 ** 22 + 1 }); // Above Linux's largest process number.
  const unlock = lockDirectory(path);
  expect(JSON.parse(readFileSync(path, 'utf8')).pid).toBe(process.pid);
  expect(readdirSync(folder)).toEqual(['db.lock']);
  unlock();
});

test.skipIf(!existsSync('/proc/self/stat'))(
  'fault 73: a reused process number is not the old process',
  () => {
    leave({ started: 'an earlier boot/42' });
    lockDirectory(path)();
    leave({ started: undefined });
    expect(() => lockDirectory(path)).toThrow(DirectoryInUse);
  },
);

test('fault 73: a lock of another host is not judged from here', () => {
  leave({ host: 'elsewhere', pid: 2 ** 22 + 1 });
  expect(() => lockDirectory(path)).toThrow(/on elsewhere/);
});

test('fault 73: a lock file of rubbish does not shut the database for ever', () => {
  writeFileSync(path, '{"pid":');
  lockDirectory(path)();
});

test('fault 73: giving back leaves a lock that someone else has taken meanwhile', () => {
  const unlock = lockDirectory(path);
  writeFileSync(path, JSON.stringify({ host: 'elsewhere', pid: 1 }));
  unlock();
  expect(existsSync(path)).toBe(true);
});

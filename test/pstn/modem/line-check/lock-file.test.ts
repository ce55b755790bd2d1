import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { lockHolder } from '../../../../src/pstn/modem/line-check/lock-file.js';

const folder = mkdtempSync(join(tmpdir(), 'lock-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

const lock = (name: string, content: string) => writeFileSync(join(folder, `LCK..${name}`), content);

test('fault 73: a port that another program has locked by its lock file, by its own name or by a link', async () => {
  lock('ttyS7', `${String(process.pid).padStart(10)}\n`);
  symlinkSync('/dev/ttyS7', join(folder, 'modem'));
  expect(await lockHolder('/dev/ttyS7', folder)).toBe(process.pid);
  lock('modem', ` ${process.pid} cu root\n`);
  expect(await lockHolder(join(folder, 'modem'), folder)).toBe(process.pid);
  lock('pts_97', `${process.pid}`);
  expect(await lockHolder('/dev/pts/97', folder)).toBe(process.pid);
});

test.each(['4194305\n', '', 'garbage', '\0\0\x01\x02'])(
  'fault 73: a stale lock file %j locks nothing',
  async (content) => {
    lock('ttyS8', content);
    expect(await lockHolder('/dev/ttyS8', folder)).toBeUndefined();
    expect(await lockHolder('/dev/ttyS9', folder)).toBeUndefined();
  },
);

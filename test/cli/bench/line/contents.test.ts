import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type ContentKind, mark, writeContent } from '../../../../src/cli/bench/line/contents.js';
import { zip } from '../../../../src/cli/bench/line/zip.js';
import { temporaryFolder } from '../../../endpoint/support.js';

function written(kind: ContentKind, octets: number): Record<string, Buffer> {
  const folder = temporaryFolder();
  const total = writeContent(kind, octets, folder);
  const files = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))] as const);
  expect(files.reduce((sum, [, content]) => sum + content.length, 0)).toBe(total);
  return Object.fromEntries(files);
}

describe('what is sent over the lines', () => {
  test.each(['random', 'changed random', 'text'] as const)(
    '%s: so many octets, the mark at their head alone',
    (kind) => {
      const [content, ...others] = Object.values(written(kind, 10_000));
      expect(others).toEqual([]);
      expect(content?.length).toBe(10_000);
      expect([content?.indexOf(mark), content?.lastIndexOf(mark)]).toEqual([0, 0]);
    },
  );

  test('a changed file has the same name and length, and other octets', () => {
    const [before, after] = [written('random', 5_000), written('changed random', 5_000)];
    expect(Object.keys(after)).toEqual(Object.keys(before));
    expect(after).not.toEqual(before);
  });

  test('the same octets at every run', () => {
    const digests = () =>
      Object.entries(written('office folder', 0)).map(([name, content]) => [
        name,
        createHash('sha256').update(content).digest('hex'),
      ]);
    expect(digests()).toEqual(digests());
  });

  test('the office folder has about 4 MB', () => {
    const octets = Object.values(written('office folder', 0)).reduce((sum, { length }) => sum + length, 0);
    expect(octets).toBeGreaterThan(3.8e6);
    expect(octets).toBeLessThan(4.3e6);
  });

  test('a ZIP whose parts are where its directory says', () => {
    const content = Buffer.from('<w:document/>'.repeat(50));
    const archive = zip([
      { name: 'empty', content: Buffer.alloc(0) },
      { name: 'word/document.xml', content },
    ]);
    const end = archive.subarray(-22);
    expect([end.readUInt32LE(0), end.readUInt16LE(10)]).toEqual([0x06054b50, 2]);
    const directory = archive.subarray(end.readUInt32LE(16), -22);
    expect(directory.length).toBe(end.readUInt32LE(12));
    const second = directory.subarray(46 + 'empty'.length);
    expect([second.readUInt32LE(0), second.readUInt32LE(24)]).toEqual([0x02014b50, content.length]);
    const local = archive.subarray(second.readUInt32LE(42));
    expect(local.readUInt32LE(0)).toBe(0x04034b50);
    const data = local.subarray(
      30 + local.readUInt16LE(26),
      30 + local.readUInt16LE(26) + local.readUInt32LE(18),
    );
    expect(inflateRawSync(data).equals(content)).toBe(true);
  });
});

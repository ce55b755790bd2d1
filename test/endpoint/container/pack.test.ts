import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { compress } from '../../../src/endpoint/container/compress.js';
import { packContainer, type SentFile } from '../../../src/endpoint/container/pack.js';
import { chooseFiles, type Source } from '../../../src/endpoint/container/sources.js';
import { parseHeader } from '../../../src/protocol/data-exchange/ustar.js';
import { SimulatedClock } from '../../../src/time/simulated-clock.js';
import { collect, temporaryFolder } from '../support.js';

const clock = new SimulatedClock();

function choose(...sources: Source[]) {
  return chooseFiles(sources, { spool: temporaryFolder(), clock });
}

async function pack(...sources: Source[]) {
  const packed: SentFile[] = [];
  const container = await collect(packContainer(await choose(...sources), (file) => packed.push(file)));
  return { container, packed };
}

function write(folder: string, name: string, content: string | Uint8Array = name): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
}

describe('packing', () => {
  test('DX-605 DX-610 files and folders become one zlib stream of one archive, dates kept', async () => {
    const folder = temporaryFolder();
    const single = write(folder, 'single.txt', 'one');
    utimesSync(single, 1_000_000_000, 853_977_661.75);
    write(folder, 'office/b.csv', 'x'.repeat(513));
    write(folder, 'office/deep/a.bin', '');
    const { container, packed } = await pack(single, join(folder, 'office'));
    const archive = inflateSync(container);
    expect(archive.length).toBe(512 + 512 + 512 + 1024 + 512 + 1024);
    expect(parseHeader(archive.subarray(0, 512))).toEqual({
      kind: 'file',
      entry: { name: 'single.txt', size: 3, mtime: 853_977_661 },
    });
    expect(packed.map(({ name, size }) => [name, size])).toEqual([
      ['single.txt', 3],
      ['b.csv', 513],
      ['a.bin', 0],
    ]);
    expect(packed[0]).toEqual({
      name: 'single.txt',
      size: 3,
      sha256: createHash('sha256').update('one').digest('hex'),
      mtime: new Date('1997-01-23T00:01:01Z'),
    });
    expect(archive.subarray(-1024).every((octet) => octet === 0)).toBe(true);
  });

  test('fault 55: the same base name twice is refused before the call, with both paths', async () => {
    const folder = temporaryFolder();
    write(folder, 'a/readme.txt');
    write(folder, 'b/readme.txt');
    await expect(choose(folder)).rejects.toThrow(/a\/readme\.txt.*b\/readme\.txt/s);
    await expect(choose(folder)).rejects.toMatchObject({ outcome: 'usage' });
  });

  test('fault 53: names that cannot travel are refused with the reason; composed and decomposed are one name', async () => {
    const folder = temporaryFolder();
    await expect(choose(write(folder, 'a\\b'))).rejects.toThrow('path separator');
    await expect(choose(write(folder, 'a\nb'))).rejects.toThrow('\\u{a}');
    await expect(choose(write(folder, 'x'.repeat(101)))).rejects.toThrow('longer than 100 octets');
    const decomposed = write(folder, 'u\u0308.txt');
    expect((await choose(decomposed))[0]?.name).toBe('\u00fc.txt');
    await expect(choose(decomposed, write(folder, '\u00fc.txt'))).rejects.toThrow('Two files');
  });

  test('fault 59: a missing file, an empty folder and a link to a folder are told before the call', async () => {
    const folder = temporaryFolder();
    await expect(choose(join(folder, 'none'))).rejects.toThrow('it is not there');
    await expect(choose(folder)).rejects.toThrow('no file to send');
    write(folder, 'x');
    symlinkSync('..', join(folder, 'circle'));
    await expect(choose(folder)).rejects.toThrow('circle');
  });

  test('fault 59: a file that shrinks, grows or is touched while it is read stops the packing', async () => {
    const folder = temporaryFolder();
    for (const change of ['short', 'much longer than before', 'other!']) {
      const path = write(folder, 'file', 'before');
      const files = await choose(path);
      writeFileSync(path, change);
      utimesSync(path, 1, 1);
      await expect(collect(packContainer(files, () => {})), change).rejects.toThrow(
        'changed while it was read',
      );
    }
  });

  const strangeFiles = ['/proc/self/status', '/sys/kernel/mm/transparent_hugepage/enabled'];
  test.each(strangeFiles)(
    'fault 59: %s, whose size is not what it holds, is not sent (skipped where it is not)',
    async (path) => {
      if (!existsSync(path)) return;
      const files = await choose(path);
      await expect(collect(packContainer(files, () => {}))).rejects.toThrow('changed while it was read');
    },
  );

  test('fault 59: a file that was deleted after it was chosen stops the packing', async () => {
    const path = write(temporaryFolder(), 'file');
    const files = await choose(path);
    rmSync(path);
    await expect(collect(packContainer(files, () => {}))).rejects.toThrow(/cannot be read: it is not there/);
  });

  test('fault 59: content of a pipe is kept first, since its size stands before it', async () => {
    async function* content() {
      yield Buffer.from('from a ');
      yield Buffer.from('pipe');
    }
    const { container, packed } = await pack({ name: 'report.txt', content: content() });
    expect(packed).toMatchObject([{ name: 'report.txt', size: 11, mtime: new Date('2026-01-01T00:00:00Z') }]);
    expect(inflateSync(container).subarray(512, 523).toString()).toBe('from a pipe');
  });

  test('fault 55: the same file given twice is told as that, by whatever path', async () => {
    const folder = temporaryFolder();
    const path = write(folder, 'file');
    await expect(choose(path, `${folder}/./file`)).rejects.toThrow('is named twice');
    await expect(choose(folder, path)).rejects.toThrow(
      'is named twice among what is to be sent. Name it once.',
    );
  });

  test('fault 55: a pipe whose name cannot be is told how to give it another', async () => {
    async function* content() {
      yield Buffer.from('x');
    }
    const path = write(temporaryFolder(), 'stdin');
    for (const sources of [
      [{ name: 'stdin', content: content() }, path],
      [path, { name: 'stdin', content: content() }],
      [{ name: 'a/b', content: content() }],
    ]) {
      await expect(choose(...sources)).rejects.toThrow(/--stdin-name NAME/);
    }
  });

  test('fault 57: dates that the container cannot hold are moved to the nearest that it can', async () => {
    const folder = temporaryFolder();
    const path = write(folder, 'file');
    for (const [seconds, carried] of [
      [-5, 0],
      [0, 0],
      [2 ** 33 - 1, 2 ** 33 - 1],
      [2 ** 33, 2 ** 33 - 1],
    ] as const) {
      utimesSync(path, new Date(0), new Date(seconds * 1000));
      expect((await choose(path))[0]?.mtimeSeconds, String(seconds)).toBe(carried);
    }
  });
});

test('fault 56: more than 4 GiB are refused before the call', async () => {
  const path = write(temporaryFolder(), 'sparse', '');
  truncateSync(path, 2 ** 32);
  expect((await choose(path))[0]?.size).toBe(2 ** 32);
  truncateSync(path, 2 ** 32 + 1);
  await expect(choose(path)).rejects.toThrow('4 GiB');
});

describe('compression', () => {
  async function* zeros(megabytes: number) {
    for (let count = 0; count < megabytes * 16; count += 1) yield Buffer.alloc(65_536);
  }

  test('fault 56: blank content stays within the ratio that recipients accept, and decodes', async () => {
    const small = await collect(compress(zeros(1 / 16)));
    expect(65_536 / small.length).toBeLessThanOrEqual(150);
    const large = await collect(compress(zeros(8)));
    expect(8_388_608 / large.length).toBeLessThanOrEqual(150);
    expect(8_388_608 / large.length).toBeGreaterThan(100);
    expect(inflateSync(large).equals(Buffer.alloc(8_388_608))).toBe(true);
  });

  test('a reader that stops early stops the source too', async () => {
    let isClosed = false;
    async function* endless() {
      try {
        for (;;) yield Buffer.alloc(65_536, Math.random().toString());
      } finally {
        isClosed = true;
      }
    }
    for await (const _ of compress(endless())) break;
    expect(isClosed).toBe(true);
  });
});

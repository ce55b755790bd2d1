import { randomBytes } from 'node:crypto';
import { rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { chooseTree } from '../../../../src/endpoint/container/version-2/choose-tree.js';
import { packContent } from '../../../../src/endpoint/container/version-2/pack-content.js';
import { padme } from '../../../../src/endpoint/container/version-2/padme.js';
import { type ContentPiece, RunWriter } from '../../../../src/endpoint/container/version-2/run-writer.js';
import { RunReader } from '../../../../src/endpoint/container/version-2/runs.js';
import { SimulatedClock } from '../../../../src/time/simulated-clock.js';
import { temporaryFolder } from '../../support.js';
import { text } from './made-content.js';
import { unpackContent } from './memory-target.js';
import { pieces, write } from './packed.js';

describe('content of version 2', () => {
  test('DX-605 folders, long paths and dates arrive as they were; a file named by itself comes without its folder', async () => {
    const folder = temporaryFolder();
    const single = write(folder, 'single.txt', 'one');
    utimesSync(single, 1, 853_977_661);
    write(folder, 'photos/2026/a.jpg', randomBytes(20_000));
    const long = `photos/${'ä'.repeat(90)}/${'b'.repeat(200)}/${'c'.repeat(200)}.txt`;
    write(folder, long, text(70_000));
    write(folder, 'photos/empty', '');
    const { content, packed } = await pieces([single, join(folder, 'photos')]);
    const whole = await unpackContent(content);
    expect([...whole.keys()]).toEqual(['single.txt', 'photos/2026/a.jpg', 'photos/empty', long]);
    expect(whole.get('single.txt')).toMatchObject({ mtime: 853_977_661, content: Buffer.from('one') });
    expect(whole.get(long)?.content.equals(text(70_000))).toBe(true);
    expect(packed.map(({ name, size }) => [name, size])).toEqual([
      ['single.txt', 3],
      ['photos/2026/a.jpg', 20_000],
      ['photos/empty', 0],
      [long, 70_000],
    ]);
    for (const step of [1_021, 4_099]) expect(await unpackContent(content, step), `${step}`).toEqual(whole);
  });

  test('DX-605 what does not get smaller goes as it is, the rest through one brotli stream', async () => {
    const folder = temporaryFolder();
    write(folder, 'd/1.txt', text(50_000));
    write(folder, 'd/2.zip', randomBytes(50_000));
    write(folder, 'd/3.txt', text(50_000));
    const { content } = await pieces([join(folder, 'd')]);
    const stored = [...new RunReader().read(content)].filter(({ kind }) => kind === 'stored');
    expect(stored.reduce((sum, { octets }) => sum + octets.length, 0)).toBe(50_000);
    // The second text is the first again, and brotli's window reaches over the stored file.
    const { content: once } = await pieces([join(folder, 'd/1.txt')]);
    expect(content.length).toBeLessThan(once.length + 50_000 + 5_000);
  });

  test('DX-605 the same files give the same octets again, however their pieces are cut', async () => {
    const content = text(200_000);
    const run = async (step: number) => {
      const writer = new RunWriter();
      const all: Uint8Array[] = [];
      const take = async (some: AsyncGenerator<ContentPiece>) => {
        for await (const { octets } of some) all.push(octets);
      };
      for (let at = 0; at < content.length; at += step)
        await take(writer.compress(content.subarray(at, at + step)));
      await take(writer.end());
      return Buffer.concat(all);
    };
    const first = await run(65_536);
    for (const step of [65_536, 1_000, 200_000, 32_768])
      expect((await run(step)).equals(first), `${step}`).toBe(true);
  });

  test('DX-605 brotli is flushed where the distance changes, once where it does', async () => {
    const writer = new RunWriter();
    const kinds = async (some: AsyncGenerator<ContentPiece>) => {
      const all: Uint8Array[] = [];
      for await (const { octets } of some) all.push(octets);
      return [...new RunReader().read(Buffer.concat(all))].map(({ kind }) => kind);
    };
    try {
      expect(await kinds(writer.setDistance(0))).toEqual([]);
      expect(await kinds(writer.setDistance(2))).toEqual(['distance']);
      expect(await kinds(writer.compress(text(1_000)))).toEqual([]);
      expect(writer.holdsBack).toBe(true);
      expect(await kinds(writer.setDistance(0))).toEqual(['brotli', 'distance']);
      expect(writer.holdsBack).toBe(false);
    } finally {
      writer.destroy();
    }
  });

  test('DX-610 the first chunk is closed after 32 KiB of input, though the rest is megabytes', async () => {
    const folder = temporaryFolder();
    const { list } = await pieces([write(folder, 'file', text(1_000_000))]);
    const first = list.findIndex(({ closesChunk }) => closesChunk);
    const octets = list.slice(0, first + 1).reduce((sum, piece) => sum + piece.octets.length, 0);
    expect(octets).toBeGreaterThan(1_000);
    expect(octets).toBeLessThan(32_768);
    expect(list.filter(({ closesChunk }) => closesChunk)).toHaveLength(1);
  });

  test('fault 56: blank content stays within the ratio that recipients accept', async () => {
    const path = write(temporaryFolder(), 'blank', '');
    truncateSync(path, 20_000_000);
    const { content } = await pieces([path]);
    expect(20_000_000 / content.length).toBeGreaterThan(100);
    expect((await unpackContent(content)).get('blank')?.content.length).toBe(20_000_000);
    expect(20_000_000 / content.length).toBeLessThanOrEqual(150);
  });

  test('DX-605 padding fills the content up to Padmé’s length, and is nothing to the recipient', async () => {
    const path = write(temporaryFolder(), 'file', randomBytes(100_000));
    const [bare, padded] = [await pieces([path]), await pieces([path], true)];
    expect(padded.content.length).toBe(padme(bare.content.length));
    expect(padded.content.length).toBeGreaterThan(bare.content.length);
    expect(await unpackContent(padded.content)).toEqual(await unpackContent(bare.content));
  });

  test('Padmé: known lengths, never shorter, at most 11.7 % more', () => {
    // Of the paper's reference: 9 -> 10, 10,000 -> 10,240, 2^20 + 1 -> 2^20 + 2^15.
    for (const [length, padded] of [
      [1, 1],
      [2, 2],
      [8, 8],
      [9, 10],
      [10_000, 10_240],
      [2 ** 20, 2 ** 20],
      [2 ** 20 + 1, 2 ** 20 + 2 ** 15],
      [2 ** 49 - 1, 2 ** 49],
    ] as const) {
      expect(padme(length), `${length}`).toBe(padded);
    }
    const ratios = Array.from({ length: 100_000 }, (_, index) => padme(index + 1) / (index + 1));
    expect(Math.min(...ratios.slice(0, 1_000))).toBe(1);
    expect(ratios.reduce((worst, ratio) => Math.max(worst, ratio))).toBe(144 / 129);
  });
});

describe('what is sent', () => {
  test('fault 53 fault 55: paths that cannot travel and twins are refused before the call', async () => {
    const folder = temporaryFolder();
    write(folder, 'd/a\\b');
    await expect(chooseTree([join(folder, 'd')])).rejects.toThrow('path separator');
    await expect(chooseTree([write(folder, 'a\nb')])).rejects.toThrow('\\u{a}');
    const [a, b] = [write(folder, 'a/readme.txt'), write(folder, 'b/readme.txt')];
    await expect(chooseTree([a, b])).rejects.toThrow(/a\/readme\.txt.*b\/readme\.txt/s);
    await expect(chooseTree([a, a])).rejects.toThrow('named twice');
    await expect(chooseTree([join(folder, 'a'), join(folder, 'b')])).resolves.toMatchObject({
      files: [{ name: 'a/readme.txt' }, { name: 'b/readme.txt' }],
    });
    const decomposed = write(folder, 'u/u\u0308.txt');
    expect((await chooseTree([join(folder, 'u')])).files[0]?.name).toBe('u/\u00fc.txt');
    await expect(chooseTree([decomposed, write(folder, '\u00fc.txt')])).rejects.toThrow('Two files');
    await expect(chooseTree([])).rejects.toMatchObject({ outcome: 'usage' });
  });

  test('fault 59: a file that changes, goes or cannot be read ends the packing', async () => {
    const folder = temporaryFolder();
    const path = write(folder, 'file', text(100_000));
    for (const [change, message] of [
      [() => truncateSync(path, 50_000), 'changed while it was read'],
      [() => writeFileSync(path, text(100_000, 2)), 'changed while it was read'],
      [() => rmSync(path), 'it is not there'],
    ] as const) {
      writeFileSync(path, text(100_000));
      const tree = await chooseTree([path]);
      utimesSync(path, 1, 1);
      change();
      const packing = packContent(tree, {
        clock: new SimulatedClock(),
        isPadded: false,
        signal: new AbortController().signal,
        onPacked: () => {},
      });
      await expect(
        (async () => {
          for await (const _ of packing);
        })(),
      ).rejects.toMatchObject({ outcome: 'local-error', message: expect.stringContaining(message) });
    }
  });

  test('fault 59: one pipe goes with files, under a name of its own; two do not', async () => {
    const pipe = (name: string) => ({ name, content: (async function* () {})() });
    const path = write(temporaryFolder(), 'file');
    expect(await chooseTree([pipe('log'), path])).toMatchObject({
      files: [{ name: 'file' }],
      live: { name: 'log' },
    });
    await expect(chooseTree([pipe('log'), pipe('other')])).rejects.toThrow('one call carries one');
    await expect(chooseTree([pipe('file'), path])).rejects.toThrow('another file has');
    await expect(chooseTree([pipe('a/../b')])).rejects.toThrow('names a folder');
  });
});

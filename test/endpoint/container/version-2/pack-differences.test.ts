import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { officeFolder } from '../../../../src/cli/bench/line/office-folder.js';
import { type ContentPiece, RunWriter } from '../../../../src/endpoint/container/version-2/run-writer.js';
import { RunReader } from '../../../../src/endpoint/container/version-2/runs.js';
import { encodeTreeHeader } from '../../../../src/endpoint/container/version-2/tree-headers.js';
import { paddingOctets } from '../../../../src/protocol/data-exchange/ustar.js';
import { temporaryFolder } from '../../support.js';
import { picture, sound, text } from './made-content.js';
import { unpackContent } from './memory-target.js';
import { pieces, write } from './packed.js';

/** By the table of runs in the protocol's README, with none of the program's code. */
function archiveOf(content: Buffer): Buffer {
  const archive: number[] = [];
  let [brotli, decompressed, distance, begin] = [Buffer.alloc(0), 0, 0, 0];
  for (let at = 0; content[at] !== 0; ) {
    const length = content.readUInt32BE(at + 1);
    const octets = content.subarray(at + 5, at + 5 + length);
    const kind = content[at];
    at += 5 + length;
    if (kind === 1) archive.push(...octets);
    else if (kind === 4) [distance, begin] = [octets[0] ?? 0, archive.length];
    else {
      brotli = Buffer.concat([brotli, octets]);
      const finishFlush = constants.BROTLI_OPERATION_FLUSH;
      for (const octet of brotliDecompressSync(brotli, { finishFlush }).subarray(decompressed)) {
        const before = archive.length - distance;
        archive.push((octet + (distance > 0 && before >= begin ? (archive[before] ?? 0) : 0)) % 256);
        decompressed++;
      }
    }
  }
  return Buffer.from(archive);
}

async function written(orders: (writer: RunWriter) => AsyncGenerator<ContentPiece>): Promise<Buffer> {
  const writer = new RunWriter();
  const all: Uint8Array[] = [];
  try {
    for await (const { octets } of orders(writer)) all.push(octets);
    for await (const { octets } of writer.end()) all.push(octets);
  } finally {
    writer.destroy();
  }
  return Buffer.concat(all);
}

describe('files as differences', () => {
  test('DX-605 octets in brotli, at any distance, and stored ones arrive as they were, in any order and any split', async () => {
    const octets = fc.uint8Array({ maxLength: 300 });
    const order = fc.oneof(
      fc.record({ distance: fc.integer({ min: 0, max: 16 }), octets }),
      fc.record({ distance: fc.constant('stored' as const), octets }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(order, { maxLength: 8 }),
        fc.integer({ min: 1, max: 900 }),
        async (orders, step) => {
          const whole = Buffer.concat(orders.map((each) => each.octets));
          const content = await written(async function* (writer) {
            yield* writer.compress(encodeTreeHeader({ name: 'a', size: whole.length, mtime: 1 }));
            for (const { distance, octets } of orders) {
              if (distance !== 'stored') yield* writer.setDistance(distance);
              yield* distance === 'stored' ? writer.store(octets) : writer.compress(octets);
            }
            yield* writer.setDistance(0);
            yield* writer.compress(new Uint8Array(paddingOctets(whole.length) + 1_024));
          });
          expect((await unpackContent(content, step)).get('a')?.content.equals(whole)).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('DX-605 a bitmap takes a seventh less than brotli alone needs, and the octets behind it are as they are', async () => {
    const folder = temporaryFolder();
    const whole = officeFolder().find(({ name }) => name === 'plan.bmp')?.content ?? Buffer.alloc(0);
    const bitmap = whole.subarray(0, 200_000);
    const { content } = await pieces([write(folder, 'plan.bmp', bitmap)]);
    const plain = brotliCompressSync(bitmap, { params: { [constants.BROTLI_PARAM_LGWIN]: 24 } });
    expect(content.length / plain.length).toBeLessThan(6 / 7);
    const runs = [...new RunReader().read(content)];
    const distances = runs.filter(({ kind }) => kind === 'distance').map(({ octets }) => octets[0]);
    expect([distances.length, distances[1]]).toEqual([2, 0]);
  });

  test('AL-8 live data go as they are, whatever they are', async () => {
    const pixels = picture(200_000, 3);
    const live = {
      name: 'scan',
      content: (async function* () {
        yield pixels;
      })(),
    };
    const { content } = await pieces([live]);
    expect([...new RunReader().read(content)].filter(({ kind }) => kind === 'distance')).toEqual([]);
    expect((await unpackContent(content)).get('scan')?.content.equals(pixels)).toBe(true);
  });

  test('DX-605 by the text of the protocol alone, zlib and tar read what was packed; packed again it is the same', async () => {
    const folder = temporaryFolder();
    const contents = {
      'd/1.txt': text(30_000),
      'd/2.wav': sound(90_000, 1),
      'd/3.zip': randomBytes(20_000),
      'd/4.bmp': picture(70_001, 4),
      'd/5.bmp': picture(70_002, 3),
    };
    for (const [name, content] of Object.entries(contents)) write(folder, name, content);
    const { content } = await pieces([join(folder, 'd')], true);
    const there = temporaryFolder();
    const tar = spawnSync('tar', ['-x', '-C', there], { input: archiveOf(content) });
    expect([tar.status, String(tar.stderr)]).toEqual([0, '']);
    for (const [name, each] of Object.entries(contents))
      expect(readFileSync(join(there, name)).equals(each), name).toBe(true);
    const ours = await unpackContent(content, 4_099);
    for (const [name, each] of Object.entries(contents))
      expect(ours.get(name)?.content.equals(each), name).toBe(true);
    expect((await pieces([join(folder, 'd')], true)).content.equals(content)).toBe(true);
  });
});

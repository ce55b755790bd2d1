import { brotliCompressSync, constants } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type RunKind, runHeader } from '../../../../src/endpoint/container/version-2/runs.js';
import { encodeTreeHeader, pathFault } from '../../../../src/endpoint/container/version-2/tree-headers.js';
import { TreeNames } from '../../../../src/endpoint/container/version-2/tree-names.js';
import { encodeBlock, paddingOctets } from '../../../../src/protocol/data-exchange/ustar.js';
import { ContentRefused } from '../../../../src/session/session.js';
import { unpackContent } from './memory-target.js';

const end = runHeader('end', 0);
const endBlocks = new Uint8Array(1_024);

function run(kind: RunKind, octets: Uint8Array): Buffer {
  return Buffer.concat([runHeader(kind, octets.length), octets]);
}

function stored(...archive: Uint8Array[]): Buffer {
  return Buffer.concat([run('stored', Buffer.concat(archive)), end]);
}

function file(name: string, content = 'content'): Buffer {
  const octets = Buffer.from(content);
  return Buffer.concat([
    encodeTreeHeader({ name, size: octets.length, mtime: 1 }),
    octets,
    new Uint8Array(paddingOctets(octets.length)),
  ]);
}

/** A header with some of its octets changed, and its sum right again. */
function altered(header: Uint8Array, at: number, octets: string | Uint8Array): Buffer {
  const block = Buffer.from(header);
  Buffer.from(octets).copy(block, at);
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, octet) => total + octet, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

async function refusal(content: Uint8Array): Promise<string> {
  const error = await unpackContent(content).then(
    () => 'accepted',
    (cause: unknown) => cause,
  );
  return error instanceof ContentRefused ? error.message : `not refused: ${String(error)}`;
}

/** 1, 2, 3 ... modulo 256, behind as many of them. */
function ramp(octets: number, behind = 0): Buffer {
  return Buffer.from(Array.from({ length: octets }, (_, at) => behind + at + 1));
}

const header = encodeTreeHeader({ name: 'a', size: 0, mtime: 1 });

describe('what a recipient does with content', () => {
  test('fault 53: paths that an honest sender never writes refuse the whole', async () => {
    const names = [
      '../x',
      '/etc/x',
      'x/../../y',
      'C:\\x',
      '\\\\srv\\x',
      '',
      '.',
      'a//b',
      'a/',
      'a\nb/c',
      './a',
    ];
    for (const name of names) {
      expect(() => encodeTreeHeader({ name, size: 0, mtime: 0 }), name).toThrow(RangeError);
      const forged = altered(header, 0, Buffer.concat([Buffer.from(name), Buffer.alloc(100 - name.length)]));
      expect(await refusal(stored(forged, endBlocks)), name).toMatch(/a path that/);
    }
    expect(await refusal(stored(altered(header, 0, Uint8Array.of(0xff, 0xfe)), endBlocks))).toMatch(
      'not valid UTF-8',
    );
    expect(pathFault(`${'x/'.repeat(2_048)}y`)).toMatch('longer than 4096');
    expect(pathFault(`${'x/'.repeat(2_047)}y`)).toBeUndefined();
  });

  test('fault 56: zeros behind the last run are padding, and no more than Padmé adds', async () => {
    const whole = stored(file('a', 'x'.repeat(2_000)), endBlocks);
    const zeros = (count: number) => Buffer.concat([whole, Buffer.alloc(count)]);
    await unpackContent(zeros(Math.floor(whole.length / 8)));
    expect(await refusal(zeros(whole.length / 8 + 65))).toMatch('more zeros');
  });

  test('fault 56: empty runs are few', async () => {
    const empty = runHeader('stored', 0);
    const whole = stored(file('a'), endBlocks);
    await unpackContent(Buffer.concat([Buffer.alloc(200_000 * 5, empty), whole]));
    expect(await refusal(Buffer.concat([Buffer.alloc(210_000 * 5, empty), whole]))).toMatch('empty runs');
  });

  test('fault 54: links, devices, folders, sparse and foreign PAX entries refuse the whole', async () => {
    for (const type of '123456gLKSVDM\0')
      expect(await refusal(stored(altered(header, 156, type), endBlocks)), type).toMatch(/an entry of type/);
    expect(await refusal(stored(altered(header, 157, 'target'), endBlocks))).toMatch('link target');
    expect(await refusal(stored(altered(header, 345, 'folder'), endBlocks))).toMatch('folder before it');
  });

  test('fault 54: a PAX header carries one path and nothing else', async () => {
    const pax = (record: string | Uint8Array) => {
      const octets = Buffer.from(record);
      const extension = encodeBlock('x', { name: 'path', size: octets.length, mtime: 0 });
      return stored(
        Buffer.concat([extension, octets, Buffer.alloc(paddingOctets(octets.length))]),
        header,
        endBlocks,
      );
    };
    const path = 'b'.repeat(150);
    expect([...(await unpackContent(pax(`160 path=${path}\n`))).keys()]).toEqual([path]);
    for (const record of [
      `161 path=${path}\n`,
      `163 xpath=${path}\n`,
      `160 path=${path} `,
      `160 path=${path}\n160 path=${path}\n`,
      '12 size=999\n',
      '\n',
      Buffer.concat([Buffer.from('9 path='), Buffer.from([0xff, 0x0a])]),
    ]) {
      expect(await refusal(pax(record)), String(record)).toMatch('something else than a path');
    }
    expect(await refusal(pax(`163 path=../${path}\n`))).toMatch('a path that');
    expect(await refusal(pax('x'.repeat(5_000)))).toMatch('5000 octets');
    const extension = (await pax(`160 path=${path}\n`)).subarray(5, 5 + 1_024);
    expect(await refusal(stored(extension, extension, header, endBlocks))).toMatch('type PAX header');
    expect(await refusal(stored(extension, endBlocks))).toMatch('without a file');
  });

  test('fault 55: sizes that are none, octets behind the archive, an archive without its end', async () => {
    expect(await refusal(stored(altered(header, 124, '-0000000001\0'), endBlocks))).toMatch('octal');
    expect(await refusal(stored(altered(header, 124, '9'.repeat(11)), endBlocks))).toMatch('octal');
    const wrongSum = Buffer.from(header);
    wrongSum[0] = 0x62;
    expect(await refusal(stored(wrongSum, endBlocks))).toMatch('checksum');
    expect(await refusal(stored(file('a')))).toMatch('ends early');
    expect(await refusal(stored(file('a'), endBlocks, Uint8Array.of(0)))).toMatch('end of the archive');
    expect(await refusal(stored(file('a').subarray(0, 600)))).toMatch('ends early');
  });

  test('fault 56: too many files, too many octets, too much for its size', async () => {
    const limits = { entries: 2, contentOctets: 20, ratio: 200 };
    const unpack = (content: Uint8Array) => unpackContent(content, content.length, limits);
    await expect(unpack(stored(file('a', ''), file('b', ''), endBlocks))).resolves.toBeDefined();
    await expect(unpack(stored(file('a', ''), file('b', ''), file('c', ''), endBlocks))).rejects.toThrow(
      '2 files',
    );
    const large = encodeTreeHeader({ name: 'a', size: 2 ** 32 + 1, mtime: 0 });
    expect(await refusal(stored(large))).toMatch('4294967296 octets in all');
    const live = encodeTreeHeader({ name: 'a', size: 0, mtime: 0 }, true);
    await expect(unpack(stored(live, Buffer.alloc(20)))).resolves.toBeDefined();
    await expect(unpack(stored(live, Buffer.alloc(21)))).rejects.toThrow('20 octets in all');
    const bomb = brotliCompressSync(
      Buffer.concat([encodeTreeHeader({ name: 'a', size: 40_000_000, mtime: 0 }), Buffer.alloc(40_000_000)]),
      { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } },
    );
    expect(await refusal(Buffer.concat([run('brotliEnd', bomb), end]))).toMatch('200 times');
  });

  test('fault 57: dates from 1970 to 2242 arrive, others are none', async () => {
    for (const mtime of [0, 2 ** 33 - 1]) {
      const content = stored(encodeTreeHeader({ name: 'a', size: 0, mtime }), endBlocks);
      expect((await unpackContent(content)).get('a')?.mtime).toBe(mtime);
    }
    for (const mtime of [-1, 2 ** 33, 1.5, Number.NaN])
      expect(() => encodeTreeHeader({ name: 'a', size: 0, mtime })).toThrow(RangeError);
  });

  test('fault 58: brotli streams that are cut, damaged, too long or too many; runs that are none', async () => {
    const archive = Buffer.concat([file('a'), endBlocks]);
    const brotli = brotliCompressSync(archive);
    const of = (...runs: Uint8Array[]) => Buffer.concat([...runs, end]);
    expect((await unpackContent(of(run('brotliEnd', brotli)))).size).toBe(1);
    expect((await unpackContent(of(run('brotli', brotli), run('brotliEnd', new Uint8Array(0))))).size).toBe(
      1,
    );
    expect(await refusal(of(run('brotli', brotli)))).toMatch('stream that ends early');
    for (let cut = 0; cut < brotli.length; cut += 1)
      expect(await refusal(of(run('brotliEnd', brotli.subarray(0, cut)))), `${cut}`).toMatch(
        'not a whole brotli',
      );
    for (const kind of ['brotli', 'brotliEnd'] as const)
      expect(await refusal(of(run(kind, Buffer.concat([brotli, Uint8Array.of(0)]))))).toMatch(
        'behind the end',
      );
    expect(await refusal(of(run('brotliEnd', brotli), run('brotliEnd', brotli)))).toMatch(
      'end of the archive',
    );
    expect(await refusal(of(run('brotliEnd', Buffer.alloc(50, 0xff))))).toMatch('not a whole brotli');
    const large = brotliCompressSync(archive, {
      params: { [constants.BROTLI_PARAM_LARGE_WINDOW]: 1, [constants.BROTLI_PARAM_LGWIN]: 30 },
    });
    expect(await refusal(of(run('brotliEnd', large)))).toMatch('not a whole brotli');
    expect(await refusal(Buffer.from([5, 0, 0, 0, 0]))).toMatch('run of kind 5');
    expect(await refusal(Buffer.from([0, 0, 0, 0, 1]))).toMatch('end of 1 octets');
    expect(await refusal(Buffer.concat([stored(archive), Buffer.from([0, 0, 1])]))).toMatch(
      'behind the last run',
    );
    await expect(unpackContent(Buffer.concat([stored(archive), Buffer.alloc(99)]))).resolves.toBeDefined();
    const whole = stored(archive);
    for (let cut = 0; cut < whole.length; cut += 97)
      expect(await refusal(whole.subarray(0, cut)), `${cut}`).toMatch('before its last run');
  });

  test('fault 58: distances that are none refuse the whole, in any split', async () => {
    const refused = async (content: Uint8Array, message: string) => {
      expect(await refusal(content)).toMatch(message);
      await expect(unpackContent(content, 1)).rejects.toThrow(message);
    };
    const archive = Buffer.concat([file('a'), endBlocks]);
    for (const length of [0, 2, 3, 2 ** 32 - 1])
      await refused(
        Buffer.concat([runHeader('distance', length), Buffer.alloc(3), stored(archive)]),
        `distance of ${length} octets`,
      );
    for (const distance of [17, 128, 255])
      await refused(
        Buffer.concat([run('distance', Uint8Array.of(distance)), stored(archive)]),
        `differences of distance ${distance}`,
      );
    await refused(runHeader('distance', 1), 'before its last run');
    const [many, more] = [200_000, 210_000].map((count) =>
      Buffer.concat([Buffer.alloc(count * 6, run('distance', Uint8Array.of(16))), stored(archive)]),
    );
    await unpackContent(many ?? archive);
    expect(await refusal(more ?? archive)).toMatch('empty runs');
  });

  test('DX-780 a distance holds for what comes out of brotli up to the next one, and begins with zeros', async () => {
    // 1, 1, 1 ... is 1, 2, 3 ...; stored octets are neither differences nor what others are differences to.
    const ones = Buffer.alloc(300, 1);
    const octets = Buffer.concat([
      Buffer.from('as it is'),
      ramp(300),
      Buffer.alloc(9, 200),
      ramp(300, 300),
      ramp(300),
    ]);
    const head = encodeTreeHeader({ name: 'a', size: octets.length, mtime: 1 });
    const [zero, one] = [0, 1].map((distance) => run('distance', Uint8Array.of(distance))) as [
      Buffer,
      Buffer,
    ];
    const brotli = run('brotliEnd', brotliCompressSync(ones));
    const whole = Buffer.concat([
      run('stored', head),
      run('stored', Buffer.from('as it is')),
      ...[one, brotli, run('stored', Buffer.alloc(9, 200)), brotli, one, brotli, zero],
      run('brotliEnd', brotliCompressSync(Buffer.alloc(paddingOctets(octets.length) + endBlocks.length))),
      end,
    ]);
    for (const step of [whole.length, 1, 7])
      expect((await unpackContent(whole, step)).get('a')?.content.equals(octets), `${step}`).toBe(true);
  });

  test('AL-8 a file of unknown length is the rest of the archive, and says no length', async () => {
    const live = encodeTreeHeader({ name: 'live', size: 0, mtime: 5 }, true);
    const files = await unpackContent(stored(file('a'), live, Buffer.alloc(700, 'x')));
    expect(files.get('live')).toEqual({ mtime: 5, content: Buffer.alloc(700, 'x') });
    expect(await refusal(stored(altered(live, 124, '00000000001\0')))).toMatch('that has a length');
  });
});

describe('names in the inbox', () => {
  test('fault 53: each part of a path is made safe, twins get a number, a folder stays one', () => {
    const names = new TreeNames(['.cordboard.json']);
    expect(
      [
        'con/nul.txt',
        'con/NUL.txt',
        'CON/x',
        'a',
        'a/b',
        'A/b',
        'a/c',
        '.cordboard.json',
        '.CORDBOARD.json/x',
        'd:e/f. ',
      ].map((path) => names.take(path)),
    ).toEqual([
      '_con/_nul.txt',
      '_con/_NUL (2).txt',
      '_CON (2)/x',
      'a',
      'a (2)/b',
      'A (3)/b',
      'a (2)/c',
      '.cordboard (2).json',
      '.CORDBOARD (3).json/x',
      'd_e/f',
    ]);
    expect(names.takeFolders()).toEqual(['_con', '_CON (2)', 'a (2)', 'A (3)', '.CORDBOARD (3).json', 'd_e']);
    expect(names.takeFolders()).toEqual([]);
  });

  test('fault 53: a path that no disk takes lies in the last folder that fits, and twins there are numbered', () => {
    const names = new TreeNames([]);
    const deep = 'long folder name/'.repeat(100);
    const [one, two] = [names.take(`${deep}x/file`), names.take(`${deep}y/file`)];
    expect(one.length).toBeLessThan(1_100);
    expect(two).toBe(`${one} (2)`);
  });
});

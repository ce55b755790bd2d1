import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { deflateRawSync, deflateSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemRandom } from '../../src/crypto/random.js';
import { type ContainerLimits, containerLimits } from '../../src/endpoint/container/limits.js';
import { readInbox } from '../../src/endpoint/inbox.js';
import { openQuarantine } from '../../src/endpoint/quarantine.js';
import { encodeHeader, paddingOctets } from '../../src/protocol/data-exchange/ustar.js';
import { ContentRefused } from '../../src/session/session.js';
import { SimulatedClock } from '../../src/time/simulated-clock.js';
import { account, temporaryFolder } from './support.js';

const endBlocks = new Uint8Array(1024);
const sender = { account: account('2'), name: 'Bob & Sons' };

function member(name: string, content: string | Uint8Array = '', mtime = 1_000_000_000): Buffer {
  const octets = Buffer.from(content);
  const header = encodeHeader({ name, size: octets.length, mtime });
  return Buffer.concat([header, octets, new Uint8Array(paddingOctets(octets.length))]);
}

/** A header as a forger writes it: the name field holds whatever it likes. */
function forgedMember(rawName: string): Buffer {
  const header = encodeHeader({ name: 'x', size: 0, mtime: 0 });
  header.set(Buffer.from(rawName.padEnd(100, '\0')).subarray(0, 100), 0);
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, octet) => total + octet, 0);
  header.set(Buffer.from(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
  return Buffer.from(header);
}

function archive(...members: Uint8Array[]): Buffer {
  return deflateSync(Buffer.concat([...members, endBlocks]));
}

interface Place {
  quarantine: string;
  inbox: string;
}

function newPlace(): Place {
  const home = temporaryFolder();
  return { quarantine: join(home, 'quarantine'), inbox: join(home, 'inbox') };
}

function open(place: Place, limits: Partial<ContainerLimits> = {}) {
  const clock = new SimulatedClock(Date.UTC(2026, 10, 21, 12));
  return openQuarantine({ ...place, sender, clock, random: systemRandom }, { ...containerLimits, ...limits });
}

async function receive(container: Uint8Array, place = newPlace(), pieceOctets = 700) {
  const quarantine = await open(place);
  for (let at = 0; at < container.length; at += pieceOctets) {
    await quarantine.write(container.subarray(at, at + pieceOctets));
  }
  return {
    files: await quarantine.release(),
    folder: join(place.inbox, quarantine.inboxFolder ?? ''),
    place,
  };
}

/** Nothing is delivered, nothing stays behind, and the reason is a `ContentRefused`. */
async function expectRefused(pieces: Iterable<Uint8Array>, reason: string | RegExp, limits = {}) {
  const place = newPlace();
  const quarantine = await open(place, limits);
  let refusal: unknown;
  try {
    for (const piece of pieces) await quarantine.write(piece);
    await quarantine.release();
  } catch (error) {
    refusal = error;
  }
  await quarantine.discard();
  expect(refusal).toBeInstanceOf(ContentRefused);
  expect((refusal as Error).message).toMatch(reason);
  expect(readdirSync(place.inbox)).toEqual([]);
  expect(readdirSync(place.quarantine)).toEqual([]);
}

describe('release', () => {
  test('DX-780 DX-775 files come out with content, hash and date, all at once, in a folder of their session', async () => {
    const letter = 'Dear Alice,\n'.repeat(400);
    const { files, folder, place } = await receive(
      archive(member('letter.txt', letter), member('empty', '', 0)),
    );
    expect(folder.endsWith('2026-11-21-Bob-Sons-1')).toBe(true);
    expect(files).toEqual([
      {
        name: 'letter.txt',
        size: letter.length,
        sha256: createHash('sha256').update(letter).digest('hex'),
        mtime: new Date(1_000_000_000_000),
      },
      { name: 'empty', size: 0, sha256: createHash('sha256').digest('hex'), mtime: new Date(0) },
    ]);
    expect(readFileSync(join(folder, 'letter.txt'), 'utf8')).toBe(letter);
    expect(statSync(join(folder, 'letter.txt')).mtime).toEqual(new Date(1_000_000_000_000));
    expect(statSync(join(folder, 'letter.txt')).mode & 0o777).toBe(0o600);
    expect(readdirSync(place.quarantine)).toEqual([]);
    expect(await readInbox(place.inbox)).toMatchObject([
      { folder: '2026-11-21-Bob-Sons-1', ...sender, receivedAt: new Date('2026-11-21T12:00:00Z'), files },
    ]);
  });

  const vectors = resolve(import.meta.dirname, '../../../shared/vectors/self/v1-kat.json');
  test.skipIf(!existsSync(vectors))(
    'DX-780 the published containers unpack to their files (skipped without the vectors beside the checkout)',
    async () => {
      for (const { F, files } of JSON.parse(readFileSync(vectors, 'utf8')).dataExchange) {
        const received = await receive(Buffer.from(F, 'hex'));
        const rows = received.files.map(({ mtime, ...file }) => ({ ...file, mtime: mtime.getTime() / 1000 }));
        expect(rows).toEqual(files.map(({ data: _, ...file }: { data: string }) => file));
      }
    },
  );

  test('DX-785 nothing is in the inbox before the release, and nothing after a discard', async () => {
    const place = newPlace();
    const quarantine = await open(place);
    await quarantine.write(archive(member('a', 'secret')));
    expect(readdirSync(place.inbox)).toEqual([]);
    await quarantine.discard();
    expect(readdirSync(place.inbox)).toEqual([]);
    expect(readdirSync(place.quarantine)).toEqual([]);
  });

  test('DX-780 a release happens once', async () => {
    const quarantine = await open(newPlace());
    await quarantine.write(archive(member('a')));
    await quarantine.release();
    await expect(quarantine.release()).rejects.toThrow('once');
  });

  test('DX-780 the container may come an octet at a time', async () => {
    const { files } = await receive(archive(member('a', 'x'.repeat(600)), member('b', 'y')), newPlace(), 1);
    expect(files.map(({ name, size }) => [name, size])).toEqual([
      ['a', 600],
      ['b', 1],
    ]);
  });

  test('fault 58: stored blocks only, and any other valid encoding, are accepted', async () => {
    const plain = Buffer.concat([member('a', 'x'.repeat(5000)), endBlocks]);
    for (const level of [0, 1, 9])
      expect((await receive(deflateSync(plain, { level }))).files).toHaveLength(1);
  });

  test('fault 56: files of 0, 1, 4095, 4096 and 4097 octets', async () => {
    const sizes = [0, 1, 4095, 4096, 4097];
    const { files, folder } = await receive(
      archive(...sizes.map((size) => member(`f${size}`, 'x'.repeat(size)))),
    );
    expect(files.map((file) => file.size)).toEqual(sizes);
    expect(sizes.map((size) => statSync(join(folder, `f${size}`)).size)).toEqual(sizes);
  });

  test('fault 57: dates 0 and 2^33 - 1 are kept', async () => {
    const { files } = await receive(archive(member('a', '', 0), member('b', '', 2 ** 33 - 1)));
    expect(files.map((file) => file.mtime.getTime() / 1000)).toEqual([0, 2 ** 33 - 1]);
  });
});

describe('names', () => {
  test('fault 53: awkward names are made safe', async () => {
    const wanted = {
      con: '_con',
      'nul.txt': '_nul.txt',
      'COM1 .log': '_COM1 .log',
      'a:b': 'a_b',
      'what?.txt': 'what_.txt',
      'trailing. . ': 'trailing',
      '...': '_',
      ' ': '_ (2)',
      'gpj.\u202etxe': 'gpj._txe',
      '.cordboard.json': '.cordboard (2).json',
      '-rf': '-rf',
      'Grüße 日本.txt': 'Grüße 日本.txt',
    };
    const { files, folder } = await receive(archive(...Object.keys(wanted).map((name) => member(name))));
    expect(files.map((file) => file.name)).toEqual(Object.values(wanted));
    expect(readdirSync(folder).sort()).toEqual([...Object.values(wanted), '.cordboard.json'].sort());
  });

  test('fault 53 fault 55: twins by case, composition or name are numbered; no content is lost', async () => {
    const { files, folder } = await receive(
      archive(
        member('Readme.txt', '1'),
        member('README.TXT', '2'),
        member('readme.txt', '3'),
        member('u\u0308', '4'),
        member('\u00fc', '5'),
        member('Readme.txt', '6'),
      ),
    );
    expect(files.map((file) => file.name)).toEqual([
      'Readme.txt',
      'README (2).TXT',
      'readme (3).txt',
      '\u00fc',
      '\u00fc (2)',
      'Readme (4).txt',
    ]);
    expect(files.map((file) => readFileSync(join(folder, file.name), 'utf8')).join('')).toBe('123456');
  });

  test('fault 53: a hostile name refuses the whole session', async () => {
    for (const name of [
      '../x',
      '/etc/x',
      'C:\\x',
      '\\\\srv\\x',
      'x/../../y',
      '.',
      '..',
      '',
      'a\rb',
      'a\nb',
      'a\0b',
    ]) {
      await expectRefused([archive(member('good'), forgedMember(name))], /entry 2 .* name that/);
    }
  });

  test('fault 53: a name that composition lengthens beyond 255 octets is cut before its extension', async () => {
    // U+1D160 is excluded from composition: NFC makes three characters of it, 12 octets of 4.
    const { files } = await receive(archive(member(`${'\u{1d160}'.repeat(24)}.txt`)));
    const octets = Buffer.byteLength(files[0]?.name ?? '');
    expect(octets).toBeGreaterThan(200);
    expect(octets).toBeLessThanOrEqual(240);
    expect(files[0]?.name.endsWith('.txt')).toBe(true);
  });
});

describe('broken or hostile containers', () => {
  const good = Buffer.concat([member('good', 'content'), endBlocks]);

  test('fault 54: a link, a device or a folder refuses the whole session', async () => {
    const link = member('good', 'content');
    link[156] = '2'.charCodeAt(0);
    const octal = link
      .subarray(0, 512)
      .reduce((sum, octet, at) => sum + (at >= 148 && at < 156 ? 32 : octet), 0)
      .toString(8)
      .padStart(6, '0');
    link.write(`${octal}\0 `, 148);
    await expectRefused([deflateSync(Buffer.concat([link, endBlocks]))], 'symbolic link');
  });

  test('fault 55: wrong checksum, size beyond the data, missing end blocks, octets after them', async () => {
    const broken = Buffer.from(good);
    broken[0] = 0x7a;
    await expectRefused([deflateSync(broken)], 'wrong checksum');
    await expectRefused([deflateSync(good.subarray(0, 515))], 'ends early');
    await expectRefused([deflateSync(good.subarray(0, 1024))], 'ends early');
    await expectRefused([deflateSync(good.subarray(0, 1536))], 'ends early');
    await expectRefused([deflateSync(Buffer.concat([good.subarray(0, 1536), member('x')]))], 'one end block');
    await expectRefused(
      [deflateSync(Buffer.concat([good, Buffer.alloc(1)]))],
      'after the end of the archive',
    );
    await expectRefused([deflateSync(Buffer.alloc(0))], 'ends early');
    await expectRefused([], 'zlib');
  });

  test('fault 58: dictionary, bad Adler-32, trailing octets, truncation, no zlib at all', async () => {
    const whole = deflateSync(good);
    await expectRefused([deflateSync(good, { dictionary: Buffer.from('content') })], 'zlib');
    const badSum = Buffer.from(whole);
    badSum.writeUInt8(badSum.readUInt8(whole.length - 1) ^ 1, whole.length - 1);
    await expectRefused([badSum], 'zlib');
    await expectRefused([Buffer.concat([whole, Buffer.from('x')])], 'after the end of the compressed stream');
    await expectRefused([whole, Buffer.from('x')], 'after the end of the compressed stream');
    await expectRefused([whole.subarray(0, -1)], 'zlib');
    await expectRefused([whole.subarray(0, whole.length / 2)], 'zlib');
    await expectRefused([deflateRawSync(good)], 'zlib');
    await expectRefused([good], 'zlib');
  });

  test('fault 58: a container cut at any octet delivers nothing', async () => {
    const whole = deflateSync(good);
    for (let end = 0; end < whole.length; end += 1)
      await expectRefused([whole.subarray(0, end)], /zlib|ends early/);
  });

  test('fault 56: a bomb of 1:1000 is refused, a long one long before its end', async () => {
    await expectRefused([archive(member('blank', Buffer.alloc(1_000_000)))], '200 times');
    let taken = 0;
    function* longBomb() {
      const header = encodeHeader({ name: 'blank', size: 2 ** 31, mtime: 0 });
      const [start, more] = endlessZeros(header);
      yield start;
      for (; taken < 2 ** 31; taken += 2 ** 20) yield more;
    }
    await expectRefused(longBomb(), '200 times');
    expect(taken).toBeLessThan(64 * 2 ** 20);
  });

  test('fault 56: a bomb in a bomb is one file to us, and nested ones are never opened', async () => {
    const inner = deflateSync(Buffer.alloc(1_000_000));
    expect((await receive(archive(member('inner.z', inner)))).files).toMatchObject([{ size: inner.length }]);
  });

  test('fault 56: too many files and too much content are refused at the header', async () => {
    const many = ['a', 'b', 'c'].map((name) => member(name, name.repeat(500)));
    await expectRefused([archive(...many)], 'more than 2 files', { entries: 2 });
    await expectRefused([archive(...many)], 'more than 1499 octets', { contentOctets: 1499 });
    const huge = encodeHeader({ name: 'huge', size: 2 ** 32 + 1, mtime: 0 });
    await expectRefused([deflateSync(huge)], `more than ${2 ** 32} octets`);
  });

  test('DX-780 the limits are those of the protocol text', () => {
    expect(containerLimits).toEqual({ entries: 65_535, contentOctets: 4 * 2 ** 30, ratio: 200 });
  });
});

/** A stream that begins with `head` and zeros, and a part that may follow any number of times. */
function endlessZeros(head: Uint8Array): [Buffer, Buffer] {
  const finish = { finishFlush: 2 /* Z_SYNC_FLUSH */ };
  const start = deflateSync(Buffer.concat([head, Buffer.alloc(1024)]), finish);
  const more = deflateRawSync(Buffer.alloc(2 ** 20), finish);
  return [start, more];
}

describe('inbox', () => {
  test('fault 60: sessions never share a folder, whatever stands there: folder, file or link', async () => {
    const place = newPlace();
    const elsewhere = temporaryFolder();
    mkdirSync(place.inbox, { recursive: true });
    mkdirSync(join(place.inbox, '2026-11-21-Bob-Sons-1'));
    writeFileSync(join(place.inbox, '2026-11-21-Bob-Sons-2'), 'mine');
    symlinkSync(elsewhere, join(place.inbox, '2026-11-21-Bob-Sons-3'));
    symlinkSync('nowhere', join(place.inbox, '2026-11-21-Bob-Sons-4'));
    const { folder } = await receive(archive(member('a')), place);
    expect(folder.endsWith('Bob-Sons-5')).toBe(true);
    expect(readdirSync(elsewhere)).toEqual([]);
    expect(readdirSync(join(place.inbox, '2026-11-21-Bob-Sons-1'))).toEqual([]);
    expect(readFileSync(join(place.inbox, '2026-11-21-Bob-Sons-2'), 'utf8')).toBe('mine');
  });

  test('fault 60: an inbox that cannot be used is told before anything is received', async () => {
    const place = newPlace();
    writeFileSync(place.inbox, 'a file');
    await expect(open(place)).rejects.toMatchObject({ outcome: 'store-unavailable' });
  });

  test('fault 60: an inbox that vanishes during the call is a failure of this side, and no trace stays', async () => {
    const place = newPlace();
    const quarantine = await open(place);
    await quarantine.write(archive(member('a')));
    rmSync(place.inbox, { recursive: true });
    writeFileSync(place.inbox, 'a file');
    await expect(quarantine.release()).rejects.toMatchObject({ outcome: 'store-unavailable' });
    await quarantine.discard();
    expect(readdirSync(place.quarantine)).toEqual([]);
  });

  const otherDisk = '/dev/shm';
  const hasOtherDisk = existsSync(otherDisk) && statSync(otherDisk).dev !== statSync(tmpdir()).dev;
  test.skipIf(!hasOtherDisk)(
    'fault 60: an inbox on another disk (skipped where /dev/shm is none)',
    async () => {
      const inbox = mkdtempSync(join(otherDisk, 'cordboard-'));
      onTestFinished(() => rmSync(inbox, { recursive: true }));
      const { files, folder } = await receive(archive(member('a', 'content')), { ...newPlace(), inbox });
      expect(files).toHaveLength(1);
      expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('content');
      expect(readdirSync(join(inbox, '.cordboard-quarantine'))).toEqual([]);
      expect(await readInbox(inbox)).toHaveLength(1);
    },
  );

  test('what people keep in the inbox besides is left alone', async () => {
    const { place } = await receive(archive(member('a')));
    mkdirSync(join(place.inbox, 'my own folder'));
    writeFileSync(join(place.inbox, 'my own file'), '');
    mkdirSync(join(place.inbox, 'odd'));
    writeFileSync(join(place.inbox, 'odd', '.cordboard.json'), '{"v":1');
    expect(await readInbox(place.inbox)).toHaveLength(1);
  });
});

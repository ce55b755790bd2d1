import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemRandom } from '../../src/crypto/random.js';
import { isSignedBy } from '../../src/protocol/identity/key-list.js';
import {
  identityPaths,
  openIdentity,
  rotateIdentity,
  ServerKeysUnusable,
} from '../../src/server/identity-files.js';
import { SecretFileFailed, writeNewSecretFile } from '../../src/server/secret-file.js';

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'cordboard-identity-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

const open = () => openIdentity(dataDir, systemRandom);
const rotate = (rootKey = identityPaths(dataDir).rootKey) => rotateIdentity(dataDir, rootKey, systemRandom);
const hex = (octets: Uint8Array) => Buffer.from(octets).toString('hex');

describe("the server's keys", () => {
  test('CM-A4 CM-A10 are made once, for their owner alone, and found again', async () => {
    const first = await open();
    expect(first.keys.map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect(isSignedBy(first.rootKey, first.keyList)).toBe(true);
    expect(first.keys.map(({ key }) => hex(key.publicKey))).toEqual([
      hex(first.keyList.present),
      hex(first.keyList.next),
    ]);
    const again = await open();
    expect(hex(again.rootKey)).toBe(hex(first.rootKey));
    expect(again.keyList).toEqual(first.keyList);
    const files = Object.values(identityPaths(dataDir));
    for (const file of files) expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await readdir(dataDir)).length).toBe(files.length);
  });

  test('fault 73: two processes that begin at once have the same keys', async () => {
    const opened = await Promise.all([open(), open(), open()]);
    expect(new Set(opened.map(({ rootKey }) => hex(rootKey))).size).toBe(1);
    expect(new Set(opened.map(({ keyList }) => hex(keyList.present))).size).toBe(1);
  });

  test('fault 69: a crash between the two files: the root key that is there signs', async () => {
    const first = await open();
    await rm(identityPaths(dataDir).serverKeys);
    expect(hex((await open()).rootKey)).toBe(hex(first.rootKey));
  });

  test('CM-A4 rotation: the next key is the present one, and two older ones are still answered', async () => {
    const first = await open();
    const second = await rotate();
    expect(second.keyList.sequence).toBe(2);
    expect(hex(second.keyList.present)).toBe(hex(first.keyList.next));
    expect(hex(second.rootKey)).toBe(hex(first.rootKey));
    expect(isSignedBy(first.rootKey, second.keyList)).toBe(true);
    expect(second.keys.map(({ sequence }) => sequence)).toEqual([2, 3, 1]);
    await rotate();
    const fourth = await rotate();
    expect(fourth.keys.map(({ sequence }) => sequence)).toEqual([4, 5, 3, 2]);
    expect((await open()).keyList).toEqual(fourth.keyList);
  });

  test('CM-A4 the server runs without its root key, which is only wanted for rotation', async () => {
    const { rootKey } = identityPaths(dataDir);
    const first = await open();
    const away = join(dataDir, 'elsewhere.toml');
    await rename(rootKey, away);
    expect((await open()).keyList).toEqual(first.keyList);
    await expect(rotate()).rejects.toThrow(/no root key at .*--root-key/);
    expect((await rotate(away)).keyList.sequence).toBe(2);
  });

  test("another server's root key changes nothing", async () => {
    const { serverKeys, rootKey } = identityPaths(dataDir);
    await open();
    const before = await readFile(serverKeys, 'utf8');
    await rm(rootKey);
    const other = await mkdtemp(join(tmpdir(), 'cordboard-identity-'));
    await openIdentity(other, systemRandom);
    await expect(rotate(identityPaths(other).rootKey)).rejects.toThrow(/another server's root key/);
    expect(await readFile(serverKeys, 'utf8')).toBe(before);
    await rm(other, { recursive: true });
  });

  test.each([
    ['cut short', (text: string) => text.slice(0, -40)],
    ['empty', () => ''],
    ['with a key from elsewhere', (text: string) => text.replace(/(secret = ")..../, '$1AAAA')],
    ['with another root key', (text: string) => text.replace(/(root_key = ")..../, '$1AAAA')],
  ])('fault 84: a key file %s is refused, and no new keys take its place', async (_, damage) => {
    const { serverKeys } = identityPaths(dataDir);
    await open();
    const damaged = damage(await readFile(serverKeys, 'utf8'));
    await writeFile(serverKeys, damaged);
    await expect(open()).rejects.toBeInstanceOf(ServerKeysUnusable);
    await expect(open()).rejects.toThrow(/is damaged: .* from a backup/);
    expect(await readFile(serverKeys, 'utf8')).toBe(damaged);
  });

  test('fault 81: a folder that cannot be written is said to be so', async () => {
    const file = join(dataDir, 'file');
    await writeFile(file, '');
    await expect(openIdentity(join(file, 'below'), systemRandom)).rejects.toBeInstanceOf(SecretFileFailed);
  });
});

describe('a new secret file', () => {
  test('fault 55: is never written over one that is there, and leaves nothing beside it', async () => {
    const path = join(dataDir, 'subscription.toml');
    expect(await writeNewSecretFile(path, 'first')).toBe(true);
    expect(await writeNewSecretFile(path, 'second')).toBe(false);
    expect(await readFile(path, 'utf8')).toBe('first');
    expect(await readdir(dataDir)).toEqual(['subscription.toml']);
  });
});

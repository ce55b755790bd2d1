import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemRandom } from '../../src/crypto/random.js';
import { createKeyRing, type KeyRing, type KeyRingPlace, openKeyRing } from '../../src/endpoint/key-ring.js';
import { openEntry, sealEntry } from '../../src/endpoint/key-ring-file.js';
import { realClock } from '../../src/time/real-clock.js';
import { SimulatedClock } from '../../src/time/simulated-clock.js';
import { account, lowCost, temporaryFolder } from './support.js';

const bob = account('2');
const carol = account('3');
const key = (octet: number) => new Uint8Array(20).fill(octet);
const right = async () => 'right passphrase';

function newPlace(own = '1'): KeyRingPlace {
  const folder = temporaryFolder();
  return {
    path: join(folder, 'keyring'),
    lockPath: join(folder, 'lock'),
    own: account(own),
    clock: new SimulatedClock(),
    random: systemRandom,
  };
}

async function ringOfTwo(place: KeyRingPlace): Promise<KeyRing> {
  const ring = await createKeyRing(place, right, lowCost);
  await ring.save(bob, key(0xb0));
  await ring.save(carol, key(0xca));
  return ring;
}

/** The file's document after `change`, written back. */
function alter(place: KeyRingPlace, change: (document: ReturnType<typeof JSON.parse>) => void): void {
  const document = JSON.parse(readFileSync(place.path, 'utf8'));
  change(document);
  writeFileSync(place.path, JSON.stringify(document));
}

describe('key ring', () => {
  test('KX-495 KX-500 a saved key is there for the next process, and the newest of a pair counts', async () => {
    const place = newPlace();
    const ring = await ringOfTwo(place);
    await ring.save(bob, key(0xb1));
    const later = await openKeyRing(place, right);
    expect(later.keyOf(bob)?.key).toEqual(key(0xb1));
    expect(later.keyOf(carol)?.key).toEqual(key(0xca));
    expect(later.keyOf(account('4'))).toBeUndefined();
    await later.remove(bob);
    expect((await openKeyRing(place, right)).keyOf(bob)).toBeUndefined();
  });

  test('KX-495 the file tells no key and is its owner’s alone', async () => {
    const place = newPlace();
    await ringOfTwo(place);
    const text = readFileSync(place.path, 'utf8');
    expect(text).not.toContain('b0b0b0b0');
    expect(text).not.toContain(Buffer.from(key(0xb0)).toString('base64').slice(0, 8));
    expect(statSync(place.path).mode & 0o777).toBe(0o600);
  });

  test('KX-500 processes that save at the same time lose no key', async () => {
    const place = { ...newPlace(), clock: realClock };
    await createKeyRing(place, right, lowCost);
    const rings = await Promise.all(['2', '3', '4', '5'].map(() => openKeyRing(place, right)));
    await Promise.all(rings.map((ring, index) => ring.save(account(`${index + 2}`), key(index))));
    const later = await openKeyRing(place, right);
    expect(rings.map((_, index) => later.keyOf(account(`${index + 2}`))?.key[0])).toEqual([0, 1, 2, 3]);
  });

  test('a wrong passphrase is told as such and changes nothing; composed or decomposed is the same', async () => {
    const place = newPlace();
    await createKeyRing(place, async () => 'gr\u00fcn', lowCost);
    const before = readFileSync(place.path);
    await expect(openKeyRing(place, right)).rejects.toMatchObject({ outcome: 'wrong-passphrase' });
    expect(readFileSync(place.path).equals(before)).toBe(true);
    await expect(openKeyRing(place, async () => 'gru\u0308n')).resolves.toBeDefined();
    await expect(createKeyRing(place, async () => '', lowCost)).rejects.toMatchObject({ outcome: 'usage' });
  });

  test('fault 50: entries swapped between peers, moved to another pair or taken away are found', async () => {
    const changes: ((document: ReturnType<typeof JSON.parse>) => void)[] = [
      ({ entries: [a, b] }) =>
        ([a.sealedKey, b.sealedKey, a.nonce, b.nonce] = [b.sealedKey, a.sealedKey, b.nonce, a.nonce]),
      ({ entries: [a, b] }) => ([a.peer, b.peer] = [b.peer, a.peer]),
      ({ entries }) => (entries[0].own = account('9')),
      ({ entries }) => (entries[0].pairedAt += 1),
      ({ entries }) => entries.pop(),
      ({ entries }) => entries.push(entries[0]),
      (document) => (document.seal.tag = document.check.tag),
    ];
    for (const change of changes) {
      const place = newPlace();
      await ringOfTwo(place);
      alter(place, change);
      await expect(openKeyRing(place, right), String(change)).rejects.toMatchObject({ outcome: 'damaged' });
    }
  });

  test('fault 50: a sealed key opens for its own pair and date alone, whatever the rest of the file says', () => {
    const master = systemRandom(32);
    const entry = sealEntry(master, { own: account('1'), peer: bob, pairedAt: 5 }, key(7), systemRandom);
    expect(openEntry(master, entry)).toEqual(key(7));
    expect(openEntry(master, { ...entry, peer: carol })).toBeUndefined();
    expect(openEntry(master, { ...entry, own: carol })).toBeUndefined();
    expect(openEntry(master, { ...entry, pairedAt: 6 })).toBeUndefined();
    expect(openEntry(systemRandom(32), entry)).toBeUndefined();
  });

  test('fault 50: a file truncated at any octet, or with any octet changed, is refused and never crashes', async () => {
    const place = newPlace();
    await ringOfTwo(place);
    const whole = readFileSync(place.path);
    const refused = { outcome: expect.stringMatching(/^(damaged|wrong-passphrase)$/) };
    for (let end = 0; end < whole.length - 2; end += 7) {
      writeFileSync(place.path, whole.subarray(0, end));
      await expect(openKeyRing(place, right), `cut at ${end}`).rejects.toMatchObject(refused);
    }
    const text = whole.toString();
    for (const [digit] of text.matchAll(/"[0-9a-f]{24,}"/g)) {
      const changed = digit.slice(0, 3) + (digit[3] === '0' ? '1' : '0') + digit.slice(4);
      writeFileSync(place.path, text.replace(digit, changed));
      await expect(openKeyRing(place, right), digit).rejects.toMatchObject(refused);
    }
  });

  test('fault 90: a file cannot ask for gigabytes or minutes', async () => {
    for (const cost of [{ log2N: 21 }, { r: 9 }, { p: 5 }, { log2N: -1 }, { log2N: 1.5 }]) {
      const place = newPlace();
      await ringOfTwo(place);
      alter(place, (document) => Object.assign(document.cost, cost));
      await expect(openKeyRing(place, right)).rejects.toMatchObject({ outcome: 'damaged' });
    }
  });

  test('fault 50: another endpoint’s key ring holds no key of this one', async () => {
    const mine = newPlace('1');
    const theirs = newPlace('8');
    await ringOfTwo(theirs);
    copyFileSync(theirs.path, mine.path);
    expect((await openKeyRing(mine, right)).keyOf(bob)).toBeUndefined();
  });

  test('a key ring that is replaced while it is open is not written over', async () => {
    const place = newPlace();
    const ring = await ringOfTwo(place);
    await createKeyRing(place, right, lowCost);
    await expect(ring.save(bob, key(9))).rejects.toMatchObject({ outcome: 'damaged' });
    await expect(openKeyRing(place, right)).resolves.toBeDefined();
  });
});

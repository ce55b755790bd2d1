import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { systemRandom } from '../../src/crypto/random.js';
import { createKeyRing, type KeyRing, type KeyRingPlace, openKeyRing } from '../../src/endpoint/key-ring.js';
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

function sealedOf(place: KeyRingPlace): [string, string] {
  const { nonce, sealed } = JSON.parse(readFileSync(place.path, 'utf8'));
  return [nonce, sealed];
}

/** As a version 1 program wrote it: the ring of two, under the same passphrase. */
const form1 = fileURLToPath(new URL('../../fixtures/key-ring-1.json', import.meta.url));

function placeOfForm1(): KeyRingPlace {
  const place = newPlace();
  copyFileSync(form1, place.path);
  return place;
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

  test('fault 50: what stands beside the sealed content is bound to it, and content of another ring is none', async () => {
    const other = newPlace();
    await ringOfTwo(other);
    const changes: ((document: ReturnType<typeof JSON.parse>) => void)[] = [
      (document) => (document.own = account('9')),
      (document) => (document.rootKey = '00'.repeat(32)),
      (document) => ([document.nonce, document.sealed] = sealedOf(other)),
      (document) => (document.sealed = Buffer.alloc(16).toString('base64')),
      (document) => (document.extra = 1),
    ];
    for (const change of changes) {
      const place = newPlace();
      await ringOfTwo(place);
      alter(place, change);
      await expect(openKeyRing(place, right), String(change)).rejects.toMatchObject({ outcome: 'damaged' });
    }
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
    for (const [octets] of text.matchAll(/"[0-9A-Za-z+/]{24,}=*"/g)) {
      for (let at = 3; at < octets.length - 5; at += 29) {
        const changed = octets.slice(0, at) + (octets[at] === '0' ? '1' : '0') + octets.slice(at + 1);
        writeFileSync(place.path, text.replace(octets, changed));
        await expect(openKeyRing(place, right), octets).rejects.toMatchObject(refused);
      }
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

  test('fault 50: another endpoint’s key ring is none of this one', async () => {
    const mine = newPlace('1');
    const theirs = newPlace('8');
    await ringOfTwo(theirs);
    copyFileSync(theirs.path, mine.path);
    await expect(openKeyRing(mine, right)).rejects.toThrow('belongs to account 000000000008');
  });

  test('a key ring that is replaced while it is open is not written over', async () => {
    const place = newPlace();
    const ring = await ringOfTwo(place);
    await createKeyRing(place, right, lowCost);
    await expect(ring.save(bob, key(9))).rejects.toMatchObject({ outcome: 'damaged' });
    await expect(openKeyRing(place, right)).resolves.toBeDefined();
  });
});

describe('a key ring of the first form', () => {
  test('KX-495 no key is lost, and what peers will know this endpoint by stays the same from then on', async () => {
    const place = placeOfForm1();
    const ring = await openKeyRing(place, right);
    expect([ring.keyOf(bob), ring.keyOf(carol)]).toMatchObject([
      { key: key(0xb0), pairedAt: 1767225600000 },
      { key: key(0xca), pairedAt: 1767225600000 },
    ]);
    const later = await openKeyRing(place, right);
    expect(later.keyOf(carol)?.key).toEqual(key(0xca));
    expect(later.identity.ed25519.publicKey).toEqual(ring.identity.ed25519.publicKey);
    expect(later.identity.x25519.publicKey).toEqual(ring.identity.x25519.publicKey);
  });

  test('fault 73: processes that open it at the same time make one identity', async () => {
    const place = { ...placeOfForm1(), clock: realClock };
    const rings = await Promise.all([1, 2, 3].map(() => openKeyRing(place, right)));
    const identities = rings.map(({ identity }) => Buffer.from(identity.x25519.publicKey).toString('hex'));
    expect(new Set(identities).size).toBe(1);
    expect(rings.map((ring) => ring.keyOf(bob)?.key[0])).toEqual([0xb0, 0xb0, 0xb0]);
  });

  test('a wrong passphrase leaves it as it was', async () => {
    const place = placeOfForm1();
    await expect(openKeyRing(place, async () => 'wrong')).rejects.toMatchObject({
      outcome: 'wrong-passphrase',
    });
    expect(readFileSync(place.path).equals(readFileSync(form1))).toBe(true);
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
      const place = placeOfForm1();
      alter(place, change);
      const before = readFileSync(place.path);
      await expect(openKeyRing(place, right), String(change)).rejects.toMatchObject({ outcome: 'damaged' });
      expect(readFileSync(place.path).equals(before)).toBe(true);
    }
  });

  test('fault 50: put back while a program has the later form open, it is not written over', async () => {
    const place = placeOfForm1();
    const ring = await openKeyRing(place, right);
    copyFileSync(form1, place.path);
    await expect(ring.save(bob, key(1))).rejects.toThrow('replaced by an older one');
  });
});

describe('secrets of transfers', () => {
  test('fault 84: they open for what they were sealed for, with this key ring, unaltered', async () => {
    const place = newPlace();
    const ring = await createKeyRing(place, right, lowCost);
    const sealed = ring.seal('transfer 1', key(5));
    const later = await openKeyRing(place, right);
    expect(later.open('transfer 1', sealed)).toEqual(key(5));
    expect(later.open('transfer 2', sealed)).toBeUndefined();
    for (let cut = 0; cut < sealed.length; cut += 1) {
      expect(later.open('transfer 1', sealed.subarray(0, cut))).toBeUndefined();
    }
    const other = await createKeyRing(newPlace(), right, lowCost);
    expect(other.open('transfer 1', sealed)).toBeUndefined();
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemRandom } from '../../src/crypto/random.js';
import { AddressBook } from '../../src/endpoint/address-book.js';
import { createKeyRing, openKeyRing } from '../../src/endpoint/key-ring.js';
import type { PeerSecrets } from '../../src/endpoint/key-ring-content.js';
import { Pairings } from '../../src/endpoint/pairings.js';
import { SimulatedClock } from '../../src/time/simulated-clock.js';
import { account, lowCost, temporaryFolder } from './support.js';

const count = 100_000;
const accounts = Array.from({ length: count }, (_, index) => account(`${index + 2}`));

function octets(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(systemRandom(length));
}

function paired(peer: PeerSecrets['peer']): PeerSecrets {
  const run = {
    kxid: octets(16),
    role: 'i' as const,
    confirmKeys: { i: octets(32), r: octets(32) },
    peerIdentity: { ed25519: octets(32), x25519: octets(32) },
    pairing: { own: 'yes' as const, peer: 'yes' as const, acknowledged: true },
    epochs: [{ epoch: 0, longTermKey: octets(32) }],
    sessions: 0,
    pairedAt: 5,
  };
  return { peer, unfinished: [], runs: [run] };
}

test('fault 52: with 100,000 peers every key is found, changed and kept, and a look at each takes no time that grows with all', async () => {
  const folder = temporaryFolder();
  const clock = new SimulatedClock();
  const lockPath = join(folder, 'lock');
  const place = { path: join(folder, 'keyring'), lockPath, own: account('1'), clock, random: systemRandom };
  const ask = async () => 'p';
  const made = await createKeyRing(place, ask, lowCost);
  await made.change((content) => ({ ...content, peers: accounts.map(paired) }));
  const ring = await openKeyRing(place, ask);
  const middle = accounts[count / 2] ?? account('0');
  await ring.changePeer(middle, (before) => ({ ...before, unfinished: [7] }));

  const bookPath = join(folder, 'peers.json');
  const book = new AddressBook(bookPath, lockPath, account('1'), clock);
  const row = { allowVersion1: false, versionFloor: 2, pairedAt: 5 };
  const peers = accounts.map((each, index) => ({ account: each, name: `Peer ${index} Ltd`, ...row }));
  writeFileSync(bookPath, JSON.stringify({ addressBook: 1, peers }));
  const pairings = new Pairings(ring, book, clock);
  await pairings.reconcile();
  const keys = (await book.list()).map((peer) => pairings.liveKeysOf(peer)?.present.longTermKey);
  expect(new Set(keys).size).toBe(count);
  expect(ring.peer(middle)?.unfinished).toEqual([7]);
  expect(await book.add(account('900000'), 'One more')).toMatchObject({ name: 'One more' });
}, 120_000);

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { checkRoom, roomOn } from '../../../src/endpoint/disk-room.js';
import { IncomingStore } from '../../../src/endpoint/transfers/incoming-store.js';
import { SimulatedClock } from '../../../src/time/simulated-clock.js';
import { account, temporaryFolder } from '../support.js';
import { secretBox } from './parties.js';

const [kib, mib, gib] = [1024, 1024 ** 2, 1024 ** 3];
/** Octets of the disk, and those that are free. */
let disk = { size: 100 * gib, free: 50 * gib };

vi.mock('node:fs/promises', async (original) => ({
  ...(await original<typeof import('node:fs/promises')>()),
  statfs: async () => ({ bsize: kib, blocks: disk.size / kib, bavail: disk.free / kib }),
}));

afterEach(() => {
  disk = { size: 100 * gib, free: 50 * gib };
});

const bob = account('2');

function newStore() {
  const home = temporaryFolder();
  return new IncomingStore({
    incoming: join(home, 'incoming'),
    quarantine: join(home, 'quarantine'),
    inbox: join(home, 'inbox'),
    largestOctets: gib,
    clock: new SimulatedClock(),
    secrets: secretBox(),
    nameOf: async () => 'Bob & Sons',
  });
}

test('fault 81: 256 MiB of a disk stay free, or a twentieth of a small one', async () => {
  disk = { size: 100 * gib, free: 257 * mib };
  expect(await roomOn('/')).toBe(mib);
  disk = { size: 1000 * mib, free: 51 * mib };
  expect(await roomOn('/')).toBe(mib);
  disk = { size: 100 * gib, free: 256 * mib };
  await expect(checkRoom('/')).rejects.toMatchObject({ outcome: 'store-unavailable' });
});

test('DX-655 a transfer that has no room, for the line’s octets and for the files, is turned away for now', async () => {
  const store = newStore();
  disk.free = 266 * mib;
  expect(await store.find(bob, randomBytes(16))).toEqual({ kind: 'none' });
  expect(await store.find(bob, randomBytes(16), 4 * mib)).toEqual({ kind: 'none' });
  expect(await store.find(bob, randomBytes(16), 6 * mib)).toMatchObject({ kind: 'not now' });
  disk.free = 256 * mib;
  expect(await store.find(bob, randomBytes(16))).toMatchObject({ kind: 'not now' });
});

test('fault 81: content that was not announced ends where the reserve begins, and what came stays', async () => {
  const store = newStore();
  const start = { sessionId: randomBytes(16), transferKey: randomBytes(32), from: 0, replaces: undefined };
  const transfer = await store.open(bob, start);
  const beginning = randomBytes(900).fill(0xff, 0, 2); // A chunk of full length.
  expect(await transfer?.write(beginning)).toEqual({ kind: 'more' });
  disk.free = 256 * mib;
  await expect(transfer?.write(randomBytes(900))).rejects.toMatchObject({ outcome: 'store-unavailable' });
  await store.leave(bob, start.sessionId);
  disk.free = 50 * gib;
  expect(await store.find(bob, start.sessionId)).toMatchObject({ held: { next: 900 } });
});

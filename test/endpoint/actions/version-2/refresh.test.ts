import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { listen } from '../../../../src/endpoint/actions/listen.js';
import { send } from '../../../../src/endpoint/actions/send.js';
import { openEndpoint } from '../../../../src/endpoint/endpoint.js';
import type { StoredRun } from '../../../../src/endpoint/key-ring-content.js';
import { standingOf } from '../../../../src/protocol/key-exchange/version-2/pairing.js';
import { mortal } from '../../../support/mortal-disk.js';
import { letter, outcomeOf } from '../stations.js';
import {
  inTime,
  onHook,
  options2,
  pairedStations2,
  pairing2,
  reread,
  type Station2,
  type Stations2,
  sending2,
} from './stations.js';

vi.mock('node:fs/promises', async (original) =>
  (await import('../../../support/mortal-disk.js')).mortalDisk(
    await original<typeof import('node:fs/promises')>(),
  ),
);

afterEach(() => mortal.forget());

const dayMs = 86_400_000;

/** The live run as it is on the disk. */
async function liveRun({ endpoint, peer }: Station2): Promise<StoredRun> {
  const { ring } = await endpoint.unlock();
  await ring.refresh();
  const live = ring.peer(peer.account)?.runs.find(({ pairing }) => standingOf(pairing) === 'live');
  if (!live) throw new Error('nothing is live');
  return live;
}

/** The epochs that each side holds, when both hold the same keys. */
async function epochsOf({ alice, bob }: Stations2): Promise<number[]> {
  const [one, other] = [await liveRun(alice), await liveRun(bob)];
  expect(one.epochs).toEqual(other.epochs);
  return one.epochs.map(({ epoch }) => epoch);
}

function theOtherWay({ alice, bob, ...rest }: Stations2): Stations2 {
  return { ...rest, alice: bob, bob: alice };
}

async function delivered(stations: Stations2): Promise<void> {
  expect((await sending2(stations, [letter()])).map(outcomeOf)).toEqual(['sent', 'received']);
}

/** Both calendars go on; whoever hears the lines does not wait so long. */
async function daysLater({ alice, bob }: Stations2, days: number): Promise<void> {
  for (const station of [alice, bob]) {
    const { paths, world } = station.endpoint;
    const utcMs = () => world.clock.utcMs() + days * dayMs;
    station.endpoint = await openEndpoint(paths.home, { ...world, clock: { ...world.clock, utcMs } });
  }
}

async function dueStations(): Promise<Stations2> {
  const stations = await pairedStations2();
  await daysLater(stations, 30);
  return stations;
}

/** The home as the next process finds it. */
async function reopen(station: Station2, keyRing?: Buffer): Promise<void> {
  const { paths, world } = station.endpoint;
  if (keyRing) writeFileSync(paths.keyRing, keyRing);
  station.endpoint = await openEndpoint(paths.home, world);
  await reread(station);
}

describe('a key that is old or worn', () => {
  test('KX-495 KX-500 after 30 days the session of a transfer gives both the next epoch; the next session uses it, and the one before is gone', async () => {
    const stations = await pairedStations2();
    const { alice, bob } = stations;
    const before = await liveRun(alice);
    await daysLater(stations, 29);
    await delivered(stations);
    expect(await epochsOf(stations)).toEqual([0]);
    await daysLater(stations, 1);
    const told = [...alice.events, ...bob.events].filter(({ event }) => event.includes('string')).length;
    await delivered(stations);
    expect(await epochsOf(stations)).toEqual([0, 1]);
    await delivered(theOtherWay(stations));
    expect(await epochsOf(stations)).toEqual([1]);
    await delivered(stations);
    expect(await epochsOf(stations)).toEqual([1]);
    const after = await liveRun(alice);
    expect(after.epochs[0]?.longTermKey).not.toEqual(before.epochs[0]?.longTermKey);
    expect(after).toMatchObject({ pairedAt: before.pairedAt, peerIdentity: before.peerIdentity });
    expect([...alice.events, ...bob.events].filter(({ event }) => event.includes('string'))).toHaveLength(
      told,
    );
    await daysLater(stations, 30);
    await delivered(theOtherWay(stations));
    await delivered(stations);
    expect(await epochsOf(stations)).toEqual([2]);
  });

  test('KX-495 after 1,000 sessions, counted over processes and by the side that calls', async () => {
    const stations = await pairedStations2();
    const { alice } = stations;
    const { ring } = await alice.endpoint.unlock();
    await ring.changePeer(alice.peer.account, (before) => ({
      ...before,
      runs: before.runs.map((run) => ({ ...run, sessions: 998 })),
    }));
    await delivered(stations);
    expect(await epochsOf(stations)).toEqual([0]);
    await reopen(alice);
    await delivered(theOtherWay(stations));
    expect([await epochsOf(stations), (await liveRun(alice)).sessions]).toEqual([[0], 1_000]);
    await delivered(stations);
    expect([await epochsOf(stations), (await liveRun(alice)).sessions]).toEqual([[0, 1], 0]);
  });

  test('fault 48: what people have begun is not replaced: their pending run stays, and nothing is refreshed', async () => {
    const stations = await dueStations();
    const { bob } = stations;
    const { pairings } = await bob.endpoint.unlock();
    const octets = (length: number) => new Uint8Array(length).fill(7);
    const pending = { kxid: octets(16), confirmKeys: { i: octets(32), r: octets(32) }, role: 'r' } as const;
    const peerIdentity = { ed25519: octets(32), x25519: octets(32) };
    await pairings.savePending(bob.peer.account, { ...pending, peerIdentity, longTermKey: octets(32) });
    await delivered(stations);
    expect(await epochsOf(stations)).toEqual([0]);
    expect(await pairings.runsWith(bob.peer.account)).toHaveLength(2);
  });
});

describe('a refresh that is broken off', () => {
  test.each(['alice', 'bob'] as const)(
    'fault 69: the process of %s is killed at each write of its keys: both still reach each other both ways, and end with one key',
    async (who) => {
      const stations = await dueStations();
      const { alice, bob, net, dropLines } = stations;
      const kept = [alice, bob].map((each) => ({
        each,
        text: readFileSync(each.endpoint.paths.keyRing),
      }));
      const victim = stations[who];
      let n = 0;
      for (let isOver = false; !isOver; ) {
        n += 1;
        for (const { each, text } of kept) await reopen(each, text);
        const death = new AbortController();
        mortal.watch(victim.endpoint.paths.keyRing, n, () => {
          dropLines();
          death.abort();
        });
        const signalOf = (station: Station2) => (station === victim ? death.signal : undefined);
        await onHook(net.clock);
        const ends = await inTime(
          net.clock,
          Promise.all([
            send(alice.endpoint, alice.peer, [letter()], options2(alice, undefined, signalOf(alice))),
            listen(bob.endpoint, { ...options2(bob, undefined, signalOf(bob)), once: true }),
          ]),
        );
        // The transfer was settled before: what happens to the keys then takes nothing from it.
        expect(ends.map(outcomeOf), `at ${n}`).toEqual(['sent', 'received']);
        isOver = !mortal.isDead;
        mortal.forget();
        await reopen(victim);
        if (n % 2 === 0) await delivered(stations);
        await delivered(theOtherWay(stations));
        await delivered(stations);
        await delivered(theOtherWay(stations));
        expect(await epochsOf(stations), `at ${n}`).toEqual([1]);
      }
      // The session, the key, the peer's word, its acknowledgement: open, write, sync, rename.
      expect(n).toBe(17);
    },
    240_000,
  );
});

describe('a key ring from a backup', () => {
  test('fault 50: from before the refresh: its calls go on under the old key as long as the peer keeps it, and bring both together again', async () => {
    const stations = await dueStations();
    const backup = readFileSync(stations.bob.endpoint.paths.keyRing);
    await delivered(stations);
    expect(await epochsOf(stations)).toEqual([0, 1]);
    await reopen(stations.bob, backup);
    await delivered(theOtherWay(stations));
    expect(await epochsOf(stations)).toEqual([0, 1]);
    await delivered(stations);
    expect(await epochsOf(stations)).toEqual([1]);
  });

  test('fault 50: from before the last session under the old key: no transfer either way, and people pair again', async () => {
    const stations = await dueStations();
    const backup = readFileSync(stations.bob.endpoint.paths.keyRing);
    await delivered(stations);
    await delivered(stations);
    await reopen(stations.bob, backup);
    for (const each of [stations, theOtherWay(stations)])
      expect((await sending2(each, [letter()])).map(outcomeOf)).not.toContain('received');
    expect((await pairing2(stations)).map((end) => end?.event)).toEqual(['paired', 'paired']);
    for (const each of [stations.alice, stations.bob]) await reread(each);
    await delivered(stations);
    expect(await epochsOf(stations)).toEqual([0]);
  });
});

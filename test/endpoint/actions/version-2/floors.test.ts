import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Version } from '../../../../src/endpoint/actions/events.js';
import { listen } from '../../../../src/endpoint/actions/listen.js';
import { pair } from '../../../../src/endpoint/actions/pair.js';
import { send } from '../../../../src/endpoint/actions/send.js';
import { subscribersOfVersion2 } from '../../../server/subscriptions.js';
import { newEndpoint } from '../../support.js';
import { letter, outcomeOf, twoPeople } from '../stations.js';
import {
  inTime,
  onHook,
  options2,
  pairing2,
  reread,
  type Stations2,
  type Stations2Options,
  sending2,
  twoStations2,
  until,
} from './stations.js';

/** Accounts that may use both versions. */
function stationsOfBoth(options: Stations2Options = {}): Promise<Stations2> {
  const both = { versions: [1, 2] as const };
  return twoStations2({ subscribers: subscribersOfVersion2({ '1': both, '2': both }), ...options });
}

async function allow({ alice, bob }: Stations2, alicesWish: boolean, bobsWish: boolean): Promise<void> {
  for (const [station, wish] of [
    [alice, alicesWish],
    [bob, bobsWish],
  ] as const) {
    station.peer = await station.endpoint.addressBook.allowVersion1(station.peer.account, wish);
  }
}

/** Alice pairs, told which version. Bob listens, where there is something to hear. */
async function pairBy({ alice, bob, net }: Stations2, version: Version) {
  await onHook(net.clock);
  const people = twoPeople();
  const stop = new AbortController();
  const placing = pair(alice.endpoint, alice.peer, { ...options2(alice, people.caller), version });
  const answering = listen(bob.endpoint, { ...options2(bob, people.callee, stop.signal), once: true });
  const placed = await inTime(net.clock, placing);
  if (outcomeOf(placed) === 'version-not-allowed') stop.abort();
  return [placed, await inTime(net.clock, answering)].map(outcomeOf);
}

async function floors({ alice, bob }: Stations2): Promise<number[]> {
  for (const each of [alice, bob]) await reread(each);
  return [alice.peer.versionFloor, bob.peer.versionFloor];
}

/** What Bob's disk has of transfers that are not filed. */
function octetsHeld({ bob }: Stations2): number {
  const { incoming } = bob.endpoint.paths;
  const files = existsSync(incoming) ? readdirSync(incoming, { recursive: true, encoding: 'utf8' }) : [];
  return files
    .filter((name) => /part$/.test(name))
    .reduce((sum, name) => sum + statSync(join(incoming, name)).size, 0);
}

const yesAndNo = [true, false];
const offers = yesAndNo.flatMap((alices) =>
  yesAndNo.flatMap((bobs) => ([1, 2] as const).map((version) => ({ alices, bobs, version }))),
);

describe('version floors', () => {
  test.each(offers)(
    'fault 102: version $version is offered, version 1 is allowed by the caller: $alices, by the callee: $bobs; after version 2 the floor never falls',
    async ({ alices, bobs, version }) => {
      const stations = await stationsOfBoth();
      await allow(stations, alices, bobs);
      const expected =
        version === 2 || (alices && bobs)
          ? ['paired', 'paired']
          : alices
            ? ['refused', 'no-common-version']
            : ['version-not-allowed', undefined];
      expect(await pairBy(stations, version)).toEqual(expected);
      expect(await floors(stations)).toEqual(version === 2 ? [2, 2] : [1, 1]);

      expect(await pairBy(stations, 2)).toEqual(['paired', 'paired']);
      expect(await floors(stations)).toEqual([2, 2]);
      await allow(stations, true, true);
      expect(await pairBy(stations, 1)).toEqual(['version-not-allowed', undefined]);
      expect(await floors(stations)).toEqual([2, 2]);
      expect((await sending2(stations, [letter()])).map(outcomeOf)).toEqual(['sent', 'received']);
    },
  );

  test('fault 102: who has paired in version 2 answers version 1 no more, whoever offers it in whose name', async () => {
    const stations = await stationsOfBoth({ allowVersion1: true });
    const { alice, bob } = stations;
    await pairing2(stations);
    // Alice's account with a home that knows nothing.
    const other = await newEndpoint('1', 'Alice Ltd', alice.endpoint.world);
    const peer = await other.addressBook.add(bob.endpoint.settings.account, 'Bob', true);
    const pretender = { ...stations, alice: { ...alice, endpoint: other, peer } };
    expect(await pairBy(pretender, 1)).toEqual(['refused', 'no-common-version']);
    expect(bob.events.filter(({ event }) => event === 'type-check-string')).toHaveLength(1);
    expect((await bob.endpoint.addressBook.list())[0]).toMatchObject({ versionFloor: 2 });
  });

  test('fault 102: peers that were told version 1 go on in version 1, until they pair in version 2', async () => {
    const stations = await stationsOfBoth({ allowVersion1: true });
    const { alice } = stations;
    expect(await pairBy(stations, 1)).toEqual(['paired', 'paired']);
    const first = await sending2(stations, [letter()]);
    expect(first).toMatchObject([
      { event: 'sent', version: 1, receipt: null },
      { event: 'received', version: 1 },
    ]);
    // Nobody told which: that is version 2.
    expect((await pairing2(stations)).map(outcomeOf)).toEqual(['paired', 'paired']);
    expect(await sending2(stations, [letter()])).toMatchObject([
      { event: 'sent', version: 2 },
      { event: 'received', version: 2 },
    ]);
    expect((await alice.endpoint.sendLog.read()).map(({ version }) => version)).toEqual([1, 1, 2, 2]);
  });

  test('fault 102: a pairing of version 1 that did not become one in version 2 is still good', async () => {
    const stations = await stationsOfBoth({ allowVersion1: true });
    await pairBy(stations, 1);
    const refused = await pairing2(stations, twoPeople({ confirms: false }));
    expect(refused[0]).toMatchObject({ outcome: 'not-confirmed' });
    expect(await floors(stations)).toEqual([1, 1]);
    expect(await sending2(stations, [letter()])).toMatchObject([{ version: 1 }, { version: 1 }]);
  });
});

describe('an endpoint that speaks one version', () => {
  test('fault 19: version 1 alone: it is called in version 2, answers nothing of it, and its people are told', async () => {
    const stations = await stationsOfBoth();
    const { bob } = stations;
    const plain = await newEndpoint('2', 'Bob', bob.endpoint.world);
    bob.peer = await plain.addressBook.add(bob.peer.account, 'Alice', true);
    bob.endpoint = plain;
    const [placed, answered] = await pairBy(stations, 2);
    expect(placed).toBe('no-carrier');
    expect(answered).toBe('no-common-version');
  });

  test('fault 19: version 2 alone: it is called in version 1, and refuses it at its first octet', async () => {
    const stations = await stationsOfBoth();
    await allow(stations, true, false);
    expect(await pairBy(stations, 1)).toEqual(['refused', 'no-common-version']);
    expect(await stations.bob.endpoint.receiveLog.read()).toMatchObject([
      { protocol: 'none', version: null, reason: expect.stringContaining('version 1') },
    ]);
  });
});

describe('standard input', () => {
  test('AL-8 what comes is on its way before the rest is there, and arrives as a file', async () => {
    const stations = await stationsOfBoth();
    const { alice, bob, net } = stations;
    await pairing2(stations);
    let goOn: () => void = () => {};
    const rest = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    async function* content() {
      yield Buffer.from('first half, ');
      await rest;
      yield Buffer.from('second half');
    }
    await onHook(net.clock);
    const both = Promise.all([
      send(alice.endpoint, alice.peer, [{ name: 'notes.txt', content: content() }], options2(alice)),
      listen(bob.endpoint, { ...options2(bob), once: true }),
    ]);
    await until(net.clock, () => octetsHeld(stations) > 0);
    goOn();
    const ends = await inTime(net.clock, both);
    expect(ends).toMatchObject([
      { event: 'sent', files: [{ name: 'notes.txt', size: 23 }] },
      { event: 'received', files: [{ name: 'notes.txt', size: 23 }] },
    ]);
  });

  test('AL-8 a pipe whose call drops cannot go on: it is given up, and a person is told to begin again', async () => {
    const stations = await stationsOfBoth();
    const { alice, bob, net } = stations;
    await pairing2(stations);
    async function* content() {
      yield Buffer.from('first half, ');
      await new Promise(() => {});
    }
    await onHook(net.clock);
    const both = Promise.all([
      send(alice.endpoint, alice.peer, [{ name: 'notes.txt', content: content() }], options2(alice)),
      listen(bob.endpoint, { ...options2(bob), once: true }),
    ]);
    await until(net.clock, () => octetsHeld(stations) > 0);
    stations.dropLines();
    const sent = await inTime(net.clock, both);
    expect(sent[0]).toMatchObject({
      outcome: 'interrupted',
      reason: expect.stringContaining('dialled again 3 times'),
      advice: expect.stringContaining('send it again'),
    });
    expect(readdirSync(alice.endpoint.paths.spool)).toEqual(['locks']);
    expect(await bob.endpoint.inboxSessions()).toEqual([]);
  });
});

import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { systemRandom } from '../../src/crypto/random.js';
import type { Endpoint } from '../../src/endpoint/endpoint.js';
import { openEndpoint } from '../../src/endpoint/endpoint.js';
import type { PairingEvent } from '../../src/protocol/key-exchange/version-2/pairing.js';
import type { PendingKey } from '../../src/session/version-2/pairing-store.js';
import type { Clock } from '../../src/time/clock.js';
import { realClock } from '../../src/time/real-clock.js';
import { SimulatedClock } from '../../src/time/simulated-clock.js';
import { account, newEndpoint, testWorld } from './support.js';

const bob = account('2');
const ownYes: PairingEvent = { type: 'own.answered', verdict: 'yes' };
const peerYes: PairingEvent = { type: 'peer.answered', verdict: 'yes' };
const peerNo: PairingEvent = { type: 'peer.answered', verdict: 'no' };

function pendingKey(): PendingKey {
  return {
    kxid: systemRandom(16),
    role: 'i',
    confirmKeys: { i: systemRandom(32), r: systemRandom(32) },
    longTermKey: systemRandom(32),
    peerIdentity: { ed25519: systemRandom(32), x25519: systemRandom(32) },
  };
}

async function endpointWithBob(clock: Clock = new SimulatedClock()) {
  const endpoint = await newEndpoint('1', 'Alice Ltd', { ...testWorld(), clock });
  await endpoint.addressBook.add(bob, 'Bob', true);
  return { endpoint, ...(await endpoint.unlock()) };
}

/** The same home as another process finds it. */
async function reopened(endpoint: Endpoint) {
  const again = await openEndpoint(endpoint.paths.home, endpoint.world);
  return { endpoint: again, ...(await again.unlock()) };
}

async function live(pairings: Awaited<ReturnType<typeof endpointWithBob>>['pairings'], key = pendingKey()) {
  await pairings.savePending(bob, key);
  for (const event of [ownYes, peerYes]) await pairings.note(bob, key.kxid, event);
  return key;
}

describe('pairings of version 2', () => {
  test('KX-495 KX-500 a key opens nothing until both people said yes; every step is there for the next process', async () => {
    const { endpoint, pairings } = await endpointWithBob();
    const key = pendingKey();
    await pairings.savePending(bob, key);
    for (const event of [undefined, ownYes]) {
      if (event) await pairings.note(bob, key.kxid, event);
      const peer = await endpoint.addressBook.named('Bob');
      expect((await reopened(endpoint)).pairings.liveKeysOf(peer)).toBeUndefined();
      expect(peer).toMatchObject({ versionFloor: 1 });
    }
    await pairings.note(bob, key.kxid, peerYes);
    const later = await reopened(endpoint);
    const peer = await later.endpoint.addressBook.named('Bob');
    expect(peer).toMatchObject({ versionFloor: 2, pairedAt: expect.any(Number) });
    expect(later.pairings.liveKeysOf(peer)).toEqual({
      remoteStatic: key.peerIdentity.x25519,
      signingKey: key.peerIdentity.ed25519,
      present: { epoch: 0, longTermKey: key.longTermKey },
      next: undefined,
    });
    expect(await later.pairings.runsWith(bob)).toMatchObject([
      { kxid: key.kxid, role: 'i', pairing: { own: 'yes', peer: 'yes', acknowledged: false } },
    ]);
  });

  test('fault 48: the live key stays beside a pending one, and goes when that one is live', async () => {
    const { endpoint, pairings } = await endpointWithBob();
    const first = await live(pairings);
    const second = pendingKey();
    await pairings.savePending(bob, second);
    const present = async () =>
      pairings.liveKeysOf(await endpoint.addressBook.named('Bob'))?.present.longTermKey;
    expect(await present()).toEqual(first.longTermKey);
    // What is still told of the live one takes nothing from the pending one.
    await pairings.note(bob, first.kxid, { type: 'own.acknowledged', verdict: 'yes' });
    expect(await pairings.runsWith(bob)).toHaveLength(2);
    await pairings.note(bob, second.kxid, ownYes);
    await pairings.note(bob, second.kxid, peerYes);
    expect(await present()).toEqual(second.longTermKey);
    expect(await pairings.runsWith(bob)).toHaveLength(1);
  });

  test('fault 49: after a no the key is erased; what is needed to answer the peer stays until the next run', async () => {
    const { ring, pairings } = await endpointWithBob();
    const key = pendingKey();
    await pairings.savePending(bob, key);
    await pairings.note(bob, key.kxid, ownYes);
    expect(await pairings.note(bob, key.kxid, peerNo)).toMatchObject({ own: 'yes', peer: 'no' });
    expect(ring.peer(bob)?.runs).toMatchObject([{ kxid: key.kxid, epochs: [] }]);
    await pairings.savePending(bob, pendingKey());
    expect(await pairings.runsWith(bob)).toHaveLength(1);
    await expect(pairings.note(bob, key.kxid, peerYes)).rejects.toThrow('not kept');
  });

  test('fault 26: unfinished runs are counted over processes; one that was answered and old ones are not', async () => {
    const clock = new SimulatedClock();
    const { endpoint, pairings } = await endpointWithBob(clock);
    const now = clock.utcMs();
    await pairings.noteRun(bob, now - 3 * 86_400_000);
    for (const at of [now, now, now + 1]) await pairings.noteRun(bob, at);
    await pairings.finishRun(bob, now);
    expect(await (await reopened(endpoint)).pairings.unfinishedRuns(bob)).toEqual([now, now + 1]);
    expect(await pairings.unfinishedRuns(account('3'))).toEqual([]);
  });

  test('fault 49: a no to the pairing of people ends the key, and a refresh of it that is not live yet', async () => {
    const { ring, pairings } = await endpointWithBob();
    const key = await live(pairings);
    const next = { ...pendingKey(), epoch: 1 };
    await pairings.savePending(bob, next);
    expect(await pairings.runsWith(bob)).toMatchObject([{}, { pairing: { own: 'yes', peer: undefined } }]);
    await pairings.note(bob, key.kxid, peerNo);
    expect(ring.peer(bob)?.runs).toMatchObject([{ kxid: key.kxid, epochs: [] }]);
    await expect(pairings.note(bob, next.kxid, peerYes)).rejects.toThrow('not kept');
  });

  test('KX-495 a refreshed key stands beside the one it came from until a session was under it', async () => {
    const { endpoint, pairings } = await endpointWithBob();
    const first = await live(pairings);
    const pairedBefore = await endpoint.addressBook.named('Bob');
    const second = { ...pendingKey(), epoch: 1 };
    await pairings.savePending(bob, second);
    await pairings.note(bob, second.kxid, peerYes);
    const [old, renewed] = [first, second].map(({ longTermKey }, epoch) => ({ epoch, longTermKey }));
    if (!old || !renewed) throw new Error('two keys');
    const keys = async () => {
      const again = (await reopened(endpoint)).pairings.liveKeysOf(await endpoint.addressBook.named('Bob'));
      return [again?.present, again?.next];
    };
    expect(await keys()).toEqual([old, renewed]);
    await pairings.noteSession(bob, old);
    expect(await keys()).toEqual([old, renewed]);
    await pairings.noteSession(bob, renewed);
    expect(await keys()).toEqual([renewed, undefined]);
    expect(await endpoint.addressBook.named('Bob')).toEqual(pairedBefore);
    await pairings.noteSession(bob, { ...renewed, longTermKey: old.longTermKey });
    expect(await keys()).toEqual([renewed, undefined]);
  });

  test('KX-500 two processes that note answers at the same time lose none', async () => {
    const { endpoint, pairings } = await endpointWithBob(realClock);
    const key = pendingKey();
    await pairings.savePending(bob, key);
    const other = await reopened(endpoint);
    await Promise.all([pairings.note(bob, key.kxid, ownYes), other.pairings.note(bob, key.kxid, peerYes)]);
    expect(
      (await reopened(endpoint)).pairings.liveKeysOf(await endpoint.addressBook.named('Bob')),
    ).toBeDefined();
  });
});

describe('key ring and address book', () => {
  test('fault 50: a key ring from before the last pairing has no live key, also where a clock went back', async () => {
    const { endpoint, pairings } = await endpointWithBob(new SimulatedClock(Date.UTC(2036, 0, 1)));
    await live(pairings);
    const backup = readFileSync(endpoint.paths.keyRing);
    const world = { ...endpoint.world, clock: new SimulatedClock() };
    await live((await (await openEndpoint(endpoint.paths.home, world)).unlock()).pairings);
    writeFileSync(endpoint.paths.keyRing, backup);
    const later = await reopened(endpoint);
    expect(later.pairings.liveKeysOf(await later.endpoint.addressBook.named('Bob'))).toBeUndefined();
  });

  test('fault 69: a process that dies between key ring and address book: the next one sets the book right', async () => {
    const { endpoint, pairings } = await endpointWithBob();
    const before = readFileSync(endpoint.paths.peers);
    await live(pairings);
    const after = await endpoint.addressBook.named('Bob');
    writeFileSync(endpoint.paths.peers, before);
    const later = await reopened(endpoint);
    expect(await later.endpoint.addressBook.named('Bob')).toEqual(after);
  });

  test('fault 102: the floor is 2 wherever a key of version 2 is live, whatever became of the address book', async () => {
    const { endpoint, pairings } = await endpointWithBob();
    await live(pairings);
    await endpoint.addressBook.remove(bob);
    await endpoint.addressBook.add(bob, 'Robert', true);
    const later = await reopened(endpoint);
    expect(await later.endpoint.addressBook.named('Robert')).toMatchObject({ versionFloor: 2 });
  });

  test('KX-495 who is forgotten is forgotten in version 2 too', async () => {
    const { endpoint, ring, pairings } = await endpointWithBob();
    await live(pairings);
    await endpoint.forget(await endpoint.addressBook.named('Bob'));
    expect(ring.peer(bob)).toBeUndefined();
    expect(await endpoint.addressBook.list()).toEqual([]);
  });
});

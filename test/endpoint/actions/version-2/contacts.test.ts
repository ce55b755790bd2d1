import { describe, expect, test } from 'vitest';
import { listen } from '../../../../src/endpoint/actions/listen.js';
import { pair } from '../../../../src/endpoint/actions/pair.js';
import { send } from '../../../../src/endpoint/actions/send.js';
import { type Clock, wait } from '../../../../src/time/clock.js';
import type { SimulatedClock } from '../../../../src/time/simulated-clock.js';
import { newEndpoint } from '../../support.js';
import { letter, nobody, outcomeOf, twoPeople } from '../stations.js';
import {
  atShare,
  inTime,
  onHook,
  options2,
  pairedStations2,
  pairing2,
  reread,
  type Stations2,
  sending2,
  twoStations2,
} from './stations.js';

/** The same two with their roles exchanged. */
const theOtherWay = ({ net, alice, bob, dropLines }: Stations2): Stations2 => ({
  ...{ net, dropLines, alice: bob, bob: alice },
});

/** The line drops when both people are asked; both ends have seen it before they answer. */
function peopleWithoutLine({ dropLines, net }: Stations2, types = (x: string) => x) {
  const people = twoPeople({ types });
  let asked = 0;
  let tellDown: () => void = () => {};
  const isDown = new Promise<void>((resolve) => {
    tellDown = resolve;
  });
  const askedToo = async () => {
    asked += 1;
    if (asked === 2) {
      dropLines();
      await wait(net.clock, 5_000);
      tellDown();
    }
    return isDown;
  };
  const { confirmCheckString } = people.caller;
  people.caller.confirmCheckString = (peer, x) => askedToo().then(() => confirmCheckString(peer, x));
  const { typeCheckString } = people.callee;
  people.callee.typeCheckString = () => askedToo().then(typeCheckString);
  return people;
}

describe('answers that were lost', () => {
  test('KX-500 the line drops before the people answer: both wait, and the next call makes it a pairing before the file goes', async () => {
    const stations = await twoStations2();
    const { alice, bob } = stations;
    const ends = await pairing2(stations, peopleWithoutLine(stations));
    expect(ends).toMatchObject([
      { outcome: 'interrupted', step: 'KX-500', advice: expect.stringContaining('at the next call') },
      { outcome: 'interrupted', step: 'KX-500' },
    ]);
    expect(await alice.endpoint.addressBook.list()).toMatchObject([{ versionFloor: 1 }]);
    expect((await sending2(stations, [letter()])).map(outcomeOf)).toEqual(['sent', 'received']);
    for (const { events, endpoint } of [alice, bob]) {
      expect(events.filter(({ event }) => event === 'paired')).toMatchObject([{ version: 2 }]);
      expect(await endpoint.addressBook.list()).toMatchObject([
        { versionFloor: 2, pairedAt: expect.any(Number) },
      ]);
    }
    expect((await bob.endpoint.receiveLog.read()).map(({ outcome }) => outcome)).toEqual([
      ...['interrupted', 'paired', 'received'],
    ]);
    expect((await alice.endpoint.sendLog.read()).map(({ outcome }) => outcome)).toEqual([
      ...['interrupted', 'paired', 'sent'],
    ]);
  });

  test('KX-500 the one who answered may also be called first', async () => {
    const stations = await twoStations2();
    await pairing2(stations, peopleWithoutLine(stations));
    const back = await sending2(theOtherWay(stations), [letter()]);
    expect(back.map(outcomeOf)).toEqual(['sent', 'received']);
  });

  test('fault 49: one typed another string when the line was down: the next call says so, and nobody keeps a key', async () => {
    const stations = await twoStations2();
    const { alice, bob } = stations;
    const ends = await pairing2(
      stations,
      peopleWithoutLine(stations, (x) => (x === 'AAAAA' ? 'BBBBB' : 'AAAAA')),
    );
    expect(ends.map(outcomeOf)).toEqual(['interrupted', 'not-confirmed']);
    const [sent] = await sending2(stations, [letter()]);
    expect(sent).toMatchObject({
      outcome: 'unpaired',
      reason: expect.stringContaining('has not confirmed'),
    });
    for (const { endpoint } of [alice, bob]) {
      const { pairings } = await endpoint.unlock();
      const [peer] = await endpoint.addressBook.list();
      expect(peer && pairings.liveKeysOf(peer)).toBeUndefined();
      expect(peer).toMatchObject({ versionFloor: 1 });
    }
    // From now on it is known without a call.
    const dialled = alice.events.filter(({ event }) => event === 'dialing').length;
    const again = await send(alice.endpoint, alice.peer, [letter()], options2(alice));
    expect(outcomeOf(again)).toBe('unpaired');
    expect(alice.events.filter(({ event }) => event === 'dialing')).toHaveLength(dialled);
  });
});

describe('who may call', () => {
  test('CM-A5 a stranger is refused before anybody is asked, and learns no more than that', async () => {
    const stations = await twoStations2();
    const { bob } = stations;
    await bob.endpoint.addressBook.remove(bob.peer.account);
    const [placed, answered] = await pairing2(stations);
    expect(placed).toMatchObject({ outcome: 'refused', step: 'CM-A3' });
    expect(answered).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('000000000001'),
      advice: expect.stringContaining('peers add 000000000001'),
    });
    expect(bob.events.map(({ event }) => event)).not.toContain('type-check-string');
  });

  test('CM-A5 while a person is asked something, callers are told that nobody is to be disturbed', async () => {
    const stations = await pairedStations2();
    void stations.bob.endpoint.whileAsking(new Promise(() => {}));
    const ends = await sending2(stations, [letter()]);
    expect(ends.map(outcomeOf)).toEqual(['refused', 'busy']);
  });

  test('fault 48: both call each other at once: neither gets through, nothing is kept, and one after the other does', async () => {
    const stations = await pairedStations2({ trunks: 4 });
    const { alice, bob, net } = stations;
    await onHook(net.clock);
    const both = await inTime(
      net.clock,
      Promise.all([alice, bob].map((each) => send(each.endpoint, each.peer, [letter()], options2(each)))),
    );
    // Whose request comes later may find the other on the hook again, where nothing answers.
    expect(both.map(outcomeOf).every((outcome) => outcome === 'busy' || outcome === 'no-answer')).toBe(true);
    const engaged = both.filter((end) => outcomeOf(end) === 'busy');
    expect(engaged).not.toEqual([]);
    for (const end of engaged)
      expect(end).toMatchObject({ advice: expect.stringContaining('another moment') });
    // A line that rang a moment ago is not dialled on.
    await inTime(net.clock, wait(net.clock, 10_000));
    expect((await sending2(stations, [letter()])).map(outcomeOf)).toEqual(['sent', 'received']);
    expect((await sending2(theOtherWay(stations), [letter()])).map(outcomeOf)).toEqual(['sent', 'received']);
  });

  test('fault 48: a pairing on top of a pairing replaces the key on both sides', async () => {
    const stations = await pairedStations2();
    const keys = async () =>
      Promise.all(
        [stations.alice, stations.bob].map(async (each) => {
          await reread(each);
          return (await each.endpoint.unlock()).pairings.liveKeysOf(each.peer)?.present.longTermKey;
        }),
      );
    const before = await keys();
    expect((await pairing2(stations)).map(outcomeOf)).toEqual(['paired', 'paired']);
    const after = await keys();
    expect(after[0]).toEqual(after[1]);
    expect(after[0]).not.toEqual(before[0]);
    expect((await sending2(stations, [letter()])).map(outcomeOf)).toEqual(['sent', 'received']);
  });

  test('fault 51: with clocks ten years apart they pair, send, and go on after a dropped line', async () => {
    const tenYearsMs = 10 * 365.25 * 86_400_000;
    const bobsClock = (clock: SimulatedClock): Clock => ({
      monotonicMs: clock.monotonicMs,
      setTimeout: clock.setTimeout,
      clearTimeout: clock.clearTimeout,
      utcMs: () => clock.utcMs() + tenYearsMs,
    });
    const stations = await pairedStations2({ bobsClock });
    const { alice, bob, net } = stations;
    expect((await sending2(stations, [letter()])).map(outcomeOf)).toEqual(['sent', 'received']);
    atShare(alice, 0, () => stations.dropLines());
    const long = letter(Buffer.alloc(20_000, 'different words each time '));
    await onHook(net.clock);
    const stop = new AbortController();
    const listened = listen(bob.endpoint, options2(bob, nobody, stop.signal));
    const sent = await inTime(net.clock, send(alice.endpoint, alice.peer, [long], options2(alice)));
    stop.abort();
    await inTime(net.clock, listened);
    expect(outcomeOf(sent)).toBe('sent');
    expect((await sending2(theOtherWay(stations), [letter()])).map(outcomeOf)).toEqual(['sent', 'received']);
    expect(await bob.endpoint.inboxSessions()).toHaveLength(2);
  });
});

describe('an endpoint without a subscription', () => {
  test('CM-A4 is told before any call what it lacks', async () => {
    const { alice } = await twoStations2();
    const plain = await newEndpoint('1', 'Alice Ltd', alice.endpoint.world);
    const bob = await plain.addressBook.add(alice.peer.account, 'Bob');
    for (const end of [
      await pair(plain, bob, options2(alice)),
      await send(plain, bob, [letter()], options2(alice)),
    ]) {
      expect(end).toMatchObject({
        outcome: 'no-subscription',
        reason: expect.stringContaining('endpoint init --subscription'),
      });
    }
    expect(alice.events.map(({ event }) => event)).toEqual(['failed', 'failed']);
  });
});

import { setImmediate } from 'node:timers/promises';
import { Inflate } from 'node:zlib';
import { expect } from 'vitest';
import { systemRandom } from '../../../../src/crypto/random.js';
import type { ActionEnd, EndpointEvent } from '../../../../src/endpoint/actions/events.js';
import { listen } from '../../../../src/endpoint/actions/listen.js';
import { pair } from '../../../../src/endpoint/actions/pair.js';
import { resume, send } from '../../../../src/endpoint/actions/send.js';
import type { Peer } from '../../../../src/endpoint/address-book.js';
import { type Endpoint, initEndpoint, openEndpoint } from '../../../../src/endpoint/endpoint.js';
import type { Subscription } from '../../../../src/protocol/identity/subscription.js';
import type { Modem } from '../../../../src/pstn/modem/modem.js';
import type { PairingScreen } from '../../../../src/session/session.js';
import { type Clock, wait } from '../../../../src/time/clock.js';
import type { SimulatedClock } from '../../../../src/time/simulated-clock.js';
import { type Network, type NetworkOptions, network, serverNumber } from '../../../server/network.js';
import { serverIdentity, subscribersOfVersion2 } from '../../../server/subscriptions.js';
import { seeded } from '../../../support/seeded.js';
import { account, lowCost, temporaryFolder, testWorld } from '../../support.js';
import { nobody, twoPeople } from '../stations.js';

/** An endpoint with its modem on the line of a network, and everything that its actions told. */
export interface Station2 {
  endpoint: Endpoint;
  modem: Modem;
  peer: Peer;
  readonly events: EndpointEvent[];
}

export interface Stations2 {
  readonly net: Network;
  /** Both lines of every call go down, as when an exchange loses its power. */
  dropLines(): void;
  readonly alice: Station2;
  readonly bob: Station2;
}

/** Pieces that zlib's threads have in hand; they show nowhere else. */
let compressing = 0;
{
  const base = Object.getPrototypeOf(Object.getPrototypeOf(Inflate.prototype));
  const transform: (this: unknown, piece: unknown, encoding: unknown, done: () => void) => void =
    base._transform;
  base._transform = function (piece: unknown, encoding: unknown, done: () => void) {
    compressing += 1;
    return transform.call(this, piece, encoding, (...given: []) => {
      compressing -= 1;
      done(...given);
    });
  };
}

/** What zlib has in hand for longer than this waits for a reader. */
const compressionMs = 30;

/** Resolves when no thread of this process works: the simulated clock waits for it, or its milliseconds would be minutes. */
async function threadsRest(): Promise<void> {
  const beganMs = performance.now();
  const isBusy = () =>
    process.getActiveResourcesInfo().some((name) => /^(FSReq|CloseReq)/.test(name)) ||
    (compressing > 0 && performance.now() - beganMs < compressionMs);
  do await setImmediate();
  while (isBusy());
}

/** Turns of the event loop without a timer after which nothing will happen any more. */
const idleTurns = 20_000;

/** Runs the clock until this is true. The disk takes no simulated time. */
export async function until(
  clock: SimulatedClock,
  isTrue: () => boolean,
  limitMs = 3_600_000,
): Promise<void> {
  const endMs = clock.monotonicMs() + limitMs;
  for (let idle = 0; idle < idleTurns; ) {
    await threadsRest();
    if (isTrue()) return;
    const nextMs = clock.nextDeadlineMs();
    idle = nextMs === undefined ? idle + 1 : 0;
    if (nextMs !== undefined && nextMs > endMs) break;
    if (nextMs !== undefined) clock.advance(nextMs - clock.monotonicMs());
  }
  throw new Error(
    `still not true after ${clock.monotonicMs() - endMs + limitMs} ms of simulated time: ${isTrue}`,
  );
}

/** Runs the clock until the promise settles. */
export async function inTime<T>(clock: SimulatedClock, promise: Promise<T>, limitMs?: number): Promise<T> {
  let isSettled = false;
  const settled = promise.finally(() => {
    isSettled = true;
  });
  settled.catch(() => {});
  await until(clock, () => isSettled, limitMs);
  return settled;
}

/** An exchange takes a moment from the end of one call to the dial tone of the next. */
export function onHook(clock: SimulatedClock): Promise<void> {
  return inTime(clock, wait(clock, 2_000));
}

/** What the operator of the network's server has issued for the account. */
export function subscriptionOf(digits: string): Subscription {
  const own = account(digits);
  const random = seeded(`subscription of ${own}`);
  const { rootKey, keyList } = serverIdentity;
  const [staticSecret, psk] = [random(32), random(32)];
  return { account: own, name: `Account ${digits}`, serverNumber, rootKey, keyList, staticSecret, psk };
}

/** A home with a subscription, which knows one peer. */
export async function newHome(digits: string, clock: Clock, allowVersion1 = false): Promise<Endpoint> {
  const home = temporaryFolder();
  const other = digits === '1' ? '2' : '1';
  const names: Record<string, string> = { '1': 'Alice Ltd', '2': 'Bob & Sons' };
  const settings = {
    account: digits,
    name: names[digits] ?? digits,
    line: `sim:555010${digits}`,
    server_number: serverNumber,
  };
  const world = { ...testWorld(), clock, random: systemRandom };
  await initEndpoint(home, settings, {
    ...world,
    keyRingCost: lowCost,
    subscription: subscriptionOf(digits),
  });
  const endpoint = await openEndpoint(home, world);
  await endpoint.addressBook.add(account(other), names[other] ?? other, allowVersion1);
  return endpoint;
}

export interface Stations2Options extends NetworkOptions {
  readonly allowVersion1?: boolean;
  /** Of Bob; Alice's is the network's. */
  readonly bobsClock?: (clock: SimulatedClock) => Clock;
}

export async function twoStations2(options: Stations2Options = {}): Promise<Stations2> {
  const trunks: Modem[] = [];
  const net = await network({
    ...{ subscribers: subscribersOfVersion2(), trunks: 2, tap: (modem) => void trunks.push(modem) },
    ...options,
  });
  const station = async (digits: string, clock: Clock): Promise<Station2> => {
    const endpoint = await newHome(digits, clock, options.allowVersion1);
    const modem = await net.modem(`555010${digits}`);
    const [peer] = await endpoint.addressBook.list();
    if (!peer) throw new Error('nobody is known');
    return { endpoint, modem, peer, events: [] };
  };
  const alice = await station('1', net.clock);
  const bob = await station('2', options.bobsClock?.(net.clock) ?? net.clock);
  const dropLines = () => {
    for (const trunk of trunks) void trunk.hangUp();
  };
  return { net, alice, bob, dropLines };
}

export function options2(of: Station2, screen: PairingScreen = nobody, signal?: AbortSignal) {
  const onEvent = (event: EndpointEvent) => void of.events.push(event);
  return { modem: of.modem, screen, onEvent, ...(signal ? { signal } : {}) };
}

export async function pairing2({ net, alice, bob }: Stations2, people = twoPeople()) {
  await onHook(net.clock);
  return inTime(
    net.clock,
    Promise.all([
      pair(alice.endpoint, alice.peer, options2(alice, people.caller)),
      listen(bob.endpoint, { ...options2(bob, people.callee), once: true }),
    ]),
  );
}

export async function pairedStations2(options: Stations2Options = {}): Promise<Stations2> {
  const stations = await twoStations2(options);
  expect((await pairing2(stations)).map((end) => end?.event)).toEqual(['paired', 'paired']);
  for (const each of [stations.alice, stations.bob]) await reread(each);
  return stations;
}

/** The peer as the address book has it now. */
export async function reread(station: Station2): Promise<void> {
  station.peer = await station.endpoint.addressBook.named(station.peer.account);
}

/** Bob listens until he is stopped. */
export function listening({ bob }: Stations2): { stop(): Promise<ActionEnd | undefined> } {
  const stopping = new AbortController();
  const listened = listen(bob.endpoint, options2(bob, nobody, stopping.signal));
  return {
    stop: () => {
      stopping.abort();
      return listened;
    },
  };
}

/** Calls `then` once, when this share of the content is on the line. */
export function atShare(station: Station2, share: number, then: () => void): void {
  const { push } = station.events;
  let isDone = false;
  station.events.push = (...events) => {
    for (const event of events) {
      if (isDone || event.event !== 'progress' || event.total === null) continue;
      if (event.octets < event.total * share) continue;
      isDone = true;
      then();
    }
    return push.apply(station.events, events);
  };
}

/** Alice sends, Bob answers one call. */
export async function sending2({ net, alice, bob }: Stations2, sources: string[]) {
  await onHook(net.clock);
  return inTime(
    net.clock,
    Promise.all([
      send(alice.endpoint, alice.peer, sources, options2(alice)),
      listen(bob.endpoint, { ...options2(bob), once: true }),
    ]),
  );
}

export async function resuming2({ net, alice, bob }: Stations2) {
  await onHook(net.clock);
  return inTime(
    net.clock,
    Promise.all([
      resume(alice.endpoint, alice.peer, options2(alice)),
      listen(bob.endpoint, { ...options2(bob), once: true }),
    ]),
  );
}

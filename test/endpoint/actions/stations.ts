import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { systemRandom } from '../../../src/crypto/random.js';
import type { ActionEnd, EndpointEvent } from '../../../src/endpoint/actions/events.js';
import { listen } from '../../../src/endpoint/actions/listen.js';
import { pair } from '../../../src/endpoint/actions/pair.js';
import { send } from '../../../src/endpoint/actions/send.js';
import type { Peer } from '../../../src/endpoint/address-book.js';
import type { Endpoint } from '../../../src/endpoint/endpoint.js';
import { sendTransfer } from '../../../src/session/data-exchange.js';
import { sealContainer } from '../../../src/session/sealing.js';
import type { PairingScreen } from '../../../src/session/session.js';
import { realClock, scaledClock } from '../../../src/time/real-clock.js';
import { type FakeModem, twoModems } from '../fake-lines.js';
import { account, newEndpoint, temporaryFolder, testWorld } from '../support.js';

/** The sessions' waits of half a second and more, ten times as short. */
const clock = scaledClock(realClock, 0.1);

export interface Station {
  readonly endpoint: Endpoint;
  readonly modem: FakeModem;
  readonly peer: Peer;
  readonly events: EndpointEvent[];
}

export async function station(own: string, name: string, other: string, otherName: string, modem: FakeModem) {
  const endpoint = await newEndpoint(own, name, { ...testWorld(), clock });
  const peer = await endpoint.addressBook.add(account(other), otherName, true);
  return { endpoint, modem, peer, events: [] };
}

export async function twoStations(): Promise<{ alice: Station; bob: Station }> {
  const [a, b] = twoModems();
  const [alice, bob] = await Promise.all([
    station('1', 'Alice Ltd', '2', 'Bob & Sons', a),
    station('2', 'Bob & Sons', '1', 'Alice Ltd', b),
  ]);
  return { alice, bob };
}

export const nobody: PairingScreen = {
  confirmCheckString: () => Promise.reject(new Error('nobody is there')),
  typeCheckString: () => Promise.reject(new Error('nobody is there')),
};

export function options(of: Station, screen: PairingScreen = nobody, signal?: AbortSignal) {
  const onEvent = (event: EndpointEvent) => void of.events.push(event);
  return { modem: of.modem, screen, onEvent, ...(signal ? { signal } : {}) };
}

/** Two people at the telephone: the sender reads X out, the recipient types what it hears. */
export function twoPeople({ confirms = true, types = (x: string) => x } = {}) {
  const heard: { tell: (x: string) => void } = { tell: () => {} };
  const x = new Promise<string>((resolve) => {
    heard.tell = resolve;
  });
  return {
    caller: {
      ...nobody,
      confirmCheckString: async (_: unknown, checkString: string) => {
        heard.tell(checkString);
        return confirms;
      },
    },
    callee: { ...nobody, typeCheckString: async () => types(await x) },
  };
}

export async function pairing(stations: { alice: Station; bob: Station }, people = twoPeople()) {
  const { alice, bob } = stations;
  return Promise.all([
    pair(alice.endpoint, alice.peer, options(alice, people.caller)),
    listen(bob.endpoint, { ...options(bob, people.callee), once: true }),
  ]);
}

export async function pairedStations() {
  const stations = await twoStations();
  expect((await pairing(stations)).map((end) => end?.event)).toEqual(['paired', 'paired']);
  return stations;
}

/** Alice sends, Bob answers one call. */
export function sending(
  { alice, bob }: { alice: Station; bob: Station },
  sources: string[],
  signal?: AbortSignal,
) {
  return Promise.all([
    send(alice.endpoint, alice.peer, sources, options(alice, nobody, signal)),
    listen(bob.endpoint, { ...options(bob), once: true }),
  ]);
}

export function letter(content: string | Uint8Array = 'Dear Bob,\n'): string {
  const path = join(temporaryFolder(), 'letter.txt');
  writeFileSync(path, content);
  utimesSync(path, 853_977_600, 853_977_600);
  return path;
}

export function expectNothingLeft(...stations: Station[]): void {
  for (const { endpoint, modem } of stations) {
    expect(modem.isOffHook).toBe(false);
    expect(readdirSync(endpoint.paths.quarantine)).toEqual([]);
    expect(readdirSync(endpoint.paths.spool)).toEqual([]);
  }
}

export const outcomeOf = (end: ActionEnd | undefined) => (end?.event === 'failed' ? end.outcome : end?.event);

/** A sender that packs what it likes. */
export async function sendContainer({ endpoint, modem, peer }: Station, container: Uint8Array) {
  const sessionKey = systemRandom(20);
  const sealed: Uint8Array[] = [];
  async function* pieces() {
    yield container;
  }
  const { fileHash, size } = await sealContainer(
    pieces(),
    sessionKey,
    async (octets) => void sealed.push(octets),
  );
  async function* read() {
    yield* sealed;
  }
  const longTermKey = (await endpoint.sharedKeys([peer])).get(peer.account);
  const answer = await modem.dial('');
  if (answer.kind !== 'connected' || !longTermKey) throw new Error('not connected or not paired');
  return sendTransfer({
    ...endpoint.sessionWorld(answer.connection, undefined),
    peer: peer.account,
    longTermKey,
    transfer: { sessionKey, fileHash, size, read },
    onProgress: () => {},
  });
}

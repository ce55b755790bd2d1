import { join } from 'node:path';
import { type AccountNumber, parseAccountNumber } from '../../../bytes/account-number.js';
import { systemRandom } from '../../../crypto/random.js';
import { x25519 } from '../../../crypto/x25519.js';
import { listen } from '../../../endpoint/actions/listen.js';
import { pair } from '../../../endpoint/actions/pair.js';
import { type Endpoint, initEndpoint, openEndpoint } from '../../../endpoint/endpoint.js';
import { silentLog } from '../../../log/log.js';
import type { Subscription } from '../../../protocol/identity/subscription.js';
import { identityOf, newIdentity, type RootedIdentity } from '../../../server/server-identity.js';
import type { PairingScreen } from '../../../session/session.js';
import type { ServerStore } from '../../../store/store.js';
import type { Subscriber } from '../../../store/subscribers.js';
import type { SimulatedClock } from '../../../time/simulated-clock.js';
import { drive } from './drive.js';
import { memoryStore } from './memory-store.js';
import { callee, caller, OurNetwork, type ServerOwned, serverNumber } from './our-network.js';
import type { LineKind } from './subject.js';

const pairingLine: LineKind = { rate: 33_600, delayMs: 0, bitErrorRate: 0, seed: 1 };
const pairingLimitMs = 600_000;

/** The server's belongings and the two endpoints, which have paired. */
export interface OurStations {
  readonly server: ServerOwned;
  readonly caller: Endpoint;
  readonly callee: Endpoint;
}

/** @param place an empty folder for their homes */
export async function pairedStations(place: string, clock: SimulatedClock): Promise<OurStations> {
  const identity = identityOf(newIdentity(systemRandom(32), systemRandom));
  const store = memoryStore([subscriber(caller), subscriber(callee)]);
  const stations = {
    server: { store, identity },
    caller: await newEndpoint(join(place, 'a'), await issued(caller, store, identity), clock),
    callee: await newEndpoint(join(place, 'b'), await issued(callee, store, identity), clock),
  };
  await stations.caller.addressBook.add(accountOf(callee.digits), callee.name, false);
  await stations.callee.addressBook.add(accountOf(caller.digits), caller.name, false);
  await pairThem(stations, clock);
  return stations;
}

function subscriber({ digits, name, number }: typeof caller): Omit<Subscriber, 'hasKey'> {
  return {
    account: accountOf(digits),
    name,
    state: 'active',
    number,
    callingNumbers: [],
    allowsWithheldAni: false,
    versions: [2],
    accepts: ['*'],
  };
}

export function accountOf(digits: string): AccountNumber {
  const account = parseAccountNumber(digits);
  if (!account) throw new Error(`${digits} is no account number`);
  return account;
}

/** Keys of version 2 for one account: what the server keeps of them, and what its endpoint is given. */
async function issued(
  { digits, name, number }: typeof caller,
  { subscribers }: ServerStore,
  { rootKey, keyList }: RootedIdentity,
): Promise<{ readonly line: string; readonly subscription: Subscription }> {
  const account = accountOf(digits);
  const [staticSecret, psk] = [systemRandom(32), systemRandom(32)];
  await subscribers.issue(account, { staticKey: x25519(staticSecret).publicKey, psk });
  const subscription = { account, name, serverNumber, rootKey, keyList, staticSecret, psk };
  return { line: `sim:${number}`, subscription };
}

async function newEndpoint(
  home: string,
  { line, subscription }: { readonly line: string; readonly subscription: Subscription },
  clock: SimulatedClock,
): Promise<Endpoint> {
  const world = { clock, random: systemRandom, log: silentLog, passphrase: async () => 'measured' };
  const { account, name } = subscription;
  const settings = { account, name, line, server_number: serverNumber };
  // The passphrase is asked for before a call, so that its cost is no line time.
  await initEndpoint(home, settings, { ...world, subscription, keyRingCost: { log2N: 4, r: 1, p: 1 } });
  return openEndpoint(home, world);
}

async function pairThem(stations: OurStations, clock: SimulatedClock): Promise<void> {
  const network = new OurNetwork(pairingLine, stations.server, clock);
  let readOut: (checkString: string) => void = () => {};
  const heard = new Promise<string>((resolve) => {
    readOut = resolve;
  });
  const screen: PairingScreen = {
    confirmCheckString: async (_, checkString) => {
      readOut(checkString);
      return true;
    },
    typeCheckString: () => heard,
  };
  const peer = await stations.caller.addressBook.named(accountOf(callee.digits));
  const work = async () => {
    const modems = await network.open();
    const common = { screen, onEvent: () => {} };
    return Promise.all([
      listen(stations.callee, { ...common, modem: modems.callee, once: true }),
      pair(stations.caller, peer, { ...common, modem: modems.caller }),
    ]);
  };
  const ends = await drive(clock, work(), { limitMs: pairingLimitMs });
  await drive(clock, network.close(), { limitMs: pairingLimitMs });
  if (ends.some((end) => end?.event !== 'paired')) throw new Error(`not paired: ${JSON.stringify(ends)}`);
}

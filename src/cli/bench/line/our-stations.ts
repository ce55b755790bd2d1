import { join } from 'node:path';
import { type AccountNumber, parseAccountNumber } from '../../../bytes/account-number.js';
import { systemRandom } from '../../../crypto/random.js';
import { listen } from '../../../endpoint/actions/listen.js';
import { pair } from '../../../endpoint/actions/pair.js';
import { type Endpoint, initEndpoint, openEndpoint } from '../../../endpoint/endpoint.js';
import { silentLog } from '../../../log/log.js';
import { identityOf, newIdentity } from '../../../server/server-identity.js';
import type { PairingScreen } from '../../../session/session.js';
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
  const stations = {
    server: {
      store: memoryStore([subscriber(caller), subscriber(callee)]),
      identity: identityOf(newIdentity(systemRandom(32), systemRandom)),
    },
    caller: await newEndpoint(join(place, 'a'), caller, clock),
    callee: await newEndpoint(join(place, 'b'), callee, clock),
  };
  await stations.caller.addressBook.add(accountOf(callee.digits), callee.name, true);
  await stations.callee.addressBook.add(accountOf(caller.digits), caller.name, true);
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
    versions: [1, 2],
    accepts: ['*'],
  };
}

export function accountOf(digits: string): AccountNumber {
  const account = parseAccountNumber(digits);
  if (!account) throw new Error(`${digits} is no account number`);
  return account;
}

async function newEndpoint(home: string, own: typeof caller, clock: SimulatedClock): Promise<Endpoint> {
  const world = { clock, random: systemRandom, log: silentLog, passphrase: async () => 'measured' };
  const settings = {
    account: accountOf(own.digits),
    name: own.name,
    line: `sim:${own.number}`,
    server_number: serverNumber,
  };
  // The passphrase is asked for before a call, so that its cost is no line time.
  await initEndpoint(home, settings, { ...world, keyRingCost: { log2N: 4, r: 1, p: 1 } });
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

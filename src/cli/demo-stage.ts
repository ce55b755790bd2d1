import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type AccountNumber, parseAccountNumber } from '../bytes/account-number.js';
import { systemRandom } from '../crypto/random.js';
import { type Endpoint, type EndpointWorld, initEndpoint, openEndpoint } from '../endpoint/endpoint.js';
import { homePaths } from '../endpoint/home.js';
import type { Log } from '../log/log.js';
import { simBinding } from '../pstn/central-office/ports/sim-port.js';
import type { Modem } from '../pstn/modem/modem.js';
import { openModem } from '../pstn/modem/open-modem.js';
import { realClock } from '../time/real-clock.js';
import { type Config, loadConfig } from './config.js';
import { bringUp, type Running } from './up.js';

/** Rings, trainings and the exchange's pauses take this share of their real time; data and the modems' S registers do not. */
export const timeScale = 0.1;
export const lineRate = 33_600;
export const delayMs = 30;
export const passphrase = 'demonstration';

const serverNumber = '5550100';

/** Lines that any terminal program may open while the demonstration stays up. */
export const guestLines = [
  { number: '5550111', link: 'run/line-a' },
  { number: '5550112', link: 'run/line-b' },
];

/** One of the two people, with endpoint and modem. */
export interface Person {
  readonly name: string;
  readonly account: AccountNumber;
  readonly home: string;
  readonly endpoint: Endpoint;
  readonly modem: Modem;
}

export interface Stage {
  readonly running: Running;
  readonly alice: Person;
  readonly bob: Person;
  close(): Promise<void>;
}

/** The whole of Figure 1 in this process: network, server with two trunks, and two endpoints that know each other's name. */
export async function setStage(log: Log): Promise<Stage> {
  const running = await bringUp(demonstrationConfig(), log);
  try {
    const alice = await person('Alice Ltd', '1', '5550101', running, log);
    const bob = await person('Bob and Sons', '2', '5550102', running, log);
    await introduce(alice, bob);
    await introduce(bob, alice);
    return {
      running,
      alice,
      bob,
      async close() {
        for (const each of [alice, bob]) {
          await each.modem.close();
          await each.endpoint.close();
        }
        await running.stop();
      },
    };
  } catch (cause) {
    await running.stop();
    throw cause;
  }
}

/** The environment's DATABASE_URL and data folder count here as everywhere; the rest is the demonstration's. */
function demonstrationConfig(): Config {
  const fromEnvironment = loadConfig(undefined, process.env);
  const { data_dir, database_url } = fromEnvironment;
  const line = { rate: lineRate, delay_ms: delayMs, bit_error_rate: 0, caller_id: 'shown' as const };
  return {
    data_dir,
    ...(database_url !== undefined && { database_url }),
    log_level: 'warn',
    office: {
      time_scale: timeScale,
      line: [
        { ...line, number: serverNumber, hunt: serverNumber },
        { ...line, number: '5550199', hunt: serverNumber },
        { ...line, number: '5550101' },
        { ...line, number: '5550102' },
        ...guestLines.map(({ number, link }) => ({ ...line, number, expose: `pty:${link}` })),
      ],
    },
    server: { number: serverNumber, trunks: [`sim:${serverNumber}`, 'sim:5550199'] },
    subscriber: [subscriber('1', 'Alice Ltd', '5550101'), subscriber('2', 'Bob and Sons', '5550102')],
  };
}

function subscriber(account: string, name: string, number: string): Config['subscriber'][number] {
  return {
    account: accountOf(account),
    name,
    number,
    calling_numbers: [],
    allow_withheld_ani: false,
    versions: [1],
    accepts: ['*'],
  };
}

function accountOf(digits: string): AccountNumber {
  const account = parseAccountNumber(digits);
  if (!account) throw new Error(`${digits} is no account number`);
  return account;
}

async function person(
  name: string,
  digits: string,
  number: string,
  running: Running,
  log: Log,
): Promise<Person> {
  const account = accountOf(digits);
  const home = join(demonstrationConfig().data_dir, 'demo', name.split(' ')[0]?.toLowerCase() ?? digits);
  const world: EndpointWorld = {
    clock: realClock,
    random: systemRandom,
    log,
    passphrase: async () => passphrase,
  };
  if (!existsSync(homePaths(home).keyRing)) {
    await initEndpoint(home, { account, name, line: `sim:${number}`, server_number: serverNumber }, world);
  }
  const endpoint = await openEndpoint(home, world);
  const { office } = running;
  const modem = await openModem(endpoint.settings.line, {
    clock: realClock,
    log,
    ...(office && { simBinding: simBinding(office) }),
  });
  return { name, account, home, endpoint, modem };
}

async function introduce({ endpoint }: Person, other: Person): Promise<void> {
  const known = await endpoint.addressBook.find(other.account);
  if (!known) await endpoint.addressBook.add(other.account, other.name, true);
}

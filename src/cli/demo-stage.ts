import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AccountNumber, parseAccountNumber } from '../bytes/account-number.js';
import { systemRandom } from '../crypto/random.js';
import { type Endpoint, type EndpointWorld, initEndpoint, openEndpoint } from '../endpoint/endpoint.js';
import { homePaths } from '../endpoint/home.js';
import { readSubscriptionFile } from '../endpoint/subscription.js';
import type { Log } from '../log/log.js';
import { simBinding } from '../pstn/central-office/ports/sim-port.js';
import type { Modem } from '../pstn/modem/modem.js';
import { openModem } from '../pstn/modem/open-modem.js';
import { realClock } from '../time/real-clock.js';
import type { Config } from './config.js';
import { CommandFailed } from './exit-codes.js';
import { issueSubscription } from './issue-subscription.js';
import { shellWord } from './shell-word.js';
import { systemUser } from './system-user.js';
import { readTariff } from './tariff-source.js';
import { bringUp, type Running } from './up.js';

/** Rings, trainings and the exchange's pauses take this share of their real time; data and the modems' S registers do not. */
const timeScale = 0.1;
const lineRate = 33_600;
const delayMs = 30;
export const passphrase = 'demonstration';

const tariffFile = fileURLToPath(new URL('../../fixtures/tariffs/local-and-toll.toml', import.meta.url));
export const demonstrationTariff = 'local-and-toll';

const serverNumber = '5550100';

/** Apart from the database of a configured server, which knows other people under the same account numbers. */
const dataDir = join(process.env.CORDBOARD_DATA_DIR || 'data', 'demo');

/** Who takes part, with account and telephone number. */
const people = {
  alice: { firstName: 'Alice', name: 'Alice Ltd', digits: '1', number: '5550101' },
  bob: { firstName: 'Bob', name: 'Bob and Sons', digits: '2', number: '5550102' },
};
type Role = (typeof people)['alice'];

/** Lines that any terminal program may open while the demonstration stays up. */
export const guestLines = [
  { number: '5550111', link: 'run/line-a' },
  { number: '5550112', link: 'run/line-b' },
] as const;

/** What a command beside the demonstration needs to find its accounts and call records. */
export function storeArguments(): string {
  return process.env.DATABASE_URL ? '' : ` --data-dir ${shellWord(dataDir)}`;
}

/** One of the two people, with endpoint and modem. */
export interface Person {
  readonly firstName: string;
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

/** The whole of Figure 1 in this process: network, server with two trunks, and two endpoints with subscriptions that know each other's name. */
export async function setStage(log: Log): Promise<Stage> {
  const running = await bringUp(demonstrationConfig(), 'the demonstration', log);
  try {
    await haveTariff(running.store);
    const alice = await person(people.alice, running, log);
    const bob = await person(people.bob, running, log);
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

/** The environment's DATABASE_URL and data folder count here as everywhere; no file does. */
function demonstrationConfig(): Config {
  const databaseUrl = process.env.DATABASE_URL;
  const line = {
    rate: lineRate,
    delay_ms: delayMs,
    bit_error_rate: 0,
    caller_id: 'shown' as const,
    modem: 'generic' as const,
  };
  return {
    data_dir: dataDir,
    ...(databaseUrl && { database_url: databaseUrl }),
    log_level: 'warn',
    office: {
      time_scale: timeScale,
      line: [
        { ...line, number: serverNumber, hunt: serverNumber },
        { ...line, number: '5550199', hunt: serverNumber },
        ...Object.values(people).map(({ number }) => ({ ...line, number })),
        ...guestLines.map(({ number, link }) => ({ ...line, number, expose: `pty:${link}` })),
      ],
    },
    server: { number: serverNumber, trunks: [`sim:${serverNumber}`, 'sim:5550199'] },
    subscriber: Object.values(people).map(subscriber),
  };
}

function subscriber({ digits, name, number }: Role): Config['subscriber'][number] {
  return {
    account: accountOf(digits),
    name,
    number,
    calling_numbers: [],
    allow_withheld_ani: false,
    versions: [1, 2],
    accepts: ['*'],
  };
}

function accountOf(digits: string): AccountNumber {
  const account = parseAccountNumber(digits);
  if (!account) throw new Error(`${digits} is no account number`);
  return account;
}

async function person(role: Role, running: Running, log: Log): Promise<Person> {
  const { firstName, name, digits, number } = role;
  const account = accountOf(digits);
  const home = join(dataDir, firstName.toLowerCase());
  const world: EndpointWorld = {
    clock: realClock,
    random: systemRandom,
    log,
    passphrase: async () => passphrase,
  };
  const subscription = await freshSubscription(role, running);
  if (!existsSync(homePaths(home).keyRing)) {
    const settings = { account, name, line: `sim:${number}`, server_number: serverNumber };
    await initEndpoint(home, settings, { ...world, subscription });
  }
  const endpoint = await openEndpoint(home, world);
  await endpoint.subscribe(subscription);
  const { office } = running;
  const modem = await openModem(endpoint.settings.line, {
    clock: realClock,
    log,
    ...(office && { simBinding: simBinding(office) }),
  });
  return { firstName, name, account, home, endpoint, modem };
}

/** The example, where accounts have no tariff by default. */
async function haveTariff({ tariffs }: Running['store']): Promise<void> {
  if ((await tariffs.list()).some(({ isDefault }) => isDefault)) return;
  const { tariff, ...source } = readTariff(tariffFile);
  const importedAt = new Date(realClock.utcMs());
  const version = { ...source, tariff: tariff.name, importedAt, importedBy: systemUser() };
  await tariffs.import(version, { replaces: false });
  await tariffs.makeDefault(tariff.name);
}

/** Issued anew each time: the database or the homes may be from another demonstration. */
async function freshSubscription({ digits, firstName }: Role, { store, identity }: Running) {
  const account = accountOf(digits);
  const subscriber = await store.subscribers.find(account);
  if (!subscriber?.versions.includes(2)) {
    throw new CommandFailed(
      'failed',
      `Account ${account} is in the database and may not use version 2: an older demonstration has made it. Take ${dataDir} away, or name another database.`,
    );
  }
  const path = join(dataDir, `${firstName.toLowerCase()}.subscription.toml`);
  rmSync(path, { force: true });
  await issueSubscription(store.subscribers, subscriber, { serverNumber, identity }, path);
  try {
    return await readSubscriptionFile(path);
  } finally {
    rmSync(path, { force: true });
  }
}

async function introduce({ endpoint }: Person, other: Person): Promise<void> {
  const known = await endpoint.addressBook.find(other.account);
  if (!known) await endpoint.addressBook.add(other.account, other.name);
}

import { chmod } from 'node:fs/promises';
import type { AccountNumber } from '../bytes/account-number.js';
import type { RandomSource } from '../crypto/random.js';
import type { Log } from '../log/log.js';
import type { Subscription } from '../protocol/identity/subscription.js';
import type { DataConnection } from '../pstn/modem/modem.js';
import { SessionRegistry } from '../session/open-sessions.js';
import type { OpenSessions } from '../session/session.js';
import type { Clock } from '../time/clock.js';
import { AddressBook, type Peer } from './address-book.js';
import { CallLog } from './call-log.js';
import { makeFolder, readIfThere, replaceDurably } from './durable-file.js';
import { EndpointError } from './endpoint-error.js';
import { type HomePaths, homePaths, inboxPath, lineLockPath } from './home.js';
import { type InboxSession, readInbox } from './inbox.js';
import {
  type AskPassphrase,
  createKeyRing,
  type KeyRing,
  type KeyRingPlace,
  openKeyRing,
  rootKeyIn,
} from './key-ring.js';
import type { KeyRingCost } from './key-ring-file.js';
import { takeLock } from './lock-file.js';
import { Pairings } from './pairings.js';
import {
  checkSettings,
  readSettingsText,
  type Settings,
  type SettingsInput,
  settingsText,
} from './settings.js';
import { keepSubscription, ServerTrust, secretsOf } from './subscription.js';
import { withWriteLock } from './write-lock.js';

/** What an endpoint is given from outside. */
export interface EndpointWorld {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Log;
  readonly passphrase: AskPassphrase;
}

export interface InitWorld extends Pick<EndpointWorld, 'clock' | 'random' | 'passphrase'> {
  readonly keyRingCost?: KeyRingCost;
  /** Goes into a key ring that is made. */
  readonly subscription?: Subscription;
}

/**
 * Makes an endpoint in `home`. What is there stays as it is: on a home without a key ring this makes
 * the key ring alone.
 * @throws EndpointError `usage` at wrong settings or a finished endpoint
 */
export async function initEndpoint(home: string, input: SettingsInput, world: InitWorld): Promise<Settings> {
  const given = checkSettings(input, 'the command');
  const paths = homePaths(home);
  await makeFolder(home);
  await chmod(home, 0o700);
  return withWriteLock(paths.lock, world.clock, async () => {
    const present = await readSettings(paths);
    const hasKeyRing = (await readIfThere(paths.keyRing)) !== undefined;
    if (present && hasKeyRing) {
      throw new EndpointError(
        'usage',
        `${home} holds an endpoint already, of account ${present.account}. Edit ${paths.settings} to change it, or choose another folder.`,
      );
    }
    if (present && present.account !== given.account) {
      throw new EndpointError(
        'usage',
        `${home} belongs to account ${present.account}, not to ${given.account}. Choose another folder.`,
      );
    }
    const settings = present ?? given;
    checkFits(settings, world.subscription);
    for (const folder of [inboxPath(home, settings.inbox), paths.quarantine, paths.spool, paths.logs]) {
      await makeFolder(folder);
    }
    if (!hasKeyRing) {
      const ring = await createKeyRing(
        keyRingPlace(paths, settings, world),
        world.passphrase,
        world.keyRingCost,
        world.subscription && secretsOf(world.subscription),
      );
      ring.close();
    }
    if (!present) await replaceDurably(paths.settings, settingsText(settings));
    return settings;
  });
}

/**
 * @param overrides keys of `endpoint.toml` from flags and environment; `undefined` leaves the file's
 * @throws EndpointError `usage` when there is no endpoint or its settings are wrong
 */
export async function openEndpoint(
  home: string,
  world: EndpointWorld,
  overrides: Readonly<Record<string, unknown>> = {},
): Promise<Endpoint> {
  const paths = homePaths(home);
  const settings = await readSettings(paths, overrides);
  if (!settings) {
    throw new EndpointError(
      'usage',
      `There is no endpoint in ${home}. Make one: \`cordboard endpoint init\`.`,
    );
  }
  return new Endpoint(paths, settings, world);
}

async function readSettings(
  paths: HomePaths,
  overrides: Readonly<Record<string, unknown>> = {},
): Promise<Settings | undefined> {
  const text = await readIfThere(paths.settings);
  if (text === undefined) return undefined;
  const file = readSettingsText(text, paths.settings);
  const given = Object.entries(overrides).filter(([, value]) => value !== undefined);
  return checkSettings({ ...file, ...Object.fromEntries(given) }, paths.settings);
}

function checkFits({ account, server_number }: Settings, given: Subscription | undefined): void {
  if (!given) return;
  const [theirs, own] =
    given.account !== account
      ? [`account ${given.account}`, `account ${account}`]
      : [`the server at ${given.serverNumber}`, `the server at ${server_number}`];
  if (theirs === own) return;
  throw new EndpointError(
    'usage',
    `The subscription is for ${theirs}, and this endpoint is for ${own}. Nothing was changed. Take the subscription of this endpoint, or ` +
      'another folder (`--home`).',
  );
}

function keyRingPlace(
  paths: HomePaths,
  settings: Settings,
  world: Pick<EndpointWorld, 'clock' | 'random'>,
): KeyRingPlace {
  const { clock, random } = world;
  return { path: paths.keyRing, lockPath: paths.lock, own: settings.account, clock, random };
}

/** What the passphrase opens. */
export interface OpenKeys {
  readonly ring: KeyRing;
  readonly pairings: Pairings;
  readonly trust: ServerTrust;
}

/** The secure modem device: one account, its peers and keys, its inbox and logs. */
export class Endpoint {
  readonly paths: HomePaths;
  readonly settings: Settings;
  readonly inbox: string;
  readonly world: EndpointWorld;
  readonly addressBook: AddressBook;
  readonly sendLog: CallLog;
  readonly receiveLog: CallLog;
  /** Guards G1 and G2, over all lines of this process. */
  readonly openSessions: OpenSessions = new SessionRegistry();
  #keys: Promise<OpenKeys> | undefined;
  #questions = 0;

  constructor(paths: HomePaths, settings: Settings, world: EndpointWorld) {
    this.paths = paths;
    this.settings = settings;
    this.world = world;
    this.inbox = inboxPath(paths.home, settings.inbox);
    this.addressBook = new AddressBook(paths.peers, paths.lock, settings.account, world.clock);
    this.sendLog = new CallLog(paths.sendLog);
    this.receiveLog = new CallLog(paths.receiveLog);
  }

  /** The key ring and what it is for; asks for the passphrase the first time. @throws EndpointError `wrong-passphrase`, `damaged` */
  unlock(): Promise<OpenKeys> {
    this.#keys ??= this.#openKeys().catch((error: unknown) => {
      this.#keys = undefined;
      throw error;
    });
    return this.#keys;
  }

  async #openKeys(): Promise<OpenKeys> {
    const { clock, log, passphrase } = this.world;
    const ring = await openKeyRing(keyRingPlace(this.paths, this.settings, this.world), passphrase);
    const pairings = new Pairings(ring, this.addressBook, clock);
    await pairings.reconcile();
    return { ring, pairings, trust: new ServerTrust(ring, log) };
  }

  /** A person is asked something: no other caller is let in. */
  get isAsking(): boolean {
    return this.#questions > 0;
  }

  whileAsking<Answer>(question: Promise<Answer>): Promise<Answer> {
    this.#questions += 1;
    return question.finally(() => {
      this.#questions -= 1;
    });
  }

  /**
   * The long-term keys of version 1 shared with these peers, as they are on the disk now. A key older than the pairing that
   * the address book knows came from a backup and is none any more (fault 50).
   */
  async sharedKeys(peers: readonly Peer[]): Promise<ReadonlyMap<AccountNumber, Uint8Array>> {
    const { ring } = await this.unlock();
    await ring.refresh();
    const keys = new Map<AccountNumber, Uint8Array>();
    for (const { account, pairedAt = 0 } of peers) {
      const shared = ring.keyOf(account);
      if (shared && shared.pairedAt >= pairedAt) keys.set(account, shared.key);
    }
    return keys;
  }

  /** What a session over this connection is given. */
  sessionWorld(connection: DataConnection, signal: AbortSignal | undefined) {
    const { clock, random, log } = this.world;
    const { openSessions } = this;
    return {
      connection,
      clock,
      random,
      log,
      own: this.settings.account,
      openSessions,
      ...(signal ? { signal } : {}),
    };
  }

  /** Takes the peer out of the address book and its key out of the key ring. */
  async forget(peer: Peer): Promise<void> {
    const { ring } = await this.unlock();
    await ring.remove(peer.account);
    await this.addressBook.remove(peer.account);
  }

  /**
   * Takes in what the operator has handed over: from now on version 2 is spoken, with these keys.
   * @throws EndpointError `usage` when it is for another account or another server
   */
  async subscribe(subscription: Subscription): Promise<void> {
    checkFits(this.settings, subscription);
    const { ring } = await this.unlock();
    await keepSubscription(ring, subscription);
  }

  inboxSessions(): Promise<InboxSession[]> {
    return readInbox(this.inbox);
  }

  /**
   * One action at a time on a line, over all programs that run in this home.
   * @returns gives the line back
   * @throws EndpointError `locked`
   */
  takeLine(): Promise<() => Promise<void>> {
    const { line } = this.settings;
    return takeLock(lineLockPath(this.paths.home, line), {
      clock: this.world.clock,
      patienceMs: 0,
      heldBy: (pid) =>
        `Process ${pid} is using the line ${line} for this endpoint. Wait until it is done, or end it, then try again.`,
    });
  }

  /** The operator's root key, 32 octets, as the subscription named it; asks nobody. */
  rootKey(): Promise<Uint8Array | undefined> {
    return rootKeyIn({ path: this.paths.keyRing });
  }

  /** Overwrites the keys in memory. */
  async close(): Promise<void> {
    const keys = await this.#keys?.catch(() => undefined);
    await keys?.trust.written();
    keys?.ring.close();
    this.#keys = undefined;
  }
}

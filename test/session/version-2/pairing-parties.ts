import type { AccountNumber } from '../../../src/bytes/account-number.js';
import { ed25519 } from '../../../src/crypto/ed25519.js';
import type { RandomSource } from '../../../src/crypto/random.js';
import { x25519 } from '../../../src/crypto/x25519.js';
import {
  agreedAtOnce,
  type PairingEvent,
  pairingAfter,
  standingOf,
  unanswered,
} from '../../../src/protocol/key-exchange/version-2/pairing.js';
import type { Identity } from '../../../src/protocol/key-exchange/version-2/rules.js';
import { SessionRegistry } from '../../../src/session/open-sessions.js';
import type { PairingScreen } from '../../../src/session/session.js';
import type { BridgedCall, ChannelEvent } from '../../../src/session/version-2/bridged-call.js';
import { answeringConfirmations, confirmPairing } from '../../../src/session/version-2/confirm-pairing.js';
import {
  type PairingOptions,
  pairAsCallee,
  pairAsCaller,
} from '../../../src/session/version-2/key-exchange.js';
import type { KeptRun, PairingStore, PendingKey } from '../../../src/session/version-2/pairing-store.js';
import { SimulatedClock } from '../../../src/time/simulated-clock.js';
import { ChannelPair, type ChannelPairOptions } from '../../support/channel-pair.js';
import { LogBook } from '../../support/log-book.js';
import { idle, settle } from '../../support/pair.js';
import { seeded } from '../../support/seeded.js';

export const alice = '000000000001' as AccountNumber;
export const bob = '000000000002' as AccountNumber;
export const mallory = '000000000666' as AccountNumber;

/** Made from the account's number. */
export function identityOf(account: AccountNumber): Identity {
  const random = seeded(`identity of ${account}`);
  return { ed25519: ed25519.key(random(32)).publicKey, x25519: x25519(random(32)).publicKey };
}

interface Entry extends PendingKey, KeptRun {
  readonly peer: AccountNumber;
}

/** A key ring in memory that does what `PairingStore` promises. */
export class MemoryPairingStore implements PairingStore {
  entries: readonly Entry[] = [];
  readonly runs: { readonly peer: AccountNumber; readonly atMs: number }[] = [];
  /** Called before each write; a rejection leaves all as it was. */
  beforeWrite: (name: string) => Promise<void> = async () => {};

  async unfinishedRuns(peer: AccountNumber): Promise<readonly number[]> {
    return this.runs.filter((run) => run.peer === peer).map(({ atMs }) => atMs);
  }

  async noteRun(peer: AccountNumber, atMs: number): Promise<void> {
    await this.beforeWrite('noteRun');
    this.runs.push({ peer, atMs });
  }

  async finishRun(peer: AccountNumber, atMs: number): Promise<void> {
    await this.beforeWrite('finishRun');
    const index = this.runs.findIndex((run) => run.peer === peer && run.atMs === atMs);
    if (index >= 0) this.runs.splice(index, 1);
  }

  async savePending(peer: AccountNumber, key: PendingKey): Promise<void> {
    await this.beforeWrite('savePending');
    const kept = this.entries.filter((entry) => entry.peer !== peer || standingOf(entry.pairing) === 'live');
    this.entries = [...kept, { ...key, peer, pairing: key.epoch === undefined ? unanswered : agreedAtOnce }];
  }

  async runsWith(peer: AccountNumber): Promise<readonly KeptRun[]> {
    return this.entries.filter((entry) => entry.peer === peer);
  }

  async note(peer: AccountNumber, kxid: Uint8Array, event: PairingEvent) {
    await this.beforeWrite(event.type);
    const isIt = (entry: Entry) => entry.peer === peer && Buffer.compare(entry.kxid, kxid) === 0;
    const before = this.entries.find(isIt);
    if (!before) throw new Error('the run is not kept');
    const pairing = pairingAfter(before.pairing, event);
    const others = this.entries.filter(
      (entry) => !isIt(entry) && (standingOf(pairing) !== 'live' || entry.peer !== peer),
    );
    const longTermKey = standingOf(pairing) === 'gone' ? new Uint8Array() : before.longTermKey;
    this.entries = [...others, { ...before, longTermKey, pairing }];
    return pairing;
  }

  /** The key that a Data Exchange would use. */
  liveKey(peer: AccountNumber): string | undefined {
    const live = this.entries.find((entry) => entry.peer === peer && standingOf(entry.pairing) === 'live');
    return live && Buffer.from(live.longTermKey).toString('hex');
  }

  standings(peer: AccountNumber): string[] {
    return this.entries.filter((entry) => entry.peer === peer).map(({ pairing }) => standingOf(pairing));
  }
}

/** What is read out over the telephone. */
export interface Telephone {
  checkString?: string;
  secondString?: string;
}

/** One endpoint and its person, who says yes and types what the telephone says. */
export class Endpoint {
  readonly store = new MemoryPairingStore();
  readonly log = new LogBook();
  readonly openSessions = new SessionRegistry();
  readonly shown: string[] = [];
  questionIsWithdrawn = false;
  questions = 0;
  wantsBothStrings = false;
  readonly own: AccountNumber;
  readonly telephone: Telephone;
  readonly random: RandomSource;
  confirms: (shown: string) => Promise<boolean> = async () => true;
  types: () => Promise<string> = () => untilSaid(() => this.telephone.checkString);
  typesSecond: () => Promise<string> = () => untilSaid(() => this.telephone.secondString);

  constructor(own: AccountNumber, telephone: Telephone) {
    this.own = own;
    this.telephone = telephone;
    this.random = seeded(`endpoint ${own}`);
  }

  readonly screen: PairingScreen = {
    confirmCheckString: (_, checkString, signal) => {
      this.#ask(signal);
      this.shown.push(checkString);
      this.telephone.checkString = checkString;
      return this.confirms(checkString);
    },
    typeCheckString: (_, signal) => {
      this.#ask(signal);
      return this.types();
    },
    confirmSecondString: (_, secondString) => {
      this.shown.push(secondString);
      this.telephone.secondString = secondString;
      return this.confirms(secondString);
    },
    typeSecondString: () => this.typesSecond(),
  };

  options(clock: SimulatedClock, signal?: AbortSignal): PairingOptions {
    const { own, store, log, openSessions, random, screen, wantsBothStrings } = this;
    const options = { own, store, log, openSessions, random, screen, wantsBothStrings, clock };
    return { ...options, identity: identityOf(own), ...(signal ? { signal } : {}) };
  }

  #ask(signal: AbortSignal | undefined): void {
    this.questions++;
    this.questionIsWithdrawn = false;
    signal?.addEventListener('abort', () => {
      this.questionIsWithdrawn = true;
    });
  }
}

async function untilSaid(said: () => string | undefined): Promise<string> {
  for (let turn = 0; turn < 1000; turn++) {
    const text = said();
    if (text !== undefined) return text;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return new Promise(() => {});
}

let calls = 0;

/** What the server gives both ends of one call. */
export function bridge(
  options: ChannelPairOptions & { readonly caller?: AccountNumber; readonly callee?: AccountNumber } = {},
) {
  const channels = new ChannelPair(options);
  const random = seeded(`call ${calls++}`);
  const common = {
    purpose: 'pairing',
    callId: random(16),
    callKey: random(32),
    description: '',
    rate: 33600,
  } as const;
  const caller: BridgedCall = {
    ...common,
    role: 'caller',
    peer: options.callee ?? bob,
    channel: channels.caller,
  };
  const callee: BridgedCall = {
    ...common,
    role: 'callee',
    peer: options.caller ?? alice,
    channel: channels.callee,
  };
  return { caller, callee, channels };
}

export interface Two {
  readonly clock: SimulatedClock;
  readonly caller: Endpoint;
  readonly callee: Endpoint;
}

export function two(): Two {
  const telephone = {};
  return {
    clock: new SimulatedClock(),
    caller: new Endpoint(alice, telephone),
    callee: new Endpoint(bob, telephone),
  };
}

/** A whole pairing call in memory. */
export async function pairOver({ clock, caller, callee }: Two, options: ChannelPairOptions = {}) {
  delete caller.telephone.checkString;
  delete caller.telephone.secondString;
  const call = bridge({ ...options, clock, caller: caller.own, callee: callee.own });
  const [callerResult, calleeResult] = await settle(
    clock,
    Promise.all([
      pairAsCaller(call.caller, caller.options(clock)),
      pairAsCallee(call.callee, callee.options(clock)),
    ]),
  );
  return { caller: callerResult, callee: calleeResult, channels: call.channels };
}

/** A later call, up to what follows the CONFs: both sides' view of it. */
export async function confirmOver({ clock, caller, callee }: Two, call: ReturnType<typeof bridge>) {
  const answering = answeringConfirmations(call.callee, callee.options(clock));
  const heard: ChannelEvent[] = [];
  answering.channel.listen((event) => void heard.push(event));
  const asked = await settle(clock, confirmPairing(call.caller, caller.options(clock)));
  await idle();
  return { asked, answering, heard };
}

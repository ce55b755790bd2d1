import type { AccountNumber } from '../../src/bytes/account-number.js';
import { FileSealer } from '../../src/crypto/file-cipher.js';
import type { RandomSource } from '../../src/crypto/random.js';
import { receiveTransfer, sendTransfer } from '../../src/session/data-exchange.js';
import { identifyInbound } from '../../src/session/inbound.js';
import { exchangeKeysAsRecipient, exchangeKeysAsSender } from '../../src/session/key-exchange.js';
import { SessionRegistry } from '../../src/session/open-sessions.js';
import {
  ContentRefused,
  type KeyExchangeOptions,
  type Quarantine,
  type ReceivedFile,
  type ReceiveOptions,
  type SealedTransfer,
  type SendOptions,
} from '../../src/session/session.js';
import { SimulatedClock } from '../../src/time/simulated-clock.js';
import { LogBook } from '../support/log-book.js';
import { Pair, type PairOptions, settle } from '../support/pair.js';
import { seeded } from '../support/seeded.js';

export const alice = '000000000001' as AccountNumber;
export const bob = '000000000002' as AccountNumber;
export const longTermKey = Uint8Array.from({ length: 20 }, (_, index) => 0xa0 + index);

/** What both sides of a test have; `of` names the side in the random source. */
function worldOf(connection: Pair['caller'], clock: SimulatedClock, of: string) {
  return { connection, clock, random: seeded(of), log: new LogBook() };
}

/** A key ring and two people who do as they are told. */
export class Desk {
  readonly keys = new Map<string, Uint8Array>();
  shown: string | undefined;
  #question: AbortSignal | undefined;
  /** Told to the other desk over the telephone. */
  readonly heard: { checkString?: string };
  readonly screen: KeyExchangeOptions['screen'] = {
    confirmCheckString: async (_, checkString, signal) => {
      this.#question = signal;
      this.shown = checkString;
      this.heard.checkString = checkString;
      return this.confirms();
    },
    typeCheckString: async (_, signal) => {
      this.#question = signal;
      return this.types();
    },
  };
  confirms: () => Promise<boolean> = async () => true;
  types: () => Promise<string>;
  saves: () => Promise<void> = async () => {};

  constructor(telephone: { checkString?: string }) {
    this.heard = telephone;
    this.types = () => untilSaid(telephone);
  }

  get questionIsWithdrawn(): boolean {
    return this.#question?.aborted ?? false;
  }

  async saveLongTermKey(peer: string, key: Uint8Array): Promise<void> {
    await this.saves();
    this.keys.set(peer, key);
  }
}

/** The caller's side has shown its string by the time that both lines are released; the listener waits for it. */
async function untilSaid(telephone: { checkString?: string }): Promise<string> {
  for (let turn = 0; turn < 1000; turn++) {
    if (telephone.checkString) return telephone.checkString;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return new Promise(() => {});
}

/** An endpoint whose people say yes, and type this. */
export function pairing(own: AccountNumber, typed: string) {
  const desk = new Desk({});
  desk.types = async () => typed;
  return { own, screen: desk.screen, openSessions: new SessionRegistry(), saveLongTermKey: async () => {} };
}

export interface KeyExchangeTest extends PairOptions {
  readonly callerRandom?: RandomSource;
  readonly calleeRandom?: RandomSource;
  readonly accounts?: { readonly caller: AccountNumber; readonly callee: AccountNumber };
  readonly dialled?: AccountNumber;
  readonly callerOptions?: Partial<KeyExchangeOptions>;
  readonly calleeOptions?: Partial<KeyExchangeOptions>;
  prepare?(desks: { caller: Desk; callee: Desk }): void;
}

/** A whole call in memory: the callee finds out what is spoken, as an endpoint does. */
export async function pairUp(options: KeyExchangeTest = {}) {
  const clock = new SimulatedClock();
  const line = new Pair({ ...options, clock });
  const accounts = options.accounts ?? { caller: alice, callee: bob };
  const telephone = {};
  const desks = { caller: new Desk(telephone), callee: new Desk(telephone) };
  options.prepare?.(desks);
  const caller = worldOf(line.caller, clock, 'caller');
  const callee = worldOf(line.callee, clock, 'callee');
  const sessions = { caller: new SessionRegistry(), callee: new SessionRegistry() };

  const calling = exchangeKeysAsSender({
    ...caller,
    random: options.callerRandom ?? caller.random,
    own: accounts.caller,
    peer: options.dialled ?? accounts.callee,
    screen: desks.caller.screen,
    openSessions: sessions.caller,
    saveLongTermKey: (peer, key) => desks.caller.saveLongTermKey(peer, key),
    ...options.callerOptions,
  });
  const answering = identifyInbound(callee).then((inbound) =>
    inbound.kind === 'failed'
      ? inbound
      : exchangeKeysAsRecipient({
          ...callee,
          random: options.calleeRandom ?? callee.random,
          own: accounts.callee,
          screen: desks.callee.screen,
          openSessions: sessions.callee,
          saveLongTermKey: (peer, key) => desks.callee.saveLongTermKey(peer, key),
          opening: inbound.opening,
          ...options.calleeOptions,
        }),
  );
  const [callerResult, calleeResult] = await settle(clock, Promise.all([calling, answering]));
  return {
    caller: callerResult,
    callee: calleeResult,
    desks,
    line,
    clock,
    sessions,
    logs: { caller: caller.log, callee: callee.log },
  };
}

/** Keeps what it is given; `refuses` and `breaks` name the octets of F at which it does so. */
export class MemoryQuarantine implements Quarantine {
  state: 'open' | 'released' | 'discarded' = 'open';
  readonly #pieces: Uint8Array[] = [];
  #length = 0;
  refusesAt = Number.POSITIVE_INFINITY;
  breaksAt = Number.POSITIVE_INFINITY;
  refusesRelease = false;

  async write(container: Uint8Array): Promise<void> {
    this.#pieces.push(Uint8Array.from(container));
    this.#length += container.length;
    if (this.#length >= this.refusesAt) throw new ContentRefused('entry 3 names ../x');
    if (this.#length >= this.breaksAt) throw new Error('ENOSPC: no space left on device');
  }

  async release(): Promise<ReceivedFile[]> {
    if (this.refusesRelease) throw new ContentRefused('the container is not whole');
    this.state = 'released';
    return [{ name: 'all', size: this.content.length, sha256: '', mtime: new Date(0) }];
  }

  async discard(): Promise<void> {
    this.state = 'discarded';
  }

  get content(): Buffer {
    return Buffer.concat(this.#pieces);
  }
}

/** Any octets sealed, in memory. */
export function seal(container: Uint8Array, sessionKey: Uint8Array = seeded('key')(20)): SealedTransfer {
  const sealer = new FileSealer(sessionKey);
  const head = sealer.update(container);
  const { octets, fileHash } = sealer.finish();
  const sealed = Buffer.concat([head, octets]);
  return {
    sessionKey,
    fileHash,
    size: sealed.length,
    read: async function* () {
      yield sealed;
    },
  };
}

export interface DataExchangeTest extends PairOptions {
  readonly transfer?: SealedTransfer;
  readonly callerRandom?: RandomSource;
  readonly calleeRandom?: RandomSource;
  readonly callerOptions?: Partial<SendOptions>;
  readonly calleeOptions?: Partial<ReceiveOptions>;
  readonly quarantine?: MemoryQuarantine;
  readonly lengthMax?: number;
}

/** A whole call in memory. */
export async function transfer(options: DataExchangeTest = {}) {
  const clock = new SimulatedClock();
  const line = new Pair({ ...options, clock });
  const caller = worldOf(line.caller, clock, 'caller');
  const callee = worldOf(line.callee, clock, 'callee');
  const quarantine = options.quarantine ?? new MemoryQuarantine();
  const sessions = { caller: new SessionRegistry(), callee: new SessionRegistry() };
  let wasOpened = false;

  const calling = sendTransfer({
    ...caller,
    random: options.callerRandom ?? caller.random,
    own: alice,
    peer: bob,
    longTermKey,
    transfer: options.transfer ?? seal(Buffer.from('content '.repeat(1000))),
    openSessions: sessions.caller,
    onProgress: () => {},
    ...options.callerOptions,
  });
  const answering = identifyInbound(callee).then((inbound) =>
    inbound.kind === 'failed'
      ? inbound
      : receiveTransfer(
          {
            ...callee,
            random: options.calleeRandom ?? callee.random,
            own: bob,
            longTermKeyOf: (account) => (account === alice ? longTermKey : undefined),
            openSessions: sessions.callee,
            openQuarantine: async () => {
              wasOpened = true;
              return quarantine;
            },
            onProgress: () => {},
            opening: inbound.opening,
            ...options.calleeOptions,
          },
          options.lengthMax,
        ),
  );
  const [callerResult, calleeResult] = await settle(clock, Promise.all([calling, answering]));
  return {
    caller: callerResult,
    callee: calleeResult,
    quarantine,
    wasOpened,
    line,
    clock,
    sessions,
    logs: { caller: caller.log, callee: callee.log },
  };
}

import type { AccountNumber } from '../../../src/bytes/account-number.js';
import { ed25519 } from '../../../src/crypto/ed25519.js';
import { x25519 } from '../../../src/crypto/x25519.js';
import type { ChannelRecord } from '../../../src/protocol/data-exchange/version-2/handshake.js';
import type { PeerKeys } from '../../../src/protocol/data-exchange/version-2/recipient.js';
import type { BridgedCall } from '../../../src/session/version-2/bridged-call.js';
import {
  type ReceiveOverCallOptions,
  type ReceiveOverCallResult,
  receiveOverCall,
  type SendOverCallOptions,
  type SendOverCallResult,
  sendOverCall,
} from '../../../src/session/version-2/data-exchange.js';
import { SimulatedClock } from '../../../src/time/simulated-clock.js';
import {
  BulkChannelPair,
  type BulkChannelPairOptions,
  bridgedCalls,
} from '../../support/bulk-channel-pair.js';
import { LogBook } from '../../support/log-book.js';
import { settle } from '../../support/pair.js';
import { seeded } from '../../support/seeded.js';
import { MemoryInbox, MemorySpool, newSpool, type SourceOptions } from '../../support/transfer-stores.js';

export const alice = '000000000001' as AccountNumber;
export const bob = '000000000002' as AccountNumber;
export const mallory = '000000000666' as AccountNumber;

const keys = seeded('keys of version 2');

function person() {
  return { staticKey: x25519(keys(32)), signing: ed25519.key(keys(32)) };
}

export const ofAlice = person();
export const ofBob = person();
export const ofMallory = person();
export const longTermKey = keys(32);
export const epoch = 3;

/** What Bob has of Alice. */
export const aliceForBob: PeerKeys = {
  remoteStatic: ofAlice.staticKey.publicKey,
  present: { epoch, longTermKey },
  next: undefined,
};

/** What Alice has of Bob. */
export const bobForAlice = {
  remoteStatic: ofBob.staticKey.publicKey,
  signingKey: ofBob.signing.publicKey,
  present: { epoch, longTermKey },
};

export const content = seeded('content')(450);

export function newMemorySpool(options: SourceOptions = {}, octets = content, seed = 'spool'): MemorySpool {
  const random = seeded(seed);
  return new MemorySpool(newSpool(random), octets, { random, ...options });
}

export interface Call {
  readonly pair?: BulkChannelPairOptions;
  readonly spool?: MemorySpool;
  readonly inbox?: MemoryInbox;
  readonly sender?: Partial<SendOverCallOptions>;
  readonly recipient?: Partial<ReceiveOverCallOptions>;
  readonly callId?: Uint8Array;
  /** How much the recipient's calendar is ahead. */
  readonly skewMs?: number;
  /** Told when both ends have begun. */
  readonly meanwhile?: (pair: BulkChannelPair, clock: SimulatedClock) => void;
}

let calls = 0;

/** One call from Alice to Bob. */
export async function transferCall(call: Call = {}) {
  const clock = new SimulatedClock();
  const pair = new BulkChannelPair({ clock, ...call.pair });
  const callId = call.callId ?? seeded(`call ${++calls}`)(16);
  const ends = bridgedCalls(pair, { caller: alice, callee: bob, callId });
  const spool = call.spool ?? newMemorySpool();
  const inbox = call.inbox ?? new MemoryInbox();
  const log = new LogBook();
  const random = seeded(`entropy ${Buffer.from(callId).toString('hex')}`);
  const progress: number[] = [];
  const world = { clock, log, random };
  const sending = sendOverCall(ends.caller, {
    ...world,
    own: alice,
    staticKey: ofAlice.staticKey,
    peer: bobForAlice,
    transfer: spool,
    onProgress: (octets) => progress.push(octets),
    ...call.sender,
  });
  const receiving = answer(ends.callee, {
    ...world,
    clock: { ...clock, utcMs: () => clock.utcMs() + (call.skewMs ?? 0) } as SimulatedClock,
    own: bob,
    ...ofBob,
    keysOf: (peer) => (peer === alice ? aliceForBob : undefined),
    incoming: inbox,
    limit: undefined,
    onProgress: () => {},
    ...call.recipient,
  });
  call.meanwhile?.(pair, clock);
  const both = Promise.all([sending, receiving]) as Promise<
    [SendOverCallResult, ReceiveOverCallResult | undefined]
  >;
  const [sent, received] = await settle(clock, both);
  return { sent, received, pair, spool, inbox, log, clock, progress };
}

/** As the endpoint does: the first record says what the call is for. `undefined` when there was none. */
export function answer(
  call: BridgedCall,
  options: ReceiveOverCallOptions,
): Promise<ReceiveOverCallResult | undefined> {
  return new Promise((resolve, reject) => {
    call.channel.listen((event) => {
      if (event.type === 'record') {
        const record: ChannelRecord = { recordType: event.recordType, body: event.body };
        receiveOverCall(call, options, record).then(resolve, reject);
      } else resolve(undefined);
    });
  });
}

import type { Answer, Invite, Purpose } from '../../src/protocol/identity/packets.js';
import type { DataConnection, Modem } from '../../src/pstn/modem/modem.js';
import { type AnsweredCall, answerBridgedCall } from '../../src/session/version-2/answer-call.js';
import type { BridgedCall } from '../../src/session/version-2/bridged-call.js';
import type { EndpointIdentity } from '../../src/session/version-2/identity.js';
import {
  askQuote,
  type BridgedCallResult,
  placeBridgedCall,
  type QuoteResult,
} from '../../src/session/version-2/place-call.js';
import { account } from '../protocol/call-manager/subscribers.js';
import { seeded } from '../support/seeded.js';
import { answerNext, type Network, serverNumber } from './network.js';
import { endpointIdentity } from './subscriptions.js';

export interface Wish {
  readonly purpose?: Purpose;
  /** 16 octets. */
  readonly requestId?: Uint8Array;
  readonly identity?: EndpointIdentity;
  readonly signal?: AbortSignal;
  readonly isCollect?: boolean;
  readonly seconds?: number;
}

/** Account `from` calls account `to` from the line of this modem. */
export function place(
  net: Network,
  modem: Modem,
  from: string,
  to: string,
  wish: Wish = {},
): Promise<BridgedCallResult> {
  const random = seeded(`caller ${from}`);
  return placeBridgedCall({
    ...{ modem, clock: net.clock, log: net.log, serverNumber, random },
    ...{ peer: account(to), purpose: wish.purpose ?? 'data', requestId: wish.requestId ?? random(16) },
    identity: wish.identity ?? endpointIdentity(account(from)),
    isCollect: wish.isCollect ?? false,
    estimateSeconds: () => wish.seconds ?? 0,
    ...(wish.signal && { signal: wish.signal }),
  });
}

/** Account `from` asks what a call to account `to` would cost. */
export function ask(
  net: Network,
  modem: Modem,
  from: string,
  to: string,
  wish: Wish = {},
): Promise<QuoteResult> {
  const random = seeded(`caller ${from}`);
  return askQuote({
    ...{ modem, clock: net.clock, log: net.log, serverNumber, random },
    ...{ peer: account(to), purpose: wish.purpose ?? 'data', requestId: wish.requestId ?? random(16) },
    identity: wish.identity ?? endpointIdentity(account(from)),
    isCollect: wish.isCollect ?? false,
    estimateSeconds: () => wish.seconds ?? 0,
  });
}

export interface Manner {
  readonly doNotDisturb?: boolean;
  readonly decide?: (invite: Invite) => Promise<Answer>;
  readonly identity?: EndpointIdentity;
  /** Is given the connection before anything passes. */
  readonly tap?: (connection: DataConnection) => void;
}

/** The endpoint of account `own` answers the next call on the line of this modem. */
export async function answer(
  net: Network,
  modem: Modem,
  own: string,
  manner: Manner = {},
): Promise<AnsweredCall> {
  const connection = await answerNext(modem);
  manner.tap?.(connection);
  return answerBridgedCall({
    ...{ connection, clock: net.clock, log: net.log, random: seeded(`callee ${own}`) },
    opening: new Uint8Array(),
    identity: manner.identity ?? endpointIdentity(account(own)),
    doNotDisturb: manner.doNotDisturb ?? false,
    decide: manner.decide ?? (async () => 'accept'),
  });
}

/** Account 1 calls account 2, and both have the call; the server has joined their lines. */
export async function bridgedCall(
  net: Network,
  modems: { readonly alice?: Modem; readonly bob?: Modem } = {},
): Promise<{ readonly alice: BridgedCall; readonly bob: BridgedCall }> {
  const aliceModem = modems.alice ?? (await net.modem('5550101'));
  const answered = answer(net, modems.bob ?? (await net.modem('5550102')), '2');
  const placed = await net.inTime(place(net, aliceModem, '1', '2'));
  if (placed.kind !== 'bridged') throw new Error(placed.reason);
  const taken = await net.inTime(answered);
  if (taken.kind !== 'bridged') throw new Error(taken.kind);
  await net.runUntil(() => net.log.with('bridged').length > 0);
  return { alice: placed.call, bob: taken.call };
}

/** Both ends hang up, and the server has recorded it. */
export async function endCall(
  net: Network,
  call: { readonly alice: BridgedCall; readonly bob: BridgedCall },
) {
  await net.inTime(call.alice.channel.hangUp());
  await net.inTime(call.bob.channel.hangUp());
  const record = await net.closedRecord();
  await net.runUntil(net.isIdle);
  return record;
}

/** Everything that comes over a call: record bodies and bulk octets one after the other. */
export function heardOn({ channel }: BridgedCall) {
  const heard = { text: '', isOver: false };
  channel.listen((event) => {
    if (event.type === 'record') heard.text += Buffer.from(event.body).toString('latin1');
    else if (event.type === 'bulk') heard.text += Buffer.from(event.octets).toString('latin1');
    else heard.isOver = true;
  });
  return heard;
}

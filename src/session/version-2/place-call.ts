import { createActor } from 'xstate';
import type { AccountNumber } from '../../bytes/account-number.js';
import { known } from '../../bytes/known.js';
import type { RandomSource } from '../../crypto/random.js';
import type { CallerFailure } from '../../protocol/call-manager/failures.js';
import type { ChannelRecord } from '../../protocol/data-exchange/version-2/handshake.js';
import { identityCaller } from '../../protocol/identity/caller.js';
import { notBridged } from '../../protocol/identity/failures.js';
import { type CallTerms, emptyRecord, type Purpose } from '../../protocol/identity/packets.js';
import { runFramed } from '../frame.js';
import { MachineRun } from '../machine-run.js';
import { type PlaceCallOptions, placeCall } from '../place-call.js';
import type { SessionFailure, SessionWorld } from '../session.js';
import type { BridgedCall } from './bridged-call.js';
import { bridgedCallOver, type CallEnd, callEndOf } from './call-channel.js';
import { type EndpointIdentity, endpointEntropy } from './identity.js';
import { LegLine, legLinkOptions } from './leg-line.js';

interface Wanted {
  readonly peer: AccountNumber;
  readonly purpose: Purpose;
  /** 16 random octets, the same for each try of one request: a server that has the call already refuses a second. */
  readonly requestId: Uint8Array;
  readonly identity: EndpointIdentity;
  /** The peer is asked to pay. */
  readonly isCollect?: boolean;
  /** How long the call will carry data at a line rate (bit/s), in whole seconds: the server tells the price of that. */
  estimateSeconds?(rate: number): number;
  /** The first record of the protocol that follows, where it can be said before the callee is there: it spares a round trip. */
  readonly early?: { record(call: Pick<BridgedCall, 'peer' | 'callId'>): ChannelRecord };
}

export type PlaceBridgedCallOptions = Omit<PlaceCallOptions, 'own' | 'peer'> &
  Wanted & { readonly random: RandomSource };

/** With the step, a name for scripts, and a text that a person can act on. The line is on-hook then. */
interface CallFailed {
  readonly kind: 'failed';
  readonly step: string;
  readonly outcome: CallerFailure['outcome'] | SessionFailure['outcome'];
  readonly reason: string;
}

export type BridgedCallResult = { readonly kind: 'bridged'; readonly call: BridgedCall } | CallFailed;

/** On-hook in either case. */
export type QuoteResult =
  | {
      readonly kind: 'quoted';
      readonly terms: CallTerms;
      /** That the price is of. */
      readonly seconds: number;
      /** bit/s that they were reckoned with, and whether the modem has told it. */
      readonly rate: number;
      readonly isRateKnown: boolean;
    }
  | CallFailed;

/** For a line whose modem does not tell its rate: the slowest that most lines train to. */
const assumedRate = 28_800;

/**
 * Figure 4 from the caller's side, in version 2: dials the server without a word of whom it wants, proves who it is, and waits
 * until the recipient's endpoint is at the other end.
 */
export async function placeBridgedCall(options: PlaceBridgedCallOptions): Promise<BridgedCallResult> {
  const { peer: _named, ...dialling } = options;
  const dialled = await placeCall(dialling);
  if (dialled.kind === 'failed') return dialled;
  return callOverLine({ ...options, connection: dialled.connection });
}

/** What such a call would cost, and whom: a call to the server, which calls nobody. */
export async function askQuote(
  options: Omit<PlaceBridgedCallOptions, 'early' | 'estimateSeconds'> &
    Required<Pick<Wanted, 'estimateSeconds'>>,
): Promise<QuoteResult> {
  const { peer: _named, ...dialling } = options;
  const dialled = await placeCall(dialling);
  if (dialled.kind === 'failed') return dialled;
  const { connection } = dialled;
  const { result } = await runCaller({ ...options, connection }, true);
  if (result.kind === 'failed') return result;
  if (result.kind !== 'quoted') throw new Error(`a quote ended as ${result.kind}`);
  const { longestSeconds, priceClass, price, payer } = result;
  const rate = connection.rate ?? assumedRate;
  const terms = { longestSeconds, priceClass, price, payer };
  const isRateKnown = connection.rate !== undefined;
  return { kind: 'quoted', terms, seconds: options.estimateSeconds(rate), rate, isRateKnown };
}

/** The caller's leg over a line to the server that stands. */
export async function callOverLine(options: SessionWorld & Wanted): Promise<BridgedCallResult> {
  const { result, line, end } = await runCaller(options, false);
  if (result.kind === 'not-bridged') return { kind: 'failed', ...notBridged(result.cause) };
  if (result.kind === 'failed') return result;
  if (result.kind === 'quoted') throw new Error('a call ended with a quote');
  const { connection, peer, purpose } = options;
  const { callId, callKey, longestSeconds } = result;
  const limit = longestSeconds > 0 ? { longestSeconds } : {};
  const facts = { peer, role: 'caller', purpose, callId, callKey, ...limit } as const;
  return { kind: 'bridged', call: bridgedCallOver(line.link, connection, facts, known(end)) };
}

async function runCaller(options: SessionWorld & Wanted, isQuote: boolean) {
  const { connection, clock, random, log, peer, purpose, requestId, identity, isCollect = false } = options;
  const run = new MachineRun<typeof identityCaller>();
  const line = new LegLine(connection, clock, legLinkOptions(random), run.report);
  let end: CallEnd | undefined;
  const sendEarly = ({ callId, callKey }: Pick<BridgedCall, 'callId' | 'callKey'>) => {
    const { recordType, body } = options.early?.record({ peer, callId }) ?? emptyRecord;
    end = callEndOf({ role: 'caller', callKey });
    line.send({ kind: 'EARLY', body: end.sealer.seal(recordType, body) });
  };
  const machine = identityCaller.provide({
    actions: {
      sendMessage: (_, message) => line.send(message),
      sendEarly: (_, call) => sendEarly(call),
      awaitMessage: (_, { kind }) => line.expect(kind),
      keepKeyList: (_, { keyList }) => identity.keepKeyList(keyList),
      hangUp: () => void run.answer(line.hangUp()),
      noteUnexpected: ({ event }) => log.warn({ event: event.type }, 'event that the caller does not await'),
    },
  });
  const { staticKey, psk, server } = identity;
  const own = { staticKey, psk, server, ...endpointEntropy(random) };
  const estimatedSeconds = options.estimateSeconds?.(connection.rate ?? assumedRate) ?? 0;
  const wish = { callee: peer, purpose, requestId, isQuote, isCollect, estimatedSeconds };
  const result = await runFramed({
    name: 'identity, caller',
    world: options,
    line,
    outcome: run.outcome,
    start: () => run.start(createActor(machine, { clock, input: { ...own, ...wish, utcMs: clock.utcMs() } })),
    cancel: () => run.report({ type: 'operator.cancelled' }),
  });
  return { result, line, end };
}

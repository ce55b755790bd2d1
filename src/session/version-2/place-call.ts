import { createActor } from 'xstate';
import type { AccountNumber } from '../../bytes/account-number.js';
import { known } from '../../bytes/known.js';
import type { RandomSource } from '../../crypto/random.js';
import type { CallerFailure } from '../../protocol/call-manager/failures.js';
import type { ChannelRecord } from '../../protocol/data-exchange/version-2/handshake.js';
import { identityCaller } from '../../protocol/identity/caller.js';
import { notBridged } from '../../protocol/identity/failures.js';
import { emptyRecord, type Purpose } from '../../protocol/identity/packets.js';
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
  /** The first record of the protocol that follows, where it can be said before the callee is there: it spares a round trip. */
  readonly early?: { record(call: Pick<BridgedCall, 'peer' | 'callId'>): ChannelRecord };
}

export type PlaceBridgedCallOptions = Omit<PlaceCallOptions, 'own' | 'peer'> &
  Wanted & { readonly random: RandomSource };

/** `failed` carries the step, a name for scripts, and a text that a person can act on. The line is on-hook then. */
export type BridgedCallResult =
  | { readonly kind: 'bridged'; readonly call: BridgedCall }
  | {
      readonly kind: 'failed';
      readonly step: string;
      readonly outcome: CallerFailure['outcome'] | SessionFailure['outcome'];
      readonly reason: string;
    };

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

/** The caller's leg over a line to the server that stands. */
export async function callOverLine(options: SessionWorld & Wanted): Promise<BridgedCallResult> {
  const { connection, clock, random, log, peer, purpose, requestId, identity } = options;
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
  const { ephemeral, kemSeed } = endpointEntropy(random);
  const own = { staticKey, psk, server, ephemeral, kemSeed };
  const input = { ...own, callee: peer, purpose, requestId, utcMs: clock.utcMs() };
  const result = await runFramed({
    name: 'identity, caller',
    world: options,
    line,
    outcome: run.outcome,
    start: () => run.start(createActor(machine, { clock, input })),
    cancel: () => run.report({ type: 'operator.cancelled' }),
  });
  if (result.kind === 'not-bridged') return { kind: 'failed', ...notBridged(result.cause) };
  if (result.kind === 'failed') return result;
  const { callId, callKey } = result;
  const facts = { peer, role: 'caller', purpose, callId, callKey } as const;
  return { kind: 'bridged', call: bridgedCallOver(line.link, connection, facts, known(end)) };
}

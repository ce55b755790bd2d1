import { assign, setup } from 'xstate';
import { known } from '../../bytes/known.js';
import type { HandshakeState, Transport } from '../../crypto/noise/handshake-state.js';
import { transportOf } from '../../crypto/noise/handshake-state.js';
import type { IdentityFailed, LegEvent, MessageOrder, StepMeta } from './events.js';
import { callerFailures } from './failures.js';
import { isSignedBy, type KeyList } from './key-list.js';
import { type Approval, type MessageKind, type Request, softwareVersion } from './packets.js';
import { type EndpointSecrets, greet, introduce, opened, timers } from './rules.js';

/** What an endpoint knows of its server, from the subscription. */
export interface KnownServer {
  /** The operator's Ed25519 public key, 32 octets. */
  readonly rootKey: Uint8Array;
  readonly keyList: KeyList;
}

export interface CallerInput extends EndpointSecrets, Omit<Request, 'kind' | 'version'> {
  readonly server: KnownServer;
}

interface CallerContext {
  readonly input: CallerInput;
  readonly noise: HandshakeState | undefined;
  /** HELLO, then REQUEST. */
  readonly outgoing: Uint8Array | undefined;
  readonly transport: Transport | undefined;
  readonly approval: Approval | undefined;
  /** Of BRIDGED. */
  readonly cause: number | undefined;
  readonly detail: string | undefined;
  readonly failure: FailureName | undefined;
}

type FailureName = keyof typeof callerFailures;

type ApprovedByServer = NonNullable<Approval['approved']>;
type QuotedByServer = NonNullable<Approval['quoted']>;

export type CallerOutcome =
  | ({ readonly kind: 'bridged' } & ApprovedByServer)
  /** No call was made. */
  | ({ readonly kind: 'quoted' } & QuotedByServer)
  /** The server let the call pass, and the callee's leg came to nothing: why, by Q.850. */
  | { readonly kind: 'not-bridged'; readonly cause: number }
  | IdentityFailed;

function fail<const Name extends FailureName>(failure: Name) {
  return {
    target: 'abandoning',
    actions: { type: 'recordFailure', params: { failure } },
    meta: { steps: callerFailures[failure].steps },
  } as const;
}

/** The endpoint that calls, on its leg (CM-A4). */
export const identityCaller = setup({
  types: {} as {
    context: CallerContext;
    input: CallerInput;
    events: LegEvent;
    output: CallerOutcome;
    meta: StepMeta;
  },
  actions: {
    sendMessage: (_, _params: MessageOrder) => {},
    awaitMessage: (_, _params: { kind: MessageKind }) => {},
    /** The server has told a newer list than that of the input, signed by the operator. */
    keepKeyList: (_, _params: { keyList: KeyList }) => {},
    /** EARLY: the first record of the outer channel, under the key of the call. */
    sendEarly: (_, _params: Pick<ApprovedByServer, 'callId' | 'callKey'>) => {},
    /** Answered by `line.released`. */
    hangUp: () => {},
    noteUnexpected: () => {},
    readReply: assign(({ context: { input, noise } }, { body }: { body: Uint8Array }) => {
      const { purpose, isQuote, isCollect, callee, requestId, utcMs, estimatedSeconds } = input;
      const wish = { purpose, isQuote, isCollect, callee, requestId, utcMs, estimatedSeconds };
      const request = { kind: 'REQUEST', ...wish, version: softwareVersion } as const;
      const step = introduce(known(noise), body, request);
      return 'fault' in step
        ? { detail: step.fault }
        : { noise: step.noise, outgoing: step.body, transport: transportOf(step.noise) };
    }),
    readApproval: assign(({ context }, { body }: { body: Uint8Array }) => {
      const read = opened(known(context.transport), 'APPROVAL', body);
      return 'fault' in read ? { detail: read.fault } : { approval: read.payload, transport: read.transport };
    }),
    readBridged: assign(({ context }, { body }: { body: Uint8Array }) => {
      const read = opened(known(context.transport), 'BRIDGED', body);
      if ('fault' in read) return { detail: read.fault };
      const { callId } = known(context.approval?.approved);
      return Buffer.compare(callId, read.payload.callId) === 0
        ? { cause: read.payload.cause }
        : { detail: 'BRIDGED of another call' };
    }),
    recordFailure: assign(({ context, event }, { failure }: { failure: FailureName }) => ({
      failure,
      detail: 'fault' in event ? event.fault : context.detail,
    })),
  },
  guards: {
    hasHello: ({ context }) => context.outgoing !== undefined,
    isTheServer: ({ context }) => context.transport !== undefined,
    isUnreadable: ({ context }) => context.approval === undefined,
    isRefused: ({ context: { approval } }) => !approval?.approved && !approval?.quoted,
    isForged: ({ context: { input, approval } }) =>
      !isSignedBy(input.server.rootKey, known(approval?.approved ?? approval?.quoted).keyList),
    isAnotherAnswer: ({ context: { input, approval } }) => input.isQuote === (approval?.quoted === undefined),
    isQuoted: ({ context }) => context.approval?.quoted !== undefined,
    isNewer: ({ context }) =>
      known(context.approval?.approved).keyList.sequence > context.input.server.keyList.sequence,
    isBridged: ({ context }) => context.cause === 0,
    isNotBridged: ({ context }) => context.cause !== undefined,
  },
  delays: timers,
}).createMachine({
  id: 'identityCaller',
  context: ({ input }) => {
    const step = greet('caller', input.server.keyList, input);
    const isGood = !('fault' in step);
    return {
      input,
      noise: isGood ? step.noise : undefined,
      outgoing: isGood ? step.body : undefined,
      transport: undefined,
      approval: undefined,
      cause: undefined,
      detail: isGood ? undefined : step.fault,
      failure: undefined,
    };
  },
  output: ({ context }) => {
    const { failure, detail, approval, cause, input } = context;
    if (failure) return { kind: 'failed', failure: callerFailures[failure], detail, peer: input.callee };
    if (approval?.quoted) return { kind: 'quoted', ...approval.quoted };
    if (cause !== 0) return { kind: 'not-bridged', cause: known(cause) };
    return { kind: 'bridged', ...known(approval?.approved) };
  },
  initial: 'beginning',
  on: { '*': { actions: 'noteUnexpected' } },
  states: {
    beginning: { always: [{ guard: 'hasHello', target: 'connecting' }, fail('badServerKey')] },

    connecting: {
      on: {
        'line.connected': {
          target: 'awaitingReply',
          actions: {
            type: 'sendMessage',
            params: ({ context }) => ({ kind: 'HELLO', body: known(context.outgoing) }),
          },
          meta: { steps: ['CM-A4'] },
        },
        'carrier.lost': fail('lost'),
        'operator.cancelled': fail('cancelled'),
      },
      after: { message: fail('notConnected') },
    },

    awaitingReply: {
      meta: { steps: ['CM-A4'] },
      entry: { type: 'awaitMessage', params: { kind: 'REPLY' } },
      on: {
        'message.received': {
          target: 'checkingReply',
          actions: { type: 'readReply', params: ({ event }) => ({ body: event.body }) },
        },
        'message.malformed': fail('notTheServer'),
        'carrier.lost': fail('lost'),
        'operator.cancelled': fail('cancelled'),
      },
      after: { message: fail('silentBeforeReply') },
    },
    checkingReply: {
      always: [
        {
          guard: 'isTheServer',
          target: 'awaitingApproval',
          actions: {
            type: 'sendMessage',
            params: ({ context }) => ({ kind: 'REQUEST', body: known(context.outgoing) }),
          },
          meta: { steps: ['CM-A4'] },
        },
        fail('notTheServer'),
      ],
    },

    awaitingApproval: {
      meta: { steps: ['CM-A4', 'CM-A6'] },
      entry: { type: 'awaitMessage', params: { kind: 'APPROVAL' } },
      on: {
        'message.received': {
          target: 'checkingApproval',
          actions: { type: 'readApproval', params: ({ event }) => ({ body: event.body }) },
        },
        'message.malformed': fail('notIdentified'),
        'carrier.lost': fail('lost'),
        'operator.cancelled': fail('cancelled'),
      },
      after: { message: fail('silentBeforeApproval') },
    },
    checkingApproval: {
      always: [
        { guard: 'isUnreadable', ...fail('notIdentified') },
        { guard: 'isRefused', ...fail('refused') },
        { guard: 'isForged', ...fail('keyListForged') },
        { guard: 'isAnotherAnswer', ...fail('anotherAnswer') },
        { guard: 'isQuoted', target: 'abandoning', meta: { steps: ['CM-A4'] } },
        {
          guard: 'isNewer',
          target: 'awaitingBridged',
          actions: {
            type: 'keepKeyList',
            params: ({ context }) => ({ keyList: known(context.approval?.approved).keyList }),
          },
        },
        { target: 'awaitingBridged' },
      ],
    },

    awaitingBridged: {
      meta: { steps: ['CM-A6', 'CM-A7'] },
      entry: [
        { type: 'sendEarly', params: ({ context }) => known(context.approval?.approved) },
        { type: 'awaitMessage', params: { kind: 'BRIDGED' } },
      ],
      on: {
        'message.received': {
          target: 'checkingBridged',
          actions: { type: 'readBridged', params: ({ event }) => ({ body: event.body }) },
        },
        'message.malformed': fail('malformedBridged'),
        'carrier.lost': fail('lost'),
        'operator.cancelled': fail('cancelled'),
      },
      after: { bridged: fail('silentBeforeBridged') },
    },
    checkingBridged: {
      always: [
        { guard: 'isBridged', target: 'bridged', meta: { steps: ['CM-A7'] } },
        { guard: 'isNotBridged', target: 'abandoning', meta: { steps: ['CM-A3'] } },
        fail('malformedBridged'),
      ],
    },

    abandoning: {
      entry: 'hangUp',
      on: { 'line.released': 'over' },
      after: { release: 'over' },
    },
    bridged: { type: 'final' },
    over: { type: 'final' },
  },
});

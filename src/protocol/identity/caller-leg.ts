import { assign, setup } from 'xstate';
import { known } from '../../bytes/known.js';
import type { HandshakeState, Transport } from '../../crypto/noise/handshake-state.js';
import { peekRemoteStatic } from '../../crypto/noise/messages.js';
import type { IdentityFailed, LegEvent, MessageOrder, StepMeta } from './events.js';
import { callerLegFailures } from './failures.js';
import type { Approval, CallTerms, MessageKind, Request } from './packets.js';
import { openIntroduction, replyTo, type ServerSecrets, sealed, timers } from './rules.js';

export interface CallerLegInput extends ServerSecrets {
  /** 224 random octets: what a caller that is not identified gets in place of APPROVAL. */
  readonly strangersApproval: Uint8Array;
  /** When the leg began: the time in its messages, for logs alone. */
  readonly utcMs: number;
}

/** What the server says to a caller whose call it lets pass. */
export type ApprovedCall = Omit<NonNullable<Approval['approved']>, 'keyList'>;

export type CallerLegEvent =
  | LegEvent
  | { readonly type: 'account.found'; readonly psk: Uint8Array }
  | { readonly type: 'account.unknown' }
  | { readonly type: 'account.failed'; readonly fault: string }
  | { readonly type: 'call.approved'; readonly call: ApprovedCall }
  /** It was asked for alone: no call is made. */
  | { readonly type: 'call.quoted'; readonly terms: CallTerms }
  /** The fault is for the log. */
  | { readonly type: 'call.refused'; readonly fault: string }
  | { readonly type: 'callee.bridged' }
  /** Why not, by Q.850. */
  | { readonly type: 'callee.failed'; readonly cause: number }
  /** The caller's link has acknowledged all. */
  | { readonly type: 'line.drained' };

interface CallerLegContext {
  readonly input: CallerLegInput;
  readonly noise: HandshakeState | undefined;
  readonly outgoing: Uint8Array | undefined;
  /** The third message, as it came. */
  readonly introduction: Uint8Array | undefined;
  /** The static key in it; nobody has proved to own it yet. */
  readonly callerKey: Uint8Array | undefined;
  readonly request: Request | undefined;
  readonly transport: Transport | undefined;
  readonly call: ApprovedCall | undefined;
  readonly isQuoted: boolean;
  readonly isPadOver: boolean;
  /** Of BRIDGED. */
  readonly cause: number | undefined;
  readonly detail: string | undefined;
  readonly failure: FailureName | undefined;
}

type FailureName = keyof typeof callerLegFailures;

export type CallerLegOutcome =
  | { readonly kind: 'bridged' }
  /** The caller was told what a call would cost. */
  | { readonly kind: 'quoted' }
  /** The caller was told that the callee's leg came to nothing. */
  | { readonly kind: 'not-bridged'; readonly cause: number }
  | IdentityFailed;

/** Recovery on timer expiry (Q.850). */
const timerExpired = 102;

function record<const Name extends FailureName>(failure: Name) {
  return {
    actions: { type: 'recordFailure', params: { failure } },
    meta: { steps: callerLegFailures[failure].steps },
  } as const;
}

function fail<const Name extends FailureName>(failure: Name) {
  return { target: '#identityCallerLeg.abandoning', ...record(failure) } as const;
}

const lineEvents = {
  'message.malformed': fail('octetsUnasked'),
  'carrier.lost': fail('lost'),
  'operator.cancelled': fail('cancelled'),
} as const;

/** The server on the caller's leg (CM-A4, CM-A6, CM-A7). Whoever is refused sees as many octets at the same moment. */
export const identityCallerLeg = setup({
  types: {} as {
    context: CallerLegContext;
    input: CallerLegInput;
    events: CallerLegEvent;
    output: CallerLegOutcome;
    meta: StepMeta;
  },
  actions: {
    sendMessage: (_, _params: MessageOrder) => {},
    awaitMessage: (_, _params: { kind: MessageKind }) => {},
    /** Whose static key this is: answered by `account.found`, `account.unknown` or `account.failed`. */
    findAccount: (_, _params: { staticKey: Uint8Array }) => {},
    /** Steps 310 and 320, for an identified caller: answered by `call.approved`, `call.quoted` or `call.refused`. */
    authorise: (_, _params: { request: Request }) => {},
    /** EARLY's body, for the callee: it is sealed between the ends. */
    passEarly: (_, _params: { body: Uint8Array }) => {},
    /** Answered by `line.drained`. What arrives from now on may be for the callee. */
    awaitDrain: () => {},
    /** Answered by `line.released`. */
    hangUp: () => {},
    noteUnexpected: () => {},
    readHello: assign(({ context }, { body }: { body: Uint8Array }) => {
      const step = replyTo('caller', body, context.input);
      return 'fault' in step ? { detail: step.fault } : { noise: step.noise, outgoing: step.body };
    }),
    peekCaller: assign(({ context }, { body }: { body: Uint8Array }) => {
      const peeked = peekRemoteStatic(known(context.noise), body);
      return peeked.kind === 'failure'
        ? { introduction: body, detail: 'REQUEST holds no static key' }
        : { introduction: body, callerKey: peeked.remoteStatic };
    }),
    openRequest: assign(({ context }, { psk }: { psk: Uint8Array }) => {
      const read = openIntroduction(known(context.noise), psk, 'REQUEST', known(context.introduction));
      return 'fault' in read ? { detail: read.fault } : { request: read.payload, transport: read.transport };
    }),
    openRequestAsStrangers: assign(({ context }) => {
      const { noise, introduction, input } = context;
      const read = openIntroduction(known(noise), input.strangersPsk, 'REQUEST', known(introduction));
      return { detail: 'fault' in read ? `no such account: ${read.fault}` : 'no such account' };
    }),
    notePadOver: assign({ isPadOver: true }),
    sealApproval: assign(({ context }, { call }: { call: ApprovedCall }) => {
      const { input, transport } = context;
      const approved = { ...call, keyList: input.keyList };
      const step = sealed(known(transport), { kind: 'APPROVAL', approved, utcMs: input.utcMs });
      return { call, transport: step.transport, outgoing: step.body };
    }),
    sealQuote: assign(({ context: { input, transport } }, { terms }: { terms: CallTerms }) => {
      const quoted = { ...terms, keyList: input.keyList };
      const step = sealed(known(transport), { kind: 'APPROVAL', quoted, utcMs: input.utcMs });
      return { isQuoted: true, transport: step.transport, outgoing: step.body };
    }),
    sealRefusal: assign(({ context: { input, transport } }) => {
      const step = sealed(known(transport), { kind: 'APPROVAL', utcMs: input.utcMs });
      return { transport: step.transport, outgoing: step.body };
    }),
    sealBridged: assign(({ context }, { cause }: { cause: number }) => {
      const { input, transport, call } = context;
      const { callId } = known(call);
      const step = sealed(known(transport), { kind: 'BRIDGED', cause, callId, utcMs: input.utcMs });
      return { cause, transport: step.transport, outgoing: step.body };
    }),
    /** The first cause counts: a stranger may hang up while it is being held. */
    recordFailure: assign(({ context, event }, { failure }: { failure: FailureName }) => ({
      failure: context.failure ?? failure,
      detail: context.detail ?? ('fault' in event ? event.fault : undefined),
    })),
  },
  guards: {
    hasReply: ({ context }) => context.outgoing !== undefined,
    hasCallerKey: ({ context }) => context.callerKey !== undefined,
    isIdentified: ({ context }) => context.request !== undefined,
    isPadOver: ({ context }) => context.isPadOver,
  },
  delays: timers,
}).createMachine({
  id: 'identityCallerLeg',
  context: ({ input }) => ({
    input,
    noise: undefined,
    outgoing: undefined,
    introduction: undefined,
    callerKey: undefined,
    request: undefined,
    transport: undefined,
    call: undefined,
    isQuoted: false,
    isPadOver: false,
    cause: undefined,
    detail: undefined,
    failure: undefined,
  }),
  output: ({ context }) => {
    const { failure, detail, cause, isQuoted } = context;
    if (isQuoted) return { kind: 'quoted' };
    if (failure) return { kind: 'failed', failure: callerLegFailures[failure], detail, peer: undefined };
    return cause === 0 ? { kind: 'bridged' } : { kind: 'not-bridged', cause: known(cause) };
  },
  initial: 'connecting',
  on: { '*': { actions: 'noteUnexpected' } },
  states: {
    connecting: {
      on: { 'line.connected': 'awaitingHello', ...lineEvents },
      after: { message: fail('notConnected') },
    },

    awaitingHello: {
      meta: { steps: ['CM-A4'] },
      entry: { type: 'awaitMessage', params: { kind: 'HELLO' } },
      on: {
        ...lineEvents,
        'message.received': {
          target: 'checkingHello',
          actions: { type: 'readHello', params: ({ event }) => ({ body: event.body }) },
        },
      },
      after: { message: fail('silentBeforeHello') },
    },
    checkingHello: {
      always: [
        {
          guard: 'hasReply',
          target: 'awaitingRequest',
          actions: {
            type: 'sendMessage',
            params: ({ context }) => ({ kind: 'REPLY', body: known(context.outgoing) }),
          },
          meta: { steps: ['CM-A4'] },
        },
        fail('unknownHello'),
      ],
    },

    awaitingRequest: {
      meta: { steps: ['CM-A4'] },
      entry: { type: 'awaitMessage', params: { kind: 'REQUEST' } },
      on: {
        ...lineEvents,
        'message.received': {
          target: 'judging',
          actions: { type: 'peekCaller', params: ({ event }) => ({ body: event.body }) },
        },
      },
      after: { message: fail('silentBeforeRequest') },
    },

    /** One pad for all that may end in a refusal, from the moment of REQUEST (CM-315). */
    judging: {
      on: lineEvents,
      after: { refusalPad: { actions: 'notePadOver' } },
      initial: 'peeking',
      states: {
        peeking: {
          always: [
            { guard: 'hasCallerKey', target: 'findingAccount' },
            { target: 'holdingStranger', ...record('notIdentified') },
          ],
        },
        findingAccount: {
          meta: { steps: ['CM-310'] },
          entry: {
            type: 'findAccount',
            params: ({ context }) => ({ staticKey: known(context.callerKey) }),
          },
          on: {
            'account.found': {
              target: 'identifying',
              actions: { type: 'openRequest', params: ({ event }) => ({ psk: event.psk }) },
            },
            'account.unknown': { target: 'identifying', actions: 'openRequestAsStrangers' },
            'account.failed': { target: 'holdingStranger', ...record('lookUpFailed') },
          },
          after: { lookUp: { target: 'holdingStranger', ...record('lookUpFailed') } },
        },
        identifying: {
          always: [
            { guard: 'isIdentified', target: 'authorising', meta: { steps: ['CM-A4'] } },
            { target: 'holdingStranger', ...record('notIdentified') },
          ],
        },
        authorising: {
          meta: { steps: ['CM-310', 'CM-320', 'CM-A2'] },
          entry: { type: 'authorise', params: ({ context }) => ({ request: known(context.request) }) },
          on: {
            'call.approved': {
              target: '#identityCallerLeg.approving',
              actions: { type: 'sealApproval', params: ({ event }) => ({ call: event.call }) },
            },
            'call.quoted': {
              target: '#identityCallerLeg.quoting',
              actions: { type: 'sealQuote', params: ({ event }) => ({ terms: event.terms }) },
              meta: { steps: ['CM-A4'] },
            },
            'call.refused': { target: 'holdingRefusal', ...record('refused') },
          },
          after: { lookUp: { target: 'holdingRefusal', ...record('undecided') } },
        },
        holdingRefusal: {
          meta: { steps: ['CM-315'] },
          always: { guard: 'isPadOver', target: '#identityCallerLeg.refusing', actions: 'sealRefusal' },
        },
        holdingStranger: {
          meta: { steps: ['CM-315'] },
          always: { guard: 'isPadOver', target: '#identityCallerLeg.refusingStranger' },
        },
      },
    },
    quoting: {
      entry: {
        type: 'sendMessage',
        params: ({ context }) => ({ kind: 'APPROVAL', body: known(context.outgoing) }),
      },
      always: 'abandoning',
    },
    refusing: {
      entry: {
        type: 'sendMessage',
        params: ({ context }) => ({ kind: 'APPROVAL', body: known(context.outgoing) }),
      },
      always: 'abandoning',
    },
    refusingStranger: {
      entry: {
        type: 'sendMessage',
        params: ({ context }) => ({ kind: 'APPROVAL', body: context.input.strangersApproval }),
      },
      always: 'abandoning',
    },

    approving: {
      meta: { steps: ['CM-325', 'CM-A6'] },
      entry: {
        type: 'sendMessage',
        params: ({ context }) => ({ kind: 'APPROVAL', body: known(context.outgoing) }),
      },
      always: 'awaitingCallee',
    },
    awaitingCallee: {
      meta: { steps: ['CM-330'] },
      on: {
        ...lineEvents,
        'callee.failed': {
          target: 'notBridging',
          actions: { type: 'sealBridged', params: ({ event }) => ({ cause: event.cause }) },
          meta: { steps: ['CM-A3'] },
        },
      },
      after: {
        calleeLeg: {
          target: 'notBridging',
          actions: { type: 'sealBridged', params: { cause: timerExpired } },
          meta: { steps: ['CM-A8'] },
        },
      },
      initial: 'awaitingEarly',
      states: {
        awaitingEarly: {
          meta: { steps: ['CM-A6'] },
          entry: { type: 'awaitMessage', params: { kind: 'EARLY' } },
          on: {
            'message.received': {
              target: 'holding',
              actions: { type: 'passEarly', params: ({ event }) => ({ body: event.body }) },
            },
          },
          after: { message: fail('silentBeforeEarly') },
        },
        holding: {
          on: {
            'callee.bridged': {
              target: '#identityCallerLeg.bridging',
              actions: { type: 'sealBridged', params: { cause: 0 } },
            },
          },
        },
      },
    },
    notBridging: {
      entry: {
        type: 'sendMessage',
        params: ({ context }) => ({ kind: 'BRIDGED', body: known(context.outgoing) }),
      },
      always: 'abandoning',
    },
    bridging: {
      meta: { steps: ['CM-A7'] },
      entry: [
        {
          type: 'sendMessage',
          params: ({ context }) => ({ kind: 'BRIDGED', body: known(context.outgoing) }),
        },
        'awaitDrain',
      ],
      on: {
        'line.drained': 'bridged',
        'carrier.lost': fail('lost'),
        'operator.cancelled': fail('cancelled'),
      },
      after: { message: fail('notDrained') },
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

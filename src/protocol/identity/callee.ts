import { assign, setup } from 'xstate';
import { known } from '../../bytes/known.js';
import type { HandshakeState, Transport } from '../../crypto/noise/handshake-state.js';
import { transportOf } from '../../crypto/noise/handshake-state.js';
import type { KnownServer } from './caller.js';
import type { IdentityFailed, LegEvent, MessageOrder, StepMeta } from './events.js';
import { calleeFailures } from './failures.js';
import { isSignedBy, type KeyList } from './key-list.js';
import { type Answer, type Invite, type MessageKind, softwareVersion } from './packets.js';
import { type EndpointSecrets, greet, introduce, opened, sealed, timers } from './rules.js';

export interface CalleeInput extends EndpointSecrets {
  readonly server: KnownServer;
  /** Told to the server before it says who calls; should it say so all the same, nobody is asked. */
  readonly doNotDisturb: boolean;
  readonly utcMs: number;
}

export type CalleeEvent = LegEvent | { readonly type: 'answer.given'; readonly answer: Answer };

interface CalleeContext {
  readonly input: CalleeInput;
  readonly noise: HandshakeState | undefined;
  /** HELLO, then READY, then ANSWER. */
  readonly outgoing: Uint8Array | undefined;
  readonly transport: Transport | undefined;
  /** The caller's first record, sealed under a key that INVITE brings. */
  readonly early: Uint8Array | undefined;
  readonly invite: Invite | undefined;
  readonly answer: Answer | undefined;
  readonly detail: string | undefined;
  readonly failure: FailureName | undefined;
}

type FailureName = keyof typeof calleeFailures;

export type CalleeOutcome =
  | { readonly kind: 'bridged'; readonly invite: Invite; readonly early: Uint8Array }
  | { readonly kind: 'declined'; readonly answer: Answer; readonly invite: Invite | undefined }
  | IdentityFailed;

function fail<const Name extends FailureName>(failure: Name) {
  return {
    target: 'abandoning',
    actions: { type: 'recordFailure', params: { failure } },
    meta: { steps: calleeFailures[failure].steps },
  } as const;
}

/** The endpoint that is called, on its leg (CM-A5). It has answered the telephone, and speaks first. */
export const identityCallee = setup({
  types: {} as {
    context: CalleeContext;
    input: CalleeInput;
    events: CalleeEvent;
    output: CalleeOutcome;
    meta: StepMeta;
  },
  actions: {
    sendMessage: (_, _params: MessageOrder) => {},
    awaitMessage: (_, _params: { kind: MessageKind }) => {},
    /** Answered by `answer.given`. */
    askAnswer: (_, _params: { invite: Invite }) => {},
    /** The server has told a newer list than that of the input, signed by the operator. */
    keepKeyList: (_, _params: { keyList: KeyList }) => {},
    /** Answered by `line.released`. */
    hangUp: () => {},
    noteUnexpected: () => {},
    keepEarly: assign((_, { body }: { body: Uint8Array }) => ({ early: body })),
    readReply: assign(({ context: { input, noise } }, { body }: { body: Uint8Array }) => {
      const { doNotDisturb, utcMs } = input;
      const ready = { kind: 'READY', doNotDisturb, version: softwareVersion, utcMs } as const;
      const step = introduce(known(noise), body, ready);
      return 'fault' in step
        ? { detail: step.fault }
        : { noise: step.noise, outgoing: step.body, transport: transportOf(step.noise) };
    }),
    readInvite: assign(({ context }, { body }: { body: Uint8Array }) => {
      const read = opened(known(context.transport), 'INVITE', body);
      return 'fault' in read ? { detail: read.fault } : { invite: read.payload, transport: read.transport };
    }),
    sealAnswer: assign(({ context }, { answer }: { answer: Answer }) => {
      const { callId } = known(context.invite);
      const { transport, body } = sealed(known(context.transport), { kind: 'ANSWER', answer, callId });
      return { answer, transport, outgoing: body };
    }),
    keepAnswer: assign({ answer: 'do-not-disturb' }),
    recordFailure: assign(({ context, event }, { failure }: { failure: FailureName }) => ({
      failure,
      detail: 'fault' in event ? event.fault : context.detail,
    })),
  },
  guards: {
    hasHello: ({ context }) => context.outgoing !== undefined,
    isTheServer: ({ context }) => context.transport !== undefined,
    isUnreadable: ({ context }) => context.invite === undefined,
    isForged: ({ context }) => !isSignedBy(context.input.server.rootKey, known(context.invite).keyList),
    isNewer: ({ context }) => known(context.invite).keyList.sequence > context.input.server.keyList.sequence,
    isNotToBeDisturbed: ({ context }) => context.input.doNotDisturb,
    isAccepted: ({ context }) => context.answer === 'accept',
  },
  delays: timers,
}).createMachine({
  id: 'identityCallee',
  context: ({ input }) => {
    const step = greet('callee', input.server.keyList, input);
    const isGood = !('fault' in step);
    return {
      input,
      noise: isGood ? step.noise : undefined,
      outgoing: isGood ? step.body : undefined,
      transport: undefined,
      early: undefined,
      invite: undefined,
      answer: undefined,
      detail: isGood ? undefined : step.fault,
      failure: undefined,
    };
  },
  output: ({ context }) => {
    const { failure, detail, early, invite, answer } = context;
    if (failure) return { kind: 'failed', failure: calleeFailures[failure], detail, peer: invite?.caller };
    if (answer !== 'accept') return { kind: 'declined', answer: known(answer), invite };
    return { kind: 'bridged', invite: known(invite), early: known(early) };
  },
  initial: 'beginning',
  on: { '*': { actions: 'noteUnexpected' } },
  states: {
    beginning: { always: [{ guard: 'hasHello', target: 'connecting' }, fail('badServerKey')] },

    connecting: {
      on: {
        'line.connected': {
          target: 'awaitingEarly',
          actions: {
            type: 'sendMessage',
            params: ({ context }) => ({ kind: 'HELLO', body: known(context.outgoing) }),
          },
          meta: { steps: ['CM-A5'] },
        },
        'carrier.lost': fail('lost'),
        'operator.cancelled': fail('cancelled'),
      },
      after: { message: fail('notConnected') },
    },

    awaitingEarly: {
      meta: { steps: ['CM-A5', 'CM-A6'] },
      entry: { type: 'awaitMessage', params: { kind: 'EARLY' } },
      on: {
        'message.received': {
          target: 'awaitingReply',
          actions: { type: 'keepEarly', params: ({ event }) => ({ body: event.body }) },
        },
        'message.malformed': fail('notTheServer'),
        'carrier.lost': fail('lost'),
        'operator.cancelled': fail('cancelled'),
      },
      after: { message: fail('silentBeforeReply') },
    },

    awaitingReply: {
      meta: { steps: ['CM-A5'] },
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
          target: 'awaitingInvite',
          actions: {
            type: 'sendMessage',
            params: ({ context }) => ({ kind: 'READY', body: known(context.outgoing) }),
          },
          meta: { steps: ['CM-A5'] },
        },
        fail('notTheServer'),
      ],
    },

    awaitingInvite: {
      meta: { steps: ['CM-A5', 'CM-A6'] },
      entry: { type: 'awaitMessage', params: { kind: 'INVITE' } },
      on: {
        'message.received': {
          target: 'checkingInvite',
          actions: { type: 'readInvite', params: ({ event }) => ({ body: event.body }) },
        },
        'message.malformed': fail('malformedInvite'),
        'carrier.lost': [
          { guard: 'isNotToBeDisturbed', target: 'abandoning', actions: 'keepAnswer' },
          fail('lost'),
        ],
        'operator.cancelled': fail('cancelled'),
      },
      after: { invite: fail('silentBeforeInvite') },
    },
    checkingInvite: {
      always: [
        { guard: 'isUnreadable', ...fail('malformedInvite') },
        { guard: 'isForged', ...fail('keyListForged') },
        {
          guard: 'isNewer',
          target: 'consideringInvite',
          actions: {
            type: 'keepKeyList',
            params: ({ context }) => ({ keyList: known(context.invite).keyList }),
          },
        },
        { target: 'consideringInvite' },
      ],
    },
    consideringInvite: {
      always: [
        {
          guard: 'isNotToBeDisturbed',
          target: 'answering',
          actions: { type: 'sealAnswer', params: { answer: 'do-not-disturb' } },
        },
        { target: 'deciding' },
      ],
    },

    deciding: {
      meta: { steps: ['CM-A5'] },
      entry: { type: 'askAnswer', params: ({ context }) => ({ invite: known(context.invite) }) },
      on: {
        'answer.given': {
          target: 'answering',
          actions: { type: 'sealAnswer', params: ({ event }) => ({ answer: event.answer }) },
        },
        'message.malformed': fail('malformedInvite'),
        'carrier.lost': fail('lost'),
        'operator.cancelled': fail('cancelled'),
      },
      after: {
        decision: { target: 'answering', actions: { type: 'sealAnswer', params: { answer: 'refuse' } } },
      },
    },
    answering: {
      entry: {
        type: 'sendMessage',
        params: ({ context }) => ({ kind: 'ANSWER', body: known(context.outgoing) }),
      },
      always: [
        { guard: 'isAccepted', target: 'bridged', meta: { steps: ['CM-A7'] } },
        { target: 'abandoning' },
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

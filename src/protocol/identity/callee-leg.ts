import { assign, setup } from 'xstate';
import type { AccountNumber } from '../../bytes/account-number.js';
import { known } from '../../bytes/known.js';
import { equalOctets } from '../../crypto/mac.js';
import type { HandshakeState, Transport } from '../../crypto/noise/handshake-state.js';
import { peekRemoteStatic } from '../../crypto/noise/messages.js';
import type { IdentityFailed, LegEvent, MessageOrder, StepMeta } from './events.js';
import { calleeLegFailures } from './failures.js';
import type { Answer, MessageKind, Purpose, Ready } from './packets.js';
import {
  fingerprintOf,
  opened,
  openIntroduction,
  replyTo,
  type ServerSecrets,
  sealed,
  timers,
} from './rules.js';

export interface CalleeLegInput extends ServerSecrets {
  /** The account that was dialled. */
  readonly callee: {
    readonly account: AccountNumber;
    /** X25519 public key, 32 octets. */
    readonly staticKey: Uint8Array;
    readonly psk: Uint8Array;
  };
  readonly caller: { readonly account: AccountNumber; readonly staticKey: Uint8Array };
  /** 16 octets. */
  readonly callId: Uint8Array;
  /** K_call, as the caller was told it. */
  readonly callKey: Uint8Array;
  readonly purpose: Purpose;
  /** The callee is asked to pay. */
  readonly isCollect: boolean;
  /** EARLY's body, as the caller has sent it. */
  readonly early: Uint8Array;
  /** When the leg began: the time in its messages, for logs alone. */
  readonly utcMs: number;
}

interface CalleeLegContext {
  readonly input: CalleeLegInput;
  readonly noise: HandshakeState | undefined;
  readonly outgoing: Uint8Array | undefined;
  readonly ready: Ready | undefined;
  readonly transport: Transport | undefined;
  readonly answer: Answer | undefined;
  readonly detail: string | undefined;
  readonly failure: FailureName | undefined;
}

type FailureName = keyof typeof calleeLegFailures;

export type CalleeLegOutcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'declined'; readonly answer: Exclude<Answer, 'accept'> }
  | IdentityFailed;

function record<const Name extends FailureName>(failure: Name) {
  return {
    actions: { type: 'recordFailure', params: { failure } },
    meta: { steps: calleeLegFailures[failure].steps },
  } as const;
}

function fail<const Name extends FailureName>(failure: Name) {
  return { target: 'abandoning', ...record(failure) } as const;
}

const lineEvents = {
  'message.malformed': fail('octetsUnasked'),
  'carrier.lost': fail('lost'),
  'operator.cancelled': fail('cancelled'),
} as const;

/** The server on the callee's leg (CM-A5, CM-A6, CM-A7): who answered the telephone must be who was called. */
export const identityCalleeLeg = setup({
  types: {} as {
    context: CalleeLegContext;
    input: CalleeLegInput;
    events: LegEvent;
    output: CalleeLegOutcome;
    meta: StepMeta;
  },
  actions: {
    sendMessage: (_, _params: MessageOrder) => {},
    awaitMessage: (_, _params: { kind: MessageKind }) => {},
    /** Answered by `line.released`. */
    hangUp: () => {},
    noteUnexpected: () => {},
    readHello: assign(({ context }, { body }: { body: Uint8Array }) => {
      const step = replyTo('callee', body, context.input);
      return 'fault' in step ? { detail: step.fault } : { noise: step.noise, outgoing: step.body };
    }),
    readReady: assign(({ context: { input, noise } }, { body }: { body: Uint8Array }) => {
      const peeked = peekRemoteStatic(known(noise), body);
      const isCallee = peeked.kind === 'peeked' && equalOctets(peeked.remoteStatic, input.callee.staticKey);
      const psk = isCallee ? input.callee.psk : input.strangersPsk;
      const read = openIntroduction(known(noise), psk, 'READY', body);
      if ('fault' in read) return { detail: isCallee ? read.fault : `another static key: ${read.fault}` };
      return isCallee ? { ready: read.payload, transport: read.transport } : { detail: 'another static key' };
    }),
    sealInvite: assign(({ context: { input, transport } }) => {
      const { callId, caller, callKey, purpose, utcMs, keyList, isCollect } = input;
      const fingerprint = fingerprintOf(caller.staticKey);
      const named = {
        callId,
        caller: caller.account,
        fingerprint,
        callKey,
        purpose,
        utcMs,
        keyList,
        isCollect,
      };
      const step = sealed(known(transport), { kind: 'INVITE', ...named });
      return { transport: step.transport, outgoing: step.body };
    }),
    readAnswer: assign(({ context }, { body }: { body: Uint8Array }) => {
      const read = opened(known(context.transport), 'ANSWER', body);
      if ('fault' in read) return { detail: read.fault };
      return equalOctets(read.payload.callId, context.input.callId)
        ? { answer: read.payload.answer }
        : { detail: 'ANSWER to another call' };
    }),
    keepDoNotDisturb: assign({ answer: 'do-not-disturb' }),
    /** The first cause counts: a stranger may hang up while it is being held. */
    recordFailure: assign(({ context, event }, { failure }: { failure: FailureName }) => ({
      failure: context.failure ?? failure,
      detail: context.detail ?? ('fault' in event ? event.fault : undefined),
    })),
  },
  guards: {
    hasReply: ({ context }) => context.outgoing !== undefined,
    isNotIdentified: ({ context }) => context.ready === undefined,
    isNotToBeDisturbed: ({ context }) => known(context.ready).doNotDisturb,
    isAccepted: ({ context }) => context.answer === 'accept',
    isDeclined: ({ context }) => context.answer !== undefined,
  },
  delays: timers,
}).createMachine({
  id: 'identityCalleeLeg',
  context: ({ input }) => ({
    input,
    noise: undefined,
    outgoing: undefined,
    ready: undefined,
    transport: undefined,
    answer: undefined,
    detail: undefined,
    failure: undefined,
  }),
  output: ({ context: { failure, detail, answer, input } }) => {
    const peer = input.callee.account;
    if (failure) return { kind: 'failed', failure: calleeLegFailures[failure], detail, peer };
    const given = known(answer);
    return given === 'accept' ? { kind: 'accepted' } : { kind: 'declined', answer: given };
  },
  initial: 'connecting',
  on: { '*': { actions: 'noteUnexpected' } },
  states: {
    connecting: {
      on: {
        ...lineEvents,
        'line.connected': {
          target: 'awaitingHello',
          actions: {
            type: 'sendMessage',
            params: ({ context }) => ({ kind: 'EARLY', body: context.input.early }),
          },
          meta: { steps: ['CM-A6'] },
        },
      },
      after: { message: fail('notConnected') },
    },

    awaitingHello: {
      meta: { steps: ['CM-A5'] },
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
          target: 'awaitingReady',
          actions: {
            type: 'sendMessage',
            params: ({ context }) => ({ kind: 'REPLY', body: known(context.outgoing) }),
          },
          meta: { steps: ['CM-A5'] },
        },
        fail('unknownHello'),
      ],
    },

    awaitingReady: {
      meta: { steps: ['CM-A5'] },
      entry: { type: 'awaitMessage', params: { kind: 'READY' } },
      on: {
        ...lineEvents,
        'message.received': {
          target: 'checkingReady',
          actions: { type: 'readReady', params: ({ event }) => ({ body: event.body }) },
        },
      },
      after: { message: fail('silentBeforeReady') },
    },
    checkingReady: {
      always: [
        { guard: 'isNotIdentified', target: 'holdingStranger', ...record('notIdentified') },
        { guard: 'isNotToBeDisturbed', target: 'abandoning', actions: 'keepDoNotDisturb' },
        { target: 'inviting', actions: 'sealInvite' },
      ],
    },
    /** The unknown key, the wrong psk and what does not open at all are let go at the same moment. */
    holdingStranger: {
      on: lineEvents,
      after: { refusalPad: 'abandoning' },
    },

    inviting: {
      meta: { steps: ['CM-A5', 'CM-A6'] },
      entry: {
        type: 'sendMessage',
        params: ({ context }) => ({ kind: 'INVITE', body: known(context.outgoing) }),
      },
      always: 'awaitingAnswer',
    },
    awaitingAnswer: {
      meta: { steps: ['CM-A5'] },
      entry: { type: 'awaitMessage', params: { kind: 'ANSWER' } },
      on: {
        ...lineEvents,
        'message.received': {
          target: 'checkingAnswer',
          actions: { type: 'readAnswer', params: ({ event }) => ({ body: event.body }) },
        },
      },
      after: { message: fail('silentBeforeAnswer') },
    },
    checkingAnswer: {
      always: [
        { guard: 'isAccepted', target: 'accepted', meta: { steps: ['CM-A7'] } },
        { guard: 'isDeclined', target: 'abandoning', meta: { steps: ['CM-A3'] } },
        fail('malformedAnswer'),
      ],
    },

    abandoning: {
      entry: 'hangUp',
      on: { 'line.released': 'over' },
      after: { release: 'over' },
    },
    accepted: { type: 'final' },
    over: { type: 'final' },
  },
});

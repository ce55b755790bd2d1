import { assign, setup } from 'xstate';
import type { AccountNumber } from '../../bytes/account-number.js';
import { known } from '../../bytes/known.js';
import type { Awaited } from '../../bytes/packet-reader.js';
import { agreeVersion, versionOne } from '../../bytes/version-range.js';
import { isPublicValue, publicValue, sharedSecret } from '../../crypto/group.js';
import { equalOctets } from '../../crypto/mac.js';
import type { KeyExchangeEvent, KeyExchangeOutcome, StepMeta } from './events.js';
import { senderFailures } from './failures.js';
import { type KeyExchangePacket, type PacketA1, type PacketA2, type PacketB, shapes } from './packets.js';
import { checkStringOf, hashOf, longTermKeyOf, proofOf, timers, transcriptOf } from './rules.js';

export interface SenderInput {
  readonly own: AccountNumber;
  /** The account selected on the screen. */
  readonly peer: AccountNumber;
  /** eA, 32 octets from `exponentFrom`. */
  readonly exponent: Uint8Array;
  /** 20 random octets. */
  readonly randomA: Uint8Array;
}

interface SenderContext {
  readonly peer: AccountNumber;
  readonly exponent: Uint8Array;
  readonly a1: PacketA1;
  readonly a2: PacketA2;
  readonly b: PacketB | undefined;
  /** Z. */
  readonly secret: Uint8Array | undefined;
  readonly checkString: string | undefined;
  readonly longTermKey: Uint8Array | undefined;
  readonly failure: SenderFailureName | undefined;
  readonly detail: string | undefined;
}

type SenderFailureName = keyof typeof senderFailures;

/** Where a way to fail leads: the answer on the wire follows from its row in the table. */
function fail<const Name extends SenderFailureName>(failure: Name) {
  const { answer, steps } = senderFailures[failure];
  return {
    target: { NAK: 'refusing', release: 'abandoning', none: 'failed' }[answer],
    actions: { type: 'recordFailure', params: { failure } },
    meta: { steps },
  } as const;
}

/** Figure 5, left column. */
export const keyExchangeSender = setup({
  types: {} as {
    context: SenderContext;
    input: SenderInput;
    events: KeyExchangeEvent;
    output: KeyExchangeOutcome;
    meta: StepMeta;
  },
  actions: {
    /** Guard G2: answered by `peer.claimed` or `peer.busy`. */
    claimPeer: (_, _params: { peer: AccountNumber }) => {},
    awaitOctets: (_, _params: Awaited & { kind?: KeyExchangePacket['kind'] }) => {},
    sendPacket: (_, _params: { packet: KeyExchangePacket }) => {},
    sendNak: () => {},
    /** Answered by `line.released`. */
    hangUp: () => {},
    /** Answered by `human.confirmed` or `human.refused`. */
    showCheckString: (_, _params: { peer: AccountNumber; checkString: string }) => {},
    /** Answered by `key.saved` or `key.notSaved`. */
    saveLongTermKey: (_, _params: { peer: AccountNumber; longTermKey: Uint8Array }) => {},
    noteUnexpected: () => {},
    keepB: assign((_, { packet }: { packet: KeyExchangePacket }) =>
      packet.kind === 'B' ? { b: packet } : {},
    ),
    computeSecret: assign(({ context: { b, exponent } }) => ({
      secret: sharedSecret(known(b).dhResultB, exponent),
    })),
    computeKeys: assign(({ context }) => {
      const secret = known(context.secret);
      const transcript = transcriptOf(context.a1, known(context.b), context.a2);
      return {
        checkString: checkStringOf(secret, transcript),
        longTermKey: longTermKeyOf(secret, transcript),
      };
    }),
    recordFailure: assign(({ event }, { failure }: { failure: SenderFailureName }) => ({
      failure,
      detail: 'fault' in event ? event.fault : undefined,
    })),
  },
  guards: {
    isB: (_, { packet }: { packet: KeyExchangePacket }) => packet.kind === 'B',
    isAnotherVersion: ({ context }) => {
      const { version } = known(context.b);
      return agreeVersion(versionOne, { low: version, high: version }) === undefined;
    },
    isAnotherAccount: ({ context }) => known(context.b).accountB !== context.peer,
    isAnUnsafeValue: ({ context }) => {
      const { dhResultB } = known(context.b);
      return !isPublicValue(dhResultB) || equalOctets(dhResultB, context.a1.dhResultA);
    },
    proofMatches: ({ context }) => equalOctets(proofOf(known(context.secret)), known(context.b).proofB),
  },
  delays: timers,
}).createMachine({
  id: 'keyExchangeSender',
  context: ({ input }) => ({
    peer: input.peer,
    exponent: input.exponent,
    a1: {
      kind: 'A1',
      lowVersion: versionOne.low,
      highVersion: versionOne.high,
      accountA: input.own,
      dhResultA: publicValue(input.exponent),
      hashRandomA: hashOf(input.randomA),
    },
    a2: { kind: 'A2', randomA: input.randomA },
    b: undefined,
    secret: undefined,
    checkString: undefined,
    longTermKey: undefined,
    failure: undefined,
    detail: undefined,
  }),
  output: ({ context }) =>
    context.failure
      ? {
          kind: 'failed',
          failure: senderFailures[context.failure],
          detail: context.detail,
          peer: context.peer,
        }
      : { kind: 'paired', peer: context.peer },
  initial: 'claiming',
  on: { '*': { actions: 'noteUnexpected' } },
  states: {
    /** The secrets of 350 are in the input, their public halves in A1. */
    claiming: {
      meta: { steps: ['KX-350'] },
      entry: { type: 'claimPeer', params: ({ context }) => ({ peer: context.peer }) },
      on: {
        'peer.claimed': 'contacting',
        'peer.busy': fail('peerBusy'),
        'operator.cancelled': fail('cancelledBeforeA1'),
      },
      after: { local: fail('notClaimed') },
    },

    contacting: {
      meta: { steps: ['KX-355'] },
      on: {
        'line.connected': {
          target: 'awaitingB',
          actions: { type: 'sendPacket', params: ({ context }) => ({ packet: context.a1 }) },
          meta: { steps: ['KX-365'] },
        },
        'carrier.lost': fail('lostBeforeA1'),
        'operator.cancelled': fail('cancelledBeforeA1'),
      },
      after: { answer: fail('notConnected') },
    },

    awaitingB: {
      meta: { steps: ['KX-385'] },
      entry: { type: 'awaitOctets', params: { kind: 'B', packet: shapes.B } },
      on: {
        'packet.received': [
          {
            guard: { type: 'isB', params: ({ event }) => ({ packet: event.packet }) },
            target: 'checkingB',
            actions: { type: 'keepB', params: ({ event }) => ({ packet: event.packet }) },
          },
          fail('malformedB'),
        ],
        'packet.malformed': fail('malformedB'),
        'nak.received': fail('refusedA1'),
        'carrier.lost': fail('lostAfterA1'),
        'operator.cancelled': fail('cancelledAfterA1'),
      },
      after: { packet: fail('silentAfterA1') },
    },

    checkingB: {
      meta: { steps: ['KX-405'] },
      always: [
        { guard: 'isAnotherVersion', ...fail('versionOfB') },
        { guard: 'isAnotherAccount', ...fail('accountOfB') },
        { guard: 'isAnUnsafeValue', ...fail('valueOfB') },
        { target: 'provingB', actions: 'computeSecret', meta: { steps: ['KX-420'] } },
      ],
    },

    provingB: {
      meta: { steps: ['KX-425'] },
      always: [
        {
          guard: 'proofMatches',
          target: 'awaitingVerdict',
          actions: { type: 'sendPacket', params: ({ context }) => ({ packet: context.a2 }) },
          meta: { steps: ['KX-430'] },
        },
        fail('proofOfB'),
      ],
    },

    awaitingVerdict: {
      meta: { steps: ['KX-460'] },
      entry: { type: 'awaitOctets', params: { ack: true } },
      on: {
        'ack.received': 'releasing',
        'nak.received': fail('refusedA2'),
        'packet.received': fail('malformedVerdict'),
        'packet.malformed': fail('malformedVerdict'),
        'carrier.lost': fail('lostAfterA2'),
        'operator.cancelled': fail('cancelledAfterA2'),
      },
      after: { verdict: fail('silentAfterA2') },
    },

    /** The people may need this line for the telephone call. */
    releasing: {
      entry: 'hangUp',
      on: {
        'line.released': { target: 'confirming', actions: 'computeKeys', meta: { steps: ['KX-470A'] } },
      },
      after: { release: fail('notReleased') },
    },

    confirming: {
      meta: { steps: ['KX-475', 'KX-485'] },
      entry: {
        type: 'showCheckString',
        params: ({ context }) => ({ peer: context.peer, checkString: known(context.checkString) }),
      },
      on: {
        'human.confirmed': 'saving',
        'human.refused': fail('refusedByHuman'),
        'operator.cancelled': fail('cancelledByHuman'),
      },
      after: { human: fail('humanSilent') },
    },

    saving: {
      meta: { steps: ['KX-495'] },
      entry: {
        type: 'saveLongTermKey',
        params: ({ context }) => ({ peer: context.peer, longTermKey: known(context.longTermKey) }),
      },
      on: { 'key.saved': 'paired', 'key.notSaved': fail('keyNotSaved') },
      after: { local: fail('keyNotSaved') },
    },

    refusing: { entry: 'sendNak', always: 'abandoning' },
    abandoning: {
      entry: 'hangUp',
      on: { 'line.released': 'failed' },
      after: { release: 'failed' },
    },
    paired: { type: 'final' },
    failed: { type: 'final' },
  },
});

import { assign, setup } from 'xstate';
import type { AccountNumber } from '../../bytes/account-number.js';
import { known } from '../../bytes/known.js';
import type { Awaited } from '../../bytes/packet-reader.js';
import { agreeVersion, versionOne } from '../../bytes/version-range.js';
import { isPublicValue, publicValue, sharedSecret } from '../../crypto/group.js';
import { equalOctets } from '../../crypto/mac.js';
import type { KeyExchangeEvent, KeyExchangeOutcome, StepMeta } from './events.js';
import { recipientFailures } from './failures.js';
import { type KeyExchangePacket, type PacketA1, type PacketA2, type PacketB, shapes } from './packets.js';
import {
  checkStringOf,
  hashOf,
  longTermKeyOf,
  normaliseTyped,
  proofOf,
  timers,
  transcriptOf,
  usesOnlyItsLetters,
} from './rules.js';

export interface RecipientInput {
  readonly own: AccountNumber;
  /** eB, 32 octets from `exponentFrom`. */
  readonly exponent: Uint8Array;
}

interface RecipientContext {
  readonly own: AccountNumber;
  readonly exponent: Uint8Array;
  readonly a1: PacketA1 | undefined;
  /** Z. */
  readonly secret: Uint8Array | undefined;
  readonly b: PacketB | undefined;
  readonly a2: PacketA2 | undefined;
  readonly checkString: string | undefined;
  readonly longTermKey: Uint8Array | undefined;
  /** As it is compared with X. */
  readonly typed: string;
  readonly failure: RecipientFailureName | undefined;
  readonly detail: string | undefined;
}

type RecipientFailureName = keyof typeof recipientFailures;

/** Where a way to fail leads: the answer on the wire follows from its row in the table. */
function fail<const Name extends RecipientFailureName>(failure: Name) {
  const { answer, steps } = recipientFailures[failure];
  return {
    target: { NAK: 'refusing', release: 'abandoning', none: 'failed' }[answer],
    actions: { type: 'recordFailure', params: { failure } },
    meta: { steps },
  } as const;
}

/** Figure 5, right column. */
export const keyExchangeRecipient = setup({
  types: {} as {
    context: RecipientContext;
    input: RecipientInput;
    events: KeyExchangeEvent;
    output: KeyExchangeOutcome;
    meta: StepMeta;
  },
  actions: {
    awaitOctets: (_, _params: Awaited & { kind?: KeyExchangePacket['kind'] }) => {},
    /** Guard G2: answered by `peer.claimed` or `peer.busy`. */
    claimPeer: (_, _params: { peer: AccountNumber }) => {},
    sendPacket: (_, _params: { packet: KeyExchangePacket }) => {},
    sendAck: () => {},
    sendNak: () => {},
    /** Answered by `line.released`. */
    hangUp: () => {},
    /** Answered by `human.typed`. */
    askCheckString: (_, _params: { peer: AccountNumber }) => {},
    /** Answered by `key.saved` or `key.notSaved`. */
    saveLongTermKey: (_, _params: { peer: AccountNumber; longTermKey: Uint8Array }) => {},
    noteUnexpected: () => {},
    keepA1: assign((_, { packet }: { packet: KeyExchangePacket }) =>
      packet.kind === 'A1' ? { a1: packet } : {},
    ),
    keepA2: assign((_, { packet }: { packet: KeyExchangePacket }) =>
      packet.kind === 'A2' ? { a2: packet } : {},
    ),
    keepTyped: assign((_, { text }: { text: string }) => ({ typed: normaliseTyped(text) })),
    buildB: assign(({ context: { own, a1, exponent } }) => {
      const secret = sharedSecret(known(a1).dhResultA, exponent);
      return {
        secret,
        b: {
          kind: 'B',
          version: known(agreeVersion(versionOne, offered(a1))),
          accountB: own,
          dhResultB: publicValue(exponent),
          proofB: proofOf(secret),
        } as const,
      };
    }),
    computeKeys: assign(({ context }) => {
      const secret = known(context.secret);
      const transcript = transcriptOf(known(context.a1), known(context.b), known(context.a2));
      return {
        checkString: checkStringOf(secret, transcript),
        longTermKey: longTermKeyOf(secret, transcript),
      };
    }),
    recordFailure: assign(({ event }, { failure }: { failure: RecipientFailureName }) => ({
      failure,
      detail: 'fault' in event ? event.fault : undefined,
    })),
  },
  guards: {
    isA1: (_, { packet }: { packet: KeyExchangePacket }) => packet.kind === 'A1',
    isA2: (_, { packet }: { packet: KeyExchangePacket }) => packet.kind === 'A2',
    isAnotherVersion: ({ context }) => agreeVersion(versionOne, offered(context.a1)) === undefined,
    isOwnAccount: ({ context }) => known(context.a1).accountA === context.own,
    isAnUnsafeValue: ({ context }) => !isPublicValue(known(context.a1).dhResultA),
    randomAMatches: ({ context }) =>
      equalOctets(hashOf(known(context.a2).randomA), known(context.a1).hashRandomA),
    holdsALetterNotUsed: ({ context }) => !usesOnlyItsLetters(context.typed),
    checkStringMatches: ({ context }) =>
      equalOctets(Buffer.from(context.typed), Buffer.from(known(context.checkString))),
  },
  delays: timers,
}).createMachine({
  id: 'keyExchangeRecipient',
  context: ({ input }) => ({
    own: input.own,
    exponent: input.exponent,
    a1: undefined,
    secret: undefined,
    b: undefined,
    a2: undefined,
    checkString: undefined,
    longTermKey: undefined,
    typed: '',
    failure: undefined,
    detail: undefined,
  }),
  output: ({ context }) =>
    context.failure
      ? {
          kind: 'failed',
          failure: recipientFailures[context.failure],
          detail: context.detail,
          peer: context.a1?.accountA,
        }
      : { kind: 'paired', peer: known(context.a1).accountA },
  initial: 'awaitingCall',
  on: { '*': { actions: 'noteUnexpected' } },
  states: {
    awaitingCall: {
      meta: { steps: ['KX-360'] },
      on: {
        'line.connected': 'awaitingA1',
        'carrier.lost': fail('lostBeforeA1'),
        'operator.cancelled': fail('cancelledBeforeA1'),
      },
      after: { answer: fail('notAnswered') },
    },

    awaitingA1: {
      entry: { type: 'awaitOctets', params: { kind: 'A1', packet: shapes.A1 } },
      on: {
        'packet.received': [
          {
            guard: { type: 'isA1', params: ({ event }) => ({ packet: event.packet }) },
            target: 'checkingA1',
            actions: { type: 'keepA1', params: ({ event }) => ({ packet: event.packet }) },
          },
          fail('malformedA1'),
        ],
        'packet.malformed': fail('malformedA1'),
        'nak.received': fail('nakForA1'),
        'carrier.lost': fail('lostBeforeA1'),
        'operator.cancelled': fail('cancelledBeforeA1'),
      },
      after: { packet: fail('silentBeforeA1') },
    },

    checkingA1: {
      meta: { steps: ['KX-370'] },
      always: [
        { guard: 'isAnotherVersion', ...fail('versionOfA1') },
        { guard: 'isOwnAccount', ...fail('accountOfA1') },
        { guard: 'isAnUnsafeValue', ...fail('valueOfA1') },
        { target: 'claiming' },
      ],
    },

    claiming: {
      meta: { steps: ['KX-370'] },
      entry: { type: 'claimPeer', params: ({ context }) => ({ peer: known(context.a1).accountA }) },
      on: {
        'peer.claimed': {
          target: 'awaitingA2',
          actions: [
            'buildB',
            { type: 'sendPacket', params: ({ context }) => ({ packet: known(context.b) }) },
          ],
          meta: { steps: ['KX-395', 'KX-400'] },
        },
        'peer.busy': fail('peerBusy'),
        'packet.malformed': fail('malformedA1'),
        'nak.received': fail('nakForA1'),
        'carrier.lost': fail('lostAtA1'),
        'operator.cancelled': fail('cancelledAtA1'),
      },
      after: { local: fail('notClaimed') },
    },

    awaitingA2: {
      meta: { steps: ['KX-435'] },
      entry: { type: 'awaitOctets', params: { kind: 'A2', packet: shapes.A2 } },
      on: {
        'packet.received': [
          {
            guard: { type: 'isA2', params: ({ event }) => ({ packet: event.packet }) },
            target: 'checkingRandomA',
            actions: { type: 'keepA2', params: ({ event }) => ({ packet: event.packet }) },
          },
          fail('malformedA2'),
        ],
        'packet.malformed': fail('malformedA2'),
        'nak.received': fail('refusedB'),
        'carrier.lost': fail('lostAfterB'),
        'operator.cancelled': fail('cancelledAfterB'),
      },
      after: { packet: fail('silentAfterB') },
    },

    checkingRandomA: {
      meta: { steps: ['KX-445'] },
      always: [
        { guard: 'randomAMatches', target: 'awaitingRelease', actions: 'sendAck' },
        fail('randomADiffers'),
      ],
    },

    /** Spec gap: the sender releases the line on ACK (A.5 row 18); a sender that does not is not waited for. */
    awaitingRelease: {
      entry: { type: 'awaitOctets', params: {} },
      on: {
        'carrier.lost': 'releasing',
        'nak.received': fail('refusedAck'),
        'packet.received': fail('octetsAfterAck'),
        'packet.malformed': fail('octetsAfterAck'),
        'operator.cancelled': fail('cancelledAfterAck'),
      },
      after: { verdict: 'releasing' },
    },

    releasing: {
      entry: 'hangUp',
      on: {
        'line.released': { target: 'awaitingEntry', actions: 'computeKeys', meta: { steps: ['KX-470B'] } },
      },
      after: { release: fail('notReleased') },
    },

    awaitingEntry: {
      meta: { steps: ['KX-480'] },
      entry: { type: 'askCheckString', params: ({ context }) => ({ peer: known(context.a1).accountA }) },
      on: {
        'human.typed': {
          target: 'comparingEntry',
          actions: { type: 'keepTyped', params: ({ event }) => ({ text: event.text }) },
        },
        'operator.cancelled': fail('cancelledByHuman'),
      },
      after: { human: fail('humanSilent') },
    },

    comparingEntry: {
      meta: { steps: ['KX-490'] },
      always: [
        { guard: 'checkStringMatches', target: 'saving' },
        { guard: 'holdsALetterNotUsed', ...fail('letterNotUsed') },
        fail('checkStringDiffers'),
      ],
    },

    saving: {
      meta: { steps: ['KX-500'] },
      entry: {
        type: 'saveLongTermKey',
        params: ({ context }) => ({
          peer: known(context.a1).accountA,
          longTermKey: known(context.longTermKey),
        }),
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

function offered(a1: PacketA1 | undefined) {
  const { lowVersion: low, highVersion: high } = known(a1);
  return { low, high };
}

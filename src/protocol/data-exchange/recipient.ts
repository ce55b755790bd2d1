import { assign, setup } from 'xstate';
import type { AccountNumber } from '../../bytes/account-number.js';
import { known } from '../../bytes/known.js';
import type { Awaited } from '../../bytes/packet-reader.js';
import { agreeVersion, versionOne } from '../../bytes/version-range.js';
import { equalOctets } from '../../crypto/mac.js';
import type { DataExchangeFailed, DataRecipientEvent, StepMeta } from './events.js';
import { recipientFailures } from './failures.js';
import { type DataExchangePacket, type PacketA1, type PacketA2, type PacketB, shapes } from './packets.js';
import {
  maskKey,
  proofOfFile,
  proofOfKey,
  proofOfRecipient,
  proofOfSender,
  recipientTimers,
} from './rules.js';

export interface RecipientInput {
  readonly own: AccountNumber;
  /** 20 random octets. */
  readonly challengeB: Uint8Array;
}

interface RecipientContext {
  readonly own: AccountNumber;
  readonly challengeB: Uint8Array;
  readonly a1: PacketA1 | undefined;
  readonly longTermKey: Uint8Array | undefined;
  readonly b: PacketB | undefined;
  readonly a2: PacketA2 | undefined;
  readonly sessionKey: Uint8Array | undefined;
  readonly fileHash: Uint8Array | undefined;
  readonly hasQuarantine: boolean;
  readonly failure: RecipientFailureName | undefined;
  readonly detail: string | undefined;
}

type RecipientFailureName = keyof typeof recipientFailures;

/** Where a way to fail leads: the answer on the wire follows from its row in the table. */
function fail<const Name extends RecipientFailureName>(failure: Name) {
  const { answer, steps } = recipientFailures[failure];
  return {
    target: { NAK: 'refusing', release: 'abandoning', none: 'clearing' }[answer],
    actions: { type: 'recordFailure', params: { failure } },
    meta: { steps },
  } as const;
}

/** Guard G5: the NAK of 635 waits for the end of `screening`. */
function refuseAtTheEnd<const Name extends RecipientFailureName>(failure: Name) {
  return { ...fail(failure), target: '#screening.refused' } as const;
}

/** Figure 7, right column. */
export const dataExchangeRecipient = setup({
  types: {} as {
    context: RecipientContext;
    input: RecipientInput;
    events: DataRecipientEvent;
    output: { readonly kind: 'received'; readonly peer: AccountNumber } | DataExchangeFailed;
    meta: StepMeta;
  },
  actions: {
    awaitOctets: (_, _params: Awaited & { kind?: DataExchangePacket['kind'] }) => {},
    /** The authorisation file, and guards G1, G2 and G6: answered by `account.known` or `account.refused`. */
    lookUpAccount: (_, _params: { account: AccountNumber; challenge: Uint8Array }) => {},
    sendPacket: (_, _params: { packet: DataExchangePacket }) => {},
    sendAck: () => {},
    sendNak: () => {},
    /** Answered by `quarantine.opened` or `quarantine.failed`. */
    openQuarantine: (_, _params: { peer: AccountNumber }) => {},
    /** From here on the line's octets are C; `file.progress`, then `carrier.lost` at their end. */
    receiveFile: (_, _params: { sessionKey: Uint8Array }) => {},
    /** All of C is there: answered by `file.intact` or `file.broken`. */
    finishFile: () => {},
    /** Answered by `content.released`, `content.refused` or `content.notStored`. */
    releaseQuarantine: () => {},
    /** Answered by `quarantine.discarded`. */
    discardQuarantine: () => {},
    /** Answered by `line.released`. */
    hangUp: () => {},
    noteUnexpected: () => {},
    keepA1: assign((_, { packet }: { packet: DataExchangePacket }) =>
      packet.kind === 'A1' ? { a1: packet } : {},
    ),
    keepA2: assign((_, { packet }: { packet: DataExchangePacket }) =>
      packet.kind === 'A2' ? { a2: packet } : {},
    ),
    keepLongTermKey: assign((_, key: { longTermKey: Uint8Array }) => key),
    keepFileHash: assign((_, file: { fileHash: Uint8Array }) => file),
    noteQuarantine: assign({ hasQuarantine: true }),
    buildB: assign(({ context }) => ({
      b: {
        kind: 'B',
        version: known(agreeVersion(versionOne, offered(context))),
        accountB: context.own,
        challengeB: context.challengeB,
        proofB: proofOfRecipient(known(context.longTermKey), challengesOf(context)),
      } as const,
    })),
    computeSessionKey: assign(({ context }) => ({
      sessionKey: maskKey(known(context.longTermKey), challengesOf(context), known(context.a2).deltaKeyA),
    })),
    recordFailure: assign(({ event }, { failure }: { failure: RecipientFailureName }) => ({
      failure,
      detail: 'fault' in event ? event.fault : undefined,
    })),
  },
  guards: {
    isA1: (_, { packet }: { packet: DataExchangePacket }) => packet.kind === 'A1',
    isA2: (_, { packet }: { packet: DataExchangePacket }) => packet.kind === 'A2',
    isAnotherVersion: ({ context }) => agreeVersion(versionOne, offered(context)) === undefined,
    isOwnAccount: ({ context }) => known(context.a1).accountA === context.own,
    isUnknown: (_, { cause }: { cause: string }) => cause === 'unknownAccount',
    isReflected: (_, { cause }: { cause: string }) => cause === 'reflectedChallenge',
    isRefused: ({ context }) => context.failure !== undefined,
    /** 710 and 715: every comparison is made, whatever the others say. */
    proofsMatch: ({ context }) => {
      const call = challengesOf(context);
      const { accountB, proofA, keyProofA } = known(context.a2);
      const matches = [
        accountB === context.own,
        equalOctets(proofA, proofOfSender(known(context.longTermKey), call)),
        equalOctets(keyProofA, proofOfKey(known(context.sessionKey), call)),
      ];
      return !matches.includes(false);
    },
    fileProofMatches: ({ context }) =>
      equalOctets(
        known(context.a2).fileProofA,
        proofOfFile(known(context.sessionKey), challengesOf(context), known(context.fileHash)),
      ),
    hasQuarantine: ({ context }) => context.hasQuarantine,
  },
  delays: recipientTimers,
}).createMachine({
  id: 'dataExchangeRecipient',
  context: ({ input }) => ({
    own: input.own,
    challengeB: input.challengeB,
    a1: undefined,
    longTermKey: undefined,
    b: undefined,
    a2: undefined,
    sessionKey: undefined,
    fileHash: undefined,
    hasQuarantine: false,
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
      : { kind: 'received', peer: known(context.a1).accountA },
  initial: 'awaitingCall',
  on: { '*': { actions: 'noteUnexpected' } },
  states: {
    awaitingCall: {
      meta: { steps: ['DX-625'] },
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
            target: 'screening',
            actions: { type: 'keepA1', params: ({ event }) => ({ packet: event.packet }) },
          },
          refuseAtTheEnd('malformedA1'),
        ],
        'packet.malformed': refuseAtTheEnd('malformedA1'),
        'nak.received': fail('nakForA1'),
        'carrier.lost': fail('lostBeforeA1'),
        'operator.cancelled': fail('cancelledBeforeA1'),
      },
      after: { packet: fail('silentBeforeA1') },
    },

    screening: {
      id: 'screening',
      meta: { steps: ['DX-630'] },
      on: {
        'packet.malformed': refuseAtTheEnd('malformedA1'),
        'nak.received': fail('nakForA1'),
        'carrier.lost': fail('lostAtA1'),
        'operator.cancelled': refuseAtTheEnd('cancelledAtA1'),
      },
      after: { refusal: [{ guard: 'isRefused', target: 'refusing' }, fail('notLookedUp')] },
      initial: 'checkingA1',
      states: {
        checkingA1: {
          always: [
            { guard: 'isAnotherVersion', ...refuseAtTheEnd('versionOfA1') },
            { guard: 'isOwnAccount', ...refuseAtTheEnd('accountOfA1') },
            { target: 'lookingUp' },
          ],
        },
        lookingUp: {
          entry: {
            type: 'lookUpAccount',
            params: ({ context: { a1 } }) => ({
              account: known(a1).accountA,
              challenge: known(a1).challengeA,
            }),
          },
          on: {
            'account.known': {
              target: '#dataExchangeRecipient.awaitingA2',
              actions: [
                { type: 'keepLongTermKey', params: ({ event: { longTermKey } }) => ({ longTermKey }) },
                'buildB',
                { type: 'sendPacket', params: ({ context }) => ({ packet: known(context.b) }) },
              ],
              meta: { steps: ['DX-655', 'DX-660', 'DX-665'] },
            },
            'account.refused': [
              {
                guard: { type: 'isUnknown', params: ({ event }) => event },
                ...refuseAtTheEnd('unknownAccount'),
              },
              {
                guard: { type: 'isReflected', params: ({ event }) => event },
                ...refuseAtTheEnd('reflectedChallenge'),
              },
              refuseAtTheEnd('peerBusy'),
            ],
          },
        },
        refused: {},
      },
    },

    awaitingA2: {
      meta: { steps: ['DX-685'] },
      entry: { type: 'awaitOctets', params: { kind: 'A2', packet: shapes.A2 } },
      on: {
        'packet.received': [
          {
            guard: { type: 'isA2', params: ({ event }) => ({ packet: event.packet }) },
            target: 'provingA2',
            actions: [
              { type: 'keepA2', params: ({ event }) => ({ packet: event.packet }) },
              'computeSessionKey',
            ],
            meta: { steps: ['DX-710'] },
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

    provingA2: {
      meta: { steps: ['DX-715'] },
      always: [{ guard: 'proofsMatch', target: 'openingQuarantine' }, fail('proofsOfA2')],
    },

    /** Before the ACK, so that a full disk is a NAK and not a lost file. */
    openingQuarantine: {
      entry: [
        { type: 'awaitOctets', params: {} },
        { type: 'openQuarantine', params: ({ context }) => ({ peer: known(context.a1).accountA }) },
        'noteQuarantine',
      ],
      on: {
        'quarantine.opened': {
          target: 'receiving',
          actions: [
            { type: 'receiveFile', params: ({ context }) => ({ sessionKey: known(context.sessionKey) }) },
            'sendAck',
          ],
          meta: { steps: ['DX-740'] },
        },
        'quarantine.failed': fail('noQuarantine'),
        'nak.received': fail('refusedInOpening'),
        'packet.received': fail('octetsBeforeAck'),
        'packet.malformed': fail('octetsBeforeAck'),
        'carrier.lost': fail('lostInOpening'),
        'operator.cancelled': fail('cancelledInOpening'),
      },
      after: { local: fail('noQuarantine') },
    },

    receiving: {
      meta: { steps: ['DX-760'] },
      on: {
        'file.progress': { target: 'receiving', reenter: true },
        'carrier.lost': 'releasing',
        'file.tooLong': fail('fileTooLong'),
        'content.refused': fail('contentRefusedInFile'),
        'content.notStored': fail('notStoredInFile'),
        'operator.cancelled': fail('cancelledInFile'),
      },
      after: { idle: fail('fileStalled') },
    },

    /** The file is here: a line that does not go on-hook must not cost it. */
    releasing: {
      entry: 'hangUp',
      on: { 'line.released': 'checkingFile' },
      after: { release: 'checkingFile' },
    },

    checkingFile: {
      meta: { steps: ['DX-765'] },
      entry: 'finishFile',
      on: {
        'file.intact': {
          target: 'provingFile',
          actions: { type: 'keepFileHash', params: ({ event: { fileHash } }) => ({ fileHash }) },
        },
        'file.broken': fail('fileRefused'),
        'content.refused': fail('contentRefused'),
        'content.notStored': fail('notStored'),
      },
      after: { local: fail('notStored') },
    },

    provingFile: {
      meta: { steps: ['DX-770'] },
      always: [{ guard: 'fileProofMatches', target: 'unpacking' }, fail('fileRefused')],
    },

    unpacking: {
      meta: { steps: ['DX-775', 'DX-780'] },
      entry: 'releaseQuarantine',
      on: {
        'content.released': 'received',
        'content.refused': fail('contentRefused'),
        'content.notStored': fail('notStored'),
      },
      after: { unpack: fail('notStored') },
    },

    refusing: { entry: 'sendNak', always: 'abandoning' },
    abandoning: {
      entry: 'hangUp',
      on: { 'line.released': 'clearing' },
      after: { release: 'clearing' },
    },
    clearing: { always: [{ guard: 'hasQuarantine', target: 'discarding' }, { target: 'failed' }] },
    discarding: {
      entry: 'discardQuarantine',
      on: { 'quarantine.discarded': 'failed' },
      after: { local: 'failed' },
    },
    received: { type: 'final' },
    failed: { type: 'final' },
  },
});

function offered(context: RecipientContext) {
  const { lowVersion: low, highVersion: high } = known(context.a1);
  return { low, high };
}

function challengesOf(context: RecipientContext) {
  return { challengeA: known(context.a1).challengeA, challengeB: context.challengeB };
}

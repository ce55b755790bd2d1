import { assign, setup } from 'xstate';
import type { AccountNumber } from '../../bytes/account-number.js';
import { known } from '../../bytes/known.js';
import type { Awaited } from '../../bytes/packet-reader.js';
import { agreeVersion, versionOne } from '../../bytes/version-range.js';
import { equalOctets } from '../../crypto/mac.js';
import type { DataExchangeFailed, DataSenderEvent, StepMeta } from './events.js';
import { senderFailures } from './failures.js';
import { type DataExchangePacket, type PacketA1, type PacketA2, type PacketB, shapes } from './packets.js';
import { maskKey, proofOfFile, proofOfKey, proofOfRecipient, proofOfSender, senderTimers } from './rules.js';

export interface SenderInput {
  readonly own: AccountNumber;
  readonly peer: AccountNumber;
  readonly longTermKey: Uint8Array;
  /** 20 random octets. */
  readonly challengeA: Uint8Array;
}

interface SenderContext {
  readonly peer: AccountNumber;
  readonly longTermKey: Uint8Array;
  readonly a1: PacketA1;
  readonly sessionKey: Uint8Array | undefined;
  readonly fileHash: Uint8Array | undefined;
  readonly b: PacketB | undefined;
  readonly compareProofB: Uint8Array | undefined;
  readonly a2: PacketA2 | undefined;
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

/** Figure 7, left column. */
export const dataExchangeSender = setup({
  types: {} as {
    context: SenderContext;
    input: SenderInput;
    events: DataSenderEvent;
    output: { readonly kind: 'sent'; readonly peer: AccountNumber } | DataExchangeFailed;
    meta: StepMeta;
  },
  actions: {
    /** Guards G1 and G2: answered by `peer.claimed` or `peer.busy`. */
    claimPeer: (_, _params: { peer: AccountNumber; challenge: Uint8Array }) => {},
    awaitOctets: (_, _params: Awaited & { kind?: DataExchangePacket['kind'] }) => {},
    sendPacket: (_, _params: { packet: DataExchangePacket }) => {},
    sendNak: () => {},
    /** Starts the stream of C: `file.progress` while it goes, then `file.sent` or `file.unreadable`. */
    sendFile: () => {},
    /** Answered by `line.released`. */
    hangUp: () => {},
    noteUnexpected: () => {},
    keepTransfer: assign((_, transfer: { sessionKey: Uint8Array; fileHash: Uint8Array }) => transfer),
    keepB: assign((_, { packet }: { packet: DataExchangePacket }) =>
      packet.kind === 'B' ? { b: packet } : {},
    ),
    computeCompareProofB: assign(({ context }) => ({
      compareProofB: proofOfRecipient(context.longTermKey, challengesOf(context)),
    })),
    buildA2: assign(({ context }) => {
      const call = challengesOf(context);
      const sessionKey = known(context.sessionKey);
      return {
        a2: {
          kind: 'A2',
          accountB: context.peer,
          proofA: proofOfSender(context.longTermKey, call),
          deltaKeyA: maskKey(context.longTermKey, call, sessionKey),
          keyProofA: proofOfKey(sessionKey, call),
          fileProofA: proofOfFile(sessionKey, call, known(context.fileHash)),
        } as const,
      };
    }),
    recordFailure: assign(({ event }, { failure }: { failure: SenderFailureName }) => ({
      failure,
      detail: 'fault' in event ? event.fault : undefined,
    })),
  },
  guards: {
    isB: (_, { packet }: { packet: DataExchangePacket }) => packet.kind === 'B',
    isAnotherVersion: ({ context }) => {
      const { version } = known(context.b);
      return agreeVersion(versionOne, { low: version, high: version }) === undefined;
    },
    isAnotherAccount: ({ context }) => known(context.b).accountB !== context.peer,
    proofMatches: ({ context }) => equalOctets(known(context.compareProofB), known(context.b).proofB),
  },
  delays: senderTimers,
}).createMachine({
  id: 'dataExchangeSender',
  context: ({ input }) => ({
    peer: input.peer,
    longTermKey: input.longTermKey,
    a1: {
      kind: 'A1',
      lowVersion: versionOne.low,
      highVersion: versionOne.high,
      accountA: input.own,
      challengeA: input.challengeA,
    },
    sessionKey: undefined,
    fileHash: undefined,
    b: undefined,
    compareProofB: undefined,
    a2: undefined,
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
      : { kind: 'sent', peer: context.peer },
  initial: 'awaitingTransfer',
  on: { '*': { actions: 'noteUnexpected' } },
  states: {
    /** Key, compression, hash and encryption come before the call: the line is not held for them. */
    awaitingTransfer: {
      meta: { steps: ['DX-600', 'DX-605', 'DX-610'] },
      on: {
        'transfer.sealed': {
          target: 'claiming',
          actions: {
            type: 'keepTransfer',
            params: ({ event: { sessionKey, fileHash } }) => ({ sessionKey, fileHash }),
          },
        },
        'operator.cancelled': fail('cancelledBeforeA1'),
      },
      after: { local: fail('notSealed') },
    },

    claiming: {
      meta: { steps: ['DX-615'] },
      entry: {
        type: 'claimPeer',
        params: ({ context }) => ({ peer: context.peer, challenge: context.a1.challengeA }),
      },
      on: {
        'peer.claimed': 'contacting',
        'peer.busy': fail('peerBusy'),
        'operator.cancelled': fail('cancelledBeforeA1'),
      },
      after: { local: fail('notClaimed') },
    },

    contacting: {
      meta: { steps: ['DX-615'] },
      on: {
        'line.connected': {
          target: 'awaitingB',
          actions: { type: 'sendPacket', params: ({ context }) => ({ packet: context.a1 }) },
          meta: { steps: ['DX-620'] },
        },
        'carrier.lost': fail('lostBeforeA1'),
        'operator.cancelled': fail('cancelledBeforeA1'),
      },
      after: { answer: fail('notConnected') },
    },

    awaitingB: {
      meta: { steps: ['DX-645'] },
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
      meta: { steps: ['DX-670'] },
      always: [
        { guard: 'isAnotherVersion', ...fail('versionOfB') },
        { guard: 'isAnotherAccount', ...fail('accountOfB') },
        { target: 'provingB', actions: 'computeCompareProofB', meta: { steps: ['DX-695'] } },
      ],
    },

    provingB: {
      meta: { steps: ['DX-700'] },
      always: [
        {
          guard: 'proofMatches',
          target: 'awaitingVerdict',
          actions: [
            'buildA2',
            { type: 'sendPacket', params: ({ context }) => ({ packet: known(context.a2) }) },
          ],
          meta: { steps: ['DX-705'] },
        },
        fail('proofOfB'),
      ],
    },

    awaitingVerdict: {
      meta: { steps: ['DX-730'] },
      entry: { type: 'awaitOctets', params: { ack: true } },
      on: {
        'ack.received': { target: 'sending', actions: 'sendFile' },
        'nak.received': fail('refusedA2'),
        'packet.received': fail('malformedVerdict'),
        'packet.malformed': fail('malformedVerdict'),
        'carrier.lost': fail('lostAfterA2'),
        'operator.cancelled': fail('cancelledAfterA2'),
      },
      after: { verdict: fail('silentAfterA2') },
    },

    sending: {
      meta: { steps: ['DX-745'] },
      entry: { type: 'awaitOctets', params: {} },
      on: {
        'file.progress': { target: 'sending', reenter: true },
        'file.sent': 'completing',
        'file.unreadable': fail('fileUnreadable'),
        'nak.received': fail('octetsInFile'),
        'packet.received': fail('octetsInFile'),
        'packet.malformed': fail('octetsInFile'),
        'carrier.lost': fail('lostInFile'),
        'operator.cancelled': fail('cancelledInFile'),
      },
      after: { idle: fail('fileStalled') },
    },

    completing: {
      meta: { steps: ['DX-750'] },
      entry: 'hangUp',
      on: { 'line.released': 'sent' },
      after: { release: fail('notReleased') },
    },

    refusing: { entry: 'sendNak', always: 'abandoning' },
    abandoning: {
      entry: 'hangUp',
      on: { 'line.released': 'failed' },
      after: { release: 'failed' },
    },
    sent: { type: 'final' },
    failed: { type: 'final' },
  },
});

function challengesOf(context: SenderContext) {
  return { challengeA: context.a1.challengeA, challengeB: known(context.b).challengeB };
}

import { assign, setup } from 'xstate';
import { known } from '../../../bytes/known.js';
import type { Malformed } from '../../../bytes/packet-reader.js';
import { equalOctets } from '../../../crypto/mac.js';
import type { HandshakeState, Transport } from '../../../crypto/noise/handshake-state.js';
import type { StepMeta } from '../events.js';
import type { ContentSummary, DataExchangeFailed, DataSenderEvent } from './events.js';
import { senderFailures } from './failures.js';
import {
  type ChannelRecord,
  type EpochKey,
  hear,
  hearDx2,
  type Said,
  type SenderHandshake,
  say,
  sayDx1,
} from './handshake.js';
import type { Dx2, Receipt } from './packets.js';
import { faultOfReceipt, headStart, isImpossiblePart, senderTimers, whereToGoOn } from './rules.js';

/** Its entropy, `ephemeral` and `kemSeed`, is for this call alone. */
export interface SenderInput extends Omit<SenderHandshake, 'longTermKey'>, EpochKey {
  /** DX1 and the state behind it, where it has gone out ahead of the bridge; made of the same input. */
  readonly early?: Said<HandshakeState> | undefined;
  /** The recipient's Ed25519 key. */
  readonly signingKey: Uint8Array;
  readonly transfer: {
    readonly sessionId: Uint8Array;
    readonly transferKey: Uint8Array;
    /** Octets of the sealed stream; `undefined` while it is not known. */
    readonly length: number | undefined;
    /** Known when all of it was sealed before this call. */
    readonly content: ContentSummary | undefined;
    /** Of the calls before this one. */
    readonly handshakeHashes: readonly Uint8Array[];
  };
}

interface SenderContext extends SenderInput {
  readonly handshake: HandshakeState;
  /** The message that goes out next. */
  readonly outgoing: ChannelRecord;
  readonly dx2: Dx2 | undefined;
  readonly transport: Transport | undefined;
  /** Where the stream goes on. */
  readonly from: number;
  readonly receipt: Receipt | undefined;
  /** What is wrong with the last message. */
  readonly fault: string | undefined;
  readonly failure: SenderFailureName | undefined;
  readonly detail: string | undefined;
}

type SenderFailureName = keyof typeof senderFailures;

function fail<const Name extends SenderFailureName>(failure: Name) {
  return {
    target: '#dataExchangeSender2.abandoning',
    actions: { type: 'recordFailure', params: { failure } },
    meta: { steps: senderFailures[failure].steps },
  } as const;
}

/** What may end the call in every state that waits for the line. */
function endedBy<const Name extends SenderFailureName>(lost: Name) {
  return {
    'carrier.lost': fail(lost),
    'channel.broken': fail('channelBroken'),
    'bulk.unexpected': fail('unexpected'),
    'operator.cancelled': fail('cancelled'),
  } as const;
}

const sendRecord = {
  type: 'sendRecord',
  params: ({ context }: { context: SenderContext }) => ({ record: context.outgoing }),
} as const;

/** Data Exchange version 2, sender. */
export const dataExchangeSender2 = setup({
  types: {} as {
    context: SenderContext;
    input: SenderInput;
    events: DataSenderEvent;
    output: { readonly kind: 'sent'; readonly receipt: Receipt } | DataExchangeFailed;
    meta: StepMeta;
  },
  actions: {
    sendRecord: (_, _params: { record: ChannelRecord }) => {},
    /** Answered by `tail.read` or `store.failed`. */
    readTail: (_, _params: { opened: number; next: number }) => {},
    /** A new session id and key: answered by `transfer.renewed` or `store.failed`. */
    renewTransfer: () => {},
    /** Answered by `handshake.noted` or `store.failed`. */
    noteHandshake: (_, _params: { hash: Uint8Array }) => {},
    /** The stream's first octets, before it is known that they are wanted. Nothing is told of them. */
    startContent: (_, _params: { octets: number }) => {},
    /** The stream, from there or from where `startContent` is; never above `limit` octets. `content.moving` and `content.awaited`, then `content.sent` and the like. */
    sendContent: (_, _params: { from: number; limit: number | undefined }) => {},
    /** Answered by `receipt.kept` or `store.failed`. */
    keepReceipt: (_, _params: { receipt: Receipt }) => {},
    stopContent: () => {},
    /** What was sent drains first. */
    finishLine: () => {},
    hangUp: () => {},
    noteUnexpected: () => {},
    openDx2: assign(({ context }, { record }: { record: ChannelRecord }) => {
      const reading = hearDx2(context.handshake, record);
      const fault = faultOfDx2(reading, context.transfer);
      return reading.kind === 'heard' && !fault
        ? { dx2: reading.message, transport: reading.state }
        : { fault };
    }),
    keepStart: assign(({ context }, { digest }: { digest: Uint8Array | undefined }) => ({
      from: whereToGoOn(known(context.dx2), digest) ?? 0,
    })),
    keepRenewed: assign(({ context }, renewed: { sessionId: Uint8Array; transferKey: Uint8Array }) => ({
      from: 0,
      transfer: { ...context.transfer, ...renewed, content: undefined, handshakeHashes: [] },
    })),
    keepHash: assign(({ context: { transfer, transport } }) => ({
      transfer: {
        ...transfer,
        handshakeHashes: [...transfer.handshakeHashes, known(transport).handshakeHash],
      },
    })),
    keepContent: assign(({ context: { transfer } }, { content }: { content: ContentSummary }) => ({
      transfer: { ...transfer, content },
    })),
    sayKey: assign(({ context: { transport, transfer, from } }) => {
      const { sessionId, transferKey } = transfer;
      return said(say(known(transport), { kind: 'KEY', sessionId, transferKey, from }));
    }),
    sayReceiptAck: assign(({ context: { transport, transfer } }) =>
      said(say(known(transport), { kind: 'RECEIPT_ACK', sessionId: transfer.sessionId })),
    ),
    openReceipt: assign(({ context }, { record }: { record: ChannelRecord }) => {
      const reading = hear('RECEIPT', known(context.transport), record);
      if (reading.kind === 'malformed') return { fault: reading.fault };
      const fault = faultOfReceipt(reading.message, { ...context, ...context.transfer });
      return { fault, receipt: reading.message, transport: reading.state };
    }),
    recordFailure: assign(({ context, event }, { failure }: { failure: SenderFailureName }) => ({
      failure,
      detail: 'fault' in event ? event.fault : context.fault,
    })),
  },
  guards: {
    isSaid: ({ context }) => context.early !== undefined,
    isFresh: ({ context }) => isFresh(context.transfer),
    isFaulty: ({ context }) => context.fault !== undefined,
    isFiled: ({ context }) => known(context.dx2).status === 'filed',
    isNotNow: ({ context }) => known(context.dx2).status === 'notNow',
    isTooLarge: ({ context }) => {
      const { status, limit = Number.POSITIVE_INFINITY } = known(context.dx2);
      return status === 'tooLarge' || (context.transfer.length ?? 0) > limit;
    },
    isHeldHere: ({ context }, { digest }: { digest: Uint8Array | undefined }) =>
      whereToGoOn(known(context.dx2), digest) !== undefined,
    isLive: ({ context }) => context.transfer.length === undefined,
    isRefusal: ({ context }) => known(context.receipt).isRefusal,
  },
  delays: senderTimers,
}).createMachine({
  id: 'dataExchangeSender2',
  context: ({ input }) => {
    const { sessionId, length } = input.transfer;
    const dx1 = { kind: 'DX1', sessionId, epoch: input.epoch, length } as const;
    const { record, state } = input.early ?? sayDx1(input, dx1);
    return {
      ...input,
      handshake: state,
      outgoing: record,
      dx2: undefined,
      transport: undefined,
      from: 0,
      receipt: undefined,
      fault: undefined,
      failure: undefined,
      detail: undefined,
    };
  },
  output: ({ context }) =>
    context.failure
      ? {
          kind: 'failed',
          failure: senderFailures[context.failure],
          detail: context.detail,
          peer: context.ends.recipient,
        }
      : { kind: 'sent', receipt: known(context.receipt) },
  initial: 'beginning',
  on: { '*': { actions: 'noteUnexpected' } },
  states: {
    beginning: {
      meta: { steps: ['DX-600', 'DX-615', 'DX-620'] },
      always: [
        { guard: 'isSaid', target: 'startingContent' },
        { target: 'startingContent', actions: sendRecord },
      ],
    },
    startingContent: {
      meta: { steps: ['DX-605', 'DX-610'] },
      always: [
        {
          guard: 'isFresh',
          target: 'awaitingDx2',
          actions: { type: 'startContent', params: { octets: headStart } },
        },
        { target: 'awaitingDx2' },
      ],
    },

    awaitingDx2: {
      meta: { steps: ['DX-645'] },
      on: {
        ...endedBy('lostBeforeDx2'),
        'record.received': {
          target: 'checkingDx2',
          actions: { type: 'openDx2', params: ({ event }) => event },
        },
      },
      after: { message: fail('silentAfterDx1') },
    },

    checkingDx2: {
      meta: { steps: ['DX-670', 'DX-695', 'DX-700'] },
      always: [
        { guard: 'isFaulty', ...fail('notAuthenticDx2') },
        { guard: 'isNotNow', ...fail('notNow') },
        { guard: 'isFiled', target: 'awaitingReceipt', actions: 'stopContent' },
        { guard: 'isTooLarge', ...fail('tooLarge') },
        { target: 'preparing' },
      ],
    },

    preparing: {
      on: { ...endedBy('lostBeforeKey'), 'record.received': fail('unexpected') },
      initial: 'comparing',
      states: {
        comparing: {
          entry: { type: 'readTail', params: ({ context }) => known(context.dx2) },
          on: {
            'tail.read': [
              {
                guard: { type: 'isHeldHere', params: ({ event }) => event },
                target: 'noting',
                actions: { type: 'keepStart', params: ({ event }) => event },
              },
              { target: 'renewing' },
            ],
            'store.failed': fail('spoolFailed'),
          },
          after: { local: fail('spoolFailed') },
        },
        /** The spool is not what the recipient has begun with. */
        renewing: {
          entry: 'renewTransfer',
          on: {
            'transfer.renewed': {
              target: 'noting',
              actions: { type: 'keepRenewed', params: ({ event }) => event },
            },
            'store.failed': fail('notRenewed'),
          },
          after: { local: fail('spoolFailed') },
        },
        /** Before KEY, so that the receipt of this call is known again whatever crashes. */
        noting: {
          entry: [
            'keepHash',
            {
              type: 'noteHandshake',
              params: ({ context }) => ({ hash: known(context.transport).handshakeHash }),
            },
          ],
          on: {
            'handshake.noted': {
              target: '#dataExchangeSender2.sending',
              actions: ['sayKey', sendRecord],
              meta: { steps: ['DX-705'] },
            },
            'store.failed': fail('spoolFailed'),
          },
          after: { local: fail('spoolFailed') },
        },
      },
    },

    sending: {
      meta: { steps: ['DX-605', 'DX-610', 'DX-745'] },
      entry: {
        type: 'sendContent',
        params: ({ context }) => ({ from: context.from, limit: known(context.dx2).limit }),
      },
      exit: 'stopContent',
      on: {
        ...endedBy('lostInContent'),
        'content.sent': {
          target: 'awaitingReceipt',
          actions: { type: 'keepContent', params: ({ event }) => event },
        },
        'content.tooLarge': fail('tooLargeInContent'),
        'store.failed': fail('contentUnreadable'),
        'record.received': {
          target: 'checkingReceipt',
          actions: { type: 'openReceipt', params: ({ event }) => event },
        },
      },
      initial: 'moving',
      states: {
        moving: {
          on: {
            'content.moving': { target: 'moving', reenter: true },
            'content.awaited': [{ guard: 'isLive', target: 'pausing' }, { target: 'moving' }],
          },
          after: { idle: fail('contentStalled') },
        },
        /** Live data: as long as the carrier stands, which the link watches. */
        pausing: { on: { 'content.moving': 'moving' } },
      },
    },

    awaitingReceipt: {
      on: {
        ...endedBy('lostBeforeReceipt'),
        'record.received': {
          target: 'checkingReceipt',
          actions: { type: 'openReceipt', params: ({ event }) => event },
        },
      },
      after: { receipt: fail('silentBeforeReceipt') },
    },

    checkingReceipt: {
      meta: { steps: ['DX-765', 'DX-770'] },
      always: [
        { guard: 'isFaulty', ...fail('wrongReceipt') },
        {
          guard: 'isRefusal',
          target: 'completing',
          actions: { type: 'recordFailure', params: { failure: 'contentRefused' } },
          meta: { steps: senderFailures.contentRefused.steps },
        },
        { target: 'keepingReceipt' },
      ],
    },

    /** RECEIPT_ACK makes the recipient forget: not before the receipt is durable here. A lost line changes nothing. */
    keepingReceipt: {
      entry: { type: 'keepReceipt', params: ({ context }) => ({ receipt: known(context.receipt) }) },
      on: {
        'carrier.lost': {},
        'receipt.kept': 'completing',
        'store.failed': fail('receiptNotKept'),
      },
      after: { local: fail('receiptNotKept') },
    },

    completing: {
      meta: { steps: ['DX-750', 'DX-780'] },
      entry: ['sayReceiptAck', sendRecord, 'finishLine'],
      on: { 'carrier.lost': {}, 'line.released': 'ended' },
      after: { release: 'ended' },
    },

    abandoning: {
      entry: ['stopContent', 'hangUp'],
      on: { 'line.released': 'ended' },
      after: { release: 'ended' },
    },
    ended: { type: 'final' },
  },
});

/** No call of this session has passed KEY: nobody holds anything of it. */
function isFresh({ handshakeHashes }: Pick<SenderInput['transfer'], 'handshakeHashes'>): boolean {
  return handshakeHashes.length === 0;
}

function faultOfDx2(
  reading: ReturnType<typeof hearDx2>,
  transfer: Pick<SenderInput['transfer'], 'sessionId' | 'handshakeHashes'>,
): string | undefined {
  const { sessionId } = transfer;
  if (reading.kind === 'malformed') return (reading satisfies Malformed).fault;
  if (!equalOctets(reading.message.sessionId, sessionId)) return 'DX2 of another session';
  const { next } = reading.message;
  if (next > 0 && isFresh(transfer)) return 'a part of a stream that nobody was given the key of';
  return isImpossiblePart(reading.message) ? 'a part that cannot be' : undefined;
}

function said({ record: outgoing, state: transport }: Said<Transport>) {
  return { outgoing, transport };
}

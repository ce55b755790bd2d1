import { assign, setup } from 'xstate';
import { known } from '../../../bytes/known.js';
import type { Ed25519Key } from '../../../crypto/ed25519.js';
import { equalOctets } from '../../../crypto/mac.js';
import type { HandshakeState, Transport } from '../../../crypto/noise/handshake-state.js';
import type { StepMeta } from '../events.js';
import type { ContentSummary, DataExchangeFailed, DataRecipientEvent } from './events.js';
import { recipientFailures } from './failures.js';
import {
  type ChannelRecord,
  type EpochKey,
  hear,
  hearDx1,
  type RecipientHandshake,
  type Said,
  say,
  sayDx2,
} from './handshake.js';
import type { Dx1, Dx2, Dx2Status, Key, Receipt } from './packets.js';
import { recipientTimers, signReceipt, startOf } from './rules.js';

/** What the Key Exchange has left of a peer. */
export interface PeerKeys {
  /** X25519, 32 octets. */
  readonly remoteStatic: Uint8Array;
  readonly present: EpochKey;
  /** While the pair changes from one epoch to the next. */
  readonly next: EpochKey | undefined;
}

/** Its entropy, `ephemeral`, `kemEntropy` and `decoy`, is for this call alone. */
export interface RecipientInput extends Omit<RecipientHandshake, 'remoteStatic'> {
  readonly signing: Ed25519Key;
  /** `undefined`: not paired, or locked. */
  readonly peer: PeerKeys | undefined;
  /** 64 random octets. They stand in for the keys that are missing, so that their absence takes no less time. */
  readonly decoy: Uint8Array;
  /** Octets of a sealed stream that are taken at most; `undefined`: no limit. */
  readonly limit: number | undefined;
}

interface RecipientContext extends RecipientInput {
  readonly dx1: Dx1 | undefined;
  readonly handshake: HandshakeState | undefined;
  readonly part: Part;
  readonly transport: Transport | undefined;
  readonly key: Key | undefined;
  /** The session that KEY has put in the place of DX1's. */
  readonly replaced: Uint8Array | undefined;
  readonly receipt: Receipt | undefined;
  readonly wasSettledBefore: boolean;
  readonly isLineLost: boolean;
  readonly outgoing: ChannelRecord | undefined;
  /** What is wrong with the last message. */
  readonly fault: string | undefined;
  readonly failure: RecipientFailureName | undefined;
  readonly detail: string | undefined;
}

type Part = Pick<Dx2, 'opened' | 'next' | 'tailDigest'>;
type RecipientFailureName = keyof typeof recipientFailures;

const noPart: Part = { opened: 0, next: 0, tailDigest: new Uint8Array(16) };

function fail<const Name extends RecipientFailureName>(failure: Name) {
  return {
    target: '#dataExchangeRecipient2.releasing',
    actions: { type: 'recordFailure', params: { failure } },
    meta: { steps: recipientFailures[failure].steps },
  } as const;
}

/** Whatever is wrong with DX1, the line is released when `screening` ends. */
function refuseAtTheEnd<const Name extends RecipientFailureName>(failure: Name) {
  return { ...fail(failure), target: '#dataExchangeRecipient2.screening.refused' } as const;
}

/** What may end the call in every state that waits for the line. */
function endedBy<const Name extends RecipientFailureName>(lost: Name) {
  return {
    'carrier.lost': fail(lost),
    'channel.broken': fail('channelBroken'),
    'bulk.unexpected': fail('unexpected'),
    'operator.cancelled': fail('cancelled'),
  } as const;
}

const sendRecord = {
  type: 'sendRecord',
  params: ({ context }: { context: RecipientContext }) => ({ record: known(context.outgoing) }),
} as const;

const sayDx2With = (status: Dx2Status) =>
  [{ type: 'sayDx2', params: { status } } as const, sendRecord] as const;

const refuse = {
  target: 'refusing',
  actions: [
    {
      type: 'signRefusal',
      params: ({ event }: { event: Extract<DataRecipientEvent, { type: 'content.refused' }> }) => event,
    },
    { type: 'recordFailure', params: { failure: 'contentRefused' } },
  ],
} as const;

/** Data Exchange version 2, recipient. */
export const dataExchangeRecipient2 = setup({
  types: {} as {
    context: RecipientContext;
    input: RecipientInput;
    events: DataRecipientEvent;
    output: { readonly kind: 'received' | 'settled before' } | DataExchangeFailed;
    meta: StepMeta;
  },
  actions: {
    sendRecord: (_, _params: { record: ChannelRecord }) => {},
    /** Claims the session: answered by `transfer.filed`, `transfer.found`, `transfer.notNow` or `store.failed`. */
    findTransfer: (_, _params: Pick<Dx1, 'sessionId' | 'length'>) => {},
    /** Answered by `transfer.opened`, `transfer.impossible`, `store.failed`, or by what the part already amounts to. Then bulk is taken in. */
    openTransfer: (_, _params: { key: Key; replaces: Uint8Array | undefined }) => {},
    /** Bulk is taken in no more, nor an error. */
    dropBulk: () => {},
    /** Content, session id and receipt in one step: answered by `content.filed`, `content.refused` or `store.failed`. */
    fileContent: (_, _params: { receipt: Receipt }) => {},
    /** The refusal, durably: answered by `refusal.kept` or `store.failed`. */
    refuseContent: (_, _params: { receipt: Receipt }) => {},
    /** Answered by `transfer.forgotten` or `store.failed`. */
    forgetTransfer: (_, _params: { sessionId: Uint8Array }) => {},
    hangUp: () => {},
    noteUnexpected: () => {},
    openDx1: assign(({ context }, { record }: { record: ChannelRecord }) => {
      const { peer, decoy } = context;
      const decoyKey: EpochKey = { epoch: -1, longTermKey: decoy.subarray(32) };
      const keys = [peer?.present ?? decoyKey, peer?.next ?? decoyKey];
      const remoteStatic = peer?.remoteStatic ?? decoy.subarray(0, 32);
      const reading = hearDx1({ ...context, remoteStatic }, keys, record);
      return reading.kind === 'heard'
        ? { dx1: reading.message, handshake: reading.state }
        : { fault: reading.fault };
    }),
    keepPart: assign((_, { opened, next, tailDigest }: Part) => ({ part: { opened, next, tailDigest } })),
    keepReceipt: assign((_, { receipt }: { receipt: Receipt }) => ({ receipt, wasSettledBefore: true })),
    sayDx2: assign(({ context }, { status }: { status: Dx2Status }) => {
      const { sessionId } = known(context.dx1);
      const part = status === 'goOn' ? context.part : noPart;
      return said(
        sayDx2(known(context.handshake), { kind: 'DX2', sessionId, status, ...part, limit: context.limit }),
      );
    }),
    openKey: assign(({ context }, { record }: { record: ChannelRecord }) => {
      const reading = hear('KEY', known(context.transport), record);
      if (reading.kind === 'malformed') return { fault: reading.fault };
      const { sessionId } = known(context.dx1);
      const isRenewed = startOf(reading.message, sessionId, context.part) === 'begins anew';
      return {
        key: reading.message,
        transport: reading.state,
        replaced: isRenewed ? sessionId : undefined,
      };
    }),
    signReceipt: assign(({ context }, { content, utcMs }: { content: ContentSummary; utcMs: number }) => ({
      receipt: signReceipt(
        context.ends,
        { ...receiptFrame(context), ...content, utcMs, isRefusal: false },
        context.signing,
      ),
    })),
    signRefusal: assign(({ context }, { utcMs }: { utcMs: number }) => ({
      receipt: signReceipt(
        context.ends,
        { ...receiptFrame(context), ...noContent, utcMs, isRefusal: true },
        context.signing,
      ),
    })),
    sayReceipt: assign(({ context }) => said(say(known(context.transport), known(context.receipt)))),
    openReceiptAck: assign(({ context }, { record }: { record: ChannelRecord }) => {
      const reading = hear('RECEIPT_ACK', known(context.transport), record);
      if (reading.kind === 'malformed') return { fault: reading.fault };
      const isOfSession = equalOctets(reading.message.sessionId, sessionOf(context));
      return isOfSession ? { transport: reading.state } : { fault: 'RECEIPT_ACK of another session' };
    }),
    noteLoss: assign({ isLineLost: true }),
    recordFailure: assign(({ context, event }, { failure }: { failure: RecipientFailureName }) => ({
      failure,
      detail: 'fault' in event ? event.fault : context.fault,
    })),
  },
  guards: {
    isFaulty: ({ context }) => context.fault !== undefined,
    isUnpaired: ({ context }) => context.peer === undefined,
    isTooLarge: ({ context: { dx1, limit } }) =>
      (known(dx1).length ?? 0) > (limit ?? Number.POSITIVE_INFINITY),
    isImpossibleStart: ({ context }) =>
      startOf(known(context.key), known(context.dx1).sessionId, context.part) === 'impossible',
    isLive: ({ context }) => known(context.dx1).length === undefined,
    isLineLost: ({ context }) => context.isLineLost,
  },
  delays: recipientTimers,
}).createMachine({
  id: 'dataExchangeRecipient2',
  context: ({ input }) => ({
    ...input,
    dx1: undefined,
    handshake: undefined,
    part: noPart,
    transport: undefined,
    key: undefined,
    replaced: undefined,
    receipt: undefined,
    wasSettledBefore: false,
    isLineLost: false,
    outgoing: undefined,
    fault: undefined,
    failure: undefined,
    detail: undefined,
  }),
  output: ({ context }) => {
    const { failure, detail, wasSettledBefore, ends } = context;
    if (failure) return { kind: 'failed', failure: recipientFailures[failure], detail, peer: ends.sender };
    return { kind: wasSettledBefore ? 'settled before' : 'received' };
  },
  initial: 'awaitingDx1',
  on: { '*': { actions: 'noteUnexpected' } },
  states: {
    awaitingDx1: {
      on: {
        ...endedBy('lostBeforeDx1'),
        'record.received': {
          target: 'screening',
          actions: { type: 'openDx1', params: ({ event }) => event },
        },
      },
      after: { message: fail('silentBeforeDx1') },
    },

    screening: {
      meta: { steps: ['DX-630', 'DX-655'] },
      on: { 'carrier.lost': fail('lostInScreening') },
      after: { refusal: 'releasing' },
      initial: 'checkingDx1',
      states: {
        checkingDx1: {
          always: [
            { guard: 'isUnpaired', ...refuseAtTheEnd('unpaired') },
            { guard: 'isFaulty', ...refuseAtTheEnd('notAuthenticDx1') },
            { target: '#dataExchangeRecipient2.finding' },
          ],
        },
        refused: {},
      },
    },

    finding: {
      meta: { steps: ['DX-655'] },
      entry: { type: 'findTransfer', params: ({ context }) => known(context.dx1) },
      on: {
        ...endedBy('lostInScreening'),
        'transfer.found': [
          {
            // Not sooner: what was filed before the limit was lowered is filed.
            guard: 'isTooLarge',
            target: 'turningAway',
            actions: [{ type: 'recordFailure', params: { failure: 'tooLarge' } }, ...sayDx2With('tooLarge')],
            meta: { steps: recipientFailures.tooLarge.steps },
          },
          {
            target: 'awaitingKey',
            actions: [{ type: 'keepPart', params: ({ event }) => event }, ...sayDx2With('goOn')],
            meta: { steps: ['DX-660', 'DX-665'] },
          },
        ],
        'transfer.filed': {
          target: 'awaitingAck',
          actions: [{ type: 'keepReceipt', params: ({ event }) => event }, ...sayDx2With('filed')],
        },
        'transfer.notNow': {
          target: 'turningAway',
          actions: [{ type: 'recordFailure', params: { failure: 'notNow' } }, ...sayDx2With('notNow')],
          meta: { steps: recipientFailures.notNow.steps },
        },
        'store.failed': fail('storeFailed'),
      },
      after: { local: fail('storeFailed') },
    },

    /** The sender knows why, and releases the line. */
    turningAway: {
      on: { 'carrier.lost': 'releasing', 'channel.broken': 'releasing', 'operator.cancelled': 'releasing' },
      after: { message: 'releasing' },
    },

    awaitingKey: {
      meta: { steps: ['DX-685'] },
      on: {
        ...endedBy('lostBeforeKey'),
        'record.received': {
          target: 'checkingKey',
          actions: { type: 'openKey', params: ({ event }) => event },
        },
      },
      after: { message: fail('silentBeforeKey') },
    },

    checkingKey: {
      meta: { steps: ['DX-710', 'DX-715'] },
      always: [
        { guard: 'isFaulty', ...fail('notAuthenticKey') },
        { guard: 'isImpossibleStart', ...fail('wrongStart') },
        { target: 'opening' },
      ],
    },

    /** What the line brings meanwhile waits. */
    opening: {
      entry: {
        type: 'openTransfer',
        params: ({ context }) => ({ key: known(context.key), replaces: context.replaced }),
      },
      on: {
        ...endedBy('lostInContent'),
        'transfer.opened': 'receiving',
        'transfer.impossible': fail('wrongStart'),
        'content.complete': {
          target: 'filing',
          actions: { type: 'signReceipt', params: ({ event }) => event },
        },
        'content.broken': fail('contentBroken'),
        'content.refused': refuse,
        'store.failed': fail('notOpened'),
      },
      after: { reopening: fail('notOpened') },
    },

    receiving: {
      meta: { steps: ['DX-760', 'DX-775'] },
      on: {
        ...endedBy('lostInContent'),
        'record.received': fail('unexpected'),
        'content.complete': {
          target: 'filing',
          actions: { type: 'signReceipt', params: ({ event }) => event },
        },
        'content.broken': fail('contentBroken'),
        'content.refused': refuse,
        'store.failed': fail('notStored'),
      },
      initial: 'starting',
      states: {
        starting: { always: [{ guard: 'isLive', target: 'live' }, { target: 'due' }] },
        due: {
          on: { 'content.moving': { target: 'due', reenter: true } },
          after: { idle: fail('contentStalled') },
        },
        /** Live data: it may pause as long as its sender lives. A program that was stopped keeps its carrier. */
        live: {
          on: { 'content.moving': { target: 'live', reenter: true } },
          after: { silence: fail('senderSilent') },
        },
      },
    },

    /** Everything is here: a line that drops now must not cost it. */
    filing: {
      meta: { steps: ['DX-765', 'DX-770', 'DX-775', 'DX-780'] },
      entry: [
        'dropBulk',
        { type: 'fileContent', params: ({ context }) => ({ receipt: known(context.receipt) }) },
      ],
      on: {
        'carrier.lost': { actions: 'noteLoss' },
        'channel.broken': { actions: 'noteLoss' },
        'content.filed': [{ guard: 'isLineLost', target: 'releasing' }, { target: 'awaitingAck' }],
        'content.refused': refuse,
        'store.failed': fail('notFiled'),
      },
      after: { filing: fail('notFiled') },
    },

    /** So that the sender does not send it again, the refusal is a receipt too. */
    refusing: {
      meta: { steps: recipientFailures.contentRefused.steps },
      entry: [
        'dropBulk',
        { type: 'refuseContent', params: ({ context }) => ({ receipt: known(context.receipt) }) },
      ],
      on: {
        'carrier.lost': { actions: 'noteLoss' },
        'channel.broken': { actions: 'noteLoss' },
        'refusal.kept': [{ guard: 'isLineLost', target: 'releasing' }, { target: 'awaitingAck' }],
        'store.failed': fail('refusalNotKept'),
      },
      after: { local: fail('refusalNotKept') },
    },

    awaitingAck: {
      meta: { steps: ['DX-780'] },
      entry: ['sayReceipt', sendRecord],
      on: {
        'record.received': {
          target: 'checkingAck',
          actions: { type: 'openReceiptAck', params: ({ event }) => event },
        },
        'carrier.lost': 'releasing',
        'channel.broken': 'releasing',
        'operator.cancelled': 'releasing',
      },
      after: { message: 'releasing' },
    },

    checkingAck: { always: [{ guard: 'isFaulty', target: 'releasing' }, { target: 'forgetting' }] },

    forgetting: {
      entry: { type: 'forgetTransfer', params: ({ context }) => ({ sessionId: sessionOf(context) }) },
      on: { 'carrier.lost': {}, 'transfer.forgotten': 'releasing', 'store.failed': 'releasing' },
      after: { local: 'releasing' },
    },

    releasing: {
      entry: 'hangUp',
      on: { 'line.released': 'ended' },
      after: { release: 'ended' },
    },
    ended: { type: 'final' },
  },
});

const noContent: ContentSummary = { sha256: new Uint8Array(32), octets: 0, chunks: 0 };

function said({ record: outgoing, state: transport }: Said<Transport>) {
  return { outgoing, transport };
}

function sessionOf({ key, dx1 }: RecipientContext): Uint8Array {
  return (key ?? known(dx1)).sessionId;
}

function receiptFrame(context: RecipientContext) {
  return { sessionId: sessionOf(context), handshakeHash: known(context.transport).handshakeHash };
}

import { createActor } from 'xstate';
import type { AccountNumber } from '../../bytes/account-number.js';
import { known } from '../../bytes/known.js';
import type { Ed25519Key } from '../../crypto/ed25519.js';
import type { HandshakeState } from '../../crypto/noise/handshake-state.js';
import type { RandomSource } from '../../crypto/random.js';
import type { X25519Key } from '../../crypto/x25519.js';
import type {
  DataExchangeFailed,
  DataRecipientEvent,
  DataSenderEvent,
} from '../../protocol/data-exchange/version-2/events.js';
import {
  type ChannelRecord,
  type EpochKey,
  type Said,
  sayDx1,
} from '../../protocol/data-exchange/version-2/handshake.js';
import { encodeStoredReceipt, type Receipt } from '../../protocol/data-exchange/version-2/packets.js';
import { dataExchangeRecipient2, type PeerKeys } from '../../protocol/data-exchange/version-2/recipient.js';
import { type CallEnds, headStart } from '../../protocol/data-exchange/version-2/rules.js';
import { dataExchangeSender2 } from '../../protocol/data-exchange/version-2/sender.js';
import { atMost } from '../../time/at-most.js';
import { runFramed } from '../frame.js';
import { MachineRun } from '../machine-run.js';
import type { ReceivedFile, SessionFailure, SessionWorld } from '../session.js';
import type { BridgedCall } from './bridged-call.js';
import { CallLine } from './call-line.js';
import { ContentStream, type ContentStreamOptions } from './content-stream.js';
import { type SettledSession, settledSession } from './settled-session.js';
import type { IncomingTransfers, OutgoingTransfer } from './transfer.js';
import { TransferIntake } from './transfer-intake.js';

/** How long the disk may take to let go of a call that is over. */
const lettingGoMs = 20_000;

/** How long a settled transfer's line is kept for what follows. */
const settledMs = 120_000;

interface TransferWorld extends Pick<SessionWorld, 'clock' | 'log' | 'signal'> {
  readonly random: RandomSource;
  readonly own: AccountNumber;
  /** The own X25519 key of the Key Exchange. */
  readonly staticKey: X25519Key;
  /** The transfer is settled on both sides, and the line still stands: what else passes in this session. The line is released when it resolves. */
  whenSettled?(session: SettledSession): Promise<void>;
}

/** A session that ended without success. */
export interface TransferFailure extends SessionFailure {
  /** `resumes`: another call goes on where this one ended. `final`: it would end in the same way. */
  readonly transfer: 'resumes' | 'final';
}

// ---- Sender ----

export interface SendOverCallOptions extends TransferWorld, ContentStreamOptions {
  readonly peer: {
    /** X25519 and Ed25519, 32 octets each. */
    readonly remoteStatic: Uint8Array;
    readonly signingKey: Uint8Array;
    /** The long-term key of the newest epoch that the peer is known to have. */
    readonly present: EpochKey;
  };
  /** Of this call, where its `record` went out ahead of the bridge. */
  readonly early?: EarlyDx1;
}

export type SendOverCallResult =
  /** Delivered: the recipient's receipt is durable here, and the spool is gone. */
  { readonly kind: 'sent'; readonly octets: number; readonly receipt: Receipt } | TransferFailure;

/** DX1 of one call, to be said while the recipient's telephone is still being called: `early` of `placeBridgedCall`. */
export class EarlyDx1 {
  said: Said<HandshakeState> | undefined;
  readonly #options: Pick<SendOverCallOptions, 'random' | 'own' | 'staticKey' | 'peer' | 'transfer'>;

  constructor(options: Pick<SendOverCallOptions, 'random' | 'own' | 'staticKey' | 'peer' | 'transfer'>) {
    this.#options = options;
  }

  record(call: Pick<BridgedCall, 'peer' | 'callId'>): ChannelRecord {
    const { transfer, peer } = this.#options;
    const { sessionId, length } = transfer;
    const dx1 = { kind: 'DX1', sessionId, epoch: peer.present.epoch, length } as const;
    this.said = sayDx1(handshakeOf(call, this.#options), dx1);
    return this.said.record;
  }
}

function handshakeOf(
  call: Pick<BridgedCall, 'peer' | 'callId'>,
  { own, staticKey, random, peer }: Pick<SendOverCallOptions, 'random' | 'own' | 'staticKey' | 'peer'>,
) {
  const ends = endsOf(call, own, call.peer);
  return { ...peer, ...peer.present, ends, staticKey, ephemeral: random(32), kemSeed: random(64) };
}

/** Sends one transfer, or what is left of it, over a bridged call. Ends with the line released. */
export async function sendOverCall(
  call: BridgedCall,
  options: SendOverCallOptions,
): Promise<SendOverCallResult> {
  const { transfer, clock } = options;
  const { channel } = call;
  const run = new MachineRun<typeof dataExchangeSender2>();
  const line = new CallLine(channel, run.report);
  const content = new ContentStream(call, options, run.report);
  const ask = (work: () => Promise<DataSenderEvent>) => line.holdFor(run.answer(orStoreFailed(work)));
  const release = async (drained?: Promise<unknown>): Promise<DataSenderEvent> => {
    await drained;
    await channel.hangUp();
    return { type: 'line.released' };
  };

  const machine = dataExchangeSender2.provide({
    actions: {
      sendRecord: (_, { record }) => line.send(record),
      readTail: (_, { opened, next }) =>
        ask(async () => ({ type: 'tail.read', digest: await transfer.tailDigest(opened, next) })),
      renewTransfer: () =>
        ask(async () => {
          await transfer.renew();
          return { type: 'transfer.renewed', ...keysOf(transfer) };
        }),
      noteHandshake: (_, { hash }) =>
        ask(async () => {
          await transfer.noteHandshake(hash);
          return { type: 'handshake.noted' };
        }),
      startContent: (_, { octets }) => content.headStart(octets),
      sendContent: (_, { from, limit }) => content.send(from, limit),
      stopContent: () => void content.stop(),
      keepReceipt: (_, { receipt }) =>
        ask(async () => {
          await transfer.acknowledge(encodeStoredReceipt(receipt));
          return { type: 'receipt.kept' };
        }),
      finishLine: ({ context: { transport, failure } }) => {
        const goingOn = failure
          ? undefined
          : inSession(call, options, { key: options.peer.present, transport: known(transport) });
        void run.answer(release(channel.drained().then(() => goingOn)));
      },
      hangUp: () => void run.answer(release()),
      noteUnexpected: ({ event }) =>
        options.log.warn({ event: event.type }, 'event that the sender does not await'),
    },
  });

  let ended: SenderOutput | undefined;
  run.outcome.then(
    (output) => (ended = output),
    () => {},
  );
  const input = {
    ...handshakeOf(call, options),
    early: options.early?.said,
    transfer: {
      ...keysOf(transfer),
      length: transfer.length,
      // What cannot be read now is asked for again at the end of the stream.
      content: await transfer.content().catch(() => undefined),
      handshakeHashes: transfer.handshakeHashes,
    },
  };
  const result = await runFramed({
    name: 'data exchange 2, sender',
    world: options,
    line: framed(line, call),
    outcome: run.outcome,
    start: () => run.start(createActor(machine, { clock, input })),
    cancel: () => run.report({ type: 'operator.cancelled' }),
  });
  await atMost(clock, lettingGoMs, content.stop());
  if (result.kind === 'failed') return withTransfer(result, ended);
  return { kind: 'sent', octets: result.receipt.octets, receipt: result.receipt };
}

type SenderOutput = Awaited<MachineRun<typeof dataExchangeSender2>['outcome']>;

function keysOf({ sessionId, transferKey }: OutgoingTransfer) {
  return { sessionId, transferKey };
}

// ---- Recipient ----

export interface ReceiveOverCallOptions extends TransferWorld {
  /** The own Ed25519 key of the Key Exchange. */
  readonly signing: Ed25519Key;
  /** `undefined`: not paired, or locked. */
  keysOf(peer: AccountNumber): PeerKeys | undefined;
  readonly incoming: IncomingTransfers;
  /** Octets of a sealed stream that are taken at most; `undefined`: no limit. */
  readonly limit: number | undefined;
  /** Octets of content that were opened; also those of earlier calls. */
  onProgress(receivedOctets: number): void;
}

export type ReceiveOverCallResult =
  | { readonly kind: 'received'; readonly peer: AccountNumber; readonly files: readonly ReceivedFile[] }
  /** The sender had not heard how an earlier call ended, and was told again. Nothing new is filed. */
  | { readonly kind: 'settled before'; readonly peer: AccountNumber }
  | TransferFailure;

/**
 * Receives one transfer, or what is left of it, over a bridged call. Ends with the line released.
 * @param firstRecord what said that the call is for a Data Exchange (type 41)
 */
export async function receiveOverCall(
  call: BridgedCall,
  options: ReceiveOverCallOptions,
  firstRecord: ChannelRecord,
): Promise<ReceiveOverCallResult> {
  const { clock, random } = options;
  const { channel, peer } = call;
  const run = new MachineRun<typeof dataExchangeRecipient2>();
  const line = new CallLine(channel, run.report);
  const intake = new TransferIntake(peer, options);
  const head = new HeadStart();
  let isSettled = false;
  const ask = (work: Promise<DataRecipientEvent>) => line.holdFor(run.answer(work));

  const machine = dataExchangeRecipient2.provide({
    actions: {
      sendRecord: (_, { record }) => line.send(record),
      findTransfer: (_, dx1) => ask(intake.find(dx1)),
      openTransfer: (_, { key, replaces }) => {
        ask(intake.open(key, replaces));
        line.takeBulkInto((octets) => run.answer(intake.take(octets)));
        if (head.length > 0 && key.from === 0 && !replaces) ask(intake.take(head.octets()));
      },
      dropBulk: () => line.takeBulkInto(async () => {}),
      fileContent: (_, { receipt }) => ask(intake.file(receipt)),
      refuseContent: (_, { receipt }) => ask(intake.refuse(receipt)),
      forgetTransfer: (_, { sessionId }) => {
        isSettled = true;
        ask(intake.forget(sessionId));
      },
      hangUp: ({ context: { peer: keys, dx1, transport } }) => {
        line.takeBulkInto(async () => {});
        const key = [keys?.present, keys?.next].find((each) => each?.epoch === dx1?.epoch);
        const goingOn =
          isSettled && key && transport ? inSession(call, options, { key, transport }) : Promise.resolve();
        void run.answer(goingOn.then(() => channel.hangUp()).then(() => ({ type: 'line.released' })));
      },
      noteUnexpected: ({ event }) =>
        options.log.warn({ event: event.type }, 'event that the recipient does not await'),
    },
  });

  let ended: RecipientOutput | undefined;
  run.outcome.then(
    (output) => (ended = output),
    () => {},
  );
  const input = {
    ends: endsOf(call, peer, options.own),
    staticKey: options.staticKey,
    signing: options.signing,
    peer: options.keysOf(peer),
    limit: options.limit,
    ephemeral: random(32),
    kemEntropy: random(32),
    decoy: random(64),
  };
  const result = await runFramed({
    name: 'data exchange 2, recipient',
    world: options,
    line: framed(line, call),
    outcome: run.outcome,
    start: () => {
      line.takeBulkInto(async (octets) => head.take(octets) || run.report({ type: 'bulk.unexpected' }));
      run.start(createActor(machine, { clock, input }));
      run.report({ type: 'record.received', record: firstRecord });
    },
    cancel: () => run.report({ type: 'operator.cancelled' }),
  });
  await atMost(clock, lettingGoMs, intake.leave());
  if (result.kind === 'failed') return withTransfer(result, ended);
  return result.kind === 'received'
    ? { kind: 'received', peer, files: intake.files }
    : { kind: result.kind, peer };
}

type RecipientOutput = Awaited<MachineRun<typeof dataExchangeRecipient2>['outcome']>;

/** What comes of the stream before KEY says what becomes of it. */
class HeadStart {
  length = 0;
  readonly #pieces: Uint8Array[] = [];

  /** @returns whether it still is one */
  take(octets: Uint8Array): boolean {
    this.length += octets.length;
    if (this.length > headStart) return false;
    this.#pieces.push(Uint8Array.from(octets));
    return true;
  }

  octets(): Uint8Array {
    return Buffer.concat(this.#pieces);
  }
}

// ---- Both ----

function endsOf(
  { callId }: Pick<BridgedCall, 'callId'>,
  sender: AccountNumber,
  recipient: AccountNumber,
): CallEnds {
  return { sender, recipient, callId };
}

function framed(line: CallLine, { channel }: BridgedCall) {
  return {
    get sent() {
      return line.sent;
    },
    get received() {
      return line.received;
    },
    begin: () => line.begin(),
    hangUp: () => channel.hangUp(),
  };
}

/** Nothing of what follows a settled transfer harms it. */
async function inSession(
  call: BridgedCall,
  { whenSettled, clock, log, signal }: TransferWorld,
  of: Parameters<typeof settledSession>[1],
): Promise<void> {
  if (!whenSettled) return;
  try {
    await atMost(clock, settledMs, whenSettled(settledSession(call.channel, of, clock, signal)));
    await call.channel.drained();
  } catch (defect) {
    log.error({ defect: String(defect), peer: call.peer }, 'what followed a transfer ended by a defect');
  }
}

async function orStoreFailed<Event>(
  work: () => Promise<Event>,
): Promise<Event | { readonly type: 'store.failed'; readonly fault: string }> {
  try {
    return await work();
  } catch (error) {
    return { type: 'store.failed', fault: String(error) };
  }
}

/** After a defect another call may do better. */
function withTransfer(
  failure: SessionFailure,
  ended: { kind: string } | DataExchangeFailed | undefined,
): TransferFailure {
  const transfer = ended && 'failure' in ended ? ended.failure.transfer : 'resumes';
  return { ...failure, transfer };
}

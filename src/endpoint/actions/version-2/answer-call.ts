import type { AccountNumber } from '../../../bytes/account-number.js';
import { recordTypes } from '../../../protocol/data-exchange/version-2/packets.js';
import type { Answer, Invite } from '../../../protocol/identity/packets.js';
import type { DataConnection } from '../../../pstn/modem/modem.js';
import { answerBridgedCall } from '../../../session/version-2/answer-call.js';
import type { BridgedCall } from '../../../session/version-2/bridged-call.js';
import { answeringConfirmations } from '../../../session/version-2/confirm-pairing.js';
import { receiveOverCall } from '../../../session/version-2/data-exchange.js';
import type { IncomingTransfers } from '../../../session/version-2/transfer.js';
import type { Peer } from '../../address-book.js';
import type { CallLogRow } from '../../call-log.js';
import type { Endpoint } from '../../endpoint.js';
import { IncomingStore } from '../../transfers/incoming-store.js';
import { type AnswerOptions, failedSession, nameAmong } from '../action.js';
import type { ActionEnd, Failed, PeerName } from '../events.js';
import { ProgressMeter } from '../progress-meter.js';
import { confirmationOptions } from './bridge-peer.js';
import { firstEventOf } from './first-record.js';
import { tellLatePairing } from './late-pairing.js';
import { pairOver } from './pairing.js';
import { settleAsRecipient } from './refresh.js';

export interface Answered2 {
  readonly protocol: CallLogRow['protocol'];
  readonly end: ActionEnd;
  readonly octets?: number;
  /** `end` is in the log and was told. */
  readonly isConcluded?: true;
}

/** A call of version 2 that was answered, from the server's handshake to its end. */
export async function answerVersion2(
  endpoint: Endpoint,
  connection: DataConnection,
  opening: Uint8Array,
  peers: readonly Peer[],
  options: AnswerOptions,
): Promise<Answered2> {
  const { trust } = await endpoint.unlock();
  const named = (account: AccountNumber) => nameAmong(peers, account);
  const answered = await answerBridgedCall({
    ...endpoint.sessionWorld(connection, options.signal),
    opening,
    identity: await trust.identity(),
    doNotDisturb: endpoint.isAsking,
    decide: async (invite) => decide(endpoint, peers, invite),
  });
  switch (answered.kind) {
    case 'failed':
      return { protocol: 'none', end: failedSession(answered, null) };
    case 'declined':
      return { protocol: 'none', end: declined(answered.answer, answered.invite, peers) };
    case 'bridged': {
      const { call } = answered;
      if (call.purpose === 'data') return answerData(endpoint, call, peers, options);
      return { protocol: 'key-exchange', end: await pairOver(endpoint, call, options, named) };
    }
  }
}

/** Who is in the address book may call; a stranger may not even pair. */
function decide(endpoint: Endpoint, peers: readonly Peer[], { caller, isCollect }: Invite): Answer {
  const peer = peers.find(({ account }) => account === caller);
  if (!peer || (isCollect && !peer.paysFor)) return 'refuse';
  return endpoint.isAsking ? 'do-not-disturb' : 'accept';
}

function declined(answer: Answer, invite: Invite | undefined, peers: readonly Peer[]): Failed {
  const peer = invite ? nameAmong(peers, invite.caller) : null;
  const failed = { event: 'failed', step: 'CM-A5', peer } as const;
  if (answer === 'refuse' && invite?.isCollect && peers.some(({ account }) => account === invite.caller)) {
    return {
      ...failed,
      outcome: 'refused',
      reason: `${peer?.name} called at your cost, and you do not pay for its calls; it was refused.`,
      advice: `If you want to: \`cordboard peers pay-for ${peer?.account} yes\`.`,
    };
  }
  return answer === 'refuse'
    ? {
        ...failed,
        outcome: 'refused',
        reason: `Account ${peer?.account} called and is not in the address book; it was refused.`,
        advice: `If you know it: \`cordboard peers add ${peer?.account} --name NAME\`.`,
      }
    : {
        ...failed,
        outcome: 'busy',
        reason: 'A call came while a person was asked something here; it was refused.',
        advice: null,
      };
}

async function answerData(
  endpoint: Endpoint,
  call: BridgedCall,
  peers: readonly Peer[],
  options: AnswerOptions,
): Promise<Answered2> {
  const { pairings } = await endpoint.unlock();
  const { signal } = options;
  const peer = peers.find(({ account }) => account === call.peer);
  if (!peer) throw new Error('a call of a stranger was accepted');
  const confirming = answeringConfirmations(call, confirmationOptions(endpoint, pairings, signal));
  const { event, call: begun } = await firstEventOf(confirming, endpoint.world.clock, signal);
  const paired = await tellLatePairing(endpoint, endpoint.receiveLog, peer, options);
  if (event.type === 'record' && event.recordType === recordTypes.DX1)
    return receive(endpoint, begun, peer, event, options);
  await call.channel.hangUp();
  if (paired) return { protocol: 'key-exchange', end: paired, isConcluded: true };
  return { protocol: 'none', end: nothingBegun(event, nameAmong(peers, call.peer)) };
}

function nothingBegun(event: Awaited<ReturnType<typeof firstEventOf>>['event'], peer: PeerName): Failed {
  const failed = { event: 'failed', step: 'DX-630', advice: null, peer } as const;
  switch (event.type) {
    case 'lost':
      return { ...failed, outcome: 'interrupted', reason: 'The line was released before anything began.' };
    case 'timed-out':
      return { ...failed, outcome: 'timed-out', reason: 'The caller began nothing.' };
    case 'cancelled':
      return { ...failed, outcome: 'cancelled', reason: 'Given up here before anything began.' };
    case 'broken':
      return { ...failed, outcome: 'not-authentic', reason: event.reason };
    case 'record':
    case 'bulk':
      return { ...failed, outcome: 'not-authentic', reason: 'The caller began with something unknown.' };
  }
}

async function receive(
  endpoint: Endpoint,
  call: BridgedCall,
  peer: Peer,
  firstRecord: { readonly recordType: number; readonly body: Uint8Array },
  options: AnswerOptions,
): Promise<Answered2> {
  const { ring, pairings } = await endpoint.unlock();
  // Another process may have refreshed the key.
  await ring.refresh();
  const { clock, log, random } = endpoint.world;
  const store = await incomingStore(endpoint);
  const noted = new NotedSession(store);
  const meter = new ProgressMeter(clock, options.onEvent);
  let octets = 0;
  const result = await receiveOverCall(
    call,
    {
      ...{ clock, log, random, own: endpoint.settings.account, incoming: noted },
      limit: largestOctets(endpoint),
      ...(options.signal ? { signal: options.signal } : {}),
      staticKey: ring.identity.x25519,
      signing: ring.identity.ed25519,
      keysOf: () => pairings.liveKeysOf(peer),
      whenSettled: (session) => settleAsRecipient(endpoint, peer.account, session),
      onProgress: (received) => {
        octets = received;
        meter.note(received, null);
      },
    },
    firstRecord,
  );
  const name: PeerName = { account: peer.account, name: peer.name };
  if (result.kind === 'failed') {
    const { outcome, step, reason } = result;
    const advice = outcome === 'unpaired' ? 'Pair first, or again: `cordboard pair` with this peer.' : null;
    const end = { event: 'failed', outcome, step, reason, advice, peer: name } as const;
    return { protocol: 'data-exchange', end, octets };
  }
  if (result.kind === 'settled before') {
    return { protocol: 'data-exchange', end: { event: 'receipt-repeated', peer: name } };
  }
  meter.finish();
  const { sessionId } = noted;
  const folder = sessionId && store.inboxFolderOf(peer.account, sessionId);
  if (!sessionId || folder === undefined) throw new Error('received without a session');
  const receipt = Buffer.from(sessionId).toString('hex');
  const { files } = result;
  return {
    protocol: 'data-exchange',
    end: { event: 'received', peer: name, version: 2, folder, files, receipt },
    octets,
  };
}

/** The transfers that came here or are coming. */
export async function incomingStore(endpoint: Endpoint): Promise<IncomingStore> {
  const { ring } = await endpoint.unlock();
  const { addressBook, paths, inbox, world } = endpoint;
  return new IncomingStore({
    incoming: paths.incoming,
    quarantine: paths.quarantine,
    inbox,
    largestOctets: largestOctets(endpoint),
    clock: world.clock,
    secrets: ring,
    nameOf: async (account) => (await addressBook.find(account))?.name ?? account,
  });
}

function largestOctets({ settings }: Endpoint): number {
  return settings.largest_transfer_mib * 1024 ** 2;
}

/** Notes which session of the store a call has opened. */
class NotedSession implements IncomingTransfers {
  sessionId: Uint8Array | undefined;
  readonly #store: IncomingTransfers;

  constructor(store: IncomingTransfers) {
    this.#store = store;
  }

  find: IncomingTransfers['find'] = (...of) => this.#store.find(...of);

  open: IncomingTransfers['open'] = (peer, start) => {
    this.sessionId = start.sessionId;
    return this.#store.open(peer, start);
  };

  leave: IncomingTransfers['leave'] = (peer, sessionId) => this.#store.leave(peer, sessionId);

  forget: IncomingTransfers['forget'] = (peer, sessionId) => this.#store.forget(peer, sessionId);
}

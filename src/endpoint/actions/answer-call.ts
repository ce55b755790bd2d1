import type { DataConnection } from '../../pstn/modem/modem.js';
import { receiveTransfer } from '../../session/data-exchange.js';
import { identifyInbound } from '../../session/inbound.js';
import { exchangeKeysAsRecipient } from '../../session/key-exchange.js';
import type { OpenSessions, PairingScreen } from '../../session/session.js';
import { type Peer, speaksVersion1 } from '../address-book.js';
import type { Endpoint } from '../endpoint.js';
import { type FolderQuarantine, openQuarantine } from '../quarantine.js';
import {
  type ActionOptions,
  announced,
  type Course,
  conclude,
  failedSession,
  nameAmong,
  pairingSaver,
  versionNotAllowed,
} from './action.js';
import type { ActionEnd } from './events.js';
import { ProgressMeter } from './progress-meter.js';

export interface AnswerOptions extends ActionOptions {
  readonly screen: PairingScreen;
}

interface Call {
  readonly endpoint: Endpoint;
  readonly connection: DataConnection;
  /** The address book as the call came. */
  readonly peers: readonly Peer[];
  readonly options: AnswerOptions;
}

interface Answered {
  readonly end: ActionEnd;
  readonly octets?: number;
}

/** One call that was answered: which protocol it speaks, its session, its row in the Receive Log. */
export async function answerCall(
  endpoint: Endpoint,
  connection: DataConnection,
  options: AnswerOptions,
): Promise<ActionEnd> {
  const connectedMs = endpoint.world.clock.monotonicMs();
  const call: Call = { endpoint, connection, peers: await endpoint.addressBook.list(), options };
  const inbound = await identifyInbound(endpoint.sessionWorld(connection, options.signal));
  const finish = (protocol: Course['protocol'], { end, octets }: Answered) =>
    conclude(endpoint, endpoint.receiveLog, end, { protocol, connectedMs, octets }, options);
  switch (inbound.kind) {
    case 'failed':
      return finish('none', { end: failedSession(inbound, null) });
    case 'key-exchange':
      return finish(inbound.kind, await answerPairing(call, inbound.opening));
    case 'data-exchange':
      return finish(inbound.kind, await answerTransfer(call, inbound.opening));
  }
}

async function answerPairing(call: Call, opening: Uint8Array): Promise<Answered> {
  const { endpoint, connection, peers, options } = call;
  const sessions = new PermittedSessions(endpoint.openSessions, peers);
  const result = await exchangeKeysAsRecipient({
    ...endpoint.sessionWorld(connection, options.signal),
    opening,
    openSessions: sessions,
    screen: announced(options.screen, options.onEvent, (account) => nameAmong(peers, account)),
    saveLongTermKey: pairingSaver(endpoint, (await endpoint.unlock()).ring),
  });
  if (result.kind === 'paired') return { end: { event: 'paired', peer: nameAmong(peers, result.peer) } };
  const { refused } = sessions;
  const peer = result.peer ? nameAmong(peers, result.peer) : null;
  return { end: refused && peer ? versionNotAllowed(peer, refused, 'KX-370') : failedSession(result, peer) };
}

async function answerTransfer(call: Call, opening: Uint8Array): Promise<Answered> {
  const { endpoint, connection, peers, options } = call;
  const keys = await endpoint.sharedKeys(peers.filter(speaksVersion1));
  const meter = new ProgressMeter(endpoint.world.clock, options.onEvent);
  let octets = 0;
  let quarantine: FolderQuarantine | undefined;
  const result = await receiveTransfer({
    ...endpoint.sessionWorld(connection, options.signal),
    opening,
    longTermKeyOf: (account) => keys.get(account),
    openQuarantine: async (account) => {
      quarantine = await openQuarantine({
        quarantine: endpoint.paths.quarantine,
        inbox: endpoint.inbox,
        sender: nameAmong(peers, account),
        ...endpoint.world,
      });
      return quarantine;
    },
    onProgress: (received) => {
      octets = received;
      meter.note(received, null);
    },
  });
  if (result.kind === 'failed') {
    return { end: failedSession(result, result.peer ? nameAmong(peers, result.peer) : null), octets };
  }
  meter.finish();
  const folder = quarantine?.inboxFolder;
  if (folder === undefined) throw new Error('received without a quarantine');
  const { peer, files } = result;
  return { end: { event: 'received', peer: nameAmong(peers, peer), folder, files }, octets };
}

/** Guard G6 for pairing: where version 1 is off the peer is refused as if it were busy; both are one NAK. */
class PermittedSessions implements OpenSessions {
  /** Why the last one was not let in, when it was not for being busy. */
  refused: Peer | 'stranger' | undefined;
  readonly #sessions: OpenSessions;
  readonly #peers: readonly Peer[];

  constructor(sessions: OpenSessions, peers: readonly Peer[]) {
    this.#sessions = sessions;
    this.#peers = peers;
  }

  enter: OpenSessions['enter'] = (account, challenge) => {
    const peer = this.#peers.find((each) => each.account === account);
    if (peer && speaksVersion1(peer)) return this.#sessions.enter(account, challenge);
    this.refused = peer ?? 'stranger';
    return false;
  };

  leave: OpenSessions['leave'] = (account) => this.#sessions.leave(account);

  ownsChallenge: OpenSessions['ownsChallenge'] = (challenge) => this.#sessions.ownsChallenge(challenge);
}

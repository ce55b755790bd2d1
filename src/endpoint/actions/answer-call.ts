import type { DataConnection } from '../../pstn/modem/modem.js';
import { receiveTransfer } from '../../session/data-exchange.js';
import { identifyInbound } from '../../session/inbound.js';
import { exchangeKeysAsRecipient } from '../../session/key-exchange.js';
import type { OpenSessions } from '../../session/session.js';
import { type Peer, speaksVersion1 } from '../address-book.js';
import type { Endpoint } from '../endpoint.js';
import { type FolderQuarantine, openQuarantine } from '../quarantine.js';
import {
  type AnswerOptions,
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
import { answerVersion2 } from './version-2/answer-call.js';

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
  const { trust } = await endpoint.unlock();
  const peers = await endpoint.addressBook.list();
  const call: Call = { endpoint, connection, peers, options };
  const version2 = trust.isSubscribed;
  const inbound = await identifyInbound(endpoint.sessionWorld(connection, options.signal), {
    // Who calls is not known yet. An endpoint that speaks nothing else listens on, to tell its people who it was.
    version1: !version2 || peers.some(speaksVersion1),
    version2,
  });
  const finish = (course: Pick<Course, 'protocol' | 'version'>, { end, octets }: Answered) =>
    conclude(endpoint, endpoint.receiveLog, end, { ...course, connectedMs, octets }, options);
  switch (inbound.kind) {
    case 'failed':
      return finish({ protocol: 'none', version: null }, { end: failedSession(inbound, null) });
    case 'key-exchange':
      return finish({ protocol: inbound.kind, version: 1 }, await answerPairing(call, inbound.opening));
    case 'data-exchange':
      return finish({ protocol: inbound.kind, version: 1 }, await answerTransfer(call, inbound.opening));
    case 'version-2': {
      const answered = await answerVersion2(endpoint, connection, inbound.opening, peers, options);
      return answered.isConcluded ? answered.end : finish({ ...answered, version: 2 }, answered);
    }
  }
}

async function answerPairing(call: Call, opening: Uint8Array): Promise<Answered> {
  const { endpoint, connection, peers, options } = call;
  const sessions = new PermittedSessions(endpoint.openSessions, peers);
  const result = await exchangeKeysAsRecipient({
    ...endpoint.sessionWorld(connection, options.signal),
    opening,
    openSessions: sessions,
    screen: announced(endpoint, options.screen, 1, options.onEvent, (account) => nameAmong(peers, account)),
    saveLongTermKey: pairingSaver(endpoint, (await endpoint.unlock()).ring),
  });
  if (result.kind === 'paired')
    return { end: { event: 'paired', peer: nameAmong(peers, result.peer), version: 1 } };
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
  const from = nameAmong(peers, peer);
  return { end: { event: 'received', peer: from, version: 1, folder, files, receipt: null }, octets };
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

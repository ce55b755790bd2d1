import type { AccountNumber } from '../../../bytes/account-number.js';
import type { ChannelReport } from '../../../protocol/key-exchange/version-2/events.js';
import {
  type MessageCarrier,
  type RefreshOptions,
  refreshAsCallee,
  refreshAsCaller,
} from '../../../session/version-2/refresh-key.js';
import type { SettledSession } from '../../../session/version-2/settled-session.js';
import type { Clock } from '../../../time/clock.js';
import type { Endpoint } from '../../endpoint.js';

/** A sender that refreshes begins behind its RECEIPT_ACK; one that does not releases the line. */
const patienceMs = 10_000;

/** What the sender does in a session when the transfer is settled. What comes of a refresh is in the program's log alone. */
export async function settleAsSender(
  endpoint: Endpoint,
  peer: AccountNumber,
  { key, carrier }: SettledSession,
): Promise<void> {
  const { pairings } = await endpoint.unlock();
  await pairings.noteSession(peer, key);
  if (!pairings.isRefreshDue(peer)) return;
  await claimed(endpoint, peer, async () => {
    const options = await refreshOptions(endpoint, peer, key);
    if (options) await refreshAsCaller(carrier, options);
  });
}

/** As `settleAsSender`, of the recipient, which waits whether the sender refreshes. */
export async function settleAsRecipient(
  endpoint: Endpoint,
  peer: AccountNumber,
  { key, carrier }: SettledSession,
): Promise<void> {
  const { pairings } = await endpoint.unlock();
  await pairings.noteSession(peer, key);
  const first = await firstReport(carrier, endpoint.world.clock);
  if (first?.type !== 'message.received' || !pairings.mayRefresh(peer)) return;
  await claimed(endpoint, peer, async () => {
    const options = await refreshOptions(endpoint, peer, key);
    if (options) await refreshAsCallee(beginningWith(first, carrier), options);
  });
}

async function refreshOptions(
  endpoint: Endpoint,
  peer: AccountNumber,
  { epoch, longTermKey }: SettledSession['key'],
): Promise<RefreshOptions | undefined> {
  const { ring, pairings } = await endpoint.unlock();
  const { clock, random, log } = endpoint.world;
  const { ed25519, x25519 } = ring.identity;
  const identity = { ed25519: ed25519.publicKey, x25519: x25519.publicKey };
  const peerIdentity = pairings.identityOf(peer);
  const keys = { identity, peerIdentity, longTermKey, epoch };
  if (!peerIdentity) return undefined;
  return { ...keys, peerIdentity, own: endpoint.settings.account, peer, clock, random, log, store: pairings };
}

/** G2: no other session with the peer changes its keys meanwhile. */
async function claimed(
  { openSessions }: Endpoint,
  peer: AccountNumber,
  work: () => Promise<void>,
): Promise<void> {
  if (!openSessions.enter(peer)) return;
  try {
    await work();
  } finally {
    openSessions.leave(peer);
  }
}

function firstReport(carrier: MessageCarrier, clock: Clock): Promise<ChannelReport | undefined> {
  return new Promise((resolve) => {
    const timer = clock.setTimeout(() => resolve(undefined), patienceMs);
    void carrier.receive().then((report) => {
      clock.clearTimeout(timer);
      resolve(report);
    });
  });
}

function beginningWith(first: ChannelReport, carrier: MessageCarrier): MessageCarrier {
  let held: ChannelReport | undefined = first;
  return {
    send: (message) => carrier.send(message),
    receive: () => {
      const report = held;
      held = undefined;
      return report ? Promise.resolve(report) : carrier.receive();
    },
  };
}

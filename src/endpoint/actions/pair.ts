import { exchangeKeysAsSender } from '../../session/key-exchange.js';
import type { PairingScreen } from '../../session/session.js';
import { type Peer, speaksVersion1 } from '../address-book.js';
import type { Endpoint } from '../endpoint.js';
import {
  announced,
  conclude,
  failedSession,
  nameOf,
  onLine,
  pairingSaver,
  versionNotAllowed,
} from './action.js';
import { type CallOptions, callPeer } from './call-peer.js';
import type { ActionEnd, Version } from './events.js';
import type { Line } from './line.js';
import { bridgePeer } from './version-2/bridge-peer.js';
import { pairOver } from './version-2/pairing.js';

export interface PairOptions extends CallOptions {
  readonly screen: PairingScreen;
  /** Told by a person; otherwise version 2, but for an endpoint that speaks version 1 alone with a peer that may. */
  readonly version?: Version | undefined;
}

/** Key Exchange from the calling side, with the person's part in it. Replaces an older key of the pair. */
export async function pair(endpoint: Endpoint, peer: Peer, options: PairOptions): Promise<ActionEnd> {
  const course = { protocol: 'key-exchange', connectedMs: undefined, octets: undefined } as const;
  let connectedMs: number | undefined;
  let version: Version = options.version ?? 2;
  const heeded: PairOptions = {
    ...options,
    onEvent: (event) => {
      if (event.event === 'connected') connectedMs = endpoint.world.clock.monotonicMs();
      options.onEvent(event);
    },
  };
  const end = await onLine(endpoint, options, 'KX-350', nameOf(peer), async (line) => {
    // Before the call: a wrong passphrase must not be found out at the end of it.
    const { trust } = await endpoint.unlock();
    const entry = (await endpoint.addressBook.find(peer.account)) ?? peer;
    version = options.version ?? (trust.isSubscribed || !speaksVersion1(entry) ? 2 : 1);
    return version === 1
      ? pairByVersion1(endpoint, entry, line, heeded)
      : pairByVersion2(endpoint, entry, line, heeded);
  });
  return conclude(endpoint, endpoint.sendLog, end, { ...course, version, connectedMs }, options);
}

async function pairByVersion1(
  endpoint: Endpoint,
  peer: Peer,
  line: Line,
  options: PairOptions,
): Promise<ActionEnd> {
  if (!speaksVersion1(peer)) return versionNotAllowed(nameOf(peer), peer, 'KX-350');
  const { ring } = await endpoint.unlock();
  const connection = await callPeer(endpoint, peer, line, options);
  if ('event' in connection) return connection;
  const result = await exchangeKeysAsSender({
    ...endpoint.sessionWorld(connection, options.signal),
    peer: peer.account,
    screen: announced(endpoint, options.screen, 1, options.onEvent, () => nameOf(peer)),
    saveLongTermKey: pairingSaver(endpoint, ring),
  });
  return result.kind === 'paired'
    ? { event: 'paired', peer: nameOf(peer), version: 1 }
    : failedSession(result, nameOf(peer));
}

async function pairByVersion2(
  endpoint: Endpoint,
  peer: Peer,
  line: Line,
  options: PairOptions,
): Promise<ActionEnd> {
  const { trust } = await endpoint.unlock();
  const identity = await trust.identity();
  const modem = await line.open();
  const requestId = endpoint.world.random(16);
  const call = await bridgePeer(endpoint, peer, { modem, identity, purpose: 'pairing', requestId }, options);
  return 'event' in call ? call : pairOver(endpoint, call, options, () => nameOf(peer));
}

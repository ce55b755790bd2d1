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
import type { ActionEnd } from './events.js';

/** Key Exchange from the calling side, with the person's part in it. Replaces an older key of the pair. */
export async function pair(
  endpoint: Endpoint,
  peer: Peer,
  options: CallOptions & { readonly screen: PairingScreen },
): Promise<ActionEnd> {
  let connectedMs: number | undefined;
  const end = await onLine(endpoint, options, 'KX-350', nameOf(peer), async (line) => {
    if (!speaksVersion1(peer)) return versionNotAllowed(nameOf(peer), peer, 'KX-350');
    // Before the call: a wrong passphrase must not be found out at the end of it.
    const { ring } = await endpoint.unlock();
    const connection = await callPeer(endpoint, peer, line, options);
    if ('event' in connection) return connection;
    connectedMs = endpoint.world.clock.monotonicMs();
    const result = await exchangeKeysAsSender({
      ...endpoint.sessionWorld(connection, options.signal),
      peer: peer.account,
      screen: announced(options.screen, options.onEvent, () => nameOf(peer)),
      saveLongTermKey: pairingSaver(endpoint, ring),
    });
    return result.kind === 'paired'
      ? { event: 'paired', peer: nameOf(peer) }
      : failedSession(result, nameOf(peer));
  });
  const course = { protocol: 'key-exchange', connectedMs, octets: undefined } as const;
  return conclude(endpoint, endpoint.sendLog, end, course, options);
}

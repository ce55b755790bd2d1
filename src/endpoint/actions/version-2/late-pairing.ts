import type { Peer } from '../../address-book.js';
import type { CallLog } from '../../call-log.js';
import type { Endpoint } from '../../endpoint.js';
import { type ActionOptions, conclude, nameOf } from '../action.js';
import type { ActionEnd } from '../events.js';

/**
 * The peer's word on a pairing may come at a later call, and make it live in the middle of something else: a row and an event of its own.
 * @param before the peer as the address book had it when the call began
 */
export async function tellLatePairing(
  endpoint: Endpoint,
  log: CallLog,
  before: Peer,
  options: Pick<ActionOptions, 'onEvent'>,
): Promise<ActionEnd | undefined> {
  const { pairings } = await endpoint.unlock();
  const peer = await endpoint.addressBook.find(before.account);
  if (!peer || peer.pairedAt === before.pairedAt || !pairings.liveKeysOf(peer)) return undefined;
  const end = { event: 'paired', peer: nameOf(peer), version: 2 } as const;
  const course = { protocol: 'key-exchange', version: 2, connectedMs: undefined, octets: undefined } as const;
  return conclude(endpoint, log, end, course, options);
}

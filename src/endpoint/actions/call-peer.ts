import type { DataConnection } from '../../pstn/modem/modem.js';
import { placeCall } from '../../session/place-call.js';
import type { Peer } from '../address-book.js';
import type { Endpoint } from '../endpoint.js';
import { type ActionOptions, nameOf } from './action.js';
import type { Failed } from './events.js';

export interface CallOptions extends ActionOptions {
  /** Dialled instead of the settings' server number; refused while the endpoint is locked to that one (CM-A1). */
  readonly serverNumber?: string;
}

/** Figure 4 from this side, told as events: a connection to the peer's modem, or why there is none. */
export async function callPeer(
  endpoint: Endpoint,
  peer: Peer,
  options: CallOptions,
): Promise<DataConnection | Failed> {
  const { account: own, server_number, locked_to_server } = endpoint.settings;
  const { clock, log } = endpoint.world;
  const { modem, signal, onEvent } = options;
  const result = await placeCall({
    modem,
    clock,
    log,
    own,
    peer: peer.account,
    serverNumber: options.serverNumber ?? server_number,
    ...(locked_to_server ? { lockedTo: server_number } : {}),
    ...(signal ? { signal } : {}),
    onEvent: (event) => {
      if (event.kind === 'dialing') onEvent({ event: 'dialing', peer: nameOf(peer), number: event.number });
      else onEvent({ event: 'connected', description: event.description, rate: event.rate ?? null });
    },
  });
  if (result.kind === 'connected') return result.connection;
  const { outcome, step, reason } = result;
  return { event: 'failed', outcome, step, reason, advice: null, peer: nameOf(peer) };
}

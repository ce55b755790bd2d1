import type { CallerOutcome } from '../../protocol/call-manager/failures.js';
import type { DataConnection } from '../../pstn/modem/modem.js';
import { placeCall } from '../../session/place-call.js';
import type { Peer } from '../address-book.js';
import type { Endpoint } from '../endpoint.js';
import { type ActionOptions, nameOf } from './action.js';
import type { Failed } from './events.js';
import type { Line } from './line.js';

export interface CallOptions extends ActionOptions {
  /** Dialled instead of the settings' server number; refused while the endpoint is locked to that one (CM-A1). */
  readonly serverNumber?: string;
}

/** Figure 4 from this side, told as events: a connection to the peer's modem, or why there is none. */
export async function callPeer(
  endpoint: Endpoint,
  peer: Peer,
  line: Line,
  options: CallOptions,
): Promise<DataConnection | Failed> {
  const { account: own, server_number, locked_to_server } = endpoint.settings;
  const serverNumber = options.serverNumber ?? server_number;
  const { clock, log } = endpoint.world;
  const { signal, onEvent } = options;
  const modem = await line.open();
  const result = await placeCall({
    modem,
    clock,
    log,
    own,
    peer: peer.account,
    serverNumber,
    ...(locked_to_server ? { lockedTo: server_number } : {}),
    ...(signal ? { signal } : {}),
    onEvent: (event) => {
      if (event.kind === 'dialing') onEvent({ event: 'dialing', peer: nameOf(peer), number: event.number });
      else onEvent({ event: 'connected', description: event.description, rate: event.rate ?? null });
    },
  });
  if (result.kind === 'connected') return result.connection;
  const { outcome, step, reason } = result;
  const advice = isAboutTheNumber(outcome)
    ? `Dialled was ${serverNumber}. Check that it is the server's number: \`cordboard endpoint show\`.`
    : null;
  return { event: 'failed', outcome, step, reason, advice, peer: nameOf(peer) };
}

/** A stranger's telephone at a mistyped number rings, is busy or has no modem. */
function isAboutTheNumber(outcome: CallerOutcome): boolean {
  return outcome === 'busy' || outcome === 'no-answer' || outcome === 'no-carrier';
}

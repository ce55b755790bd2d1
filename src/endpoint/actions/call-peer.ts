import type { DataConnection } from '../../pstn/modem/modem.js';
import { type PlaceCallEvent, placeCall } from '../../session/place-call.js';
import type { Peer } from '../address-book.js';
import type { Endpoint } from '../endpoint.js';
import { type ActionOptions, nameOf } from './action.js';
import type { Dialing, Failed } from './events.js';
import type { Line } from './line.js';

export interface CallOptions extends ActionOptions {
  /** Dialled instead of the settings' server number; refused while the endpoint is locked to that one (CM-A1). */
  readonly serverNumber?: string;
  /** The peer is asked to pay (version 2). */
  readonly isCollect?: boolean;
}

/** Figure 4 from this side, told as events: a connection to the peer's modem, or why there is none. Version 1. */
export async function callPeer(
  endpoint: Endpoint,
  peer: Peer,
  line: Line,
  options: CallOptions,
): Promise<DataConnection | Failed> {
  const { account: own } = endpoint.settings;
  const dialling = diallingOf(endpoint, options, { peer: nameOf(peer), version: 1 });
  const result = await placeCall({
    ...dialling,
    modem: await line.open(),
    own,
    peer: peer.account,
  });
  return result.kind === 'connected' ? result.connection : failedCall(result, peer, dialling.serverNumber);
}

/** What every call out is given; what it tells becomes events. */
export function diallingOf(
  { settings, world }: Endpoint,
  { serverNumber, signal, onEvent }: CallOptions,
  told: Omit<Dialing, 'event' | 'number'>,
) {
  const { server_number, locked_to_server } = settings;
  const { clock, log, random } = world;
  return {
    clock,
    log,
    random,
    serverNumber: serverNumber ?? server_number,
    ...(locked_to_server ? { lockedTo: server_number } : {}),
    ...(signal ? { signal } : {}),
    onEvent: (event: PlaceCallEvent) => {
      if (event.kind === 'dialing') onEvent({ event: 'dialing', ...told, number: event.number });
      else onEvent({ event: 'connected', description: event.description, rate: event.rate ?? null });
    },
  };
}

export function failedCall(
  { outcome, step, reason }: Pick<Failed, 'outcome' | 'step' | 'reason'>,
  peer: Peer,
  serverNumber: string,
): Failed {
  const advice = isAboutTheNumber(outcome)
    ? `Dialled was ${serverNumber}. Check that it is the server's number: \`cordboard endpoint show\`.`
    : null;
  return { event: 'failed', outcome, step, reason, advice, peer: nameOf(peer) };
}

/** A stranger's telephone at a mistyped number rings, is busy or has no modem. */
function isAboutTheNumber(outcome: Failed['outcome']): boolean {
  return outcome === 'busy' || outcome === 'no-answer' || outcome === 'no-carrier';
}

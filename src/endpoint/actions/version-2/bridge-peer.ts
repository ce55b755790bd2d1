import type { Modem } from '../../../pstn/modem/modem.js';
import type { BridgedCall } from '../../../session/version-2/bridged-call.js';
import type { ConfirmationOptions } from '../../../session/version-2/confirm-pairing.js';
import type { EndpointIdentity } from '../../../session/version-2/identity.js';
import { type PlaceBridgedCallOptions, placeBridgedCall } from '../../../session/version-2/place-call.js';
import type { Peer } from '../../address-book.js';
import type { Endpoint } from '../../endpoint.js';
import type { Pairings } from '../../pairings.js';
import { nameOf } from '../action.js';
import { type CallOptions, diallingOf, failedCall } from '../call-peer.js';
import type { Failed } from '../events.js';

export interface Wanted
  extends Pick<PlaceBridgedCallOptions, 'purpose' | 'requestId' | 'early' | 'estimateSeconds'> {
  readonly modem: Modem;
  readonly identity: EndpointIdentity;
  /** A transfer that an earlier action has begun goes on. */
  readonly isResumed?: boolean;
}

/** Who calls has its line in use: neither gets through, and nothing decides between the two. */
const bothAtOnce = {
  pairing:
    'If both of you called at once, neither gets through: agree who calls, and let the other run `cordboard listen`.',
  data: 'If they called you at the same moment, neither gets through: try again at another moment than they do.',
} as const;

const mayNotPay =
  'They were asked to pay. Send it without --collect, or ask them whether they pay for your calls: `cordboard peers pay-for`.';

/** Figure 4 from this side in version 2, told as events: a call with the peer's endpoint at the other end, or why there is none. */
export async function bridgePeer(
  endpoint: Endpoint,
  peer: Peer,
  { isResumed = false, ...wanted }: Wanted,
  options: CallOptions,
): Promise<BridgedCall | Failed> {
  const told = { peer: nameOf(peer), version: 2 } as const;
  const dialling = diallingOf(endpoint, options, isResumed ? { ...told, resumed: true } : told);
  const { isCollect = false } = options;
  const result = await placeBridgedCall({ ...dialling, ...wanted, isCollect, peer: peer.account });
  if (result.kind === 'bridged') return result.call;
  const failed = failedCall(result, peer, dialling.serverNumber);
  // Told by the server: the number was right.
  if (result.step !== 'CM-A3') return failed;
  if (result.outcome === 'refused' && isCollect) return { ...failed, advice: mayNotPay };
  return { ...failed, advice: result.outcome === 'busy' ? bothAtOnce[wanted.purpose] : null };
}

/** What telling and answering of owed verdicts is given. */
export function confirmationOptions(
  { world, openSessions }: Endpoint,
  store: Pairings,
  signal: AbortSignal | undefined,
): ConfirmationOptions {
  const { clock, log } = world;
  return { clock, log, openSessions, store, ...(signal ? { signal } : {}) };
}

import { owedVerdict } from '../../../protocol/key-exchange/version-2/pairing.js';
import type { Modem } from '../../../pstn/modem/modem.js';
import { confirmPairing, owesConfirmation } from '../../../session/version-2/confirm-pairing.js';
import {
  EarlyDx1,
  type SendOverCallOptions,
  sendOverCall,
} from '../../../session/version-2/data-exchange.js';
import type { EndpointIdentity } from '../../../session/version-2/identity.js';
import type { OutgoingTransfer } from '../../../session/version-2/transfer.js';
import type { Peer } from '../../address-book.js';
import type { Endpoint, OpenKeys } from '../../endpoint.js';
import type { Pairings } from '../../pairings.js';
import { secondsToCarry } from '../../transfers/estimate.js';
import { nameOf, unpaired } from '../action.js';
import type { CallOptions } from '../call-peer.js';
import type { Failed } from '../events.js';
import { ProgressMeter } from '../progress-meter.js';
import { bridgePeer, confirmationOptions } from './bridge-peer.js';
import { tellLatePairing } from './late-pairing.js';
import { settleAsSender } from './refresh.js';

/** The bridge is older than what this side knows of it, and the release younger. */
const limitToleranceMs = 5_000;

/** What each call for one transfer has in common. */
export interface Transmission {
  readonly endpoint: Endpoint;
  readonly keys: OpenKeys;
  readonly peer: Peer;
  readonly modem: Modem;
  readonly identity: EndpointIdentity;
  readonly transfer: OutgoingTransfer;
  /** 16 octets: the server knows each call for this transfer as one wish. */
  readonly requestId: Uint8Array;
  readonly isResumed: boolean;
  /** Octets of content that are on the line or were. */
  onProgress(octets: number): void;
}

export type CallEnd =
  | { readonly kind: 'delivered' }
  | {
      readonly kind: 'failed';
      readonly failed: Failed;
      /** `never`: another call would end in the same way. `broken off`: it was under way. `not begun`: nothing passed. */
      readonly transfer: 'never' | 'broken off' | 'not begun';
      /** The call has lasted for as long as its payer's limit lets it. */
      readonly isAtLimit?: true;
    };

/** One call: owed verdicts first, then the transfer or what is left of it. Ends on-hook. */
export async function transmit(of: Transmission, options: CallOptions): Promise<CallEnd> {
  const { endpoint, keys, peer, modem, identity, transfer, requestId, isResumed } = of;
  const { pairings, ring } = keys;
  const { clock, log, random } = endpoint.world;
  const own = { random, own: endpoint.settings.account, staticKey: ring.identity.x25519 };
  const owes = await owesConfirmation(pairings, peer.account);
  const keysBefore = owes ? undefined : sendingKeysOf(pairings, peer);
  const early = keysBefore && { early: new EarlyDx1({ ...own, peer: keysBefore, transfer }) };
  // What of it is across already only the peer knows.
  const estimateSeconds = (rate: number) =>
    transfer.length === undefined ? 0 : secondsToCarry(transfer.length, rate);
  const wanted = { modem, identity, requestId, isResumed, estimateSeconds, purpose: 'data' } as const;
  const placed = await bridgePeer(endpoint, peer, { ...wanted, ...early }, options);
  if ('event' in placed) return { kind: 'failed', failed: placed, transfer: 'not begun' };
  const bridgedMs = clock.monotonicMs();
  const confirmation = confirmationOptions(endpoint, pairings, options.signal);
  const confirmed = early ? { call: placed } : await confirmPairing(placed, confirmation);
  if ('kind' in confirmed) return notBegun(confirmed, peer);
  await tellLatePairing(endpoint, endpoint.sendLog, peer, options);
  const keysNow = keysBefore ?? sendingKeysOf(pairings, peer);
  if (!keysNow) {
    await confirmed.call.channel.hangUp();
    return { kind: 'failed', failed: notYetPaired(peer), transfer: 'not begun' };
  }

  const meter = new ProgressMeter(clock, options.onEvent);
  const result = await sendOverCall(confirmed.call, {
    ...{ ...own, clock, log, peer: keysNow, transfer, ...early },
    ...(options.signal ? { signal: options.signal } : {}),
    whenSettled: (session) => settleAsSender(endpoint, peer.account, session),
    onProgress: (octets, total) => {
      of.onProgress(octets);
      meter.note(octets, total ?? null);
    },
  });
  if (result.kind === 'sent') {
    meter.finish();
    return { kind: 'delivered' };
  }
  const { outcome, step, reason } = result;
  const failed: Failed = { event: 'failed', outcome, step, reason, advice: null, peer: nameOf(peer) };
  if (result.transfer === 'final') return { kind: 'failed', failed, transfer: 'never' };
  const isDrop = outcome === 'interrupted' || outcome === 'timed-out';
  const { longestSeconds = Number.POSITIVE_INFINITY } = placed;
  if (isDrop && clock.monotonicMs() - bridgedMs >= 1_000 * longestSeconds - limitToleranceMs) {
    const atLimit = {
      ...failed,
      reason: `the server released the call after ${longestSeconds} s, the limit of who pays`,
    };
    return { kind: 'failed', failed: atLimit, transfer: 'broken off', isAtLimit: true };
  }
  return { kind: 'failed', failed, transfer: isDrop && step !== 'DX-645' ? 'broken off' : 'not begun' };
}

/** The next one is live here: the peer has said that it has it. */
function sendingKeysOf(pairings: Pairings, peer: Peer): SendOverCallOptions['peer'] | undefined {
  const live = pairings.liveKeysOf(peer);
  return live && { ...live, present: live.next ?? live.present };
}

/** Whether this side's word on a pairing is still to be told: a call may make it live. */
export async function owesVerdict(pairings: Pairings, { account }: Peer): Promise<boolean> {
  return (await pairings.runsWith(account)).some(({ pairing }) => owedVerdict(pairing) === 'yes');
}

function notBegun(
  { outcome, step, reason }: Pick<Failed, 'outcome' | 'step' | 'reason'>,
  peer: Peer,
): CallEnd {
  const failed: Failed = { event: 'failed', outcome, step, reason, advice: null, peer: nameOf(peer) };
  return { kind: 'failed', failed, transfer: 'not begun' };
}

function notYetPaired(peer: Peer): Failed {
  const reason = `${peer.name} has not confirmed the pairing, or not any more.`;
  return { ...unpaired(peer), reason };
}

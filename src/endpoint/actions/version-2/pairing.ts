import type { AccountNumber } from '../../../bytes/account-number.js';
import type { PairingScreen } from '../../../session/session.js';
import type { BridgedCall } from '../../../session/version-2/bridged-call.js';
import { type PairingResult, pairAsCallee, pairAsCaller } from '../../../session/version-2/key-exchange.js';
import type { Endpoint } from '../../endpoint.js';
import { type ActionOptions, announced } from '../action.js';
import type { ActionEnd, Failed, PeerName } from '../events.js';
import { confirmationOptions } from './bridge-peer.js';

export interface PairingPeople extends Pick<ActionOptions, 'signal' | 'onEvent'> {
  readonly screen: PairingScreen;
}

/** Key Exchange 2 over a call, with the person of this side. Ends on-hook. */
export async function pairOver(
  endpoint: Endpoint,
  call: BridgedCall,
  people: PairingPeople,
  named: (account: AccountNumber) => PeerName,
): Promise<ActionEnd> {
  const { ring, pairings } = await endpoint.unlock();
  const { signal, onEvent, screen } = people;
  const { ed25519, x25519 } = ring.identity;
  const { bothStrings = false } = (await endpoint.addressBook.find(call.peer)) ?? {};
  const run = call.role === 'caller' ? pairAsCaller : pairAsCallee;
  const result = await run(call, {
    ...confirmationOptions(endpoint, pairings, signal),
    own: endpoint.settings.account,
    random: endpoint.world.random,
    identity: { ed25519: ed25519.publicKey, x25519: x25519.publicKey },
    screen: announced(endpoint, screen, 2, onEvent, named),
    wantsBothStrings: bothStrings,
  });
  return endOf(result, named(call.peer));
}

function endOf(result: PairingResult, peer: PeerName): ActionEnd {
  switch (result.kind) {
    case 'paired':
      return { event: 'paired', peer, version: 2 };
    case 'pending':
      return {
        event: 'failed',
        outcome: 'interrupted',
        step: 'KX-500',
        reason: `Confirmed here, but the answer of ${peer.name} did not come.`,
        advice: `It is asked for at the next call: \`cordboard send ${peer.account} FILES\`, or pair again.`,
        peer,
      };
    case 'failed':
      return failedPairing(result, peer);
  }
}

function failedPairing(
  { outcome, step, reason }: Omit<Failed, 'event' | 'advice' | 'peer'>,
  peer: PeerName,
): Failed {
  return { event: 'failed', outcome, step, reason, advice: adviceFor[outcome] ?? null, peer };
}

const adviceFor: Readonly<Partial<Record<Failed['outcome'], string>>> = {
  'not-authentic': 'Pair again; if it happens again, somebody may be on the line.',
  'no-common-version':
    'Nothing was stored. The other side runs an older or a newer program; one of you has to bring it up to date.',
  busy: 'Wait until the other session with this peer is over, then try again.',
  'not-confirmed': 'Nothing is kept on either side. Pair again when both people are at the telephone.',
  'pairing-locked':
    'Ask them by telephone what happened on their side. If nobody there knows of it, use another line when the day is over.',
  'timed-out': 'Pair again.',
  interrupted: 'Pair again.',
};

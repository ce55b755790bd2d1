import type { AccountNumber } from '../../../bytes/account-number.js';
import type { KeyExchangeFailure } from './failures.js';
import type { KeyExchangeMessage, Role } from './packets.js';
import type { Pairing, PairingEvent } from './pairing.js';
import type { AgreedKeys, Identity } from './rules.js';

/** What a channel reports to any of the machines. */
export type ChannelReport =
  | { readonly type: 'message.received'; readonly message: KeyExchangeMessage }
  /** A record that is none of these messages, or a channel that is broken. */
  | { readonly type: 'message.malformed'; readonly fault: string }
  | { readonly type: 'carrier.lost' }
  /** The answer to `hangUp`. */
  | { readonly type: 'line.released' };

/** Everything that may happen to sender and recipient. */
export type KeyExchangeEvent =
  | ChannelReport
  | { readonly type: 'peer.claimed' }
  | { readonly type: 'peer.busy' }
  /** Too many runs with this peer were left without an answer. */
  | { readonly type: 'peer.locked' }
  | { readonly type: 'run.noted' }
  | { readonly type: 'run.notNoted'; readonly fault: string }
  | { readonly type: 'pending.saved' }
  | { readonly type: 'pending.notSaved'; readonly fault: string }
  | { readonly type: 'operator.cancelled' };

/** What one side has of a run when X can be shown. */
export interface Agreement {
  readonly role: Role;
  readonly peer: AccountNumber;
  readonly peerIdentity: Identity;
  readonly keys: AgreedKeys;
  /** One side wishes that each types a string. */
  readonly wantsBothStrings: boolean;
}

export interface Failed {
  readonly kind: 'failed';
  readonly failure: KeyExchangeFailure;
  /** What exactly was wrong, where the event said it. */
  readonly detail: string | undefined;
  readonly peer: AccountNumber;
}

export type AgreementOutcome = { readonly kind: 'agreed'; readonly agreement: Agreement } | Failed;

/** Everything that may happen while the people compare. */
export type ConfirmationEvent =
  | ChannelReport
  | { readonly type: 'human.confirmed' }
  | { readonly type: 'human.refused' }
  | { readonly type: 'human.typed'; readonly text: string }
  | { readonly type: 'operator.cancelled' }
  /** Durable, with what is known since. */
  | { readonly type: 'pairing.noted'; readonly event: PairingEvent; readonly pairing: Pairing }
  | { readonly type: 'pairing.notNoted'; readonly event: PairingEvent; readonly fault: string };

export type ConfirmationOutcome =
  /** Both said yes. */
  | { readonly kind: 'paired'; readonly peer: AccountNumber }
  /** This side said yes; the peer's answer is not here. */
  | { readonly kind: 'pending'; readonly peer: AccountNumber }
  | Failed;

import type { AccountNumber } from '../../bytes/account-number.js';
import type { KeyExchangeFailure, KeyExchangeStep } from './failures.js';
import type { KeyExchangePacket } from './packets.js';

/** Everything that may happen to either machine. */
export type KeyExchangeEvent =
  | { readonly type: 'peer.claimed' }
  | { readonly type: 'peer.busy' }
  | { readonly type: 'line.connected' }
  | { readonly type: 'packet.received'; readonly packet: KeyExchangePacket }
  | { readonly type: 'packet.malformed'; readonly fault: string }
  | { readonly type: 'nak.received' }
  | { readonly type: 'ack.received' }
  | { readonly type: 'carrier.lost' }
  /** The answer to `hangUp`: what was written has drained, and the line is on-hook. */
  | { readonly type: 'line.released' }
  | { readonly type: 'human.confirmed' }
  | { readonly type: 'human.refused' }
  | { readonly type: 'human.typed'; readonly text: string }
  | { readonly type: 'operator.cancelled' }
  | { readonly type: 'key.saved' }
  | { readonly type: 'key.notSaved'; readonly fault: string };

export type KeyExchangeOutcome =
  | { readonly kind: 'paired'; readonly peer: AccountNumber }
  | {
      readonly kind: 'failed';
      readonly failure: KeyExchangeFailure;
      /** What exactly was wrong, where the event said it. */
      readonly detail: string | undefined;
      readonly peer: AccountNumber | undefined;
    };

export interface StepMeta {
  readonly steps: readonly KeyExchangeStep[];
}

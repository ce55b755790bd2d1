import type { AccountNumber } from '../../bytes/account-number.js';
import type { IdentityFailure, IdentityStep } from './failures.js';
import type { MessageKind } from './packets.js';

/** What may happen on the line, to either machine of either side. */
export type LegEvent =
  | { readonly type: 'line.connected' }
  /** The one that was awaited last; its length is right. */
  | { readonly type: 'message.received'; readonly body: Uint8Array }
  | { readonly type: 'message.malformed'; readonly fault: string }
  | { readonly type: 'carrier.lost'; readonly fault?: string }
  /** The answer to `hangUp`: what was sent is acknowledged or given up, and the line is on-hook. */
  | { readonly type: 'line.released' }
  | { readonly type: 'operator.cancelled' };

export interface MessageOrder {
  readonly kind: MessageKind;
  readonly body: Uint8Array;
}

export interface IdentityFailed {
  readonly kind: 'failed';
  readonly failure: IdentityFailure;
  /** What exactly was wrong, where that is known. */
  readonly detail: string | undefined;
  readonly peer: AccountNumber | undefined;
}

export interface StepMeta {
  readonly steps: readonly IdentityStep[];
}

import type { AccountNumber } from '../../../bytes/account-number.js';
import type { StepMeta } from '../events.js';
import type { DataExchangeFailure } from './failures.js';
import type { ChannelRecord } from './handshake.js';
import type { Receipt } from './packets.js';

/** The content as one side has counted it. */
export type ContentSummary = Pick<Receipt, 'sha256' | 'octets' | 'chunks'>;

/** What may happen to either machine. */
interface CallEvents {
  'record.received': { readonly record: ChannelRecord };
  /** Bulk octets where none are taken. */
  'bulk.unexpected': object;
  /** A record that does not open, or a link that failed. The line is still to be released. */
  'channel.broken': { readonly fault: string };
  /** Never before everything that the line brought has been taken in. */
  'carrier.lost': object;
  /** The answer to `hangUp` and `finishLine`. */
  'line.released': object;
  'operator.cancelled': object;
  /** The disk did not do what an action asked for. */
  'store.failed': { readonly fault: string };
}

interface SenderEvents extends CallEvents {
  /** The own digest; `undefined` when the spool does not hold these octets. */
  'tail.read': { readonly digest: Uint8Array | undefined };
  'transfer.renewed': { readonly sessionId: Uint8Array; readonly transferKey: Uint8Array };
  'handshake.noted': object;
  /** The line is given octets, or has taken some. */
  'content.moving': object;
  /** The line has taken everything so far, and the source is asked for more. */
  'content.awaited': object;
  'content.sent': { readonly content: ContentSummary };
  'content.tooLarge': object;
  'receipt.kept': object;
}

interface RecipientEvents extends CallEvents {
  'transfer.filed': { readonly receipt: Receipt };
  'transfer.found': { readonly opened: number; readonly next: number; readonly tailDigest: Uint8Array };
  'transfer.notNow': { readonly fault: string };
  'transfer.opened': object;
  /** It cannot go on, or begin, as KEY says. */
  'transfer.impossible': object;
  'content.moving': object;
  'content.complete': { readonly content: ContentSummary; readonly utcMs: number };
  'content.broken': { readonly fault: string };
  'content.refused': { readonly fault: string; readonly utcMs: number };
  'content.filed': object;
  'refusal.kept': object;
  'transfer.forgotten': object;
}

type UnionOf<Events> = { [Type in keyof Events]: { readonly type: Type } & Events[Type] }[keyof Events];

export type DataSenderEvent = UnionOf<SenderEvents>;
export type DataRecipientEvent = UnionOf<RecipientEvents>;

export interface DataExchangeFailed {
  readonly kind: 'failed';
  readonly failure: DataExchangeFailure;
  /** What exactly was wrong, where it is known. */
  readonly detail: string | undefined;
  readonly peer: AccountNumber;
}

export type { StepMeta };

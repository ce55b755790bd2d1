import type { AccountNumber } from '../../bytes/account-number.js';
import type { DataExchangeFailure, DataExchangeStep } from './failures.js';
import type { DataExchangePacket } from './packets.js';

/** What may happen to either machine. */
interface LineEvents {
  'line.connected': object;
  'packet.received': { readonly packet: DataExchangePacket };
  'packet.malformed': { readonly fault: string };
  'nak.received': object;
  'ack.received': object;
  /** Never before every octet that the line brought has been taken in. */
  'carrier.lost': object;
  /** The answer to `hangUp`: what was written has drained, and the line is on-hook. */
  'line.released': object;
  'operator.cancelled': object;
  /** Octets of the file went or came since the last one. */
  'file.progress': object;
}

interface SenderEvents extends LineEvents {
  /** 600 to 610 are done. */
  'transfer.sealed': { readonly sessionKey: Uint8Array; readonly fileHash: Uint8Array };
  'peer.claimed': object;
  'peer.busy': object;
  /** Every octet of C has been taken by the line. */
  'file.sent': object;
  'file.unreadable': { readonly fault: string };
}

interface RecipientEvents extends LineEvents {
  'account.known': { readonly longTermKey: Uint8Array };
  'account.refused': { readonly cause: 'unknownAccount' | 'reflectedChallenge' | 'peerBusy' };
  'quarantine.opened': object;
  'quarantine.failed': { readonly fault: string };
  'quarantine.discarded': object;
  'file.tooLong': object;
  /** Length, padding and the appended hash are right; FileHash is the one computed here. */
  'file.intact': { readonly fileHash: Uint8Array };
  'file.broken': object;
  'content.released': object;
  'content.refused': { readonly fault: string };
  'content.notStored': { readonly fault: string };
}

type UnionOf<Events> = { [Type in keyof Events]: { readonly type: Type } & Events[Type] }[keyof Events];

export type DataSenderEvent = UnionOf<SenderEvents>;
export type DataRecipientEvent = UnionOf<RecipientEvents>;

export interface DataExchangeFailed {
  readonly kind: 'failed';
  readonly failure: DataExchangeFailure;
  /** What exactly was wrong, where the event said it. */
  readonly detail: string | undefined;
  readonly peer: AccountNumber | undefined;
}

export interface StepMeta {
  readonly steps: readonly DataExchangeStep[];
}

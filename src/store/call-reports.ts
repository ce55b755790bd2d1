import type { AccountNumber } from '../bytes/account-number.js';

/** What staff look through: views of the schema `report`, which other tools may read as well. */
export interface CallReports {
  /** Calls that could not be rated, and why; newest first, behind `after`. */
  unrated(page: { readonly after?: string; readonly limit: number }): Promise<UnratedEntry[]>;
  duplicates(span: Span): Promise<DuplicateCalls[]>;
  hints(span: Span): Promise<FraudHint[]>;
}

/** By the ring: from inclusive, to exclusive. */
export interface Span {
  readonly from: Date;
  readonly to: Date;
}

export interface UnratedEntry {
  readonly trackingId: string;
  readonly why: string;
  readonly ringAt: Date;
  readonly callerAccount: AccountNumber | null;
  readonly calleeAccount: AccountNumber | null;
  readonly billableSeconds: number;
}

/** Two calls that may be one. */
export interface DuplicateCalls {
  readonly trackingId: string;
  readonly earlierTrackingId: string;
  readonly ringAt: Date;
  readonly callerAccount: AccountNumber;
  readonly calleeAccount: AccountNumber;
  readonly billableSeconds: number;
}

export interface FraudHint {
  readonly hint: 'velocity' | 'short calls' | 'new destination';
  readonly account: AccountNumber;
  /** Beginning of the hour or day, or the first call to the new number. */
  readonly at: Date;
  readonly calls: number;
  /** In words. */
  readonly detail: string;
}

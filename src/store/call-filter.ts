import type { AccountNumber } from '../bytes/account-number.js';
import type { CallOutcome, RecordedClass } from './call-kinds.js';

/** By which of its times a call is found and stands in the list; calls without it are in none that goes by it. */
export const callTimes = ['ring', 'bridge', 'end'] as const;
export type CallTime = (typeof callTimes)[number];

/** What staff look for (telephony.md 7.7). All that is told must hold; every part has an index. */
export interface CallFilter {
  /** `ring` when absent. */
  readonly by?: CallTime;
  /** From inclusive, to exclusive. */
  readonly from?: Date;
  readonly to?: Date;
  /** As caller or as callee. */
  readonly account?: AccountNumber;
  readonly caller?: AccountNumber;
  readonly callee?: AccountNumber;
  readonly callingNumber?: NumberPattern;
  readonly calledNumber?: NumberPattern;
  /** The line URL of the trunk that rang, and of the one on which the callee was called. */
  readonly port?: string;
  readonly calleePort?: string;
  /** `open`: not over yet. */
  readonly outcome?: CallOutcome | 'open';
  /** ITU-T Q.850. */
  readonly cause?: number;
  /** `durationSeconds`, both inclusive. */
  readonly minDuration?: number;
  readonly maxDuration?: number;
  /** Whether the two lines were joined, which is when billing begins. */
  readonly isAnswered?: boolean;
  /** False: it is over, was joined, and has no charge. */
  readonly isRated?: boolean;
  /** Of the charge, in units of the currency, a decimal number; both inclusive. */
  readonly minCost?: string;
  readonly maxCost?: string;
  readonly currency?: string;
  readonly payer?: AccountNumber;
  readonly callClass?: RecordedClass;
  /** The page behind this call: the tracking ID of the last one of the page before. */
  readonly after?: string;
  /** 100 when absent. */
  readonly limit?: number;
}

/** Telephone numbers: this one, or those that begin so. */
export interface NumberPattern {
  readonly digits: string;
  readonly isPrefix: boolean;
}

/** Sums over the calls that a filter finds, whatever its page. */
export interface CallTotals {
  readonly calls: number;
  /** Of these: they asked for the price alone, and are no tries to reach anybody. */
  readonly inquiries: number;
  /** The two lines were joined. */
  readonly answered: number;
  /** Of answered calls, measured. */
  readonly billableSeconds: bigint;
  readonly unrated: number;
  /** One a currency. */
  readonly charges: readonly TotalCharge[];
}

export interface TotalCharge {
  readonly currency: string;
  readonly calls: number;
  /** Exact, a decimal number in units of the currency. */
  readonly amount: string;
}

import type { AccountNumber } from '../bytes/account-number.js';

/** A trial to rate calls anew: a draft until it is kept or discarded. */
export interface RatingRun {
  readonly id: number;
  /** `keeping`: some of its charges are in the ledger, and keeping it again takes the others there. */
  readonly state: 'draft' | 'keeping' | 'kept' | 'discarded';
  /** Calls that were bridged from when until when. */
  readonly from: Date;
  readonly to: Date;
  /** Only what this account pays. */
  readonly account: AccountNumber | undefined;
  /** By this one, whoever pays. */
  readonly tariff: string | undefined;
  /** `undefined`: it was never drafted to its end, and cannot be kept. */
  readonly difference: Difference | undefined;
  readonly madeAt: Date;
  readonly madeBy: string;
  readonly decidedAt: Date | undefined;
  readonly decidedBy: string | undefined;
}

export type NewRatingRun = Pick<RatingRun, 'from' | 'to' | 'account' | 'tariff' | 'madeAt' | 'madeBy'>;

/** What a run changes. */
export interface Difference {
  readonly accounts: readonly AccountDifference[];
  /** Calls that it cannot rate: what they cost stays. */
  readonly unrated: readonly { readonly reason: string; readonly calls: number }[];
  /** Calls on an issued bill: what they cost stays. */
  readonly billed: number;
}

export interface AccountDifference {
  readonly account: AccountNumber;
  /** ISO 4217. */
  readonly currency: string;
  readonly calls: number;
  /** Of `calls`. */
  readonly changed: number;
  /** Decimal digits, in units of 10^-8 of the currency. */
  readonly old: string;
  readonly new: string;
}

export interface Kept {
  readonly replaced: number;
  /** They stand on an issued bill. */
  readonly billed: number;
  /** Charged anew, or corrected, since the run was made. */
  readonly overtaken: number;
  /** Where the next turn begins; `undefined`: all is done. */
  readonly next: string | undefined;
}

export interface RatingRuns {
  begin(run: NewRatingRun): Promise<number>;
  drafted(id: number, difference: Difference): Promise<void>;
  find(id: number): Promise<RatingRun | undefined>;
  /** The newest first. */
  list(): Promise<RatingRun[]>;
  /** False where it is none that can be kept: decided already, or not drafted to its end. */
  beginKeeping(id: number): Promise<boolean>;
  /** Takes the next of its charges into the ledger, alone among raters. */
  keepSome(id: number, after: string | undefined, most: number, at: Date): Promise<Kept>;
  /** Throws away some of what is left of it; false when nothing was. */
  emptySome(id: number, most: number): Promise<boolean>;
  decide(
    id: number,
    state: 'kept' | 'discarded',
    by: { readonly at: Date; readonly who: string },
  ): Promise<boolean>;
}

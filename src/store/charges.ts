import type { AccountNumber } from '../bytes/account-number.js';
import type { CallClass } from './call-kinds.js';

/** A closed call as rating reads it. */
export interface ClosedCallToRate {
  readonly trackingId: string;
  readonly callerAccount: AccountNumber | undefined;
  readonly calleeAccount: AccountNumber | undefined;
  readonly calledNumber: string | undefined;
  /** `undefined` where the protocol does not tell. */
  readonly callClass: CallClass | undefined;
  /** The callee has agreed to pay. */
  readonly isCollect: boolean;
  readonly ringAt: Date;
  /** `undefined` only in a correction: then nothing is charged any more. */
  readonly bridgeAt: Date | undefined;
  readonly endAt: Date;
  /** `undefined` where nobody measured the call. */
  readonly billableSeconds: number | undefined;
  /** Of a correction: the records before it that are charged still. */
  readonly supersedes: readonly string[];
}

/** What a call costs, and whom. */
export interface Charge {
  readonly trackingId: string;
  readonly payer: AccountNumber;
  /** First day of the month on whose bill it stands, `2026-11-01`. */
  readonly period: string;
  /** The bridge. */
  readonly chargedAt: Date;
  readonly tariffVersion: number;
  readonly callClass: CallClass;
  /** In units of 10^-decimals of the currency. */
  readonly units: bigint;
  readonly decimals: number;
  /** ISO 4217. */
  readonly currency: string;
  /** Seconds that were charged: whole increments. */
  readonly seconds: number;
  /** Seconds that an allowance has paid for. */
  readonly freeSeconds: number;
}

/** A charge as it stands in the ledger. */
export type KeptCharge = Charge & {
  readonly ratedAt: Date;
  /** The run that replaced an earlier one. */
  readonly ratingRun: number | undefined;
};

/** Closed, bridged, and cannot be rated. */
export interface UnratedCall {
  readonly trackingId: string;
  /** For a person. */
  readonly reason: string;
}

/** A call's place in the order of their ends. */
export interface CallPosition {
  /** To the microsecond, as the database writes it. */
  readonly end: string;
  readonly trackingId: string;
}

/** A stretch of the ledger, with those of its calls that are asked for, in the order of their ends. */
export interface CallsInOrder<Call> {
  readonly calls: readonly Call[];
  /** Where the next stretch begins; `undefined`: this was the last. */
  readonly next: CallPosition | undefined;
}

/** An account's calls of one stretch of time, to sum what allowances have paid. */
export interface AccountTime {
  readonly payer: AccountNumber;
  readonly from: Date;
  readonly to: Date;
}

export type FreeSeconds = AccountTime & { readonly callClass: CallClass; readonly seconds: number };

/** A version and when it holds, without its files. */
export interface VersionInForce {
  readonly id: number;
  /** Name of the tariff. */
  readonly tariff: string;
  readonly validFrom: Date;
  readonly validTo: Date | undefined;
}

/** A month whose bill is issued: its charges stay as they are. */
export interface BilledMonth {
  readonly payer: AccountNumber;
  readonly period: string;
  readonly currency: string;
}

/** What rating asks and says while it is alone: one transaction. */
export interface RatingWork {
  /** Bridged and closed calls that are neither charged nor known as unrated. */
  newCalls(after: CallPosition | undefined, most: number): Promise<CallsInOrder<ClosedCallToRate>>;
  /** Corrections whose call is charged still, or that are not rated themselves. */
  corrections(most: number): Promise<ClosedCallToRate[]>;
  /** Calls that could not be rated, by tracking ID. */
  unratedCalls(after: string | undefined, most: number): Promise<ClosedCallToRate[]>;
  /** Bridged from when until when, by the order of their ends. */
  callsBridged(
    span: { readonly from: Date; readonly to: Date },
    after: CallPosition | undefined,
    most: number,
  ): Promise<CallsInOrder<ClosedCallToRate>>;
  /** Of those of the accounts that there are: the name of its tariff, or of the default one, if any is. */
  tariffsOf(accounts: readonly AccountNumber[]): Promise<ReadonlyMap<AccountNumber, string | undefined>>;
  versionsInForce(): Promise<VersionInForce[]>;
  /** What allowances have paid, without the calls that are bridged in `but`. */
  freeSeconds(
    times: readonly AccountTime[],
    but?: { readonly from: Date; readonly to: Date },
  ): Promise<FreeSeconds[]>;
  /** Of these accounts, from this month on. */
  billedMonths(accounts: readonly AccountNumber[], from: string): Promise<BilledMonth[]>;
  charges(trackingIds: readonly string[]): Promise<KeptCharge[]>;
  /** Charges are added where the call has none; how many were. The calls are unrated no more. */
  charge(charges: readonly Charge[], at: Date): Promise<number>;
  unrated(calls: readonly UnratedCall[], at: Date): Promise<void>;
  /** These are unrated no more, without a charge. */
  settle(trackingIds: readonly string[]): Promise<void>;
  /** The charge of a record that was corrected goes; it stays among those of before. */
  withdraw(trackingIds: readonly string[], at: Date): Promise<void>;
  /** What a rating run would charge. */
  draft(run: number, charges: readonly Charge[], at: Date): Promise<void>;
}

export interface UnratedReasonCount {
  readonly reason: string;
  readonly calls: number;
}

export interface Charges {
  /**
   * One transaction, alone among raters and billers of this database. It may be done again when it was rolled back, and ends in
   * five seconds or not at all: work in batches.
   * @throws StoreUnavailable
   */
  alone<T>(work: (rating: RatingWork) => Promise<T>): Promise<T>;
  find(trackingId: string): Promise<KeptCharge | undefined>;
  /** `undefined` where there is no such call, or it goes on. */
  call(trackingId: string): Promise<ClosedCallToRate | undefined>;
  /** Why, and how many; the most first. */
  unratedReasons(): Promise<UnratedReasonCount[]>;
  whyUnrated(trackingId: string): Promise<string | undefined>;
}

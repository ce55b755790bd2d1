import type { AccountNumber } from '../bytes/account-number.js';
import type { CallClass } from './call-kinds.js';

/** A currency's own decimals and those of charges differ, so that every amount says its own: `units` of 10^-decimals. */
export interface BillTotals {
  readonly decimals: number;
  readonly calls: number;
  /** Exact. */
  readonly chargeUnits: bigint;
  readonly taxUnits: bigint;
  readonly payableDecimals: number;
  readonly payableUnits: bigint;
}

/** An account's charges of a month that are alike, summed. */
export interface ChargeSum {
  readonly account: AccountNumber;
  /** Of the subscriber. */
  readonly name: string;
  readonly telephone: string;
  readonly currency: string;
  readonly decimals: number;
  readonly callClass: CallClass;
  readonly tariffVersion: number;
  readonly calls: number;
  readonly seconds: number;
  readonly freeSeconds: number;
  readonly units: bigint;
}

export interface TaxRate {
  readonly id: number;
  readonly name: string;
  /** `8.8750`: percent of the charges, with four decimals. */
  readonly percent: string;
  /** `2026-01-01` */
  readonly from: string;
  /** Exclusive; `undefined`: until it is ended. */
  readonly to: string | undefined;
  readonly enteredAt: Date;
  readonly enteredBy: string;
}

export type NewTaxRate = Omit<TaxRate, 'id'>;

/** One account, month and currency. `document` is what is printed, but the calls; the store does not read it. */
export type NewBill = BillTotals & {
  readonly account: AccountNumber;
  /** First day of the month, `2026-10-01`. */
  readonly period: string;
  readonly currency: string;
  readonly document: object;
};

/** What is printed as a bill's number: `B-000123`. */
export interface BillNumber {
  readonly series: string;
  readonly number: bigint;
}

/** A bill, or a credit note, whose amounts are not above zero. */
export type IssuedBill = NewBill &
  BillNumber & {
    readonly id: bigint;
    readonly kind: 'bill' | 'credit-note';
    readonly issuedAt: Date;
    readonly issuedBy: string;
    /** Of a credit note: the bill that it takes back, and why. */
    readonly credits: BillNumber | undefined;
    readonly reason: string | undefined;
    /** The credit note that took the bill back. */
    readonly creditedBy: BillNumber | undefined;
  };

/** A line of the itemised bill. */
export interface BilledCall {
  readonly trackingId: string;
  readonly chargedAt: Date;
  readonly callerAccount: AccountNumber | undefined;
  readonly calleeAccount: AccountNumber | undefined;
  readonly calledNumber: string | undefined;
  readonly callClass: CallClass;
  /** Seconds that were charged. */
  readonly seconds: number;
  readonly units: bigint;
  readonly decimals: number;
}

export interface BillFilter {
  /** First day of the month. */
  readonly period?: string | undefined;
  readonly account?: AccountNumber | undefined;
  readonly kind?: IssuedBill['kind'] | undefined;
  readonly limit?: number | undefined;
}

/** Why and how many. */
export interface UnratedCalls {
  /** `undefined`: nobody has tried yet. */
  readonly reason: string | undefined;
  readonly calls: number;
}

/** When and by whom: what is done twice with the same signature was done once. */
export interface Signature {
  readonly at: Date;
  readonly by: string;
}

/** What a biller asks and says while it is alone: one transaction. */
export interface BillingWork {
  /** Of a month, of one account or of all; without those whose bill is issued, in the order of the accounts. */
  unbilledSums(period: string, account: AccountNumber | undefined): Promise<ChargeSum[]>;
  /** Files of tariffs: of these versions, and of those in force in that time. */
  tariffFiles(
    ids: readonly number[],
    span: { readonly from: Date; readonly to: Date },
  ): Promise<TariffFileOf[]>;
  /** Closed and bridged in that time, and without a charge; of the account, those that it may have to pay. */
  unratedCalls(
    span: { readonly from: Date; readonly to: Date },
    account: AccountNumber | undefined,
  ): Promise<UnratedCalls[]>;
  /** Those that hold on that day, by name. */
  taxesOn(day: string): Promise<TaxRate[]>;
  /** The number that the next bill of the series will have; kept from others until the transaction ends. */
  nextNumber(series: string): Promise<bigint>;
  /** In this order, from the next number of the series on. */
  issue(series: string, bills: readonly NewBill[], signature: Signature): Promise<IssuedBill[]>;
  /** What was issued for that month with this very signature: by an attempt whose answer was lost. */
  issued(period: string, signature: Signature): Promise<IssuedBill[]>;
  find(number: BillNumber): Promise<IssuedBill | undefined>;
  /** The next number of the series is the note's; its charges are free again, and its calls kept. */
  credit(
    bill: IssuedBill,
    note: { readonly series: string; readonly reason: string; readonly document: object },
    signature: Signature,
  ): Promise<void>;
}

export interface TariffFileOf {
  readonly id: number;
  readonly content: string;
}

/** Bills, credit notes and taxes (BL-80). */
export interface Bills {
  /**
   * One transaction, alone among raters and billers of this database. It may be done again when it was rolled back or nobody knows, and ends in
   * a minute or not at all.
   * @throws StoreUnavailable
   */
  alone<T>(work: (billing: BillingWork) => Promise<T>): Promise<T>;
  find(number: BillNumber): Promise<IssuedBill | undefined>;
  /** The newest month first, there by account and number. */
  list(filter: BillFilter): Promise<IssuedBill[]>;
  /** Of a bill, credited or not, in the order of time; of a credit note, those of its bill. */
  calls(bill: IssuedBill): Promise<BilledCall[]>;
  taxes(): Promise<TaxRate[]>;
  /** False where one of this name holds in some of that time already. */
  addTax(tax: NewTaxRate): Promise<boolean>;
  /** From that day on it holds no more. False where no rate of this name holds just before it. */
  endTax(name: string, day: string): Promise<boolean>;
}

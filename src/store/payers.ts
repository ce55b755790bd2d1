import type { AccountNumber } from '../bytes/account-number.js';
import type { CallClass } from './call-kinds.js';

/** Who has agreed to pay for calls of `party`. */
export interface PayerRule {
  readonly id: number;
  readonly payer: AccountNumber;
  readonly party: AccountNumber;
  /** The calls that `party` makes, or those that come to it. */
  readonly role: 'caller' | 'callee';
  /** Only for calls with this account at the other end. */
  readonly other: AccountNumber | undefined;
  /** For calls that ring from then on. */
  readonly validFrom: Date;
  /** Exclusive; `undefined`: without end. */
  readonly validTo: Date | undefined;
  readonly agreedAt: Date;
  readonly agreedBy: string;
}

export interface SpendingLimit {
  readonly account: AccountNumber;
  /** ISO 4217. */
  readonly currency: string;
  /** Of the units, 0 to 8. */
  readonly decimals: number;
  /** `undefined`: no limit of a day, of a month; never both. */
  readonly dailyUnits: bigint | undefined;
  readonly monthlyUnits: bigint | undefined;
  readonly setAt: Date;
  readonly setBy: string;
}

/** An account that may have to pay for a call. */
export interface PossiblePayer {
  readonly account: AccountNumber;
  readonly state: 'active' | 'suspended' | 'closed';
  /** Where the server calls it. */
  readonly number: string;
  /** Of its tariff, or the default one, in force then. */
  readonly tariffVersion: number | undefined;
  readonly limit: Omit<SpendingLimit, 'account' | 'setAt' | 'setBy'> | undefined;
}

/** From when on an account's day and month count, by its zone's clocks. */
export interface SpendingTime {
  readonly dayFrom: Date;
  readonly monthFrom: Date;
  /** Exclusive. */
  readonly monthTo: Date;
  /** The month's first day, `2026-11-01`. */
  readonly period: string;
}

/** Spent and set aside, in units of 10^-8 of the currency. */
export interface Spent {
  readonly ofDay: bigint;
  readonly ofMonth: bigint;
}

export interface Hold {
  readonly trackingId: string;
  readonly payer: AccountNumber;
  readonly currency: string;
  readonly decimals: number;
  readonly units: bigint;
  readonly callClass: CallClass;
  /** Of an allowance, which `units` leave out. */
  readonly freeSeconds: number;
  /** In all, when `units` were reckoned: those of before, of every class. */
  readonly freeSecondsBefore: number;
  readonly at: Date;
}

/** Who pays for calls, and how much at most (BL-A2). Every method may reject with StoreUnavailable. */
export interface Payers {
  /** `undefined` where payer or party is no account, or another rule is for the same calls at the same time. */
  agree(rule: Omit<PayerRule, 'id'>): Promise<number | undefined>;
  /** All, or those of one account as payer or party; by party and beginning. */
  rules(account?: AccountNumber): Promise<PayerRule[]>;
  /** One that has not begun is deleted. False where there is none that holds longer. */
  end(id: number, at: Date): Promise<boolean>;

  limits(account?: AccountNumber): Promise<SpendingLimit[]>;
  /** In place of what was set before. False where there is no such account. */
  setLimit(limit: SpendingLimit): Promise<boolean>;
  /** False where there was none. */
  removeLimit(account: AccountNumber): Promise<boolean>;

  /** Rules that may be for a call between these. */
  rulesFor(caller: AccountNumber, callee: AccountNumber): Promise<PayerRule[]>;
  /** These two and whoever pays for any calls of theirs; those that there are. */
  possiblePayers(caller: AccountNumber, callee: AccountNumber, at: Date): Promise<PossiblePayer[]>;
  spent(payer: AccountNumber, currency: string, time: SpendingTime): Promise<Spent>;
  /** Seconds that allowances have paid in the month, or are set aside to pay, by class of call. */
  freeSeconds(
    payer: AccountNumber,
    time: SpendingTime,
  ): Promise<{ readonly callClass: CallClass; readonly seconds: number }[]>;
  /** False where the payer's limit has no more room for it, or free seconds are gone that it was reckoned with: another call was first. */
  hold(hold: Hold, time: SpendingTime): Promise<boolean>;
  /** The call is over and has cost so much. */
  settle(trackingId: string, bridgeAt: Date, units: bigint, freeSeconds: number): Promise<void>;
  /** It was never joined. */
  free(trackingId: string): Promise<void>;
}

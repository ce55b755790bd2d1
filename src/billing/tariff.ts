import type { CallClass } from '../store/call-kinds.js';
import type { Fraction, Rounding } from './amount.js';

/** Minutes after local midnight, 0 to 1,440. */
export type MinuteOfDay = number;

/** A stretch of the week, e.g. the evenings from Sunday to Friday. It does not pass midnight: a night has two. */
export interface TimeBand {
  readonly name: string;
  /** Local days, 1 Monday to 7 Sunday; 0 is a holiday, on which the day of the week counts no more. */
  readonly days: readonly number[];
  readonly from: MinuteOfDay;
  /** Exclusive. */
  readonly to: MinuteOfDay;
}

/** So much per so many seconds, from so many seconds of the call on until the next step. */
export interface RateStep {
  readonly fromSecond: number;
  /** What was begun of so many seconds is charged whole. */
  readonly incrementSeconds: number;
  readonly price: Fraction;
  /** The price is of so many seconds. */
  readonly perSeconds: number;
}

export interface Rate {
  /** For the explanation, e.g. `New York, day`. */
  readonly name: string;
  readonly callClass: CallClass | undefined;
  /** What the called number begins with; empty for every number. */
  readonly prefix: string;
  /** Name of a time band; `undefined`: at any time. */
  readonly band: string | undefined;
  readonly connect: Fraction;
  /** In order, the first from 0. */
  readonly steps: readonly RateStep[];
}

export interface FreeAllowance {
  readonly callClass: CallClass | undefined;
  /** Of each account and local month. */
  readonly secondsPerMonth: number;
}

export interface Tariff {
  readonly name: string;
  /** ISO 4217. */
  readonly currency: string;
  /** Of every charge: 2 are cents, 4 are usual in wholesale. */
  readonly decimals: number;
  /** IANA, e.g. `America/New_York`. */
  readonly zone: string;
  readonly rounding: Rounding;
  /** Where it is rounded: the call's sum, or each increment. */
  readonly round: 'call' | 'period';
  /** What an increment is rated by whose band ends in it. */
  readonly crossing: 'start' | 'split';
  /** In units of 10^-decimals. */
  readonly minimum: bigint | undefined;
  readonly maximum: bigint | undefined;
  /** In this order: the first that holds counts. An instant in none is in the band with this name. */
  readonly bands: readonly TimeBand[];
  readonly otherBand: string;
  /** Local dates, `2026-12-25`. */
  readonly holidays: ReadonlySet<string>;
  readonly rates: readonly Rate[];
  readonly allowances: readonly FreeAllowance[];
}

import type { CallClass } from '../store/call-kinds.js';
import { type Fraction, fractionOf, nothing, rounded, share, sum } from './amount.js';
import { type CallRates, RateChoice } from './rate-choice.js';
import type { Rate, RateStep, Tariff } from './tariff.js';
import { TimeBands } from './time-bands.js';

/** What rating reads of a call record. */
export interface RatableCall {
  readonly trackingId: string;
  readonly callClass: CallClass;
  /** Digits; `undefined` where the server dialled nobody. */
  readonly calledNumber: string | undefined;
  readonly bridgeAt: Date | undefined;
  /** `undefined`: the record is open. */
  readonly endAt: Date | undefined;
  readonly billableSeconds: number | undefined;
}

/** Seconds that were charged alike, in whole increments where none was cut. */
export interface ChargedPeriod {
  readonly rate: Rate;
  readonly band: string;
  readonly step: RateStep;
  /** Second of the call at which the first increment begins. */
  readonly fromSecond: number;
  /** Seconds that are charged; in the last increment of a call more than were spoken. */
  readonly seconds: number;
  readonly increments: number;
  /** Before rounding, unless increments are rounded. */
  readonly amount: Fraction;
}

export interface Rated {
  readonly kind: 'rated';
  /** In units of 10^-decimals of the tariff. */
  readonly charge: bigint;
  /** `undefined` for a call without a bridge, which costs nothing. */
  readonly connect: { readonly rate: Rate; readonly amount: Fraction } | undefined;
  readonly periods: readonly ChargedPeriod[];
  /** Seconds from the call's beginning that an allowance has paid for. */
  readonly freeSeconds: number;
  /** Before rounding of the call, minimum and maximum. */
  readonly exact: Fraction;
  readonly limitedBy: 'minimum' | 'maximum' | undefined;
}

export const unratedReasons = [
  'open',
  'not measured',
  'ends before it begins',
  'no number',
  'no rate',
] as const;
export type UnratedReason = (typeof unratedReasons)[number];

/** For a person: no charge can be told. */
export interface Unrated {
  readonly kind: 'unrated';
  readonly reason: UnratedReason;
}

/** Rates calls under one tariff. Pure: what it keeps is reckoned from the tariff alone. */
export class CallRater {
  readonly #tariff: Tariff;
  readonly #bands: TimeBands;
  readonly #choice: RateChoice;

  constructor(tariff: Tariff) {
    this.#tariff = tariff;
    this.#bands = new TimeBands(tariff);
    this.#choice = new RateChoice(tariff);
  }

  /** @param freeSeconds what is left of the payer's allowance for the call's class and month */
  rate(call: RatableCall, freeSeconds = 0): Rated | Unrated {
    if (!call.endAt) return { kind: 'unrated', reason: 'open' };
    if (!call.bridgeAt) return free;
    if (call.billableSeconds === undefined) return { kind: 'unrated', reason: 'not measured' };
    if (call.endAt < call.bridgeAt) return { kind: 'unrated', reason: 'ends before it begins' };
    if (call.calledNumber === undefined) return { kind: 'unrated', reason: 'no number' };
    const rates = this.#choice.for(call.calledNumber, call.callClass);
    return this.#charge(rates, call.bridgeAt.getTime(), call.billableSeconds, freeSeconds);
  }

  #charge(rates: CallRates, bridgeMs: number, seconds: number, freeSeconds: number): Rated | Unrated {
    const first = rates.at(this.#bands.at(bridgeMs).band);
    if (!first) return { kind: 'unrated', reason: 'no rate' };
    const taken = Math.min(freeSeconds, seconds);
    const periods: ChargedPeriod[] = [];
    for (let second = taken; second < seconds; ) {
      const { band, untilMs } = this.#bands.at(bridgeMs + 1_000 * second);
      const rate = rates.at(band);
      if (!rate) return { kind: 'unrated', reason: 'no rate' };
      const endOfBand = Math.ceil((untilMs - bridgeMs) / 1_000);
      const period = this.#periodFrom(second, { rate, band, seconds, endOfBand });
      periods.push(period);
      second += period.seconds;
    }
    const connect = { rate: first, amount: first.connect };
    const exact = periods.reduce((total, { amount }) => sum(total, amount), first.connect);
    return { kind: 'rated', connect, periods, freeSeconds: taken, exact, ...this.#rounded(exact) };
  }

  /** As many increments as one rate and step have in a row. */
  #periodFrom(
    second: number,
    {
      rate,
      band,
      seconds,
      endOfBand,
    }: { readonly rate: Rate; readonly band: string; readonly seconds: number; readonly endOfBand: number },
  ): ChargedPeriod {
    const index = rate.steps.findLastIndex(({ fromSecond }) => fromSecond <= second);
    const step = rate.steps[index] as RateStep;
    const nextStep = rate.steps[index + 1]?.fromSecond ?? Number.POSITIVE_INFINITY;
    const { incrementSeconds } = step;
    const increments = Math.ceil((Math.min(seconds, nextStep, endOfBand) - second) / incrementSeconds);
    const isCut = endOfBand < seconds && endOfBand < second + increments * incrementSeconds;
    if (this.#tariff.crossing === 'split' && isCut) {
      const rest = (endOfBand - second) % incrementSeconds;
      return this.#period(rate, band, step, second, endOfBand - second, increments, rest);
    }
    return this.#period(rate, band, step, second, increments * incrementSeconds, increments, 0);
  }

  /** @param rest seconds of the last increment where it was cut, else 0 */
  #period(
    rate: Rate,
    band: string,
    step: RateStep,
    fromSecond: number,
    seconds: number,
    increments: number,
    rest: number,
  ): ChargedPeriod {
    const whole = increments - (rest > 0 ? 1 : 0);
    const each = this.#incrementOf(share(step.price, step.incrementSeconds, step.perSeconds));
    const last = rest > 0 ? this.#incrementOf(share(step.price, rest, step.perSeconds)) : nothing;
    const amount = sum(share(each, whole, 1), last);
    return { rate, band, step, fromSecond, seconds, increments, amount };
  }

  #incrementOf(amount: Fraction): Fraction {
    const { round, decimals, rounding } = this.#tariff;
    return round === 'period' ? fractionOf(rounded(amount, decimals, rounding), decimals) : amount;
  }

  #rounded(exact: Fraction): Pick<Rated, 'charge' | 'limitedBy'> {
    const { decimals, rounding, minimum, maximum } = this.#tariff;
    const charge = rounded(exact, decimals, rounding);
    if (minimum !== undefined && charge > 0n && charge < minimum)
      return { charge: minimum, limitedBy: 'minimum' };
    if (maximum !== undefined && charge > maximum) return { charge: maximum, limitedBy: 'maximum' };
    return { charge, limitedBy: undefined };
  }
}

const free: Rated = {
  kind: 'rated',
  charge: 0n,
  connect: undefined,
  periods: [],
  freeSeconds: 0,
  exact: nothing,
  limitedBy: undefined,
};

import type { CallClass } from '../store/call-kinds.js';
import type { Rate, Tariff } from './tariff.js';

/** The rates of a tariff that a call may have, by its number and class: `at` finds the one of a band. */
export interface CallRates {
  at(band: string): Rate | undefined;
}

/** Finds rates by the called number's prefixes, in as many steps as it has digits. */
export class RateChoice {
  /** Of each class, with and without it, by prefix; in the file's order. */
  readonly #byPrefix = new Map<string, readonly Rate[]>();
  readonly #longestPrefix: number;

  constructor({ rates }: Pick<Tariff, 'rates'>) {
    for (const rate of rates) {
      const key = keyOf(rate.callClass, rate.prefix);
      this.#byPrefix.set(key, [...(this.#byPrefix.get(key) ?? []), rate]);
    }
    this.#longestPrefix = Math.max(0, ...rates.map(({ prefix }) => prefix.length));
  }

  for(calledNumber: string, callClass: CallClass): CallRates {
    const candidates: Rate[] = [];
    for (const wanted of [callClass, undefined]) {
      for (let length = Math.min(this.#longestPrefix, calledNumber.length); length >= 0; length--) {
        const rates = this.#byPrefix.get(keyOf(wanted, calledNumber.slice(0, length))) ?? [];
        candidates.push(...rates.filter(({ band }) => band !== undefined));
        candidates.push(...rates.filter(({ band }) => band === undefined));
      }
    }
    return { at: (band) => candidates.find((rate) => rate.band === undefined || rate.band === band) };
  }
}

function keyOf(callClass: CallClass | undefined, prefix: string): string {
  return `${callClass ?? '*'} ${prefix}`;
}

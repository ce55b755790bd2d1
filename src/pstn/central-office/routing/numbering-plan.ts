import type { Lookup } from './directory.js';

/** One row of a numbering plan: a form of dialling, and which number it means. */
export interface NumberingRule {
  /**
   * What is dialled: digits, `*` and `#` as they are, `X` any digit, `N` 2 to 9, `Z` 1 to 9, `{area}` an area code of the
   * network, and at the end `X{7,15}` for 7 to 15 digits.
   */
  readonly dial: string;
  /** Digits in front that are no part of the number. */
  readonly strip?: number;
  /** What is put in front of the rest; `{country}` and `{area}` are those of the exchange that the call comes from. */
  readonly prefix?: string;
  /** `service`: a short code, whose number `[office.services]` tells; the others are whole numbers, or begin a call. */
  readonly means?: 'number' | 'service' | 'cancel-call-waiting';
}

/** The first row that fits counts; a row waits for further digits only where one above it may still fit. */
export interface NumberingPlanTable {
  readonly name: string;
  readonly rules: readonly NumberingRule[];
  /** Digits of a number with its area code, where all have as many. A line's number of that length has its area code in it. */
  readonly nationalDigits?: number;
}

/** Where a call comes from. */
export interface Home {
  readonly countryCode: string;
  readonly areaCode: string;
}

export type Dialled =
  /** With country and area code. */
  | { readonly kind: 'number'; readonly number: string }
  | { readonly kind: 'service'; readonly code: string }
  /** Dial tone again, for a call during which no other one knocks. */
  | { readonly kind: 'cancel-call-waiting' };

interface Pattern {
  readonly rule: NumberingRule;
  /** The symbols that are taken at each place. */
  readonly places: readonly string[];
  readonly shortest: number;
}

/** A numbering plan at work: tells with every digit whether a number is complete. */
export class NumberingPlan {
  readonly #patterns: readonly Pattern[];

  /**
   * Throws on a row that cannot be read, naming it.
   * @param areaCodes of the whole network
   */
  constructor(table: NumberingPlanTable, areaCodes: readonly string[]) {
    this.#patterns = table.rules.flatMap((rule) => patternsOf(rule, areaCodes));
  }

  lookup(digits: string, home: Home): Lookup<Dialled> {
    // The caller says by # that no more digits come.
    if (digits.length > 1 && digits.endsWith('#')) {
      const found = this.lookup(digits.slice(0, -1), home);
      if ('destination' in found) return { kind: 'complete', destination: found.destination };
    }
    let mayBeLonger = false;
    for (const pattern of this.#patterns) {
      const fit = fitOf(pattern, digits);
      if (fit === 'whole' || fit === 'whole-so-far') {
        const kind = mayBeLonger || fit === 'whole-so-far' ? 'ambiguous' : 'complete';
        return { kind, destination: meaningOf(pattern.rule, digits, home) };
      }
      mayBeLonger ||= fit === 'beginning';
    }
    return { kind: mayBeLonger ? 'incomplete' : 'unknown' };
  }
}

function fitOf({ places, shortest }: Pattern, digits: string) {
  if (digits.length > places.length) return 'none';
  for (let index = 0; index < digits.length; index++) {
    if (!places[index]?.includes(digits[index] ?? '')) return 'none';
  }
  if (digits.length < shortest) return 'beginning';
  return digits.length < places.length ? 'whole-so-far' : 'whole';
}

function meaningOf(
  { strip = 0, prefix = '', means = 'number' }: NumberingRule,
  digits: string,
  home: Home,
): Dialled {
  if (means === 'cancel-call-waiting') return { kind: means };
  if (means === 'service') return { kind: means, code: digits };
  const front = prefix.replaceAll('{country}', home.countryCode).replaceAll('{area}', home.areaCode);
  return { kind: 'number', number: front + digits.slice(strip) };
}

/** Of one row: 15 digits of a number abroad (E.164), and whatever is dialled in front. */
const mostPlaces = 40;
const symbols: Readonly<Record<string, string>> = { X: '0123456789', N: '23456789', Z: '123456789' };
const element = /([0-9XNZ*#])(?:\{(\d+),(\d+)\})?/y;

function patternsOf(rule: NumberingRule, areaCodes: readonly string[]): Pattern[] {
  const [front = '', ...behind] = rule.dial.split('{area}');
  const [back] = behind;
  if (back === undefined) return [patternOf(rule, rule.dial)];
  if (behind.length > 1) throw unreadable(rule, `{area}${back}{area}`);
  return areaCodes.map((code) => patternOf(rule, front + code + back));
}

/** @param dial of the row, an area code in it already */
function patternOf(rule: NumberingRule, dial: string): Pattern {
  const places: string[] = [];
  let shortest = 0;
  element.lastIndex = 0;
  while (element.lastIndex < dial.length) {
    const at = element.lastIndex;
    const [, symbol, least = '1', most = '1'] = element.exec(dial) ?? [];
    if (symbol === undefined || shortest < places.length || Number(least) > Number(most))
      throw unreadable(rule, dial.slice(at));
    if (places.length + Number(most) > mostPlaces)
      throw new Error(
        `The numbering plan's row dial = "${rule.dial}" takes more than ${mostPlaces} digits; correct its count.`,
      );
    shortest += Number(least);
    places.push(...Array<string>(Number(most)).fill(symbols[symbol] ?? symbol));
  }
  const { strip = 0, prefix = '' } = rule;
  if (shortest < strip || (shortest === strip && prefix === ''))
    throw new Error(
      `The numbering plan's row dial = "${rule.dial}", strip = ${strip} may leave no digit of a number; take fewer away.`,
    );
  return { rule, places, shortest };
}

function unreadable({ dial }: NumberingRule, rest: string): Error {
  return new Error(
    `The numbering plan's row dial = "${dial}" cannot be read at "${rest}": write digits, * and #, X (any digit), N (2 to 9), Z (1 to 9), {area} once, and a count such as X{7,15} at the very end.`,
  );
}

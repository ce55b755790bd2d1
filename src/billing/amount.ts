/** How an exact amount becomes one of so many decimals. */
export const roundings = ['up', 'half-up', 'down'] as const;
export type Rounding = (typeof roundings)[number];

/** An exact amount of money, never negative: `numerator / denominator` units of the currency. */
export interface Fraction {
  readonly numerator: bigint;
  /** Above 0. */
  readonly denominator: bigint;
}

export const nothing: Fraction = { numerator: 0n, denominator: 1n };

/** `0.25`, `12`: digits, and at most twelve decimals. `undefined` for anything else, signs and exponents too. */
export function parseDecimal(text: string): Fraction | undefined {
  const match = /^(\d{1,12})(?:\.(\d{1,12}))?$/.exec(text);
  if (!match) return undefined;
  const [, whole = '', decimals = ''] = match;
  return { numerator: BigInt(whole + decimals), denominator: 10n ** BigInt(decimals.length) };
}

export function sum(a: Fraction, b: Fraction): Fraction {
  if (a.denominator === b.denominator)
    return { numerator: a.numerator + b.numerator, denominator: a.denominator };
  return reduced(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);
}

/** @param per above 0 */
export function share(amount: Fraction, of: number, per: number): Fraction {
  return reduced(amount.numerator * BigInt(of), amount.denominator * BigInt(per));
}

/** In units of 10^-decimals of the currency: `1234n` with 2 decimals is 12.34. */
export function rounded({ numerator, denominator }: Fraction, decimals: number, rounding: Rounding): bigint {
  const scaled = numerator * 10n ** BigInt(decimals);
  const whole = scaled / denominator;
  const rest = scaled % denominator;
  if (rest === 0n || rounding === 'down') return whole;
  return rounding === 'up' || 2n * rest >= denominator ? whole + 1n : whole;
}

export function fractionOf(units: bigint, decimals: number): Fraction {
  return { numerator: units, denominator: 10n ** BigInt(decimals) };
}

/** `12.34`; with as many decimals as are stated. */
export function amountText(units: bigint, decimals: number): string {
  const digits = units.toString().padStart(decimals + 1, '0');
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** Decimals of amounts that are not rounded yet; what does not end there is marked. */
const exactDecimals = 6;

/** `0.1139`, `0.10`, `0.000833…` */
export function fractionText({ numerator, denominator }: Fraction): string {
  const scaled = numerator * 10n ** BigInt(exactDecimals);
  const text = amountText(scaled / denominator, exactDecimals).replace(/(\.\d\d\d*?)0+$/, '$1');
  return scaled % denominator === 0n ? text : `${text}…`;
}

/** As `amountText`, of amounts below zero, too: `-12.34`. */
export function signedText(units: bigint, decimals: number): string {
  return units < 0n ? `-${amountText(-units, decimals)}` : amountText(units, decimals);
}

function reduced(numerator: bigint, denominator: bigint): Fraction {
  const divisor = greatestCommonDivisor(numerator, denominator);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [larger, smaller] = [a, b];
  while (smaller > 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}

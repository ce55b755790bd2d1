import { DateTime } from 'luxon';
import { parse as parseToml, TomlError } from 'smol-toml';
import * as v from 'valibot';
import { type Fraction, rounded } from './amount.js';
import { parseRatesCsv } from './rates-csv.js';
import type { FreeAllowance, Rate, RateStep, Tariff, TimeBand } from './tariff.js';
import { contradictions, type PlacedRate } from './tariff-contradictions.js';
import { type FileContent, fileSchema, type RateContent } from './tariff-schema.js';
import { TomlLines } from './toml-lines.js';
import { firstOf } from './zone-times.js';

/** A tariff as its file has it: what it says, and from when to when. */
export interface TariffFile {
  readonly tariff: Tariff;
  readonly validFrom: Date;
  /** Exclusive; `undefined`: until another says so. */
  readonly validTo: Date | undefined;
}

/** What is wrong with a file, each with its place, in words. */
export interface TariffFaults {
  readonly kind: 'faulty';
  readonly faults: readonly string[];
}

/** The CSV file of rates that a tariff file names; `undefined` where it names none, or is no TOML. */
export function ratesFileOf(text: string): string | undefined {
  try {
    const { rates } = parseToml(text);
    return typeof rates === 'string' ? rates : undefined;
  } catch (error) {
    if (error instanceof TomlError) return undefined;
    throw error;
  }
}

/**
 * A tariff in TOML, as people write, review and import it. What it says twice, never or not at all is a fault, too.
 * @param ratesText the CSV file that it names under `rates`
 */
export function parseTariffFile(
  text: string,
  ratesText?: string,
): (TariffFile & { readonly kind: 'tariff' }) | TariffFaults {
  let table: unknown;
  try {
    table = parseToml(text);
  } catch (error) {
    if (error instanceof TomlError) return { kind: 'faulty', faults: [error.message.trimEnd()] };
    throw error;
  }
  const lines = new TomlLines(text);
  const result = v.safeParse(fileSchema, table);
  if (!result.success) return { kind: 'faulty', faults: result.issues.map((issue) => faultOf(issue, lines)) };
  const content = result.output;
  const csv = csvOf(content, ratesText);
  if (csv.faults.length > 0) return { kind: 'faulty', faults: csv.faults };
  const own = content.rate.map((rate, index) => ({
    place: lines.of(['rate', index]) ?? `rate ${index + 1}`,
    rate,
  }));
  const rates = [...own, ...csv.rates];
  const decimals = content.decimals ?? decimalsOf(content.currency);
  const faults = contradictions(content, rates, { places: decimals, lines });
  if (faults.length > 0) return { kind: 'faulty', faults };
  return { kind: 'tariff', ...tariffFileOf(content, rates, decimals) };
}

function csvOf({ rates: file }: FileContent, text: string | undefined) {
  if (file === undefined) return { rates: [], faults: [] };
  if (text === undefined) return { rates: [], faults: [`rates: the file ${file} is not there`] };
  const { rates, faults } = parseRatesCsv(text);
  return {
    rates: rates.map(({ place, rate }) => ({ place: `${file} ${place}`, rate })),
    faults: faults.map((fault) => `${file} ${fault}`),
  };
}

/** `line 7: rate.step.price: must be ...` */
function faultOf(issue: v.BaseIssue<unknown>, lines: TomlLines): string {
  const path = issue.path?.map(({ key }) => key as string | number) ?? [];
  const line = lines.of(path);
  const key = path.filter((each) => typeof each === 'string').join('.') || 'the file';
  return `${line === undefined ? '' : `${line}: `}${key}: ${problemOf(issue)}`;
}

function problemOf({ type, expected, received, message }: v.BaseIssue<unknown>): string {
  if (type === 'strict_object' && expected === 'never') return 'no such key; check its spelling';
  return received === 'undefined' ? 'is missing' : message;
}

function tariffFileOf(content: FileContent, rates: readonly PlacedRate[], decimals: number): TariffFile {
  const { zone, valid_from, valid_to, currency } = content;
  const units = (limit: Fraction | undefined) => limit && rounded(limit, decimals, 'down');
  return {
    validFrom: midnight(valid_from, zone),
    validTo: valid_to === undefined ? undefined : midnight(valid_to, zone),
    tariff: {
      ...{ name: content.name, currency, decimals, zone },
      ...{ rounding: content.rounding, round: content.round, crossing: content.crossing },
      minimum: units(content.minimum),
      maximum: units(content.maximum),
      bands: content.band satisfies readonly TimeBand[],
      otherBand: content.other_band,
      holidays: new Set(content.holidays),
      rates: rates.map(({ rate }) => rateOf(rate)),
      allowances: content.allowance.map(
        (each): FreeAllowance => ({ callClass: each.class, secondsPerMonth: each.seconds_per_month }),
      ),
    },
  };
}

function rateOf({ class: callClass, step, ...rate }: RateContent): Rate {
  const steps = step.map(
    (each): RateStep => ({
      fromSecond: each.from,
      incrementSeconds: each.increment,
      price: each.price,
      perSeconds: each.per,
    }),
  );
  return { ...rate, band: rate.band, callClass, steps };
}

function midnight(date: string, zone: string): Date {
  return firstOf(DateTime.fromISO(date, { zone }).startOf('day')).toJSDate();
}

const decimalsByCurrency = new Map<string, number>();

/** Of the currency's own unit: 2 for dollars, 0 for yen. Kept, as a `NumberFormat` takes longer than the sums of a bill. */
export function decimalsOf(currency: string): number {
  const known = decimalsByCurrency.get(currency);
  if (known !== undefined) return known;
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  const decimals = format.resolvedOptions().maximumFractionDigits ?? 2;
  decimalsByCurrency.set(currency, decimals);
  return decimals;
}

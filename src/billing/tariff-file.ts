import { DateTime, IANAZone } from 'luxon';
import { parse as parseToml, TomlError } from 'smol-toml';
import * as v from 'valibot';
import { type CallClass, callClasses } from '../store/call-kinds.js';
import { type Fraction, parseDecimal, rounded, roundings } from './amount.js';
import type { FreeAllowance, Rate, RateStep, Tariff, TimeBand } from './tariff.js';

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

const longestIncrement = 86_400;
const mostDecimals = 8;

const price = v.pipe(
  v.string('must be a price in quotes, e.g. "0.25": a number without them is not exact'),
  v.rawTransform<string, Fraction>(({ dataset, addIssue, NEVER }) => {
    const parsed = parseDecimal(dataset.value);
    if (parsed) return parsed;
    addIssue({ message: 'must be digits with at most twelve decimals, not below zero, e.g. "0.25"' });
    return NEVER;
  }),
);

const seconds = v.pipe(
  v.number(),
  v.integer('must be whole seconds'),
  v.minValue(1),
  v.maxValue(longestIncrement),
);
const name = v.pipe(v.string(), v.trim(), v.minLength(1, 'must not be empty'), v.maxLength(80));
const callClass = v.picklist(callClasses);

const time = v.pipe(
  v.string(),
  v.regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'must be a time of day, 00:00 to 24:00'),
  v.transform((text) => 60 * Number(text.slice(0, 2)) + Number(text.slice(3))),
);

const dayNames = ['holiday', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const days = v.pipe(
  v.string(),
  v.rawTransform<string, readonly number[]>(({ dataset, addIssue, NEVER }) => {
    const parsed = parseDays(dataset.value);
    if (parsed) return parsed;
    addIssue({ message: 'must be days: "mon-fri", "sat, sun", "sun-fri", "holiday", "every"' });
    return NEVER;
  }),
);

const bandSchema = v.pipe(
  v.strictObject({ name, days, from: v.optional(time, '00:00'), to: v.optional(time, '24:00') }),
  v.check(({ from, to }) => from < to, 'ends before it begins; write two for a band that passes midnight'),
);

const stepSchema = v.strictObject({
  from: v.pipe(v.number(), v.integer(), v.minValue(0)),
  increment: seconds,
  price,
  per: v.optional(seconds, 60),
});

const rateSchema = v.pipe(
  v.strictObject({
    name,
    class: v.optional(callClass),
    prefix: v.optional(v.pipe(v.string(), v.regex(/^\d{0,20}$/, 'must be at most 20 digits')), ''),
    band: v.optional(name),
    connect: v.optional(price, '0'),
    step: v.pipe(v.array(stepSchema), v.minLength(1, 'needs at least one [[rate.step]]')),
  }),
  v.check(({ step }) => step[0]?.from === 0, 'its first step must be from = 0'),
  v.check(
    ({ step }) => step.every(({ from }, index) => index === 0 || from > (step[index - 1]?.from ?? 0)),
    'its steps must be in order, each from a later second',
  ),
);

/** A string, since the TOML reader takes 2026-02-30 for the second of March. */
const localDate = v.pipe(
  v.string('must be a date in quotes, e.g. "2026-01-01"'),
  v.regex(/^\d{4}-\d\d-\d\d$/, 'must be a date alone, e.g. "2026-01-01"'),
  v.check((date) => DateTime.fromISO(date).isValid, 'is no day of the calendar'),
);

const fileSchema = v.strictObject({
  name,
  valid_from: localDate,
  valid_to: v.optional(localDate),
  currency: v.pipe(
    v.string(),
    v.check(
      (code) => Intl.supportedValuesOf('currency').includes(code),
      'must be a code of ISO 4217, e.g. "USD"',
    ),
  ),
  decimals: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(mostDecimals))),
  zone: v.pipe(
    v.string(),
    v.check(
      (zone) => IANAZone.isValidZone(zone),
      'is no time zone; write one of IANA, e.g. "America/New_York"',
    ),
  ),
  rounding: v.optional(v.picklist(roundings), 'up'),
  round: v.optional(v.picklist(['call', 'period']), 'call'),
  crossing: v.optional(v.picklist(['start', 'split']), 'start'),
  minimum: v.optional(price),
  maximum: v.optional(price),
  other_band: v.optional(name, 'any'),
  holidays: v.optional(v.array(localDate), []),
  band: v.optional(v.array(bandSchema), []),
  rate: v.pipe(v.array(rateSchema), v.minLength(1, 'needs at least one [[rate]]')),
  allowance: v.optional(
    v.array(
      v.strictObject({
        class: v.optional(callClass),
        seconds_per_month: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(31 * 86_400)),
      }),
    ),
    [],
  ),
});

type FileContent = v.InferOutput<typeof fileSchema>;

/** A tariff in TOML, as people write, review and import it. What it says twice, never or not at all is a fault, too. */
export function parseTariffFile(
  text: string,
  _rates?: string,
): (TariffFile & { readonly kind: 'tariff' }) | TariffFaults {
  let table: unknown;
  try {
    table = parseToml(text);
  } catch (error) {
    if (error instanceof TomlError) return { kind: 'faulty', faults: [error.message] };
    throw error;
  }
  const result = v.safeParse(fileSchema, table);
  if (!result.success) return { kind: 'faulty', faults: result.issues.map(faultOf) };
  const faults = contradictions(result.output);
  if (faults.length > 0) return { kind: 'faulty', faults };
  return { kind: 'tariff', ...tariffFileOf(result.output) };
}

function faultOf(issue: v.BaseIssue<unknown>): string {
  const place = v.getDotPath(issue) ?? 'the file';
  if (issue.type === 'strict_object' && issue.expected === 'never')
    return `${place}: no such key; check its spelling`;
  return `${place}: ${issue.message}`;
}

function contradictions(content: FileContent): string[] {
  const { band, rate, other_band, minimum, maximum, valid_from, valid_to, decimals } = content;
  const names = new Set([other_band, ...band.map((each) => each.name)]);
  const faults: string[] = [];
  for (const [index, each] of rate.entries()) {
    if (each.band !== undefined && !names.has(each.band))
      faults.push(`rate.${index}.band: there is no band "${each.band}"; there are ${[...names].join(', ')}`);
    const twin = rate.findIndex(
      (other) => other.class === each.class && other.prefix === each.prefix && other.band === each.band,
    );
    if (twin < index)
      faults.push(`rate.${index}: is for the same class, prefix and band as rate.${twin}, which hides it`);
  }
  for (const bandName of names) {
    const isRated = rate.some((each) => each.band === undefined || each.band === bandName);
    if (!isRated) faults.push(`band ${bandName}: no rate is for it, so its calls could not be rated`);
  }
  if (valid_to !== undefined && valid_to <= valid_from) faults.push('valid_to: is not after valid_from');
  const places = decimals ?? decimalsOf(content.currency);
  for (const [key, limit] of Object.entries({ minimum, maximum })) {
    if (limit && (limit.numerator * 10n ** BigInt(places)) % limit.denominator !== 0n)
      faults.push(`${key}: has more decimals than charges have (${places})`);
  }
  if (minimum && maximum && minimum.numerator * maximum.denominator > maximum.numerator * minimum.denominator)
    faults.push('minimum: is above maximum');
  return faults;
}

function tariffFileOf(content: FileContent): TariffFile {
  const { zone, valid_from, valid_to, currency } = content;
  const decimals = content.decimals ?? decimalsOf(currency);
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
      rates: content.rate.map(rateOf),
      allowances: content.allowance.map(
        (each): FreeAllowance => ({ callClass: each.class, secondsPerMonth: each.seconds_per_month }),
      ),
    },
  };
}

function rateOf({ class: of, step, ...rate }: FileContent['rate'][number]): Rate {
  const callClass: CallClass | undefined = of;
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

/** `mon-fri`, `sat, sun`, `sun-fri`: past the end of the week too. */
function parseDays(text: string): readonly number[] | undefined {
  const parts = text.toLowerCase().split(',');
  if (parts.length === 1 && parts[0]?.trim() === 'every') return [0, 1, 2, 3, 4, 5, 6, 7];
  const parsed = new Set<number>();
  for (const part of parts) {
    const [first = '', last = first, ...more] = part.split('-').map((day) => day.trim());
    const [from, to] = [indexOf(first), indexOf(last)];
    if (more.length > 0 || from < 0 || to < 0 || (from !== to && (from === 0 || to === 0))) return undefined;
    for (let day = from; day !== to; day = (day % 7) + 1) parsed.add(day);
    parsed.add(to);
  }
  return [...parsed];
}

function indexOf(day: string): number {
  return (dayNames as readonly string[]).indexOf(day);
}

function midnight(date: string, zone: string): Date {
  return DateTime.fromISO(date, { zone }).startOf('day').toJSDate();
}

/** Of the currency's own unit: 2 for dollars, 0 for yen. */
function decimalsOf(currency: string): number {
  const { maximumFractionDigits } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions();
  return maximumFractionDigits ?? 2;
}

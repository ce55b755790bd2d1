import { DateTime, IANAZone } from 'luxon';
import * as v from 'valibot';
import { callClasses } from '../store/call-kinds.js';
import { type Fraction, parseDecimal, roundings } from './amount.js';

export const longestIncrement = 86_400;
const mostDecimals = 8;

/** In the currency's unit. More is a slip of the decimal point or the wrong currency, and a charge of it might not fit in the ledger. */
const mostPrice = 1_000_000n;

export const price = v.pipe(
  v.string('must be a price in quotes, e.g. "0.25": a number without them is not exact'),
  v.rawTransform<string, Fraction>(({ dataset, addIssue, NEVER }) => {
    const parsed = parseDecimal(dataset.value);
    if (parsed) return parsed;
    addIssue({ message: 'must be digits with at most twelve decimals, not below zero, e.g. "0.25"' });
    return NEVER;
  }),
  v.check(
    ({ numerator, denominator }) => numerator <= mostPrice * denominator,
    `is above ${mostPrice}: are the currency and the decimal point right?`,
  ),
);

export const seconds = v.pipe(
  v.number(),
  v.integer('must be whole seconds'),
  v.minValue(1),
  v.maxValue(longestIncrement),
);
export const name = v.pipe(v.string(), v.trim(), v.minLength(1, 'must not be empty'), v.maxLength(80));
export const callClass = v.picklist(callClasses);

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

export const prefix = v.pipe(v.string(), v.regex(/^\d{0,20}$/, 'must be at most 20 digits'));

const rateSchema = v.pipe(
  v.strictObject({
    name,
    class: v.optional(callClass),
    prefix: v.optional(prefix, ''),
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
  v.check((date) => date >= '1970' && date < '2200', 'must be a day of 1970 to 2199'),
);

export const fileSchema = v.strictObject({
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
  rates: v.optional(v.pipe(v.string(), v.minLength(1, 'must be the name of a CSV file'))),
  rate: v.optional(v.array(rateSchema), []),
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

export type FileContent = v.InferOutput<typeof fileSchema>;
export type RateContent = FileContent['rate'][number];

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

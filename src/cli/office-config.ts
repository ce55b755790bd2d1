import * as v from 'valibot';
import { profileNames } from '../pstn/central-office/modem/profiles/profile.js';
import type { OfficeLineOptions, OfficeOptions } from '../pstn/central-office/options.js';
import { ringPatternNames } from '../pstn/central-office/ring-patterns.js';
import { routeClasses } from '../pstn/central-office/routing/trunk-group.js';
import { readNumberingPlan } from './numbering-plan-file.js';

export const digits = v.pipe(v.string(), v.regex(/^[0-9]{1,15}$/, 'must be 1 to 15 digits'));

/** bit/s of a data carrier. */
export const rate = v.pipe(v.number(), v.integer(), v.minValue(300), v.maxValue(10_000_000));
const errorRate = v.pipe(v.number(), v.minValue(0), v.maxValue(0.5));
const milliseconds = v.pipe(v.number(), v.minValue(0), v.maxValue(60_000));
/** 31 days: a network that runs longer has other cares. */
export const mostSeconds = 31 * 86_400;
const seconds = v.pipe(v.number(), v.minValue(0.1), v.maxValue(mostSeconds));
const name = v.pipe(v.string(), v.nonEmpty('must not be empty'));

const lineSchema = v.strictObject({
  number: digits,
  hunt: v.optional(digits),
  exchange: v.optional(name),
  expose: v.optional(
    v.pipe(v.string(), v.regex(/^(pty:.+|tcp:\/\/.+:\d+)$/, 'must be pty:PATH or tcp://HOST:PORT')),
  ),
  rate: v.optional(rate, 33_600),
  delay_ms: v.optional(milliseconds, 0),
  bit_error_rate: v.optional(errorRate, 0),
  caller_id: v.optional(v.picklist(['shown', 'withheld', 'unavailable']), 'shown'),
  modem: v.optional(v.picklist([...profileNames, 'gsm']), 'generic'),
  ring: v.optional(v.picklist(ringPatternNames)),
  pin: v.optional(v.pipe(v.string(), v.regex(/^[0-9]{4,8}$/, 'must be 4 to 8 digits'))),
  services: v.optional(v.array(v.picklist(['call-waiting', 'three-way', 'transfer']))),
  signal_to_noise_db: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(120))),
  error_bursts: v.optional(
    v.strictObject({ every_s: seconds, length_ms: milliseconds, bit_error_rate: errorRate }),
  ),
  carrier_drop_every_s: v.optional(seconds),
  retrain_every_s: v.optional(seconds),
  echo_ms: v.optional(milliseconds),
  dead: v.optional(v.boolean()),
  stuck_off_hook: v.optional(v.boolean()),
});

const lineWithItsModem = v.pipe(
  lineSchema,
  v.check(({ pin, modem }) => pin === undefined || modem === 'gsm', 'a pin needs modem = "gsm"'),
);

const exchangeSchema = v.strictObject({
  name,
  country_code: v.optional(digits, '1'),
  area_code: v.optional(v.union([digits, v.literal('')]), ''),
});

const trunkGroupSchema = v.strictObject({
  name,
  between: v.tuple([name, name]),
  circuits: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100_000)),
  kind: v.optional(v.picklist(routeClasses), 'local'),
});

const routeSchema = v.strictObject({
  from: name,
  to: name,
  trunk_groups: v.pipe(v.array(name), v.minLength(1, 'must name a trunk group')),
});

export const officeSchema = v.strictObject({
  time_scale: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(100)), 1),
  seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 32 - 1))),
  numbering_plan: v.optional(name),
  short_codes: v.optional(v.record(digits, digits)),
  changed_numbers: v.optional(v.array(digits)),
  exchange: v.optional(v.pipe(v.array(exchangeSchema), v.minLength(1))),
  trunk_group: v.optional(v.array(trunkGroupSchema)),
  route: v.optional(v.array(routeSchema)),
  line: v.pipe(v.array(lineWithItsModem), v.minLength(1, 'needs at least one [[office.line]]')),
});

export type OfficeSection = v.InferOutput<typeof officeSchema>;

/** Reads the file of the numbering plan where the section names one. */
export function officeOptions(section: OfficeSection): OfficeOptions {
  const { seed, numbering_plan, short_codes, changed_numbers, exchange, trunk_group, route } = section;
  return {
    timeScale: section.time_scale,
    ...(seed !== undefined && { seed }),
    ...(numbering_plan !== undefined && { numberingPlan: readNumberingPlan(numbering_plan) }),
    ...(short_codes && { serviceCodes: short_codes }),
    ...(changed_numbers && { intercepted: changed_numbers }),
    ...(exchange && { exchanges: exchange.map(exchangeOptions) }),
    ...(trunk_group && {
      trunkGroups: trunk_group.map(({ kind, ...group }) => ({ ...group, routeClass: kind })),
    }),
    ...(route && {
      routes: route.map(({ from, to, trunk_groups }) => ({ from, to, trunkGroups: trunk_groups })),
    }),
    lines: section.line.map(lineOptions),
  };
}

type ExchangeSection = NonNullable<OfficeSection['exchange']>[number];

function exchangeOptions({ name: named, country_code, area_code }: ExchangeSection) {
  return { name: named, countryCode: country_code, areaCode: area_code };
}

type LineSection = OfficeSection['line'][number];

function lineOptions(line: LineSection): OfficeLineOptions {
  const { number, hunt, exchange, expose, modem, ring, pin, services } = line;
  return {
    number,
    modem,
    rate: line.rate,
    delayMs: line.delay_ms,
    bitErrorRate: line.bit_error_rate,
    callerId: line.caller_id === 'shown' ? 'number' : line.caller_id,
    ...(hunt !== undefined && { hunt }),
    ...(exchange !== undefined && { exchange }),
    ...(expose !== undefined && { expose }),
    ...(ring && { ring }),
    ...(pin !== undefined && { pin }),
    ...(services && { services }),
    impairments: impairments(line),
  };
}

function impairments(line: LineSection): NonNullable<OfficeLineOptions['impairments']> {
  const { signal_to_noise_db, error_bursts, carrier_drop_every_s, retrain_every_s, echo_ms } = line;
  return {
    ...(signal_to_noise_db !== undefined && { signalToNoiseDb: signal_to_noise_db }),
    ...(error_bursts && {
      errorBursts: {
        everyMs: error_bursts.every_s * 1_000,
        lengthMs: error_bursts.length_ms,
        bitErrorRate: error_bursts.bit_error_rate,
      },
    }),
    ...(carrier_drop_every_s !== undefined && { carrierDrops: { everyMs: carrier_drop_every_s * 1_000 } }),
    ...(retrain_every_s !== undefined && { retrains: { everyMs: retrain_every_s * 1_000 } }),
    ...(echo_ms !== undefined && { echoMs: echo_ms }),
    isDead: line.dead ?? false,
    isStuckOffHook: line.stuck_off_hook ?? false,
  };
}

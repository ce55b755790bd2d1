import { callClasses } from '../store/call-kinds.js';
import type { Fraction } from './amount.js';
import { RateChoice } from './rate-choice.js';
import type { TimeBand } from './tariff.js';
import type { FileContent, RateContent } from './tariff-schema.js';
import type { TomlLines } from './toml-lines.js';

/** A rate, and where it stands: `line 12`, or `rates.csv line 3`. */
export interface PlacedRate {
  readonly place: string;
  readonly rate: RateContent;
}

/** What a file says twice, never, or against itself. @param places decimals of a charge */
export function contradictions(
  content: FileContent,
  rates: readonly PlacedRate[],
  { places, lines }: { readonly places: number; readonly lines: TomlLines },
): string[] {
  const { band, other_band, valid_from, valid_to } = content;
  const names = new Set([other_band, ...band.map((each) => each.name)]);
  return [
    ...(rates.length === 0 ? ['rate: needs at least one [[rate]], or a file of `rates`'] : []),
    ...rates.flatMap(({ place, rate }) =>
      rate.band === undefined || names.has(rate.band)
        ? []
        : [`${place}: there is no band "${rate.band}"; there are ${[...names].join(', ')}`],
    ),
    ...hiddenRates(rates),
    ...gaps(names, rates),
    ...hiddenBands(band, lines),
    ...(valid_to !== undefined && valid_to <= valid_from ? ['valid_to: is not after valid_from'] : []),
    ...limits(content, places),
  ];
}

function hiddenRates(rates: readonly PlacedRate[]): string[] {
  const first = new Map<string, string>();
  return rates.flatMap(({ place, rate }) => {
    const key = JSON.stringify([rate.class, rate.prefix, rate.band]);
    const twin = first.get(key);
    if (twin !== undefined)
      return [`${place}: is for the same class, prefix and band as ${twin}, which hides it`];
    first.set(key, place);
    return [];
  });
}

/** Times at which some numbers that the file has rates for would have none. */
function gaps(bands: ReadonlySet<string>, rates: readonly PlacedRate[]): string[] {
  if (rates.length === 0) return [];
  const faults: string[] = [];
  const rated = [...bands].filter((band) => {
    const isRated = rates.some(({ rate }) => rate.band === undefined || rate.band === band);
    if (!isRated) faults.push(`band ${band}: no rate is for it, so its calls could not be rated`);
    return isRated;
  });
  const choice = new RateChoice({
    rates: rates.map(({ rate }) => ({
      name: rate.name,
      callClass: rate.class,
      prefix: rate.prefix,
      band: rate.band,
      connect: rate.connect,
      steps: [],
    })),
  });
  const told = new Set<string>();
  for (const { place, rate } of rates) {
    for (const callClass of rate.class ? [rate.class] : callClasses) {
      const found = choice.for(rate.prefix, callClass);
      const missing = rated.find((band) => !found.at(band));
      if (missing === undefined || told.has(rate.prefix)) continue;
      told.add(rate.prefix);
      faults.push(
        `${place}: calls to ${rate.prefix || 'any number'} have no rate in the band ${missing}; add one, or a rate without a band`,
      );
    }
  }
  return faults;
}

const weekAndHolidays = [0, 1, 2, 3, 4, 5, 6, 7];

/** Bands that the bands before them leave no minute of. */
function hiddenBands(bands: readonly TimeBand[], lines: TomlLines): string[] {
  return bands.flatMap(({ name, days, from, to }, index) => {
    const isFree = (day: number, minute: number) =>
      !bands
        .slice(0, index)
        .some((each) => each.days.includes(day) && each.from <= minute && minute < each.to);
    const holds = weekAndHolidays.some((day) => {
      if (!days.includes(day)) return false;
      for (let minute = from; minute < to; minute++) if (isFree(day, minute)) return true;
      return false;
    });
    return holds
      ? []
      : [
          `${lines.of(['band', index]) ?? 'band'}: "${name}" never holds: bands before it have all of its time`,
        ];
  });
}

function limits({ minimum, maximum }: FileContent, places: number): string[] {
  const isFiner = ({ numerator, denominator }: Fraction) =>
    (numerator * 10n ** BigInt(places)) % denominator !== 0n;
  const faults = Object.entries({ minimum, maximum }).flatMap(([key, limit]) =>
    limit && isFiner(limit) ? [`${key}: has more decimals than charges have (${places})`] : [],
  );
  if (minimum && maximum && minimum.numerator * maximum.denominator > maximum.numerator * minimum.denominator)
    faults.push('minimum: is above maximum');
  return faults;
}

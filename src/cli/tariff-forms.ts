import { amountText, fractionText } from '../billing/amount.js';
import type { RateStep, Tariff, TimeBand } from '../billing/tariff.js';
import type { TariffPeriod } from '../store/tariffs.js';
import { printable, textTable } from './table.js';

/** `2026-01-01 05:00`, UTC. */
export const minute = (time: Date) => time.toISOString().slice(0, 16).replace('T', ' ');

/** `2026-01-01 05:00 to 2027-01-01 05:00`, or without an end. */
export function spanText({ validFrom, validTo }: Pick<TariffPeriod, 'validFrom' | 'validTo'>): string {
  return validTo ? `${minute(validFrom)} to ${minute(validTo)}` : `${minute(validFrom)} on`;
}

/** The whole tariff, for people to review. */
export function tariffText(tariff: Tariff): string {
  const { currency, decimals, zone, rounding, round, crossing, minimum, maximum, allowances } = tariff;
  const limit = (units: bigint | undefined) => units !== undefined && amountText(units, decimals);
  const head = [
    `${printable(tariff.name)}: ${currency} with ${decimals} decimals, times of ${zone}`,
    `Rounded ${rounding} for each ${round === 'call' ? 'call' : 'increment'}; an increment that crosses a band is ${crossing === 'start' ? 'charged by its start' : 'split'}`,
    ...(limit(minimum) ? [`A call that is charged costs at least ${limit(minimum)}`] : []),
    ...(limit(maximum) ? [`A call costs at most ${limit(maximum)}`] : []),
    ...allowances.map(
      ({ callClass, secondsPerMonth }) =>
        `Free in each month: ${secondsPerMonth} s of ${callClass ?? 'any'} calls`,
    ),
  ];
  const tables = [...(tariff.bands.length > 0 ? [bandsTable(tariff)] : []), ratesTable(tariff)];
  return [head.join('\n'), ...tables].join('\n\n');
}

function bandsTable({ bands, otherBand, holidays }: Tariff): string {
  const rows = bands.map(({ name, days, from, to }) => [
    printable(name),
    daysText(days),
    clock(from),
    clock(to),
  ]);
  const dates = [...holidays].sort();
  const table = textTable(
    ['band', 'days', 'from', 'to'],
    [...rows, [printable(otherBand), 'all other times', '-', '-']],
  );
  return dates.length > 0 ? `${table}\nHolidays: ${dates.join(', ')}` : table;
}

const dayNames = ['holiday', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const daysText = (days: TimeBand['days']) => days.map((day) => dayNames[day]).join(' ');
const clock = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

function ratesTable({ rates }: Tariff): string {
  const rows = rates.map(({ name, callClass, prefix, band, connect, steps }) => [
    prefix || 'any',
    printable(name),
    callClass ?? 'any',
    band === undefined ? 'any' : printable(band),
    fractionText(connect),
    steps.map(stepText).join(', '),
  ]);
  return textTable(['prefix', 'name', 'class', 'band', 'connect', 'charge'], rows);
}

function stepText({ fromSecond, incrementSeconds, price, perSeconds }: RateStep): string {
  const from = fromSecond === 0 ? '' : `from ${fromSecond} s `;
  return `${from}${fractionText(price)}/${perSeconds} s in ${incrementSeconds} s`;
}

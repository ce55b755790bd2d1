import { InvalidArgumentError } from 'commander';
import { DateTime, IANAZone } from 'luxon';
import { CommandFailed } from './exit-codes.js';

export function zoneArgument(text: string): string {
  if (!IANAZone.isValidZone(text))
    throw new InvalidArgumentError('Not a time zone, e.g. Europe/Prague, America/New_York, UTC.');
  return text;
}

/** A time without an offset is the zone's, UTC where none is told; a date alone is its midnight. */
export function instantIn(zone: string | undefined, text: string): Date {
  const time = DateTime.fromISO(text, { zone: zone ?? 'UTC' });
  if (!time.isValid)
    throw new CommandFailed('usage', `"${text}" is not a date or time of ISO 8601, e.g. 2026-11-01T08:00.`);
  return time.toJSDate();
}

/** ISO 8601 with the zone's offset, to the millisecond. */
export function isoIn(zone: string | undefined, time: Date): string {
  if (zone === undefined) return time.toISOString();
  return DateTime.fromJSDate(time, { zone }).toISO({ includeOffset: true }) ?? time.toISOString();
}

/** To the second, for tables: `2026-11-21 02:42:02`. */
export function secondIn(zone: string | undefined, time: Date): string {
  return DateTime.fromJSDate(time, { zone: zone ?? 'UTC' }).toFormat('yyyy-MM-dd HH:mm:ss');
}

/** Short enough to head a column. */
export function zoneHeading(zone: string | undefined): string {
  return zone?.split('/').at(-1) ?? 'UTC';
}

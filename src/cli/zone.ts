import { InvalidArgumentError } from 'commander';
import { isoInZone, isZone, readInZone, secondInZone } from '../billing/zone-times.js';
import { CommandFailed } from './exit-codes.js';

export function zoneArgument(text: string): string {
  if (!isZone(text))
    throw new InvalidArgumentError('Not a time zone, e.g. Europe/Prague, America/New_York, UTC.');
  return text;
}

/** `undefined` for no time of ISO 8601, and for one outside the years 1970 to 9999: beyond them the database has other ideas of a year. */
export function knownInstant(zone: string, text: string): Date | undefined {
  const time = readInZone(zone, text);
  const year = time?.getUTCFullYear() ?? 0;
  return year >= 1970 && year <= 9999 ? time : undefined;
}

/** A time without an offset is the zone's, UTC where none is told; a date alone is its midnight. */
export function instantIn(zone: string | undefined, text: string): Date {
  const time = knownInstant(zone ?? 'UTC', text);
  if (time) return time;
  throw new CommandFailed('usage', `"${text}" is not a date or time of ISO 8601, e.g. 2026-11-01T08:00.`);
}

/** ISO 8601, in UTC with a Z. */
export function isoIn(zone: string | undefined, time: Date): string {
  return zone === undefined ? time.toISOString() : isoInZone(zone, time);
}

/** To the second, for tables: `2026-11-21 02:42:02`. */
export function secondIn(zone: string | undefined, time: Date): string {
  return zone === undefined ? time.toISOString().slice(0, 19).replace('T', ' ') : secondInZone(zone, time);
}

/** Short enough to head a column. */
export function zoneHeading(zone: string | undefined): string {
  return zone?.split('/').at(-1) ?? 'UTC';
}

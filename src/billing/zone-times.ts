import { DateTime, IANAZone } from 'luxon';

/** Of the IANA time zone database, e.g. `Europe/Prague`. */
export function isZone(text: string): boolean {
  return IANAZone.isValidZone(text);
}

/** Of a time of ISO 8601; without an offset it is the zone's. `undefined` where it is none. */
export function readInZone(zone: string, text: string): Date | undefined {
  const time = DateTime.fromISO(text, { zone });
  return time.isValid ? time.toJSDate() : undefined;
}

/** ISO 8601 with the zone's offset, to the millisecond. */
export function isoInZone(zone: string, time: Date): string {
  return DateTime.fromJSDate(time, { zone }).toISO() ?? time.toISOString();
}

/** To the second, for people: `2026-11-21 02:42:02`. */
export function secondInZone(zone: string, time: Date): string {
  return DateTime.fromJSDate(time, { zone }).toFormat('yyyy-MM-dd HH:mm:ss');
}

import { DateTime, IANAZone } from 'luxon';

/** Of the IANA time zone database, e.g. `Europe/Prague`. */
export function isZone(text: string): boolean {
  return IANAZone.isValidZone(text);
}

/**
 * Of a time of ISO 8601; without an offset it is the zone's. `undefined` where it is none. A leap second, which clocks show as :60, has no
 * number of its own in POSIX time: the second after it stands for it.
 */
export function readInZone(zone: string, text: string): Date | undefined {
  const inMinute = text.replace(/(T\d\d:\d\d):60(?!\d)/, '$1:59');
  const time = DateTime.fromISO(inMinute, { zone });
  if (!time.isValid) return undefined;
  const known = hasOffset.test(inMinute) ? time : firstOf(time);
  return inMinute === text ? known.toJSDate() : known.plus({ seconds: 1 }).startOf('second').toJSDate();
}

const hasOffset = /T.*(Z|[+-]\d\d(:?\d\d)?)$/i;

/** Of a local time that comes twice, the first: luxon takes one or the other, by the offset that the zone has today. */
export function firstOf(time: DateTime): DateTime {
  return time.getPossibleOffsets()[0] ?? time;
}

/** ISO 8601 with the zone's offset, to the millisecond. */
export function isoInZone(zone: string, time: Date): string {
  return DateTime.fromJSDate(time, { zone }).toISO() ?? time.toISOString();
}

/** To the second, for people: `2026-11-21 02:42:02`. */
export function secondInZone(zone: string, time: Date): string {
  return DateTime.fromJSDate(time, { zone }).toFormat('yyyy-MM-dd HH:mm:ss');
}

import { IANAZone } from 'luxon';

const quarterHourMs = 900_000;

/** Parts of a local time, as digits. */
export interface LocalTime {
  /** Four digits. */
  readonly year: string;
  /** Two digits each. */
  readonly month: string;
  readonly day: string;
  readonly hour: string;
  readonly minute: string;
  readonly second: string;
  /** One digit, cut off. */
  readonly tenth: string;
}

/**
 * The wall clock of a zone. On the day on which clocks go back an hour comes twice and the digits do not tell which: what must be
 * unmistakable is exchanged in UTC.
 * @throws RangeError when there is no such zone
 */
export function localTimes(zone = 'UTC'): (time: Date) => LocalTime {
  const known = IANAZone.create(zone);
  if (!known.isValid) throw new RangeError(`There is no time zone "${zone}". Name one as America/New_York.`);
  // Zones change their offset at a quarter of an hour (UTC) at the earliest, and calls come in the order of time.
  let quarter = Number.NaN;
  let offsetMs = 0;
  return (time) => {
    const ms = time.getTime();
    const of = Math.floor(ms / quarterHourMs);
    if (of !== quarter) {
      quarter = of;
      offsetMs = known.offset(ms) * 60_000;
    }
    const text = new Date(ms + offsetMs).toISOString();
    // An expanded year (beyond 9999) has seven characters; the rest is counted from the end: -MM-DDTHH:MM:SS.mmmZ
    const at = (from: number, length: number) => text.substr(text.length - from, length);
    return {
      year: at(24, 4),
      month: at(19, 2),
      day: at(16, 2),
      hour: at(13, 2),
      minute: at(10, 2),
      second: at(7, 2),
      tenth: at(4, 1),
    };
  };
}

/** `2026-11-21 15:04:05`. */
export function stamp({ year, month, day, hour, minute, second }: LocalTime): string {
  return `${year}-${month}-${day} ${hour}:${minute}:${second}`;
}

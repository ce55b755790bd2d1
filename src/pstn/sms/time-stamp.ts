import { semiOctets, symbolsOf } from './semi-octets.js';

/** An instant, and the local time zone of whoever stamped it. */
export interface TimeStamp {
  readonly utcMs: number;
  /** East of UTC, in steps of 15. */
  readonly offsetMinutes: number;
}

const minuteMs = 60_000;
export const timeStampOctets = 7;

/** 23.040 9.2.3.11: local time in semi-octets, then the offset in quarters of an hour with its sign in bit 3. */
export function encodeTimeStamp({ utcMs, offsetMinutes }: TimeStamp): Uint8Array {
  const local = new Date(utcMs + offsetMinutes * minuteMs).toISOString();
  const digits = local.slice(2, 19).replaceAll(/\D/g, '');
  const quarters = String(Math.abs(offsetMinutes) / 15).padStart(2, '0');
  const zone = semiOctets(quarters)[0] as number;
  return Uint8Array.of(...semiOctets(digits), offsetMinutes < 0 ? zone | 8 : zone);
}

/** Undefined when it names no instant. */
export function parseTimeStamp(octets: Uint8Array): TimeStamp | undefined {
  const zone = octets[6] ?? 0;
  const digits = symbolsOf(octets.slice(0, 6)) + symbolsOf(Uint8Array.of(zone & ~8));
  if (!/^\d{14}$/.test(digits)) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, quarters = 0] = (
    digits.match(/../g) ?? []
  ).map(Number);
  const fullYear = year < 70 ? 2000 + year : 1900 + year;
  const localMs = Date.UTC(fullYear, month - 1, day, hour, minute, second);
  const isReal = new Date(localMs).toISOString().slice(2, 19).replaceAll(/\D/g, '') === digits.slice(0, 12);
  if (!isReal || quarters > 56) return undefined;
  const offsetMinutes = quarters === 0 ? 0 : (zone & 8) === 0 ? quarters * 15 : quarters * -15;
  return { utcMs: localMs - offsetMinutes * minuteMs, offsetMinutes };
}

/** 9.2.3.12.1: how long the service centre keeps trying. */
export function relativeValidityMs(octet: number): number {
  if (octet <= 143) return (octet + 1) * 5 * minuteMs;
  if (octet <= 167) return (12 * 60 + (octet - 143) * 30) * minuteMs;
  if (octet <= 196) return (octet - 166) * 24 * 60 * minuteMs;
  return (octet - 192) * 7 * 24 * 60 * minuteMs;
}

/** The shortest period that is at least `ms`; at most 63 weeks. */
export function relativeValidity(ms: number): number {
  for (let octet = 0; octet < 255; octet++) if (relativeValidityMs(octet) >= ms) return octet;
  return 255;
}

import { decodeCallerId } from '../caller-id-message.js';
import type { CallerId } from '../signals.js';

/** What a modem printed of one caller between two bursts of ringing. */
export interface CallerIdLines {
  number?: string;
  name?: string;
  /** The whole message, where the modem does not take it apart (`+VCID=2`). */
  message?: CallerId;
}

const numberLine = /^(?:NMBR|NDID|CALLER NUMBER) ?[=:] ?(.*)$/i;
const nameLine = /^(?:NAME|CALLER NAME) ?[=:] ?(.*)$/i;
const clipLine = /^\+CLIP: ?"([^"]*)"/i;
/** `80...` or `04...` in hex, behind MESG or alone. */
const messageLine = /^(?:MESG ?= ?)?((?:04|80)(?:[0-9A-F]{2}){2,})$/i;
const otherLine = /^(?:DATE|TIME|MESG) ?[=:]/i;

/** A number on a line is at most 15 digits (E.164), 20 in the service's own field; longer ones are noise. */
const longestNumber = 20;
const longestName = 50;

/**
 * Adds a caller ID line in any of the spellings modems use (telephony text 2.3).
 * @returns false when the line is none, and `lines` is as it was
 */
export function readCallerIdLine(line: string, lines: CallerIdLines): boolean {
  const number = numberLine.exec(line)?.[1] ?? clipLine.exec(line)?.[1];
  const name = nameLine.exec(line)?.[1];
  if (number !== undefined) lines.number = number.trim();
  if (name !== undefined) lines.name = name.trim();
  const hex = messageLine.exec(line)?.[1];
  const message = hex === undefined ? undefined : decodeCallerId(Buffer.from(hex, 'hex'));
  if (message) lines.message = message;
  return number !== undefined || name !== undefined || message !== undefined || otherLine.test(line);
}

/** The caller those lines describe; nothing in them is trusted to be a number before it looks like one (fault 43). */
export function callerIdOf(lines: CallerIdLines): CallerId {
  const { message } = lines;
  const { number, name = '' } = message?.kind === 'number' ? { ...message, ...lines } : lines;
  if (number === undefined) return message?.kind === 'withheld' ? message : { kind: 'unavailable' };
  if (/^(P|PRIVATE|PRIVACY|ANONYMOUS|BLOCKED|WITHHELD)$/i.test(number)) return { kind: 'withheld' };
  const digits = number.replace(/[ ().+-]/g, '');
  if (!/^[0-9]+$/.test(digits) || digits.length > longestNumber) return { kind: 'unavailable' };
  // A raw message may hold any octet; a log or a screen may not (fault 100).
  const printable = name.replace(/[^\x20-\x7e]/g, '').slice(0, longestName);
  const known = printable !== '' && !/^[PO]$/i.test(printable);
  return { kind: 'number', number: digits, ...(known ? { name: printable } : {}) };
}

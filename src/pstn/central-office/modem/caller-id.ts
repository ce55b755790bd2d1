import { encodeCallerId } from '../../caller-id-message.js';
import type { CallerId } from '../../signals.js';

/** What `+VCID` and `+VRID` print of a caller. */
export type CallerIdForm = 'formatted' | 'raw';

/**
 * The lines that a modem prints between the first ring and the second, date and time in UTC: `NMBR = 5550100` and its like, or
 * the message as it came, in hex, without a tag (Askey 1456VQH; eLine ELC-576).
 */
export function callerIdLines(id: CallerId, utcMs: number, form: CallerIdForm): string[] {
  const [, month, day, hour, minute] = new Date(utcMs).toISOString().split(/[-T:]/);
  if (form === 'raw') {
    const octets = encodeCallerId(id, `${month}${day}${hour}${minute}`);
    return [Buffer.from(octets).toString('hex').toUpperCase()];
  }
  const lines = [`DATE = ${month}${day}`, `TIME = ${hour}${minute}`];
  if (id.kind === 'withheld') return [...lines, 'NMBR = P'];
  if (id.kind === 'unavailable') return [...lines, 'NMBR = O'];
  lines.push(`NMBR = ${printable(id.number)}`);
  if (id.name) lines.push(`NAME = ${printable(id.name)}`);
  return lines;
}

/** A name with a line end in it would let a caller forge result codes (faults 43 and 100). */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '');
}

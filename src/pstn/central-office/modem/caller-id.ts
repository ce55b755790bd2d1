import type { CallerId } from '../../signals.js';

/** The lines that a modem prints between the first ring and the second (`+VCID=1`), date and time in UTC. */
export function callerIdLines(id: CallerId, utcMs: number): string[] {
  const [, month, day, hour, minute] = new Date(utcMs).toISOString().split(/[-T:]/);
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

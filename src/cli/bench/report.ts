import { wrap } from '../wrap.js';
import { thisMachine } from './machine.js';
import { type Row, rowsTable } from './row.js';

const columns = 100;

/**
 * What a measurement prints.
 * @param how the conditions, in sentences: what a reader must know to judge the figures
 */
export function benchReport(
  rows: readonly Row[],
  how: readonly string[],
  { json = false, peers = [] }: { readonly json?: boolean | undefined; readonly peers?: readonly string[] },
): string {
  const machine = thisMachine();
  if (json) return `${JSON.stringify({ rows, machine, how })}\n`;
  const notes = how.flatMap((sentence) => wrap(sentence, columns));
  const { cpu, cores, node } = machine;
  return `${cpu}, ${cores} cores, Node ${node}\n\n${rowsTable(rows, peers)}\n\n${notes.join('\n')}\n`;
}

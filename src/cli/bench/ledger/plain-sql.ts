import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { MadeCall } from './made-calls.js';

/** Where `psql` finds a database: a URL, or words as it reads them. */
export type Place = string;

const columns = [
  'tracking_id',
  'port',
  'ani',
  'caller_account',
  'callee_account',
  'called_number',
  'callee_port',
  'protocol_version',
  'call_class',
  'is_collect',
  'ring_at',
  'answer_at',
  'bridge_at',
  'end_at',
  'duration_seconds',
  'billable_seconds',
  'octets_from_caller',
  'octets_from_callee',
  'outcome',
  'release_cause',
] as const;

function valuesOf({ open, closed }: MadeCall): (string | null)[] {
  const { trackingId, port, ringAt } = open;
  const { ani, callerAccount, calleeAccount, calledNumber, calleePort, protocolVersion, callClass } = closed;
  const { isCollect, answerAt, bridgeAt, endAt, durationSeconds, billableSeconds } = closed;
  const { octetsFromCaller, octetsFromCallee, outcome, releaseCause } = closed;
  return [
    ...[trackingId, port, ani, callerAccount, calleeAccount, calledNumber, calleePort, protocolVersion],
    ...[callClass, isCollect, ringAt, answerAt, bridgeAt, endAt, durationSeconds, billableSeconds],
    ...[octetsFromCaller, octetsFromCallee, outcome, releaseCause],
  ].map((value) =>
    value === undefined ? null : value instanceof Date ? value.toISOString() : String(value),
  );
}

/** One statement that commits by itself. */
export function insertOf(calls: readonly MadeCall[]): string {
  const rows = calls.map(
    (call) => `(${valuesOf(call).map((value) => (value === null ? 'null' : `'${value}'`))})`,
  );
  return `insert into call_record (${columns}) values ${rows.join(',\n')};\n`;
}

export function copyOf(calls: readonly MadeCall[]): string {
  return `copy call_record (${columns}) from stdin;\n${copyRows(calls)}\\.\n`;
}

/** The rows in a file that the database itself reads. @param file as the database finds it */
export function copyOfFile(file: string): string {
  return `copy call_record (${columns}) from '${file}';\n`;
}

export function copyRows(calls: readonly MadeCall[]): string {
  const lines = calls.map((call) =>
    valuesOf(call)
      .map((value) => value ?? '\\N')
      .join('\t'),
  );
  return `${lines.join('\n')}\n`;
}

/** Runs SQL as PostgreSQL's own client does. @throws Error with its words */
export async function psql(place: Place, script: string): Promise<string> {
  const program = spawn('psql', ['-d', place, '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-f', '-'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const said = { out: '', error: '' };
  program.stdout.on('data', (text) => {
    said.out += text;
  });
  program.stderr.on('data', (text) => {
    said.error += text;
  });
  const ended = once(program, 'close');
  program.stdin.on('error', () => {});
  program.stdin.end(script);
  const [code] = await ended;
  if (code !== 0) throw new Error(`psql: ${said.error.trim().slice(0, 300)}`);
  return said.out.trim();
}

/** How long the statements took there, by the client's clock, without the start of the client. */
export async function timedPsql(place: Place, script: string): Promise<number> {
  const out = await psql(
    place,
    `select clock_timestamp() as begun \\gset\n${script}\nselect extract(epoch from clock_timestamp() - :'begun');\n`,
  );
  return Number(out.split('\n').at(-1));
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.js';
import { silentLog } from '../../src/log/log.js';
import { commonOptions } from '../../src/store/database.js';
import { EmbeddedPostgres } from '../../src/store/embedded/embedded-postgres.js';
import { migrate } from '../../src/store/migrate.js';
import { openStore } from '../../src/store/open-store.js';
import type { Store } from '../../src/store/store.js';
import { realClock } from '../../src/time/real-clock.js';
import { builtProgram } from '../support/built-program.js';
import { freshDataDir } from '../support/embedded-store.js';

/** Enough that a process can be caught at writing them. */
const callCount = 10_000;
let dataDir: string;
let folder: string;
let store: Store;

beforeAll(async () => {
  dataDir = await freshDataDir();
  folder = mkdtempSync(join(tmpdir(), 'cordboard-export-command-'));
  const engine = new EmbeddedPostgres(`${dataDir}/db`, realClock, silentLog);
  const sql = postgres({ ...commonOptions, ...engine.options });
  await migrate(sql);
  await sql`
    insert into call_record (
      tracking_id, port, ani, caller_account, callee_account, called_number, ring_at, bridge_at, end_at, duration_seconds,
      billable_seconds, octets_from_caller, octets_from_callee, outcome, release_cause
    )
    select first_tracking_id(ring_at), 'sim:1', '2125550101', '000000000001', '000000000002',
      case when call % 5000 = 0 then '911' else '4155550102' end, ring_at, ring_at + interval '9.5 seconds',
      ring_at + interval '60 seconds', 60, 51, 1000, 10, 'completed', 16
    from generate_series(1, ${callCount}::integer) call, lateral (select timestamptz '2026-11-01Z' + call * interval '1 second' as ring_at) at`;
  await sql.end();
  await engine.close();
  // Each command comes in by way of this process, as beside a running server.
  store = await openStore({ dataDir, clock: realClock, log: silentLog });
}, 120_000);

afterAll(async () => {
  await store?.close();
  for (const each of [dataDir, folder]) rmSync(each, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly complaints: string;
}

function start(...args: string[]) {
  const env = { PATH: process.env.PATH, HOME: folder, NO_COLOR: '1', CORDBOARD_DATA_DIR: dataDir };
  return spawn(process.execPath, [builtProgram(), 'calls', 'export', ...args], { cwd: folder, env });
}

async function run(...args: string[]): Promise<Ended> {
  const child = start(...args);
  const [output, complaints, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code, output, complaints };
}

async function json(...args: string[]): Promise<Record<string, unknown>> {
  const { code, output, complaints } = await run(...args, '--json');
  expect(complaints).toBe('');
  expect(code).toBe(exitCodes.done);
  return JSON.parse(output);
}

/** Kills the process as soon as it is seen to write, and only then. */
async function killedWhileWriting(file: string): Promise<void> {
  const child = start(file, '--format', 'baf', '--area-code', '212');
  const ended = once(child, 'close');
  const complaints = text(child.stderr);
  while (child.exitCode === null && !readdirSync(folder).some((name) => name.endsWith('.part')))
    await new Promise((resume) => setTimeout(resume, 5));
  child.kill('SIGKILL');
  expect((await ended)[1], await complaints).toBe('SIGKILL');
}

describe('cordboard calls export', () => {
  test('fault 69: after a kill -9 while it writes, resume writes what would have been written, and verify knows the file', async () => {
    await killedWhileWriting('tape');
    expect(existsSync(join(folder, 'tape'))).toBe(false);
    const [begun] = (await json('list')) as unknown as [Record<string, unknown>];
    expect(begun).toMatchObject({
      series: 'baf',
      number: 1,
      records: callCount - 2,
      leftOut: 2,
      sha256: null,
    });

    const [made] = (await json('resume')) as unknown as [Record<string, unknown>];
    expect(made).toMatchObject({ id: begun.id, records: callCount - 2, leftOut: 2 });
    expect(made.octets).toBe(String(28 + 60 * (callCount - 2)));
    expect(readdirSync(folder)).toEqual(['tape']);
    expect(await json('verify', 'tape')).toMatchObject({
      ...{
        verdict: 'as-handed-out',
        export: { id: made.id, sha256: made.sha256, file: join(folder, 'tape') },
      },
    });
    expect(await json('resume')).toEqual([]);

    // The very same octets by one that nobody has killed.
    const other = await json('other', '--format', 'baf', '--area-code', '212', '--series', 'other');
    expect(other.sha256).toBe(made.sha256);
  }, 120_000);

  test('fault 97: the second export of a series has nothing, makes no file, and says so', async () => {
    await cp(join(folder, 'tape'), join(folder, 'copy'));
    const again = await run('again', '--format', 'baf', '--to', '2026-11-01T01:00Z');
    expect(again).toMatchObject({ code: exitCodes.done, complaints: '' });
    expect(again.output).toMatch(/^No call to hand out: no file was made/);
    expect(existsSync(join(folder, 'again'))).toBe(false);
  }, 60_000);

  test('BL-75 staff see what was handed out, what the format could not say, and whether a file was altered', async () => {
    const listed = (await run('list')).output;
    expect(listed).toContain('baf 1');
    for (const line of listed.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    expect((await run('show', '1')).output).toMatch(
      /left out +2\n(?:.*\n)*? {2}[0-9a-f-]{36} {2}the called number 911 is not of the North American Numbering Plan\n/,
    );
    const tape = readFileSync(join(folder, 'copy'));
    tape[100] = (tape[100] as number) ^ 1;
    writeFileSync(join(folder, 'tape'), tape);
    const altered = await run('verify', 'tape');
    expect(altered.code).toBe(exitCodes.damaged);
    expect(altered.complaints.replace(/\s+/g, ' ')).toContain(
      'tape is not as it was handed out: export 1 (baf 1) wrote',
    );
    expect((await run('verify', 'copy')).output).toMatch(/^The file is as it was handed out/);
  }, 60_000);

  test('BL-75 what cannot be meant is refused before a call is taken', async () => {
    for (const [args, complaint] of [
      [['tape', '--format', 'csv'], /is there already and is never overwritten/],
      [['new', '--format', 'csv', '--sensor', '036:0012345'], /The format csv has no use for --sensor/],
      [['new', '--format', 'emi', '--area-code', '21'], /Not an area code/],
      [['new', '--format', 'tap3'], /Allowed choices are asterisk/],
      [['new'], /Say which format/],
      [['resume', '99'], /There is no export 99/],
      [['verify', 'nothing'], /nothing cannot be read/],
    ] as const) {
      const { code, complaints, output } = await run(...args);
      expect(complaints.replace(/\s+/g, ' ')).toMatch(complaint);
      expect(code).not.toBe(0);
      expect(output).toBe('');
    }
    expect(await store.exports.list()).toHaveLength(2);
  }, 120_000);
});

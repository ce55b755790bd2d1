import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { silentLog } from '../../../src/log/log.js';
import { openStore } from '../../../src/store/open-store.js';
import { StoreUnavailable } from '../../../src/store/store.js';
import { realClock } from '../../../src/time/real-clock.js';
import { compileSources } from '../../support/compiled.js';
import { freshDataDir } from '../../support/embedded-store.js';

const script = fileURLToPath(new URL('./write-calls.mjs', import.meta.url));
let compiled: string;
let dataDir: string;
let writer: ChildProcess | undefined;

beforeAll(() => {
  compiled = compileSources();
});
beforeEach(async () => {
  dataDir = await freshDataDir();
});
afterEach(async () => {
  writer?.kill('SIGKILL');
  await rm(dataDir, { recursive: true });
});
afterAll(() => rm(compiled, { recursive: true }));

const open = () => openStore({ dataDir, clock: realClock, log: silentLog });

/** Starts the writer and returns what it says until it has said `enough` lines; then it is killed. */
async function writeAndKill(enough: number): Promise<string[]> {
  writer = spawn(process.execPath, [script, compiled, dataDir, 'sim:'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(writer, 'exit');
  const said: string[] = [];
  if (!writer.stdout) throw new Error('no output');
  for await (const line of createInterface({ input: writer.stdout })) {
    said.push(line);
    if (said.length === enough) writer.kill('SIGKILL');
  }
  await ended;
  return said;
}

test('fault 69: kill -9 while calls are written: nothing that was acknowledged is lost, nothing is torn', async () => {
  const said: string[] = [];
  for (const enough of [150, 400]) said.push(...(await writeAndKill(enough)));
  const idsThatWere = (what: string) =>
    said.filter((line) => line.startsWith(what)).map((line) => line.split(' ')[1] ?? '');
  expect(idsThatWere('closed').length).toBeGreaterThan(100);

  const store = await open();
  const records = new Map(
    (await store.calls.list({ limit: 100_000 })).map((record) => [record.trackingId, record]),
  );
  expect(idsThatWere('opened').filter((id) => !records.has(id))).toEqual([]);
  expect(idsThatWere('closed').filter((id) => records.get(id)?.outcome !== 'abandoned')).toEqual([]);
  // What was under way may have been committed or not: at most one statement of each of the four, each time.
  expect(records.size - new Set(idsThatWere('opened')).size).toBeLessThanOrEqual(8);

  const stillOpen = [...records.values()].filter(({ endAt }) => endAt === undefined).length;
  expect(stillOpen).toBeGreaterThan(0);
  expect(await store.calls.closeInterrupted(new Date())).toBe(stillOpen);
  expect((await store.calls.list({ limit: 100_000 })).every(({ endAt }) => endAt !== undefined)).toBe(true);
  await store.close();
}, 90_000);

test('fault 73: a second process is refused while the first has the directory, and let in when it was killed', async () => {
  writer = spawn(process.execPath, [script, compiled, dataDir, 'sim:'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(writer, 'exit');
  if (!writer.stdout) throw new Error('no output');
  await once(createInterface({ input: writer.stdout }), 'line');
  const refused = open();
  await expect(refused).rejects.toThrow(StoreUnavailable);
  await expect(refused).rejects.toThrow(new RegExp(`in use by process ${writer.pid}.*DATABASE_URL`));
  writer.kill('SIGKILL');
  await ended;
  await (await open()).close();
}, 90_000);

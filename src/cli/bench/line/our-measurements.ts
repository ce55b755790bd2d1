import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Measured, Measurements } from './measure.js';
import type { CaseName } from './plan.js';

const program = fileURLToPath(new URL('./our-process.js', import.meta.url));

/**
 * Measures this program in a process of its own, whose thread pool has one thread as `drive` wants it.
 * @param place an empty folder
 * @param onMeasured called after each case
 * @throws Error when the process fails, with what it said; AbortError at `signal`
 */
export async function ourMeasurements(
  place: string,
  { onMeasured, signal }: { onMeasured(): void; readonly signal: AbortSignal },
): Promise<Measurements> {
  const child = spawn(process.execPath, [program, place], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
    signal,
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('close', resolve);
    child.on('error', reject);
  });
  // An abort before anybody waits for the end is told below.
  ended.catch(() => {});
  let said = '';
  child.stderr.on('data', (octets) => {
    said += octets;
  });
  const measurements: Measurements = {};
  for await (const line of createInterface(child.stdout)) {
    const { name, measured } = JSON.parse(line) as { name: CaseName; measured: Measured };
    measurements[name] = measured;
    onMeasured();
  }
  const code = await ended;
  if (code !== 0) throw new Error(`measuring this program failed (${code}): ${said}`);
  return measurements;
}

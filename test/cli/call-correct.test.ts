import { rm } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createProgram } from '../../src/cli/program.js';
import { silentLog } from '../../src/log/log.js';
import type { ClosedCall } from '../../src/store/calls.js';
import { openStore } from '../../src/store/open-store.js';
import type { Store } from '../../src/store/store.js';
import { realClock } from '../../src/time/real-clock.js';
import { closed, newCall } from '../store/store-contract.js';
import { freshDataDir } from '../support/embedded-store.js';

let dataDir: string;
let store: Store;

beforeAll(async () => {
  dataDir = await freshDataDir();
  store = await openStore({ dataDir, clock: realClock, log: silentLog });
}, 60_000);
afterAll(async () => {
  await store.close();
  await rm(dataDir, { recursive: true });
});
afterEach(() => void vi.restoreAllMocks());

async function made(given: Partial<ClosedCall>): Promise<string> {
  const call = newCall();
  await store.calls.open(call);
  await store.calls.close(call.trackingId, closed(call, given));
  return call.trackingId;
}

/** Its server died: what it took, and what passed, nobody knows. */
const unmeasured: Partial<ClosedCall> = {
  ...{ releaseCause: 41, billableSeconds: 0, durationSeconds: undefined as never },
  ...{ outcome: 'interrupted', octetsFromCaller: undefined, octetsFromCallee: undefined },
};

/** The record that counts now. */
async function correct(wrong: string, ...args: readonly string[]) {
  let output = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += text;
    return true;
  });
  const program = await createProgram();
  await program.parseAsync(['calls', 'correct', wrong, '--why', 'x', ...args, '--data-dir', dataDir], {
    from: 'user',
  });
  const [, right = ''] = /From now on (\S+) counts/.exec(output) ?? [];
  return store.calls.find(right);
}

test('telephony 7.7: a call that nobody measured is so by both its durations, or was never joined', async () => {
  await expect(correct(await made(unmeasured), '--billable-seconds', '60')).rejects.toThrow(
    'tell --duration-seconds as well',
  );
  const measured = ['--billable-seconds', '60', '--duration-seconds', '81'];
  expect(await correct(await made(unmeasured), ...measured)).toMatchObject({
    ...{ billableSeconds: 60, durationSeconds: 81, outcome: 'interrupted' },
  });
  const unjoined = await correct(await made(unmeasured), '--never-joined');
  expect(unjoined).toMatchObject({ billableSeconds: 0 });
  expect(unjoined).not.toHaveProperty('bridgeAt');
});

test('telephony 7.7: a call that was charged and never joined is charged no more', async () => {
  const unjoined = await correct(await made({}), '--never-joined', '--outcome', 'no-answer', '--cause', '19');
  expect(unjoined).toMatchObject({ outcome: 'no-answer', billableSeconds: 0 });
  expect(unjoined).not.toHaveProperty('bridgeAt');
});

test('BL-A2 an inquiry about the price was joined to nobody, until it is said to have been another call', async () => {
  const inquiry = {
    callClass: 'inquiry',
    bridgeAt: undefined,
    billableSeconds: 0,
    outcome: 'abandoned',
  } as const;
  const joined = ['--bridge-at', '2026-11-21T09:00:30Z', '--billable-seconds', '60'];
  await expect(correct(await made(inquiry), ...joined)).rejects.toThrow('tell --class as well');
  expect(await correct(await made(inquiry), ...joined, '--class', 'delivery')).toMatchObject({
    ...{ callClass: 'delivery', billableSeconds: 60 },
  });
});

import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { systemRandom } from '../../src/crypto/random.js';
import { createKeyRing } from '../../src/endpoint/key-ring.js';
import { SimulatedClock } from '../../src/time/simulated-clock.js';
import { account, lowCost, temporaryFolder } from './support.js';

/** What was read waits for it. */
let held: Promise<void> | undefined;

vi.mock('../../src/endpoint/durable-file.js', async (original) => {
  const real = await original<typeof import('../../src/endpoint/durable-file.js')>();
  const readIfThere: typeof real.readIfThere = async (path) => {
    const text = await real.readIfThere(path);
    const waiting = held;
    held = undefined;
    await waiting;
    return text;
  };
  return { ...real, readIfThere };
});

test('KX-495 a key that is saved while the file is read again is there afterwards', async () => {
  const folder = temporaryFolder();
  const place = {
    ...{ path: join(folder, 'keyring'), lockPath: join(folder, 'lock'), own: account('1') },
    ...{ clock: new SimulatedClock(), random: systemRandom },
  };
  const ring = await createKeyRing(place, async () => 'right passphrase', lowCost);
  let release = () => {};
  held = new Promise((resolve) => (release = resolve));
  const reading = ring.refresh();
  const saving = ring.save(account('2'), new Uint8Array(20).fill(7));
  let isSaved = false;
  void saving.then(() => (isSaved = true));
  for (let turn = 0; turn < 2_000 && !isSaved; turn += 1) await setImmediate();
  release();
  await Promise.all([reading, saving]);
  expect(ring.keyOf(account('2'))?.key).toEqual(new Uint8Array(20).fill(7));
});

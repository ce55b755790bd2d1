import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { takeLock } from '../../src/endpoint/lock-file.js';
import { SimulatedClock } from '../../src/time/simulated-clock.js';
import { temporaryFolder } from './support.js';

const options = { clock: new SimulatedClock(), patienceMs: 0, heldBy: (pid: string) => `held by ${pid}` };

test('fault 82 a lock that cannot be read is an error, and nothing to wait for', async () => {
  const path = join(temporaryFolder(), 'lock');
  mkdirSync(path);
  await expect(takeLock(path, options)).rejects.toMatchObject({
    outcome: 'store-unavailable',
    message: expect.stringContaining('it is a folder'),
  });
});

test('fault 73 a lock that is a link to nothing is an error too', async () => {
  const path = join(temporaryFolder(), 'lock');
  symlinkSync(join(temporaryFolder(), 'nothing'), path);
  await expect(takeLock(path, options)).rejects.toMatchObject({ outcome: 'store-unavailable' });
});

test('fault 73 a lock that is given back is free', async () => {
  const path = join(temporaryFolder(), 'lock');
  const giveBack = await takeLock(path, options);
  await expect(takeLock(path, options)).rejects.toMatchObject({ outcome: 'locked' });
  await giveBack();
  await (await takeLock(path, options))();
});

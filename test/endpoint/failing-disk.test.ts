import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { systemRandom } from '../../src/crypto/random.js';
import { readInbox } from '../../src/endpoint/inbox.js';
import { createKeyRing, openKeyRing } from '../../src/endpoint/key-ring.js';
import { openQuarantine } from '../../src/endpoint/quarantine.js';
import { encodeHeader } from '../../src/protocol/data-exchange/ustar.js';
import { SimulatedClock } from '../../src/time/simulated-clock.js';
import { account, lowCost, temporaryFolder } from './support.js';

/** Counts operations on the disk; the one that is due fails. */
const disk = vi.hoisted(() => {
  const state = { count: 0, failsAt: 0, code: '', done: [] as string[] };
  const attempt = (operation: string) => {
    state.count += 1;
    state.done.push(operation);
    if (state.count === state.failsAt) throw Object.assign(new Error(state.code), { code: state.code });
  };
  return { state, attempt };
});

vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  return {
    ...real,
    mkdir: async (...given: Parameters<typeof real.mkdir>) => {
      disk.attempt('mkdir');
      return real.mkdir(...given);
    },
    rename: async (...given: Parameters<typeof real.rename>) => {
      disk.attempt('rename');
      return real.rename(...given);
    },
    open: async (...given: Parameters<typeof real.open>) => {
      const name = basename(String(given[0]));
      disk.attempt(`open ${name}`);
      const handle = await real.open(...given);
      for (const method of ['writeFile', 'sync', 'datasync', 'utimes'] as const) {
        const operation = handle[method].bind(handle) as (...given: unknown[]) => Promise<unknown>;
        const failing = async (...given: unknown[]) => {
          disk.attempt(`${method} ${name}`);
          return operation(...given);
        };
        Object.assign(handle, { [method]: failing });
      }
      return handle;
    },
  };
});

afterEach(() => failAt(0, ''));

function failAt(failsAt: number, code: string): void {
  Object.assign(disk.state, { count: 0, failsAt, code, done: [] });
}

function container(): Buffer {
  const content = Buffer.from('content');
  const header = encodeHeader({ name: 'letter', size: content.length, mtime: 1 });
  return deflateSync(Buffer.concat([header, content, new Uint8Array(505 + 1024)]));
}

async function receive(place: { quarantine: string; inbox: string }): Promise<void> {
  const sender = { account: account('2'), name: 'Bob' };
  const quarantine = await openQuarantine({
    ...place,
    sender,
    clock: new SimulatedClock(),
    random: systemRandom,
  });
  try {
    await quarantine.write(container());
    await quarantine.release();
  } catch (error) {
    await quarantine.discard();
    throw error;
  }
}

describe('a disk that fails at its n-th operation', () => {
  test('fault 60 fault 81 fault 82: a session is in the inbox as a whole, or an error and no trace, for every n', async () => {
    for (const code of ['ENOSPC', 'EIO']) {
      let failures = 0;
      for (let n = 1; failures === n - 1; n += 1) {
        const home = temporaryFolder();
        const place = { quarantine: `${home}/quarantine`, inbox: `${home}/inbox` };
        failAt(n, code);
        const outcome = await receive(place).then(
          () => 'received',
          (error: Error) => error,
        );
        const isUntouched = disk.state.count < n;
        failAt(0, '');
        if (outcome === 'received') {
          expect(isUntouched, `${code} at operation ${n} was not noticed`).toBe(true);
          expect(await readInbox(place.inbox)).toMatchObject([{ files: [{ name: 'letter', size: 7 }] }]);
          break;
        }
        failures += 1;
        expect(outcome, `${code} at ${n}`).toMatchObject({ outcome: 'store-unavailable', cause: { code } });
        const left = readdirSync(home, { recursive: true, encoding: 'utf8' });
        expect(
          left.filter((name) => name !== 'inbox' && name !== 'quarantine'),
          `${code} at ${n}`,
        ).toEqual([]);
      }
      expect(failures).toBeGreaterThan(8);
    }
  });

  test('DX-780 fault 74: everything is synced before the rename that files it, and the inbox after it', async () => {
    const home = temporaryFolder();
    failAt(0, '');
    await receive({ quarantine: `${home}/quarantine`, inbox: `${home}/inbox` });
    const work = disk.state.done.find((operation) => /^sync \d+-\d+\./.test(operation));
    expect(disk.state.done.filter((operation) => /^(utimes|sync|rename)/.test(operation))).toEqual([
      'utimes letter',
      'sync letter',
      'sync .cordboard.json',
      work,
      'rename',
      'sync inbox',
    ]);
  });

  test('KX-495 fault 81: the key ring holds the old key or the new one, for every n', async () => {
    const bob = account('2');
    for (let n = 1, isDone = false; !isDone; n += 1) {
      const folder = temporaryFolder();
      const place = {
        path: `${folder}/keyring`,
        lockPath: `${folder}/lock`,
        own: account('1'),
        clock: new SimulatedClock(),
        random: systemRandom,
      };
      const ring = await createKeyRing(place, async () => 'p', lowCost);
      await ring.save(bob, new Uint8Array(20).fill(1));
      failAt(n, 'ENOSPC');
      const saved = await ring.save(bob, new Uint8Array(20).fill(2)).then(
        () => true,
        () => false,
      );
      isDone = disk.state.count < n;
      failAt(0, '');
      const key = (await openKeyRing(place, async () => 'p')).keyOf(bob)?.key[0];
      expect(saved ? [2] : [1, 2], `at ${n}`).toContain(key);
      expect(saved).toBe(isDone);
      expect(readdirSync(folder)).toEqual(['keyring']);
    }
  });
});

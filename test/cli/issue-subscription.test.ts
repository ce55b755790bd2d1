import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { CommandFailed } from '../../src/cli/exit-codes.js';
import { createProgram } from '../../src/cli/program.js';
import { x25519 } from '../../src/crypto/x25519.js';
import { silentLog } from '../../src/log/log.js';
import { readSubscription, type Subscription } from '../../src/protocol/identity/subscription.js';
import { wordsOf } from '../../src/protocol/identity/words.js';
import { openStore } from '../../src/store/open-store.js';
import type { Store } from '../../src/store/store.js';
import { realClock } from '../../src/time/real-clock.js';
import { account } from '../protocol/call-manager/subscribers.js';
import { freshDataDir } from '../support/embedded-store.js';

let dataDir: string;
let config: string;

beforeAll(async () => {
  dataDir = await freshDataDir();
  config = join(dataDir, 'cordboard.toml');
  const server = 'server = { number = "5550100", trunks = ["sim:5550100", "sim:5550199"] }';
  writeFileSync(config, `data_dir = "${dataDir}"\n${server}\n`);
  await cordboard('subscriber', 'add', '1', '--name', 'Alice Ltd', '--number', '5550101');
  await cordboard('subscriber', 'add', '2', '--name', 'Bob', '--number', '5550102', '--protocol', '1');
  await cordboard('subscriber', 'add', '3', '--name', 'Carol', '--number', '5550103');
  await cordboard('subscriber', 'remove', '3');
});
afterAll(() => rmSync(dataDir, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

/** What one command of this program prints. */
async function cordboard(...args: string[]): Promise<string> {
  let printed = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
  vi.stubEnv('DATABASE_URL', '');
  await (await createProgram()).parseAsync([...args, '--config', config], { from: 'user' }).finally(() => {
    write.mockRestore();
    vi.unstubAllEnvs();
  });
  return printed;
}

function file(name: string): string {
  return join(dataDir, name);
}

function subscriptionIn(name: string): Subscription {
  const read = readSubscription(readFileSync(file(name), 'utf8'));
  if (read.kind === 'unusable') throw new Error(read.problems.join('\n'));
  return read.subscription;
}

async function inStore<T>(look: (subscribers: Store['subscribers']) => Promise<T>): Promise<T> {
  const store = await openStore({ dataDir, joins: true, clock: realClock, log: silentLog });
  try {
    return await look(store.subscribers);
  } finally {
    await store.close();
  }
}

describe('cordboard subscriber issue', () => {
  test('CM-A4 CM-A10 the endpoint gets the secrets, the server what it needs to know it by, people six words', async () => {
    const printed = await cordboard('subscriber', 'issue', '1', '--out', file('alice.toml'));
    const { account: own, name, serverNumber, staticSecret, psk, rootKey } = subscriptionIn('alice.toml');
    expect({ own, name, serverNumber }).toEqual({
      own: account('1'),
      name: 'Alice Ltd',
      serverNumber: '5550100',
    });
    expect(statSync(file('alice.toml')).mode & 0o777).toBe(0o600);
    const found = await inStore((subscribers) => subscribers.findByKey(x25519(staticSecret).publicKey));
    expect(found?.account).toBe(account('1'));
    expect(Buffer.from(found?.psk ?? []).equals(psk)).toBe(true);
    expect(printed).toContain(wordsOf(rootKey).join(' '));
    expect(await cordboard('server-keys', 'show')).toContain(wordsOf(rootKey).join(' '));
    for (const secret of [staticSecret, psk]) {
      expect(printed).not.toContain(Buffer.from(secret).toString('base64').slice(0, 10));
    }
  });

  test('CM-A4 a second one ends the first', async () => {
    await cordboard('subscriber', 'issue', '1', '--out', file('first.toml'));
    const printed = await cordboard('subscriber', 'issue', '1', '--out', file('second.toml'));
    expect(printed).toContain('had before are good for nothing now');
    const keyOf = (name: string) => x25519(subscriptionIn(name).staticSecret).publicKey;
    expect(await inStore((subscribers) => subscribers.findByKey(keyOf('first.toml')))).toBeUndefined();
    expect(await inStore((subscribers) => subscribers.findByKey(keyOf('second.toml')))).toBeDefined();
  });

  test('fault 55: a file that is there is never written over, and the account keeps its keys', async () => {
    await cordboard('subscriber', 'issue', '1', '--out', file('kept.toml'));
    const before = readFileSync(file('kept.toml'), 'utf8');
    const again = cordboard('subscriber', 'issue', '1', '--out', file('kept.toml'));
    await expect(again).rejects.toThrow(/is there already; nothing was changed/);
    expect(readFileSync(file('kept.toml'), 'utf8')).toBe(before);
    const { publicKey } = x25519(subscriptionIn('kept.toml').staticSecret);
    expect(await inStore((subscribers) => subscribers.findByKey(publicKey))).toBeDefined();
  });

  test.each([
    ['an unknown account', '9', /There is no account 000000000009/],
    ['a closed account', '3', /closed for ever/],
    ['an account of version 1 alone', '2', /version 1 alone/],
  ])('fault 45: %s gets none, and no file is made', async (_, digits, message) => {
    const issuing = cordboard('subscriber', 'issue', digits, '--out', file('none.toml'));
    await expect(issuing).rejects.toBeInstanceOf(CommandFailed);
    await expect(cordboard('subscriber', 'issue', digits, '--out', file('none.toml'))).rejects.toThrow(
      message,
    );
    expect(existsSync(file('none.toml'))).toBe(false);
  });

  test('CM-A4 rotation leaves the words as they are, and later subscriptions have the newer keys', async () => {
    await cordboard('subscriber', 'issue', '1', '--out', file('before.toml'));
    expect(await cordboard('server-keys', 'rotate')).toContain('The present key is number 2 now');
    await cordboard('subscriber', 'issue', '1', '--out', file('after.toml'));
    const [before, after] = [subscriptionIn('before.toml'), subscriptionIn('after.toml')];
    expect(after.keyList.sequence).toBe(before.keyList.sequence + 1);
    expect(after.keyList.present).toEqual(before.keyList.next);
    expect(after.rootKey).toEqual(before.rootKey);
  });
});

import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemRandom } from '../../src/crypto/random.js';
import type { CallLogRow } from '../../src/endpoint/call-log.js';
import { CallLog } from '../../src/endpoint/call-log.js';
import { initEndpoint, openEndpoint } from '../../src/endpoint/endpoint.js';
import { defaultHome } from '../../src/endpoint/home.js';
import { makeWorkFolder, sweepWorkFolders } from '../../src/endpoint/work-folder.js';
import { withWriteLock } from '../../src/endpoint/write-lock.js';
import { realClock } from '../../src/time/real-clock.js';
import { account, lowCost, newEndpoint, temporaryFolder, testWorld } from './support.js';

const settings = { account: '1', name: 'Alice', line: 'sim:1', server_number: '5550100' };

describe('an endpoint’s home', () => {
  test('CM-A1 a new endpoint is locked to the server’s number; all it holds is its owner’s alone', async () => {
    const endpoint = await newEndpoint();
    expect(endpoint.settings).toEqual({
      account: '000000000001',
      name: 'Alice Ltd',
      line: 'sim:5550101',
      server_number: '5550100',
      locked_to_server: true,
      largest_transfer_mib: 4_200,
      pad_transfers: false,
      inbox: 'inbox',
    });
    const { home, settings: file, keyRing, logs, quarantine, spool } = endpoint.paths;
    for (const folder of [home, logs, quarantine, spool, endpoint.inbox]) {
      expect(statSync(folder).mode & 0o777, folder).toBe(0o700);
    }
    for (const path of [file, keyRing]) expect(statSync(path).mode & 0o777, path).toBe(0o600);
  });

  test('init never overwrites: a finished endpoint is refused, a missing key ring alone is made', async () => {
    const endpoint = await newEndpoint();
    const { home, keyRing, settings: file } = endpoint.paths;
    const world = { ...testWorld(), keyRingCost: lowCost };
    const before = readFileSync(file, 'utf8');
    await expect(initEndpoint(home, settings, world)).rejects.toThrow('holds an endpoint already');
    rmSync(keyRing);
    await expect(initEndpoint(home, { ...settings, account: '7' }, world)).rejects.toThrow(
      'belongs to account',
    );
    await initEndpoint(home, settings, world);
    expect(existsSync(keyRing)).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  test('overrides stand over the file; wrong settings are named key by key', async () => {
    const { paths } = await newEndpoint();
    const opened = await openEndpoint(paths.home, testWorld(), { line: 'pty:run/alice', name: undefined });
    expect(opened.settings).toMatchObject({ line: 'pty:run/alice', name: 'Alice Ltd' });
    writeFileSync(paths.settings, 'account = "x"\nserver_number = "+1"\nlin = "a"\nname = "A"\n');
    await expect(openEndpoint(paths.home, testWorld())).rejects.toThrow(
      /account: .*\n.*line: .*\n.*server_number: /,
    );
    writeFileSync(paths.settings, 'account = ');
    await expect(openEndpoint(paths.home, testWorld())).rejects.toThrow('not valid TOML');
    await expect(openEndpoint(join(paths.home, 'none'), testWorld())).rejects.toThrow('endpoint init');
  });

  test('fault 50: a key from before the last pairing (a backup) is no shared key', async () => {
    const endpoint = await newEndpoint();
    const bob = await endpoint.addressBook.add(account('2'), 'Bob', true);
    const { ring } = await endpoint.unlock();
    const pairedAt = await ring.save(bob.account, new Uint8Array(20));
    const paired = await endpoint.addressBook.markPaired(bob.account, pairedAt);
    expect((await endpoint.sharedKeys([paired])).has(bob.account)).toBe(true);
    const repaired = await endpoint.addressBook.markPaired(bob.account, pairedAt + 1);
    expect((await endpoint.sharedKeys([repaired])).has(bob.account)).toBe(false);
  });

  test('the passphrase is asked for once, and again after a wrong one', async () => {
    const asked: string[] = [];
    const answers = ['wrong', 'right'];
    const world = { ...testWorld('right') };
    const { paths } = await newEndpoint('1', 'Alice', world);
    const endpoint = await openEndpoint(paths.home, {
      ...world,
      passphrase: async (purpose) => {
        asked.push(purpose);
        return answers.shift() ?? '';
      },
    });
    await expect(endpoint.unlock()).rejects.toMatchObject({ outcome: 'wrong-passphrase' });
    await Promise.all([endpoint.unlock(), endpoint.unlock()]);
    expect(asked).toEqual(['open', 'open']);
  });

  test('the default home follows CORDBOARD_HOME, then XDG', () => {
    expect(defaultHome({ CORDBOARD_HOME: '/a', XDG_DATA_HOME: '/b', HOME: '/c' })).toBe('/a');
    expect(defaultHome({ XDG_DATA_HOME: '/b', HOME: '/c' })).toBe('/b/cordboard');
    expect(defaultHome({ XDG_DATA_HOME: 'relative', HOME: '/c' })).toBe('/c/.local/share/cordboard');
  });
});

describe('write lock', () => {
  test('changes of one home come one after the other', async () => {
    const path = join(temporaryFolder(), 'lock');
    let inside = 0;
    const change = async () => {
      inside += 1;
      expect(inside).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 5 }, () => withWriteLock(path, realClock, change)));
    expect(existsSync(path)).toBe(false);
  });

  test('fault 73: the lock of a dead process, or of another process with its pid, is taken over', async () => {
    const path = join(temporaryFolder(), 'lock');
    for (const holder of ['4194305-1', `${process.pid}-1`, 'garbage']) {
      writeFileSync(path, holder);
      expect(await withWriteLock(path, realClock, async () => 'done'), holder).toBe('done');
    }
  });

  test('a lock that is held for too long is an error that names its process', async () => {
    const path = join(temporaryFolder(), 'lock');
    let nowMs = 0;
    const clock = {
      ...realClock,
      monotonicMs: () => nowMs,
      setTimeout: (run: () => void, delayMs: number) => {
        nowMs += delayMs;
        setImmediate(run);
      },
    };
    await withWriteLock(path, clock, async () => {
      await expect(withWriteLock(path, clock, async () => 0)).rejects.toThrow(`Process ${process.pid}`);
    });
  });
});

describe('work folders', () => {
  test('fault 69: the sweep takes what dead processes left and nothing of a living one', async () => {
    const parent = temporaryFolder();
    const own = await makeWorkFolder(parent, systemRandom);
    mkdirSync(join(parent, '4194305-1.abcdef'));
    await sweepWorkFolders(parent);
    expect(readdirSync(parent)).toEqual([basename(own)]);
  });
});

describe('call logs', () => {
  const row: CallLogRow = {
    at: new Date('2026-11-21T12:00:00Z'),
    protocol: 'data-exchange',
    version: 2,
    peer: account('2'),
    name: 'Bob',
    outcome: 'sent',
    step: null,
    reason: null,
    durationSeconds: 12.5,
    octets: 100,
    folder: null,
    receipt: '0a'.repeat(16),
    files: [{ name: 'a', size: 1, sha256: 'ab'.repeat(32), mtime: new Date(0) }],
  };

  test('DX-750 rows are read as they were added; one that a crash cut off spoils no other', async () => {
    const path = join(temporaryFolder(), 'send.ndjson');
    const log = new CallLog(path);
    expect(await log.read()).toEqual([]);
    await log.append(row);
    appendFileSync(path, '{"v":1,"at":"2026-1');
    await log.append({ ...row, outcome: 'busy', step: 'CM-315', reason: 'no\nline', files: [] });
    expect(await log.read()).toEqual([
      row,
      { ...row, outcome: 'busy', step: 'CM-315', reason: 'no\nline', files: [] },
    ]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('DX-750 rows of a program that knew version 1 alone are of version 1 and have no receipt', async () => {
    const path = join(temporaryFolder(), 'send.ndjson');
    const { version: _, receipt: __, ...old } = row;
    writeFileSync(path, `${JSON.stringify({ v: 1, ...old })}\n`);
    expect(await new CallLog(path).read()).toEqual([{ ...old, version: 1, receipt: null }]);
  });
});

import { rm } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { CommandFailed } from '../../src/cli/exit-codes.js';
import { createProgram } from '../../src/cli/program.js';
import { silentLog } from '../../src/log/log.js';
import { openStore } from '../../src/store/open-store.js';
import type { Store } from '../../src/store/store.js';
import { realClock } from '../../src/time/real-clock.js';
import { closed, newCall, nextAccount } from '../store/store-contract.js';
import { freshDataDir } from '../support/embedded-store.js';

let dataDir: string;
let store: Store;
let notes = '';

const caller = nextAccount();
const callee = nextAccount();
const made: string[] = [];
const count = 2_345;

beforeAll(async () => {
  dataDir = await freshDataDir();
  store = await openStore({ dataDir, clock: realClock, log: silentLog });
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const call = newCall({ ani: undefined });
      made.push(call.trackingId);
      await store.calls.open(call);
      const given = { ani: index === 7 ? '=1+1' : '5550101', callerAccount: caller, calleeAccount: callee };
      await store.calls.close(call.trackingId, closed(call, given));
    }),
  );
}, 60_000);
afterAll(async () => {
  await store.close();
  await rm(dataDir, { recursive: true });
});
afterEach(() => void vi.restoreAllMocks());

/** `cordboard calls ...` beside the server that has the database open: what it prints. */
async function calls(...args: readonly string[]): Promise<string> {
  let output = '';
  notes = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    notes += text;
    return true;
  });
  await (await createProgram()).parseAsync(['calls', ...args, '--data-dir', dataDir], { from: 'user' });
  return output;
}

describe('cordboard calls', () => {
  test('telephony 7.7: CSV has all that the filter finds, over its pages, each call once, and no formula', async () => {
    const lines = (await calls('--csv', '--caller', caller)).trimEnd().split('\r\n');
    expect(lines).toHaveLength(1 + count);
    const ids = lines.slice(1).map((line) => line.split(',')[0]);
    expect(ids).toEqual([...made].sort().reverse());
    expect(lines.filter((line) => line.includes('=1+1'))).toEqual([expect.stringContaining(",'=1+1,")]);
    expect((await calls('--csv', '--limit', '1500')).trimEnd().split('\r\n')).toHaveLength(1501);
  });

  test('telephony 7.7: a page tells where the next one begins', async () => {
    await calls('--limit', '3');
    const [, after = ''] = /--after (\S+)/.exec(notes) ?? [];
    expect(after).toBe([...made].sort().at(-3));
    const [next] = JSON.parse(await calls('--json', '--limit', '1', '--after', after));
    expect(next.trackingId).toBe([...made].sort().at(-4));
  });

  test('telephony 7.7: times are read and shown in a zone', async () => {
    const table = await calls(
      '--zone',
      'Europe/Prague',
      '--from',
      '2026-11-21T10:00:00',
      '--to',
      '2026-11-21T10:00:10',
    );
    expect(table).toMatch(/^ring \(Prague\)/);
    expect(table).toContain('2026-11-21 10:00:09');
    const [record] = JSON.parse(await calls('--json', '--zone', 'Europe/Prague', '--limit', '1'));
    expect(record.ringAt).toMatch(/\+01:00$/);
    await expect(calls('--cause', '70000')).rejects.toThrow('Not a release cause from 1 to 127');
    await expect(calls('save', ' ', '--account', caller)).rejects.toThrow('Write 1 to 80 characters');
    await expect(calls('--from', '0000-01-01')).rejects.toThrow('"0000-01-01" is not a date or time');
    await expect(calls('--from', 'yesterday')).rejects.toThrow(
      '"yesterday" is not a date or time of ISO 8601',
    );
  });

  test('telephony 7.7: totals of a saved filter and what is told beside it', async () => {
    await calls('save', 'ours', '--account', caller);
    expect(JSON.parse(await calls('total', '--saved', 'ours', '--json'))).toMatchObject({
      ...{ calls: count, answered: count, answerSeizureRatio: 1, unrated: count },
      ...{ billableSeconds: String(61 * count), averageSeconds: 61 },
    });
    expect(await calls('total', '--saved', 'ours', '--outcome', 'busy')).toMatch(
      /^calls +0\nanswered +0\n.* -\n/,
    );
    expect(await calls('saved')).toMatch(/^ours .*"account":/m);
    await calls('forget', 'ours');
    await expect(calls('--saved', 'ours')).rejects.toThrow('No filter is saved as "ours".');
  });

  test('telephony 7.7: a correction names who and why, and is refused where it contradicts itself', async () => {
    const wrong = made[0] ?? '';
    await expect(calls('correct', wrong, '--why', 'x')).rejects.toThrow('Nothing to correct');
    await expect(calls('correct', 'ffffffffffff', '--why', 'x', '--cause', '16')).rejects.toThrow(
      'No tracking ID ends with ffffffffffff',
    );
    for (const [impossible, why] of [
      [['--billable-seconds', '999'], 'Of 81 s from ring to end, 999 s cannot be billable'],
      [['--duration-seconds', '60'], 'Of 60 s from ring to end, 61 s cannot be billable'],
      [['--bridge-at', '2030-01-01'], 'A call rings, is joined, and ends, in this order'],
      [['--bridge-at', '2020-01-01'], 'A call rings, is joined, and ends, in this order'],
      [['--end-at', '2020-01-01'], 'A call rings, is joined, and ends, in this order'],
      [['--cause', '128'], 'Not a release cause from 1 to 127'],
    ] as const)
      await expect(calls('correct', wrong, '--why', 'x', ...impossible)).rejects.toThrow(why);
    const said = await calls(
      'correct',
      wrong.slice(-12),
      '--billable-seconds',
      '9',
      '--why',
      'dropped unnoticed',
    );
    const [, right = ''] = /From now on (\S+) counts/.exec(said) ?? [];
    expect(await store.calls.find(right)).toMatchObject({
      ...{ corrects: wrong, billableSeconds: 9, reason: 'dropped unnoticed' },
      enteredBy: expect.stringMatching(/./),
    });
    const again = calls('correct', wrong, '--billable-seconds', '8', '--why', 'x');
    await expect(again).rejects.toThrow(CommandFailed);
    await expect(again).rejects.toThrow(`was corrected already, by ${right}`);
  });
});

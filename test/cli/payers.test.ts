import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createProgram } from '../../src/cli/program.js';
import { silentLog } from '../../src/log/log.js';
import { openStore } from '../../src/store/open-store.js';
import type { Store } from '../../src/store/store.js';
import { realClock } from '../../src/time/real-clock.js';
import { freshDataDir } from '../support/embedded-store.js';

let dataDir: string;
let config: string;
let store: Store;

beforeAll(async () => {
  dataDir = await freshDataDir();
  config = join(dataDir, 'cordboard.toml');
  writeFileSync(config, `data_dir = "${dataDir}"\n`);
  // As a server has it open: each command goes by way of it, and none has to start a database.
  store = await openStore({ dataDir, clock: realClock, log: silentLog });
  for (const digits of ['1', '2', '3'])
    await subscriber('add', digits, '--name', `Account ${digits}`, '--number', `555010${digits}`);
});
afterAll(async () => {
  await store.close();
  rmSync(dataDir, { recursive: true });
});
afterEach(() => vi.restoreAllMocks());

/** What one `cordboard subscriber ...` prints. */
async function subscriber(...args: string[]): Promise<string> {
  let printed = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.stubEnv('DATABASE_URL', '');
  const program = await createProgram('subscriber');
  await program.parseAsync(['subscriber', ...args, '--config', config], { from: 'user' }).finally(() => {
    write.mockRestore();
    vi.unstubAllEnvs();
  });
  return printed;
}

describe('BL-A2 who pays, by the command line', () => {
  test('BL-A2 an agreement is entered, listed with who entered it, and ended; a second payer at once is refused', async () => {
    expect(await subscriber('payers')).toBe('Nobody: each caller pays.\n');
    const third = ['pays', '3', '--for', '1', '--calls', 'made', '--with', '2'];
    expect(await subscriber(...third)).toMatch(
      /^000000000003 pays for calls that 000000000001 makes \(rule \d+\)\.\n$/,
    );
    await expect(subscriber('pays', '2', ...third.slice(2))).rejects.toThrow('Somebody pays for these calls');
    await expect(subscriber('pays', '9', '--for', '1', '--calls', 'made')).rejects.toThrow(
      'There is no account 000000000009.',
    );
    const table = await subscriber('payers', '1');
    expect(table).toMatch(/000000000003 {2}000000000001 {2}made {3}000000000002/);
    for (const line of table.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    expect(await subscriber('payers', '2')).toBe('Nobody: each caller pays.\n');
    const { rules } = JSON.parse(await subscriber('payers', '--json'));
    expect(rules).toMatchObject([{ payer: '000000000003', other: '000000000002', validTo: null }]);
    const rule = String(rules[0].id);
    expect(await subscriber('end-payer', rule)).toBe(`Rule ${rule} holds for no call from now on.\n`);
    await expect(subscriber('end-payer', rule)).rejects.toThrow(`There is no rule ${rule} that still holds.`);
  });

  test('BL-A2 what would end before it begins, and what names no calls, is refused', async () => {
    const times = ['--from', '2026-12-01', '--to', '2026-11-01'];
    await expect(subscriber('pays', '3', '--for', '1', '--calls', 'made', ...times)).rejects.toThrow(
      'It would end before it begins.',
    );
    await expect(subscriber('pays', '3', '--for', '1')).rejects.toThrow('--calls');
    await expect(subscriber('pays', '3', '--for', '1', '--calls', 'all')).rejects.toThrow('made, received');
  });

  test('BL-A2 a limit is set, shown as it was written, and removed', async () => {
    const shown = '000000000001 pays at most 5.00 USD a day, and 100.00 USD a month.\n';
    const amounts = ['--per-day', '5.00', '--per-month', '100'];
    expect(await subscriber('limit', '1', ...amounts, '--currency', 'USD')).toBe(shown);
    expect(await subscriber('limit', '1')).toBe(shown);
    expect(JSON.parse(await subscriber('limit', '1', '--json'))).toMatchObject({
      limit: { perDay: '5.00', perMonth: '100.00', currency: 'USD' },
    });
    expect(await subscriber('limit', '1', '--per-day', '500', '--currency', 'JPY')).toBe(
      '000000000001 pays at most 500 JPY a day.\n',
    );
    expect(await subscriber('limit', '1', '--remove')).toBe('000000000001 has no limit any more.\n');
    expect(await subscriber('limit', '1')).toBe('000000000001 has no limit.\n');
    await expect(subscriber('limit', '1', '--remove')).rejects.toThrow('has no limit');
  });

  test.each([
    [['--per-day', '1.00001', '--currency', 'USD'], 'Not an amount'],
    [['--per-day', '-1', '--currency', 'USD'], 'Not an amount'],
    [['--per-day', '1e3', '--currency', 'USD'], 'Not an amount'],
    [['--per-day', '1'], 'Add --currency'],
    [['--per-day', '1', '--currency', 'usd'], 'ISO 4217'],
    [['--per-day', '1', '--currency', 'USD', '--remove'], 'Either --remove, or amounts.'],
  ])('BL-A2 %j is no limit', async (args, why) => {
    await expect(subscriber('limit', '1', ...args)).rejects.toThrow(why);
  });
});

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { configFor, withStore } from '../../src/cli/with-store.js';

const folder = mkdtempSync(join(tmpdir(), 'cordboard-with-store-'));
const config = join(folder, 'cordboard.toml');
const url = 'postgres://billing@localhost:5432/cordboard';
writeFileSync(config, `data_dir = "/from/file"\ndatabase_url = "${url}"\n`);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

describe('which database a command opens', () => {
  test('CM-335 a folder on the command line stands over a database URL of file and environment', () => {
    vi.stubEnv('DATABASE_URL', url);
    expect(configFor({ config, dataDir: 'data/demo' })).toMatchObject({ data_dir: 'data/demo' });
    expect(configFor({ config, dataDir: 'data/demo' })).not.toHaveProperty('database_url');
  });

  test("CM-335 an empty DATABASE_URL counts as unset: the file's stands", () => {
    vi.stubEnv('DATABASE_URL', '');
    expect(configFor({ config })).toMatchObject({ data_dir: '/from/file', database_url: url });
  });

  test('CM-335 where no server has run, a command that asks says so and makes nothing', async () => {
    vi.stubEnv('DATABASE_URL', '');
    const dataDir = join(folder, 'wrong-place');
    await expect(withStore({ dataDir }, async () => {})).rejects.toMatchObject({
      exitCode: 17,
      message: expect.stringContaining('wrong-place: no server has run'),
    });
    expect(existsSync(dataDir)).toBe(false);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadConfig, printableConfig } from '../../src/cli/config.js';
import { CommandFailed, exitCodes } from '../../src/cli/exit-codes.js';

const folder = mkdtempSync(join(tmpdir(), 'cordboard-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(text: string): string {
  const path = join(folder, 'cordboard.toml');
  writeFileSync(path, text);
  return path;
}

/** The published shape, shortened to one of each. */
const whole = `
[office]
time_scale = 0.5
[[office.line]]
number = "5550100"
hunt = "5550100"
[[office.line]]
number = "5550101"
expose = "pty:run/alice"
rate = 28800
delay_ms = 60
bit_error_rate = 0.0
[server]
number = "5550100"
trunks = ["sim:5550100", "sim:5550199"]
[[subscriber]]
account = "1"
name = "Alice Ltd"
number = "5550101"
versions = [1, 2]
accepts = ["000000000002", "*"]
`;

function failureOf(load: () => unknown): CommandFailed {
  try {
    load();
  } catch (error) {
    if (error instanceof CommandFailed) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('configuration file', () => {
  test('the published shape is read, accounts left-filled, defaults laid under', () => {
    const config = loadConfig(file(whole), {});
    expect(config.office?.line[1]).toEqual({
      number: '5550101',
      expose: 'pty:run/alice',
      rate: 28_800,
      delay_ms: 60,
      bit_error_rate: 0,
      caller_id: 'shown',
      modem: 'generic',
    });
    expect(config.office?.line[0]?.rate).toBe(33_600);
    expect(config.subscriber[0]).toMatchObject({
      account: '000000000001',
      versions: [1, 2],
      accepts: ['000000000002', '*'],
      allow_withheld_ani: false,
    });
    expect(config.data_dir).toBe('./data');
  });

  test('a line with a GSM modem, and the PIN of its SIM', () => {
    const gsm = whole.replace('delay_ms = 60', 'modem = "gsm"\npin = "1234"');
    expect(loadConfig(file(gsm), {}).office?.line[1]).toMatchObject({ modem: 'gsm', pin: '1234' });
  });

  test('the environment stands over the file, a flag over both', () => {
    const environment = { CORDBOARD_OFFICE_TIME_SCALE: '0.01', CORDBOARD_DATA_DIR: '/from/environment' };
    const path = file(whole);
    expect(loadConfig(path, environment).office?.time_scale).toBe(0.01);
    expect(loadConfig(path, environment).data_dir).toBe('/from/environment');
    expect(loadConfig(path, environment, { data_dir: '/from/flag' }).data_dir).toBe('/from/flag');
  });

  test.each([
    ['a misspelt key', whole.replace('delay_ms', 'delay'), 'office.line.1.delay: no such key'],
    ['a rate in words', whole.replace('28800', '"fast"'), 'office.line.1.rate'],
    ['a negative delay', whole.replace('= 60', '= -1'), 'office.line.1.delay_ms'],
    [
      'an account in letters',
      whole.replace('"1"', '"alice"'),
      'subscriber.0.account: must be an account number',
    ],
    ['an unknown version', whole.replace('[1, 2]', '[3]'), 'subscriber.0.versions.0'],
    [
      'a PIN without a SIM',
      whole.replace('delay_ms = 60', 'pin = "1234"'),
      'office.line.1: a pin needs modem = "gsm"',
    ],
    [
      'a PIN of letters',
      whole.replace('delay_ms = 60', 'modem = "gsm"\npin = "abcd"'),
      'office.line.1.pin: must be 4 to 8 digits',
    ],
    ['one trunk only', whole.replace(', "sim:5550199"', ''), 'server.trunks: needs two lines'],
    ['no TOML', 'office = [', 'not valid TOML'],
  ])('%s is named, and the exit code is that of wrong usage', (_, text, named) => {
    const failure = failureOf(() => loadConfig(file(text), {}));
    expect(failure.message).toContain(named);
    expect(failure.exitCode).toBe(exitCodes.usage);
  });

  test('all mistakes are told at once', () => {
    const { message } = failureOf(() =>
      loadConfig(file(whole.replace('28800', '1').replace('[1, 2]', '[9]')), {}),
    );
    expect(message).toContain('office.line.1.rate');
    expect(message).toContain('subscriber.0.versions.0');
  });

  test('a file that is not there is said to be so', () => {
    expect(failureOf(() => loadConfig(join(folder, 'none.toml'), {})).message).toContain('cannot be read');
  });

  test('what is shown never holds the password of the database', () => {
    const shown = printableConfig(
      loadConfig(file(whole), { DATABASE_URL: 'postgres://user:s3cret@localhost:5432/cordboard' }),
    );
    expect(shown.database_url).toBe('postgres://user:***@localhost:5432/cordboard');
  });
});

test('BL-80 [billing] says who asks for the money; bills and credit notes have series of their own', () => {
  const billing = (more: string) => file(`[billing]\nname = "Example"\n${more}`);
  expect(loadConfig(billing('due_days = 14'), {}).billing).toEqual({
    ...{ name: 'Example', address: [], due_days: 14, series: 'B', credit_series: 'C', paper: 'letter' },
  });
  expect(loadConfig(file(''), {}).billing).toBeUndefined();
  const wrong = 'series = "C"\npaper = "a3"\ndue_days = -1';
  expect(failureOf(() => loadConfig(billing(wrong), {})).message).toMatch(/due_days: .*paper: /s);
  expect(failureOf(() => loadConfig(billing('series = "C"'), {})).message).toContain(
    'billing.credit_series: must differ',
  );
  expect(failureOf(() => loadConfig(billing('series = "a b"'), {})).message).toContain(
    'capital letters and digits',
  );
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.js';
import { byTheMinute } from '../billing/rated-calls.js';
import { cordboard, ServerFolder } from './command-line.js';

let server: ServerFolder;

beforeAll(async () => {
  server = await ServerFolder.open();
  await server.addAccounts('1', '2');
});
afterAll(() => server?.close());

const says = (...words: string[]) => server.says('tariff', ...words);
const refuses = (...words: string[]) => server.refuses('tariff', ...words);
const failed = (message: string) => ({ code: exitCodes.failed, complaints: `cordboard: ${message}\n` });
const wrong = (message: string) => ({ code: exitCodes.usage, complaints: `cordboard: ${message}\n` });

/** Times of import, and who it was. */
const anyImport = (text: string) =>
  text.replaceAll(/imported [\d-]+ [\d:]+ by \S+/g, 'imported THEN by SOMEBODY');

describe('cordboard tariff', () => {
  test('telephony 7.6: before the first import every order says that there is none', async () => {
    expect(await says('list')).toBe('No tariffs yet. Import one: `cordboard tariff import FILE`.\n');
    expect(await server.json('tariff', 'list')).toEqual([]);
    const none = failed('There is no tariff old. `cordboard tariff list` shows those that there are.');
    expect(await refuses('show', 'old')).toEqual(none);
    expect(await refuses('default', 'old')).toEqual(none);
    expect(await refuses('assign', '1', 'old')).toEqual(none);
    expect(await refuses('withdraw', '1')).toEqual(
      failed('There is no version 1 that holds. `cordboard tariff list` shows their numbers.'),
    );
  });

  test('telephony 7.6: every fault of a file is told with the file and the line, and nothing is imported', async () => {
    const faulty = await server.write(
      'faulty.toml',
      byTheMinute('faulty', '0,10').replace('USD', 'USX').replace('[[rate]]', 'colour = "red"\n[[rate]]'),
    );
    const message =
      `${faulty} is no tariff that can be used:\n` +
      '  line 4: currency: must be a code of ISO 4217, e.g. "USD"\n' +
      '  line 11: rate.step.price: must be digits with at most twelve decimals, not below zero, e.g. "0.25"\n' +
      '  line 7: colour: no such key; check its spelling';
    expect(await cordboard(['tariff', 'check', faulty])).toEqual({ ...wrong(message), output: '' });
    const whole = await server.write('whole.toml', byTheMinute('whole', '0.10'));
    expect(await refuses('import', whole, faulty)).toEqual(wrong(message));
    expect(await server.json('tariff', 'list')).toEqual([]);
  });

  test('telephony 7.6: a fault of the rates is told with their file and line', async () => {
    const head = byTheMinute('by-file', '0').replace(/\[\[rate\]\][\s\S]*/, 'rates = "by-file.csv"\n');
    const path = await server.write('by-file.toml', head);
    const missing = wrong(`${server.file('by-file.csv')} cannot be read: it is not there.`);
    expect(await refuses('import', path)).toEqual(missing);
    await server.write('by-file.csv', 'prefix,name,price\n1,toll,0.25\nx,local,0.10\n2,more\n');
    expect(await refuses('import', path)).toEqual(
      wrong(
        `${path} is no tariff that can be used:\n` +
          '  by-file.csv line 3: prefix: must be at most 20 digits\n' +
          '  by-file.csv line 4: has 2 cells, and the heading has 3: is a comma within a cell that is not quoted?',
      ),
    );
  });

  test.each([
    ['none.toml', undefined, ' cannot be read: it is not there.'],
    ['.', undefined, ' cannot be read: it is a folder.'],
    ['latin.toml', Buffer.from('name = "Z\xfcrich"', 'latin1'), ' is not in UTF-8. Save it as UTF-8 text.'],
    [
      'wide.toml',
      Buffer.from('name', 'utf16le'),
      ' is no text: it has an octet of value 0. Save it as UTF-8.',
    ],
    [
      'broken.toml',
      'name = "a"\nzone = "UTC\n',
      ' is no tariff that can be used:\n  Invalid TOML document: control characters are not allowed in strings\n\n' +
        '1:  name = "a"\n2:  zone = "UTC\n               ^',
    ],
  ])('telephony 7.6: %s is no tariff file, and the message says why', async (name, content, why) => {
    const path = content === undefined ? server.file(name) : await server.write(name, content);
    const { code, complaints } = await refuses('import', path);
    expect(complaints).toBe(`cordboard: ${path}${why}\n`);
    expect(code).toBe(exitCodes.usage);
  });

  test('telephony 7.6: a file is imported once; until one is the default, that is told', async () => {
    const path = await server.write('new.toml', byTheMinute('new', '0.10'));
    const hint =
      'No tariff is the default one: accounts without a tariff of their own are not rated.\n' +
      '`cordboard tariff default NAME` makes one the default.\n';
    expect(await says('import', path)).toBe(`${path}: version 1 of new, 2020-01-01 05:00 on (UTC).\n${hint}`);
    expect(await says('import', path)).toBe(`${path}: is imported already, as version 1 of new.\n${hint}`);
    const isDefault = 'new is the tariff of accounts that have none of their own.\n';
    expect(await says('import', path, '--default')).toBe(
      `${path}: is imported already, as version 1 of new.\n${isDefault}`,
    );
    expect(await says('default', 'new')).toBe(isDefault);
    expect(await says('list')).toMatch(/^ {6}1 {2}new {5}2020-01-01 05:00 +- {4}default$/m);
  });

  test('telephony 7.6: two tariffs are not the default one at once', async () => {
    const paths = [
      await server.write('a.toml', byTheMinute('a', '0.10')),
      await server.write('b.toml', byTheMinute('b', '0.10')),
    ];
    expect(await refuses('import', ...paths, '--default')).toEqual(
      wrong('One tariff can be the default one, and these files have 2: a, b. Nothing was imported.'),
    );
    expect(await server.json('tariff', 'list')).toMatchObject([{ name: 'new', isDefault: true }]);
  });

  test('telephony 7.6: a version takes the place of another one only where that is asked for', async () => {
    const dearer = await server.write('dearer.toml', byTheMinute('new', '0.20', '', '2021-01-01'));
    const { code, complaints } = await refuses('import', dearer);
    expect(anyImport(complaints)).toBe(
      `cordboard: ${dearer} is not imported: new has a version that holds in its time already:\n` +
        '  version 1, 2020-01-01 05:00 on (UTC), imported THEN by SOMEBODY\n' +
        'With --replaces the new one takes its place from where it begins; or end the old one with valid_to, or withdraw it.\n',
    );
    expect(code).toBe(exitCodes.failed);
    expect(await says('import', dearer, '--replaces')).toMatch(
      /: version \d+ of new, 2021-01-01 05:00 on \(UTC\)\.\n {2}in the place of version 1, 2020-01-01 05:00 on\n$/,
    );
    const [listed] = await server.json<[{ versions: { id: number; validTo: string | null }[] }]>(
      'tariff',
      'list',
    );
    expect(listed.versions).toMatchObject([
      { id: 1, validTo: null, withdrawnAt: expect.stringMatching(/Z$/), withdrawnBy: expect.any(String) },
      { validFrom: '2020-01-01T05:00:00.000Z', validTo: '2021-01-01T05:00:00.000Z', withdrawnAt: null },
      { validFrom: '2021-01-01T05:00:00.000Z', validTo: null, withdrawnAt: null, withdrawnBy: null },
    ]);
    expect(await says('show', 'new')).toContain('0.20/60 s in 60 s');
    expect(await says('show', 'new', '--at', '2020-06-01')).toContain('0.10/60 s in 60 s');
    expect(await says('show', 'new', '--file')).toBe(byTheMinute('new', '0.20', '', '2021-01-01'));
    expect(await refuses('show', 'new', '--at', '2019-12-31')).toEqual(
      failed('new has no version for 2019-12-31 00:00 (UTC). `cordboard tariff list` shows when it has.'),
    );
    expect((await refuses('show', 'new', '--at', 'then')).complaints).toContain(
      'Not a date or time of ISO 8601, e.g.',
    );
  });

  test('telephony 7.6: a version is withdrawn once, by its number; the gap is told at the next import', async () => {
    const [{ versions }] = await server.json<[{ versions: { id: number }[] }]>('tariff', 'list');
    const id = String(versions.at(-1)?.id);
    expect(await says('withdraw', id)).toBe(
      `Version ${id} holds no more. What was charged by it stays; \`cordboard rate --from --to\` shows what would change.\n`,
    );
    expect(await refuses('withdraw', id)).toEqual(
      failed(`There is no version ${id} that holds. \`cordboard tariff list\` shows their numbers.`),
    );
    for (const text of ['x', '0', '-1', '1.5']) {
      const { code, complaints } = await refuses('withdraw', text);
      expect(complaints).toContain('Not the number of a version.');
      expect(code).toBe(exitCodes.usage);
    }
    const later = await server.write('later.toml', byTheMinute('new', '0.30', '', '2022-01-01'));
    expect(await says('import', later)).toContain(
      '\n  new has no version from 2021-01-01 05:00 to 2022-01-01 05:00: calls then are not rated.\n',
    );
  });

  test('telephony 7.6: an account is given a tariff of its own, and the default one again', async () => {
    expect(await says('assign', '1', 'new')).toBe(
      '000000000001 pays by new, from the next call that is rated.\n',
    );
    expect(await says('list')).toMatch(/ {2}default, 1 account$/m);
    await says('assign', '2', 'new');
    expect(await says('list')).toMatch(/ {2}default, 2 accounts$/m);
    expect(await says('assign', '1')).toBe(
      '000000000001 pays by the default tariff, from the next call that is rated.\n',
    );
    expect(await refuses('assign', '9', 'new')).toEqual(
      failed('There is no account 000000000009. `cordboard subscriber list` shows those that there are.'),
    );
  });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.js';
import { byTheMinute } from '../billing/rated-calls.js';
import { ServerFolder } from './command-line.js';

let server: ServerFolder;

beforeAll(async () => {
  server = await ServerFolder.open();
  await server.addAccounts('1', '2', '3', '4');
});
afterAll(() => server?.close());

const says = (...words: string[]) => server.says('subscriber', ...words);
const refuses = (...words: string[]) => server.refuses('subscriber', ...words);

const unknown = {
  code: exitCodes.failed,
  complaints:
    'cordboard: There is no account 000000000009. `cordboard subscriber list` shows those that there are.\n',
};

describe('BL-A2 who pays, by the command line', () => {
  test('BL-A2 an agreement is entered, listed with who entered it, and ended; a second payer at once is refused', async () => {
    expect(await says('payers')).toBe('Nobody: each caller pays.\n');
    const third = ['pays', '3', '--for', '1', '--calls', 'made', '--with', '2'];
    expect(await says(...third)).toMatch(
      /^000000000003 pays for calls that 000000000001 makes to 000000000002, from [\d: -]{16} on, UTC \(rule \d+\)\.\n$/,
    );
    const second = await refuses('pays', '2', ...third.slice(2));
    expect(second).toEqual({
      code: exitCodes.failed,
      complaints:
        'cordboard: Somebody pays for these calls at that time already; see `cordboard subscriber payers`, and end that first.\n',
    });
    const table = await says('payers', '1');
    expect(table).toMatch(/000000000003 {2}000000000001 {2}made {3}000000000002/);
    for (const line of table.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    expect(await says('payers', '4')).toBe('000000000004 for nobody, and nobody for it: each caller pays.\n');
    const { rules } = await server.json<{ rules: [{ id: number }] }>('subscriber', 'payers');
    expect(rules).toMatchObject([{ payer: '000000000003', other: '000000000002', validTo: null }]);
    const rule = String(rules[0].id);
    expect(await says('end-payer', rule)).toBe(`Rule ${rule} holds for no call from now on.\n`);
    expect(await refuses('end-payer', rule)).toEqual({
      code: exitCodes.failed,
      complaints: `cordboard: There is no rule ${rule} that still holds. \`cordboard subscriber payers\` shows those that there are.\n`,
    });
  });

  test('BL-A2 a span is told as it was entered', async () => {
    const span = ['--from', '2090-01-01', '--to', '2091-01-01T12:30'];
    expect(await says('pays', '2', '--for', '3', '--calls', 'received', ...span)).toMatch(
      /^000000000002 pays for calls that 000000000003 receives, from 2090-01-01 00:00 to 2091-01-01 12:30, UTC \(rule \d+\)\.\n$/,
    );
  });

  test.each([
    [
      ['pays', '3', '--for', '1', '--calls', 'made', '--from', '2026-12-01', '--to', '2026-11-01'],
      /It would end before it begins/,
    ],
    [['pays', '3', '--for', '1'], /'--calls <which>' not specified/],
    [['pays', '3', '--for', '1', '--calls', 'all'], /made, received/],
    [['pays', '3', '--for', '1', '--calls', 'made', '--with', '1'], /000000000001 has no calls with itself/],
    [['pays', '3', '--for', '1', '--calls', 'made', '--from', '-000001-01-01'], /Not a date or time of ISO/],
    [['pays', '3', '--for', '1', '--calls', 'made', '--from', '1'], /Not a date or time of ISO/],
    [['pays', '3', '--for', '1', '--calls', 'made', '--from', 'soon'], /Not a date or time of ISO 8601/],
    [['add', '5', '--number', '5', '--name', ' '], /Write 1 to 80 characters/],
    [['end-payer', '0'], /Not the number of a rule/],
    [['end-payer', 'x'], /Not the number of a rule/],
    [['limit', '1', '--per-day', '1.00001', '--currency', 'USD'], /Not an amount/],
    [['limit', '1', '--per-day', '-1', '--currency', 'USD'], /Not an amount/],
    [['limit', '1', '--per-day', '1e3', '--currency', 'USD'], /Not an amount/],
    [['limit', '1', '--per-day', '1'], /Add --currency/],
    [['limit', '1', '--currency', 'USD'], /Add an amount, for example --per-day 5\.00/],
    [['limit', '1', '--per-day', '1', '--currency', 'usd'], /ISO 4217/],
    [['limit', '1', '--per-day', '1', '--currency', 'XXQ'], /ISO 4217/],
    [['limit', '1', '--per-day', '1', '--currency', 'USD', '--remove'], /Either --remove, or amounts\./],
  ] as const)('BL-A2 `subscriber` %j is wrong usage', async (words, why) => {
    const { code, complaints } = await refuses(...words);
    expect(complaints).toMatch(why);
    expect(code).toBe(exitCodes.usage);
  });

  test.each([
    [['pays', '9', '--for', '1', '--calls', 'made']],
    [['pays', '1', '--for', '9', '--calls', 'made']],
    [['pays', '1', '--for', '2', '--calls', 'made', '--with', '9']],
    [['payers', '9']],
    [['limit', '9']],
    [['limit', '9', '--remove']],
    [['limit', '9', '--per-day', '5', '--currency', 'USD']],
    [['show', '9']],
    [['suspend', '9']],
    [['authorise', '9', '1']],
  ])('BL-A2 `subscriber` %j names an account that is not there', async (words) => {
    expect(await refuses(...words)).toEqual(unknown);
  });
});

describe('BL-A2 what an account pays at most, by the command line', () => {
  test('BL-A2 a limit of an account that nobody can rate is set, with a warning', async () => {
    expect(await server.run('subscriber', 'limit', '4', '--per-day', '5', '--currency', 'USD')).toEqual({
      code: 0,
      output: '000000000004 pays at most 5 USD a day.\n',
      complaints:
        'No tariff in force tells what the calls of 000000000004 cost: until one does, they are neither limited nor rated.\n',
    });
    await says('limit', '4', '--remove');
  });

  test('BL-A2 a limit is set, shown as it was written, and removed, each as text or as JSON', async () => {
    await server.says('tariff', 'import', await server.write('dollars.toml', byTheMinute('dollars', '0.10')));
    await server.says('tariff', 'assign', '1', 'dollars');
    const shown = '000000000001 pays at most 5.00 USD a day, and 100.00 USD a month.\n';
    const amounts = ['--per-day', '5.00', '--per-month', '100'];
    expect(await says('limit', '1', ...amounts, '--currency', 'USD')).toBe(shown);
    expect(await says('limit', '1')).toBe(shown);
    expect(await server.json('subscriber', 'limit', '1')).toEqual({
      v: 1,
      limit: {
        ...{ account: '000000000001', currency: 'USD', perDay: '5.00', perMonth: '100.00' },
        setAt: expect.stringMatching(/Z$/),
        setBy: expect.stringMatching(/./),
      },
    });
    expect(await says('limit', '1', '--per-day', '500', '--currency', 'USD')).toBe(
      '000000000001 pays at most 500 USD a day.\n',
    );
    expect(
      await server.json('subscriber', 'limit', '1', '--per-month', '1.5', '--currency', 'USD'),
    ).toMatchObject({ limit: { perDay: null, perMonth: '1.5', currency: 'USD' } });
    expect(await server.json('subscriber', 'limit', '1', '--remove')).toEqual({ v: 1, limit: null });
    expect(await says('limit', '1')).toBe('000000000001 has no limit.\n');
    expect(await refuses('limit', '1', '--remove')).toEqual({
      code: exitCodes.failed,
      complaints: 'cordboard: Account 000000000001 has no limit.\n',
    });
    await says('limit', '1', '--per-day', '0', '--currency', 'USD');
    expect(await says('limit', '1', '--remove')).toBe('000000000001 has no limit any more.\n');
  });

  test('BL-A2 a limit that cannot be compared with the charges of its tariff is set, with a warning', async () => {
    const set = (currency: string) =>
      server.run('subscriber', 'limit', '1', '--per-day', '5', '--currency', currency);
    expect(await set('USD')).toMatchObject({ code: 0, complaints: '' });
    expect(await set('EUR')).toEqual({
      code: 0,
      output: '000000000001 pays at most 5 EUR a day.\n',
      complaints:
        'Its tariff dollars is in USD: a limit in EUR cannot be compared with that, and calls for which 000000000001 would pay are refused. Set it in USD, or remove it.\n',
    });
    await says('limit', '1', '--remove');
  });
});

describe('cordboard subscriber show', () => {
  const lines = async () => (await says('show', '2')).split('\n').slice(-5);

  test('BL-A2 an account is shown with its tariff, who pays, and its limit', async () => {
    const none = 'tariff              none, and none is the default: its calls are not rated';
    expect((await lines()).join('\n')).toContain(none);
    expect(await server.json('subscriber', 'show', '4')).toMatchObject({
      ...{ account: '000000000004', tariff: null, payerRules: [], limit: null },
    });
    expect(await says('show', '4')).toMatch(
      /\ntariff .*\npays at most {8}no limit\npays for {12}the calls that it makes\n$/,
    );

    const yen = byTheMinute('yen', '10').replace('"USD"', '"JPY"').replace('New_York', 'Chicago');
    await server.says('tariff', 'import', await server.write('yen.toml', yen), '--default');
    await says('limit', '2', '--per-day', '900', '--currency', 'JPY');
    const made = await says('pays', '4', '--for', '2', '--calls', 'made');
    const [, rule = ''] = /\(rule (\d+)\)/.exec(made) ?? [];
    expect((await lines()).map((line) => line.replace(/from [\d: -]{16} on/, 'from then on'))).toEqual([
      'tariff              yen, the default one (JPY, America/Chicago)',
      'pays at most        900 JPY a day',
      `paid for            calls that 000000000002 makes, from then on, UTC (rule ${rule}), by 000000000004`,
      // Not before 2090, but agreed.
      expect.stringMatching(/^pays for {12}calls that 000000000003 receives, from 2090-01-01 00:00 to /),
      '',
    ]);
    expect(await server.json('subscriber', 'show', '2')).toMatchObject({
      tariff: { name: 'yen', isDefault: true, currency: 'JPY', zone: 'America/Chicago' },
      payerRules: expect.arrayContaining([expect.objectContaining({ id: Number(rule), validTo: null })]),
      limit: { perDay: '900', perMonth: null, currency: 'JPY' },
    });
    expect(await says('show', '4')).toContain('\npays for            calls that 000000000002 makes, from ');
    await says('end-payer', rule);
    expect(await says('show', '2')).not.toContain('000000000004');
  });

  test('BL-A2 its own tariff goes before the default one, and one that has no version in force is told', async () => {
    await server.says('tariff', 'assign', '2', 'dollars');
    expect(await says('show', '2')).toContain('\ntariff              dollars (USD, America/New_York)\n');
    const [dollars] = await server.json<[{ versions: [{ id: number }] }]>('tariff', 'list');
    await server.says('tariff', 'withdraw', String(dollars.versions[0].id));
    expect(await says('show', '2')).toContain(
      '\ntariff              dollars: no version of it is in force, and its calls are not rated\n',
    );
    expect(await server.json('subscriber', 'show', '2')).toMatchObject({
      tariff: { name: 'dollars', isDefault: false, currency: null, zone: null },
    });
  });
});

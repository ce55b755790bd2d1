import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.js';
import { byTheMinute } from '../billing/rated-calls.js';
import { ServerFolder } from './command-line.js';

let server: ServerFolder;
/** Tracking IDs. */
let toll: string;
let local: string;

beforeAll(async () => {
  server = await ServerFolder.open('[billing]\nname = "Example Telephone Company"\n');
  await server.addAccounts('1', '2', '3');
  local = await server.call({ caller: '1', callee: '2', ringAt: '2020-03-05T15:00:00Z', seconds: 61 });
  toll = await server.call({ caller: '2', callee: '1', ringAt: '2020-03-06T15:00:00Z', seconds: 30 });
});
afterAll(() => server?.close());

const says = (...words: string[]) => server.says('rate', ...words);
const refuses = (...words: string[]) => server.refuses('rate', ...words);
const failed = (message: string) => ({ code: exitCodes.failed, complaints: `cordboard: ${message}\n` });

const march = ['--from', '2020-03-01', '--to', '2020-04-01'];

describe('cordboard rate', () => {
  test('BL-A1 what cannot be rated is counted with the reason, and rated when that is gone', async () => {
    const waiting = 'who pays has no tariff, and none is the default';
    expect(await says()).toBe(
      `0 calls rated.\n\ncalls  not rated, because\n-----  -----------------------------------------------\n    2  ${waiting}\n`,
    );
    expect(await server.json('rate')).toEqual({
      ...{ charged: 0, superseded: 0, sums: [] },
      unrated: [{ reason: waiting, calls: 2 }],
    });
    expect(await says('--explain', local)).toMatch(new RegExp(`\\nNot rated: ${waiting}\\n$`));
    await server.says(
      'tariff',
      'import',
      await server.write('old.toml', byTheMinute('old', '0.10')),
      '--default',
    );
    expect(await says()).toBe('2 calls rated: 0.30 USD.\n');
    expect(await says()).toBe('0 calls rated.\n');
    await server.call({ caller: '3', callee: '1', ringAt: '2020-03-07T15:00:00Z', seconds: 1 });
    expect(await says()).toBe('1 call rated: 0.10 USD.\n');
  });

  test('BL-A1 a charge is explained by the whole ID and by its last twelve digits, in either case', async () => {
    const explained = await says('--explain', local);
    expect(explained).toMatch(
      new RegExp(
        `^Call ${local} from 000000000001 to 000000000002 at 5550102\\nBridged 2020-03-05 15:00:20 UTC, 61 s, delivery\n`,
      ),
    );
    expect(explained).toContain('\nSeconds 0 to 120, any, all: 2 x 60 s at 0.10 per 60 s: 0.20\n');
    expect(explained).toMatch(/\nCharge: 0\.20 USD\n$/);
    expect(await says('--explain', local.slice(-12))).toBe(explained);
    expect(await says('--explain', local.toUpperCase())).toBe(explained);
  });

  test('BL-A1 a call that is named badly is told apart from one that is not there and from two that are', async () => {
    for (const short of ['1', local.slice(-11), local.slice(0, -1), 'x'.repeat(12)]) {
      const { code, complaints } = await refuses('--explain', short);
      expect(complaints).toContain('Not a tracking ID, nor the last twelve digits of one.');
      expect(code).toBe(exitCodes.usage);
    }
    expect(await refuses('--explain', 'ffffffffffff')).toEqual(
      failed('No tracking ID ends with ffffffffffff.'),
    );
    const none = `${local.slice(0, -3)}fff`;
    expect(await refuses('--explain', none)).toEqual(
      failed(`There is no call ${none} that is over. \`cordboard calls\` lists them.`),
    );
    const twin = await server.call(
      { caller: '1', callee: '2', ringAt: '2020-05-05T15:00:00Z', seconds: 1 },
      Number.parseInt(toll.slice(-8), 16),
    );
    expect(await refuses('--explain', toll.slice(-12))).toEqual(
      failed(`${toll} and ${twin} both end with ${toll.slice(-12)}: name it whole.`),
    );
    expect(await says('--explain', twin)).toMatch(/\nNot rated yet: `cordboard rate` rates it\n$/);
    expect(await says()).toBe('1 call rated: 0.10 USD.\n');
  });

  test.each([
    [['--from', '2020-03-01'], /A trial needs --from and --to/],
    [['--to', '2020-03-01'], /A trial needs --from and --to/],
    [['--account', '1'], /A trial needs --from and --to/],
    [['--tariff', 'old'], /A trial needs --from and --to/],
    [['--from', '2020-04-01', '--to', '2020-03-01'], /--from must be before --to\./],
    [['--from', 'March', '--to', '2020-03-01'], /"March" is not a date or time of ISO 8601/],
    [['--from', '0000-01-01', '--to', '2020-03-01'], /"0000-01-01" is not a date or time of ISO 8601/],
    [['--from', '2020-03-01', '--to', '+010000-01-01'], /"\+010000-01-01" is not a date or time/],
    [['--zone', 'UTC'], /A trial needs --from and --to/],
    [[...march, '--zone', 'Atlantis'], /Not a time zone/],
    [[...march, '--account', 'one'], /Not an account number/],
    [['--explain', 'ffffffffffff', '--json'], /cannot be used with option '--json'/],
    [['--explain', 'ffffffffffff', '--tariff', 'old'], /cannot be used with option '--tariff/],
    [['keep'], /missing required argument 'run'/],
    [['keep', 'all'], /Not the number of a run/],
    [['discard', '0'], /Not the number of a run/],
    [['runs', '1x'], /Not the number of a run/],
  ])('BL-A1 `rate` %j is wrong usage', async (words, complaint) => {
    const { code, complaints } = await refuses(...words);
    expect(complaints).toMatch(complaint);
    expect(code).toBe(exitCodes.usage);
  });

  test('BL-A1 a trial of what is not there makes no run', async () => {
    expect(await refuses(...march, '--account', '9')).toEqual(
      failed('There is no account 000000000009. `cordboard subscriber list` shows those that there are.'),
    );
    expect(await refuses(...march, '--tariff', 'new')).toEqual(
      failed('new is neither a tariff (`cordboard tariff list` shows them) nor a file.'),
    );
    const faulty = await server.write('faulty.toml', byTheMinute('faulty', '0,10'));
    const { code, complaints } = await refuses(...march, '--tariff', faulty);
    expect(complaints).toMatch(
      /faulty\.toml is no tariff that can be used:\n {2}line 10: rate\.step\.price: /,
    );
    expect(code).toBe(exitCodes.usage);
    expect(await says('runs')).toBe('No trials.\n');
    expect(await server.json('rate', 'runs')).toEqual([]);
    for (const order of ['keep', 'discard', 'runs'])
      expect(await refuses(order, '7')).toEqual(
        failed('There is no run 7. `cordboard rate runs` shows those that there are.'),
      );
  });

  const dearer =
    'account       calls  changed   old   new  difference\n' +
    '------------  -----  -------  ----  ----  ----------  ---\n' +
    '000000000001      1        1  0.20  0.50        0.30  USD\n' +
    '000000000002      1        1  0.10  0.25        0.15  USD\n' +
    '000000000003      1        1  0.10  0.25        0.15  USD\n' +
    'all               3        3  0.40  1.00        0.60  USD\n';

  test('BL-A1 a trial by a file changes nothing, and leaves no run', async () => {
    const file = await server.write('new.toml', byTheMinute('new', '0.25'));
    expect(await says(...march, '--tariff', file)).toBe(
      `${dearer}\nNothing was stored: ${file} is not imported. Import it, and try it by its name, to keep the result.\n`,
    );
    expect(await server.json('rate', ...march, '--tariff', file)).toMatchObject({
      run: null,
      ...{ unrated: [], billed: 0 },
      accounts: [
        { account: '000000000001', currency: 'USD', calls: 1, changed: 1, old: '0.20', new: '0.50' },
        { account: '000000000002', old: '0.10', new: '0.25' },
        { account: '000000000003' },
      ],
    });
    expect(await says('runs')).toBe('No trials.\n');
    await server.says('tariff', 'import', file);
  });

  test('BL-A1 a trial is kept once, and what came of it is told to who tries it again', async () => {
    expect(await says(...march, '--tariff', 'new')).toBe(
      `${dearer}\nThis is run 1. \`cordboard rate keep 1\` makes it the charges, \`cordboard rate discard 1\` forgets it.\n`,
    );
    expect(await says('--explain', local)).toMatch(/\nCharge: 0\.20 USD\n$/);
    expect(await says('keep', '1')).toBe('Run 1 is kept: 3 charges in place of what was there.\n');
    expect(await says('--explain', local)).toMatch(/\nCharge: 0\.50 USD\n$/);
    for (const order of ['keep', 'discard']) {
      const { code, complaints } = await refuses(order, '1');
      expect(complaints).toMatch(
        /^cordboard: Run 1 was kept before, by \S+ at \d{4}-\d\d-\d\d \d\d:\d\d UTC; nothing was changed\.\n$/,
      );
      expect(code).toBe(exitCodes.failed);
    }
    const shown = await says('runs', '1');
    expect(shown).toMatch(/^ +1 {2}kept +2020-03-01 00:00 {2}2020-04-01 00:00 {2}all +new +\S+$/m);
    expect(shown).toContain(dearer);
  });

  test('BL-A1 a trial of a month as it is billed: by midnights of a zone', async () => {
    // 23:59:50 of March 31 in New York, the bridge ten seconds after midnight, and all of it in UTC's April.
    await server.call({ caller: '3', callee: '1', ringAt: '2020-04-01T03:59:50Z', seconds: 10 });
    await server.call({ caller: '3', callee: '1', ringAt: '2020-04-01T03:58:50Z', seconds: 10 });
    await says();
    const calls = async (...zone: string[]) => {
      const trial = ['rate', ...march, ...zone, '--account', '3', '--tariff', server.file('new.toml')];
      const { accounts } = await server.json<{ accounts: [{ calls: number }] }>(...trial);
      return accounts[0].calls;
    };
    expect(await calls()).toBe(1);
    expect(await calls('--zone', 'America/New_York')).toBe(2);
  });

  test('BL-A1 a trial is discarded once, and changes nothing', async () => {
    const { run } = await server.json<{ run: number }>('rate', ...march, '--tariff', 'old', '--account', '1');
    expect(run).toBe(2);
    expect(await says('discard', '2')).toBe('Run 2 is discarded.\n');
    for (const order of ['keep', 'discard'])
      expect((await refuses(order, '2')).complaints).toMatch(
        /^cordboard: Run 2 was discarded before, by \S+ at .* UTC; nothing was changed\.\n$/,
      );
    expect(await says('--explain', local)).toMatch(/\nCharge: 0\.50 USD\n$/);
    expect(await server.json('rate', 'runs')).toMatchObject([
      { id: 2, state: 'discarded', account: '000000000001', tariff: 'old', decidedAt: expect.any(String) },
      { id: 1, state: 'kept', account: null, difference: { accounts: { length: 3 } } },
    ]);
    expect(await server.json('rate', 'runs', '2')).toMatchObject({
      difference: { accounts: [{ account: '000000000001', old: '0.50', new: '0.20' }] },
    });
  });

  test('BL-A1 a trial that was broken off cannot be kept, and one kept in part cannot be discarded', async () => {
    const at = new Date('2020-05-01T00:00:00Z');
    const span = { from: at, to: new Date('2020-06-01T00:00:00Z'), account: undefined, tariff: undefined };
    const broken = await server.store.ratingRuns.begin({ ...span, madeAt: at, madeBy: 'anna' });
    expect(await refuses('keep', String(broken))).toEqual(
      failed(`Run ${broken} was broken off: discard it, and make it again; nothing was changed.`),
    );
    expect(await says('runs', String(broken))).toMatch(/\n\nIt was broken off, and cannot be kept\.\n$/);
    expect(await server.json('rate', 'runs', String(broken))).toMatchObject({
      ...{ state: 'draft', difference: null, decidedAt: null, decidedBy: null },
    });
    expect(await says('discard', String(broken))).toBe(`Run ${broken} is discarded.\n`);

    const { run } = await server.json<{ run: number }>('rate', ...march, '--tariff', 'old');
    await server.store.ratingRuns.beginKeeping(run);
    expect(await refuses('discard', String(run))).toEqual(
      failed(`Run ${run} is in the ledger in part: \`cordboard rate keep ${run}\` takes the rest there.`),
    );
    expect(await says('keep', String(run))).toContain(`Run ${run} is kept: 3 charges in place of`);
  });

  test('BL-A1 a charge on an issued bill stays, and a trial says so', async () => {
    await server.says('bill', 'issue', '--month', '2020-05');
    const trial = await says('--from', '2020-05-01', '--to', '2020-06-01', '--tariff', 'new');
    expect(trial).toContain('\n1 call on issued bills: what was charged stays.\n');
    const [, run = ''] = /This is run (\d+)/.exec(trial) ?? [];
    expect(await says('keep', run)).toBe(
      `Run ${run} is kept: 0 charges in place of what was there.\n1 call stayed as it was: on issued bills, which would have to be credited first.\n`,
    );
  });
});

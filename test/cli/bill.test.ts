import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.js';
import { byTheMinute } from '../billing/rated-calls.js';
import { cordboard, ServerFolder } from './command-line.js';

const seller = `
[billing]
name = "Example Telephone Company"
address = ["1 Main Street", "Springfield"]
`;

let server: ServerFolder;

beforeAll(async () => {
  server = await ServerFolder.open(seller);
  await server.addAccounts('1', '2', '3');
});
afterAll(() => server?.close());

const day = '2020-03-05T15:00:00Z';

describe('cordboard bill', () => {
  test('BL-80 before a bill there is none, no tax, and nothing to print: each is said, and makes nothing', async () => {
    expect(await server.says('bill', 'list')).toBe('No bills.\n');
    expect(await server.json('bill', 'list')).toEqual([]);
    expect(await server.says('bill', 'tax', 'list')).toBe('No taxes.\n');
    const folder = server.file('nothing');
    expect(await server.says('bill', 'print', '--month', '2020-03', '--to', folder)).toBe(
      'No bills of 2020-03; nothing was written.\n',
    );
    expect(existsSync(folder)).toBe(false);
  });

  test('BL-80 a month is billed when it is over and all of its calls have a charge; what is in the way is told', async () => {
    await server.says(
      'tariff',
      'import',
      await server.write('t.toml', byTheMinute('t', '0.10')),
      '--default',
    );
    const issue = ['bill', 'issue', '--month'];
    expect(await server.refuses(...issue, '2199-01')).toEqual({
      code: exitCodes.failed,
      complaints:
        'cordboard: 2199-01 is not over before 2199-02-01 05:00 UTC (midnight in America/New_York); nothing was billed. --early bills what is charged so far.\n',
    });
    await server.call({ caller: '1', callee: '2', ringAt: day, seconds: 61 });
    const unrated =
      'a charge: bills would be too low, and nothing was billed.\n' +
      '  1: not rated yet\nRun `cordboard rate` first; what it cannot rate, it lists with the reason.\n';
    expect(await server.refuses(...issue, '2020-03')).toEqual({
      code: exitCodes.failed,
      complaints: `cordboard: 1 call of 2020-03 without ${unrated}`,
    });
    await server.call({ caller: '1', callee: '2', ringAt: '2020-03-06T15:00:00Z', seconds: 60 });
    expect((await server.refuses(...issue, '2020-03', '--dry-run')).complaints).toBe(
      `cordboard: 2 calls of 2020-03 without ${unrated.replace('1:', '2:')}`,
    );
    await server.call({ caller: '2', callee: '1', ringAt: '2020-04-06T15:00:00Z', seconds: 60 });
    expect(await server.says('rate')).toBe('3 calls rated: 0.40 USD.\n');
  });

  test.each([
    [['issue'], /required option '--month <month>' not specified/],
    [['issue', '--month', '2020-13'], /Not a month; write year and month, for example 2026-10/],
    [['issue', '--month', 'March'], /Not a month/],
    [['issue', '--month', '0000-01'], /Not a month/],
    [['issue', '--month', '9999-12'], /Not a month/],
    [['list', '--month', '0000-01'], /Not a month/],
    [['issue', '--month', '2020-03', '--account', '1x'], /Not an account number/],
    [['show', '1'], /Not the number of a bill; it looks like B-000123/],
    [['show', 'B-1', '--pdf', ''], /The name is empty/],
    [['show', 'B-1', '--json', '--pdf', 'x'], /'--json' cannot be used with option '--pdf <file>'/],
    [['credit', 'B-1'], /required option '--why <reason>' not specified/],
    [['credit', 'B-1', '--why', ' '], /Write 1 to 500 characters/],
    [['print', '--month', '2020-03'], /required option '--to <folder>' not specified/],
    [['print', '--month', '2020-03', '--to', 'x', '--form', 'doc'], /Allowed choices are pdf, html/],
    [['list', '--limit', '0'], /Not a whole number from 1 to 999999/],
    [['list', '--kind', 'invoice'], /Allowed choices are bill, credit-note/],
    [['tax', 'add', 'VAT', '5'], /required option '--from <date>' not specified/],
    [['tax', 'add', 'VAT', '5%', '--from', '2020-01-01'], /Not a percentage from 0 to 100/],
    [['tax', 'add', 'VAT', '100.1', '--from', '2020-01-01'], /Not a percentage from 0 to 100/],
    [['tax', 'add', 'VAT', '-5', '--from', '2020-01-01'], /Not a percentage from 0 to 100/],
    [['tax', 'add', ' ', '5', '--from', '2020-01-01'], /Write 1 to 80 characters/],
    [['tax', 'add', 'VAT', '5', '--from', '0000-01-01'], /Not a day; write/],
    [['tax', 'add', 'VAT', '5', '--from', '2020-02-30'], /Not a day; write for example 2026-01-01/],
    [['tax', 'add', 'VAT', '5', '--from', '2020-02-01', '--to', '2020-02-01'], /--to must be after --from/],
    [['isue', '--month', '2020-03'], /unknown command 'isue'\n\(Did you mean issue\?\)/],
  ] as const)('BL-80 `bill` %j is wrong usage', async (words, complaint) => {
    const { code, complaints } = await server.refuses('bill', ...words);
    expect(complaints).toMatch(complaint);
    expect(code).toBe(exitCodes.usage);
  });

  test('BL-80 what is not there is told: an account, a bill', async () => {
    const folder = server.file('nothing');
    for (const words of [
      ['issue', '--month', '2020-03'],
      ['print', '--month', '2020-03', '--to', folder],
    ])
      expect(await server.refuses('bill', ...words, '--account', '9')).toEqual({
        code: exitCodes.failed,
        complaints:
          'cordboard: There is no account 000000000009. `cordboard subscriber list` shows those that there are.\n',
      });
    for (const words of [
      ['show', 'B-7'],
      ['show', 'b-000007', '--pdf', server.file('b7.pdf')],
      ['credit', 'B-7', '--why', 'x'],
    ])
      expect(await server.refuses('bill', ...words)).toEqual({
        code: exitCodes.failed,
        complaints: 'cordboard: There is no B-000007. `cordboard bill list` shows what was issued.\n',
      });
    expect(existsSync(server.file('b7.pdf'))).toBe(false);
  });

  test('BL-80 without a seller a trial shows what would be billed and says what is missing; nothing is issued', async () => {
    const bare = await server.write('bare.toml', `data_dir = "${server.path}"\n`);
    const issue = ['bill', 'issue', '--month', '2020-03', '--config', bare];
    const refused = await cordboard(issue);
    expect(refused).toMatchObject({ code: exitCodes.usage, output: '' });
    expect(refused.complaints).toContain('[billing]\n  name = "Example Telephone Company"');
    const trial = await cordboard([...issue, '--dry-run']);
    expect(trial.complaints).toContain('The configuration does not say who asks for the money');
    expect(trial).toMatchObject({ code: 0, output: expect.stringContaining('1 bill would be issued') });
    expect(await server.says('bill', 'list')).toBe('No bills.\n');
  });

  test('BL-80 a bill is shown before it is issued, issued once, and shown as text and as JSON', async () => {
    await server.says('bill', 'tax', 'add', 'State tax', '5', '--from', '2020-01-01', '--to', '2020-04-01');
    const table = 'charges 0.30, taxes 0.02, payable 0.32 USD\n';
    const trial = await server.says('bill', 'issue', '--month', '2020-03', '--dry-run');
    expect(trial).toMatch(/^ *account {2}calls {2}charges {2}taxes {2}payable\n/);
    expect(trial).toContain(`\n1 bill would be issued for 2020-03:\n2 calls, ${table}`);
    expect(await server.json('bill', 'issue', '--month', '2020-03', '--dry-run')).toEqual([
      {
        ...{ account: '000000000001', month: '2020-03', currency: 'USD', calls: 2 },
        ...{ charges: '0.30', taxes: '0.02', payable: '0.32' },
      },
    ]);
    const issued = await server.says('bill', 'issue', '--month', '2020-03');
    expect(issued).toContain(`\n1 bill issued for 2020-03:\n2 calls, ${table}`);
    expect(issued).toMatch(/^B-000001 {2}2020-03 {2}000000000001 {6}2 {5}0\.30 {3}0\.02 {5}0\.32 {2}USD$/m);
    expect(await server.says('bill', 'issue', '--month', '2020-03')).toBe(
      'No charge of 2020-03 waits for a bill. `cordboard bill list --month 2020-03` shows what was billed, `cordboard calls unrated` which calls have no charge.\n',
    );
    expect(await server.json('bill', 'issue', '--month', '2020-03')).toEqual([]);

    const shown = await server.says('bill', 'show', 'b-1');
    expect(shown).toMatch(/^Bill\nNumber {12}B-000001\n/);
    expect(shown).toContain('\nAmount payable  0.32 USD\n');
    expect(shown).toContain('\n2020-03-05 10:00:20  000000000001  000000000002        5550102  delivery');
    expect(await server.json('bill', 'show', 'B-000001')).toMatchObject({
      ...{ number: 'B-000001', kind: 'bill', payable: '0.32', credits: null, creditedBy: null },
      itemised: [
        { chargedAt: '2020-03-05T15:00:20.000Z', seconds: 120, amount: '0.20' },
        { chargedAt: '2020-03-06T15:00:20.000Z', seconds: 60, amount: '0.10' },
      ],
    });
  });

  test('BL-80 a bill becomes a file that is never over another one', async () => {
    const pdf = server.file('bill.pdf');
    const show = ['bill', 'show', 'B-1'];
    expect(await server.says(...show, '--pdf', pdf)).toBe(`${pdf}\n`);
    expect(readFileSync(pdf).subarray(0, 5).toString()).toBe('%PDF-');
    expect(await server.says(...show, '--pdf', pdf)).toBe(`${pdf} is there already, the same\n`);
    const html = server.file('bill.html');
    expect(await server.says(...show, '--html', html, '--pdf', pdf)).toBe(
      `${html}\n${pdf} is there already, the same\n`,
    );
    writeFileSync(pdf, 'of somebody');
    expect(await server.refuses(...show, '--pdf', pdf)).toEqual({
      code: exitCodes.failed,
      complaints: `cordboard: ${pdf} is there and differs; it was left as it is. Move it away, or choose another place.\n`,
    });
    expect(readFileSync(pdf, 'utf8')).toBe('of somebody');
    for (const [path, why] of [
      [server.file('no/where.pdf'), 'its folder is not there'],
      [server.path, 'it is a folder'],
      [`${pdf}/in.pdf`, 'a part of its path is not a folder'],
    ] as const)
      expect(await server.refuses(...show, '--pdf', path)).toEqual({
        code: exitCodes['local-error'],
        complaints: `cordboard: ${path} cannot be written: ${why}.\n`,
      });
    expect(readdirSync(server.path).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  test('BL-80 the bills of a month become files in a folder, and again only those that are not there', async () => {
    const folder = server.file('printed');
    const print = ['bill', 'print', '--month', '2020-03', '--to'];
    expect(await server.says(...print, folder)).toBe(`1 file written to ${folder}.\n`);
    expect(readdirSync(folder)).toEqual(['B-000001.pdf']);
    expect(await server.says(...print, folder)).toBe(
      `0 files written to ${folder}; 1 was there already, the same.\n`,
    );
    expect(await server.says(...print, folder, '--form', 'html', '--account', '1')).toBe(
      `1 file written to ${folder}.\n`,
    );
    const file = await server.write('a-file', 'x');
    expect(await server.refuses(...print, file)).toEqual({
      code: exitCodes['local-error'],
      complaints: `cordboard: ${file} cannot be written: a file has that name.\n`,
    });
  });

  test('BL-80 a bill is taken back once, by a credit note that is not taken back itself', async () => {
    const credit = ['bill', 'credit', 'B-000001', '--why', 'wrong tariff'];
    expect(await server.says(...credit)).toBe(
      'B-000001 is taken back by credit note C-000001. Its 2 calls can be rated anew;\n' +
        'then `cordboard bill issue --month 2020-03 --account 000000000001` bills them again.\n',
    );
    expect(await server.refuses(...credit)).toEqual({
      code: exitCodes.failed,
      complaints:
        'cordboard: B-000001 was taken back before, by credit note C-000001; nothing was changed.\n',
    });
    expect(await server.refuses('bill', 'credit', 'C-1', '--why', 'x')).toEqual({
      code: exitCodes.failed,
      complaints:
        'cordboard: C-000001 is a credit note. What it took back is billed anew by `cordboard bill issue`.\n',
    });
    expect(await server.says('bill', 'show', 'B-1')).toMatch(
      /^Taken back by credit note C-000001\.\n\nBill\n/,
    );
    const note = await server.says('bill', 'show', 'C-1');
    expect(note).toMatch(/^Credit note\nNumber {12}C-000001\nTakes back bill {3}B-000001\n/);
    expect(note).toMatch(/\nReason: wrong tariff\n$/);

    const again = await server.says('bill', 'issue', '--month', '2020-03', '--account', '1');
    expect(again).toMatch(/^B-000002 /m);
    const list = await server.says('bill', 'list');
    expect(list).toMatch(/^B-000001 .* {2}credited, C-000001$/m);
    expect(list).toMatch(/^C-000001 .* {2}-0\.30 {2}-0\.02 {4}-0\.32 {2}USD {2}credits B-000001$/m);
    expect(await server.json('bill', 'credit', 'B-2', '--why', 'again')).toMatchObject({
      ...{ number: 'C-000002', credits: 'B-000002', reason: 'again', payable: '-0.32' },
    });
  });

  test('BL-80 one call is a call: a bill of one is counted so, and its credit note as well', async () => {
    const issued = await server.says('bill', 'issue', '--month', '2020-04');
    expect(issued).toContain(
      '\n1 bill issued for 2020-04:\n1 call, charges 0.10, taxes 0.00, payable 0.10 USD\n',
    );
    expect(await server.says('bill', 'credit', 'B-3', '--why', 'x')).toContain(
      ' Its call can be rated anew;\n',
    );
  });

  test('BL-80 a list says when there is more than it shows, apart from the result', async () => {
    const first = await server.run('bill', 'list', '--limit', '1', '--json');
    expect(JSON.parse(first.output)).toHaveLength(1);
    expect(first.complaints).toBe(
      'There are more than this one; --month, --account or --limit shows others.\n',
    );
    expect(await server.json('bill', 'list', '--kind', 'credit-note', '--month', '2020-03')).toMatchObject([
      { number: 'C-000001', month: '2020-03' },
      { number: 'C-000002', month: '2020-03' },
    ]);
    expect(await server.says('bill', 'list', '--account', '2', '--month', '2020-03')).toBe('No bills.\n');
  });

  test('BL-80 one tax of a name holds at a time; it is ended, listed with who entered it, and harmless on a terminal', async () => {
    const add = (name: string, percent: string, from: string, ...more: string[]) => [
      'bill',
      'tax',
      'add',
      name,
      percent,
      '--from',
      from,
      ...more,
    ];
    expect(await server.refuses(...add('State tax', '6', '2020-03-31'))).toEqual({
      code: exitCodes.failed,
      complaints:
        'cordboard: A tax State tax holds in some of that time already; nothing was changed. `cordboard bill tax list` shows it, and `cordboard bill tax end` ends it.\n',
    });
    expect(await server.says(...add('State tax', '6.25', '2020-04-01'))).toBe(
      'State tax, 6.25 %, holds from 2020-04-01.\n',
    );
    expect(await server.says(...add('Evil\u001b[2J', '1', '2020-01-01', '--to', '2021-01-01'))).toBe(
      'Evil\\u{1b}[2J, 1 %, holds from 2020-01-01 until before 2021-01-01.\n',
    );
    expect(await server.refuses('bill', 'tax', 'end', 'State tax', '--on', '2020-01-01')).toEqual({
      code: exitCodes.failed,
      complaints:
        'cordboard: No tax State tax holds on the day before 2020-01-01; nothing was changed. `cordboard bill tax list` shows all.\n',
    });
    expect(await server.says('bill', 'tax', 'end', 'State tax', '--on', '2022-01-01')).toBe(
      'State tax holds no more from 2022-01-01 on.\n',
    );
    const list = await server.says('bill', 'tax', 'list');
    expect(list).toMatch(/^State tax +6\.2500 {2}2020-04-01 {2}2022-01-01 {2}\S+$/m);
    expect(list).not.toContain('\u001b');
    expect(await server.json('bill', 'tax', 'list')).toMatchObject([
      { name: 'Evil\u001b[2J' },
      { name: 'State tax', percent: '5.0000', from: '2020-01-01', to: '2020-04-01' },
      { name: 'State tax', percent: '6.2500', to: '2022-01-01', enteredBy: expect.stringMatching(/./) },
    ]);
  });
});

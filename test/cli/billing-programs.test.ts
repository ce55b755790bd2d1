import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.js';
import { byTheMinute } from '../billing/rated-calls.js';
import { Program } from '../interop/program.js';
import { builtProgram } from '../support/built-program.js';
import { type Ended, ServerFolder } from './command-line.js';

interface Where {
  readonly folder: string;
  /** Nobody reads what it prints. */
  readonly isUnread?: true;
}

async function cordboard(args: readonly string[], { folder, isUnread }: Where): Promise<Ended> {
  const env = { PATH: process.env.PATH, HOME: folder, NO_COLOR: '1', CORDBOARD_PASSPHRASE: 'a price' };
  const child = spawn(process.execPath, [builtProgram(), ...args], { cwd: folder, env });
  child.stdin.end();
  if (isUnread) child.stdout.destroy();
  const [output, complaints, [code]] = await Promise.all([
    isUnread ? '' : text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code, output, complaints };
}

describe('BL-80 the built program at the end of a pipe that is closed', () => {
  let server: ServerFolder;

  beforeAll(async () => {
    server = await ServerFolder.open('[billing]\nname = "Example Telephone Company"\n');
    await server.addAccounts('1', '2');
    await server.call({ caller: '1', callee: '2', ringAt: '2020-03-05T15:00:00Z', seconds: 61 });
    const tariff = await server.write('new.toml', byTheMinute('new', '0.10'));
    await server.says('tariff', 'import', tariff, '--default');
    await server.says('rate');
  });
  afterAll(() => server?.close());

  test.each([
    'tariff show new --file',
    'rate --explain 000000000001',
    'subscriber show 1 --json',
    'bill issue --month 2020-03',
    'bill show B-1',
    'calls export list',
  ])('BL-80 `%s` ends as head and less expect it, and says nothing', async (line) => {
    const ended = await cordboard(line.split(' '), { folder: server.path, isUnread: true });
    expect(ended).toEqual({ code: exitCodes.done, output: '', complaints: '' });
  });

  test('BL-80 what was done before the pipe was closed is done', async () => {
    expect(await server.json('bill', 'list')).toMatchObject([{ number: 'B-000001' }]);
  });
});

describe('BL-A2 the built program asks a running server for a price', () => {
  let folder: string;
  let up: Program;
  let where: Where;

  const says = async (line: string): Promise<string> => {
    const { code, output, complaints } = await cordboard(line.split(' '), where);
    if (code !== 0 || complaints !== '')
      throw new Error(`${line}: exit code ${code}, ${complaints}${output}`);
    return output;
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cordboard-quote-'));
    where = { folder };
    const account = (digit: number) =>
      `[[subscriber]]\naccount = "${digit}"\nname = "Account ${digit}"\nnumber = "555010${digit}"\nversions = [1, 2]\naccepts = ["*"]\n`;
    writeFileSync(
      join(folder, 'cordboard.toml'),
      `data_dir = "${folder}/data"\nlog_level = "error"\n[office]\ntime_scale = 0.05\nline = [\n` +
        '  { number = "5550100", hunt = "5550100" },\n  { number = "5550199", hunt = "5550100" },\n' +
        `  { number = "5550101", expose = "pty:${folder}/run/alice" },\n]\n` +
        '[server]\nnumber = "5550100"\ntrunks = ["sim:5550100", "sim:5550199"]\n' +
        `${account(1)}${account(2)}`,
    );
    writeFileSync(join(folder, 'new.toml'), byTheMinute('new', '0.10'));
    writeFileSync(join(folder, 'letter'), Buffer.alloc(20_000, 'a letter'));
    const config = join(folder, 'cordboard.toml');
    up = new Program(process.execPath, [builtProgram(), 'up', '--config', config], {
      ...{ PATH: process.env.PATH, HOME: folder, NO_COLOR: '1' },
    });
    await up.says('Ctrl-C stops it');
    await says('tariff import new.toml --default');
    for (const account of ['1', '2']) await says(`subscriber issue ${account} --out ${account}.toml`);
    await says(`endpoint init --home alice --subscription 1.toml --line pty:${folder}/run/alice`);
    await says('peers add 2 --name Bob --home alice');
  }, 120_000);
  afterAll(async () => {
    up.stop();
    await up.ended;
    rmSync(folder, { recursive: true });
  });

  test('BL-A2 `send --dry-run` tells time, price and who pays, as sentences or as an event; who asks is not charged', async () => {
    const dryRun = 'send Bob letter --dry-run --home alice';
    expect(await says(dryRun)).toMatch(
      /\n[\d,]+ octets to Bob \(000000000002\): about \d+ s at 33,600 bit\/s\.\nPrice: 0\.10 USD; you pay\.\nNothing was sent\.\n$/,
    );
    await says('subscriber limit 2 --per-day 0.10 --currency USD');
    const events = (await says(`${dryRun} --collect --json`)).trimEnd().split('\n');
    expect(JSON.parse(events.at(-1) ?? '')).toMatchObject({
      ...{ v: 1, event: 'quote', peer: { account: '000000000002', name: 'Bob' } },
      ...{ price: '0.10', currency: 'USD', payer: 'callee', longestSeconds: 60 },
    });
    expect(await says('rate')).toBe('0 calls rated.\n');
  }, 120_000);

  test.each([
    ['send Bob --dry-run', /Name the files to send/],
    ['send Bob nothing --dry-run', /"nothing" cannot be read: it is not there/],
    ['send Bob - --dry-run', /How much comes through stdin is not known before its end/],
    ['send Bob letter --dry-run --resume', /'--dry-run' cannot be used with option '--resume'/],
    ['send Bob --discard --dry-run', /'--dry-run' cannot be used with option '--discard'/],
    ['send Bob --discard --collect', /'--collect' cannot be used with option '--discard'/],
    ['send Nobody letter --dry-run', /Nobody in the address book has the account or name "Nobody"/],
    ['peers pay-for Bob perhaps', /Allowed choices are yes, no/],
    ['peers pay-for Nobody yes', /Nobody in the address book has the account or name "Nobody"/],
  ])('BL-A2 `%s` is wrong usage, told before a line is taken', async (line, why) => {
    const { code, output, complaints } = await cordboard([...line.split(' '), '--home', 'alice'], where);
    expect(output + complaints).toMatch(why);
    expect(output).not.toContain('Dialing');
    expect(code).toBe(exitCodes.usage);
  });

  test('BL-A2 whose collect calls are taken is said, and shown in the address book', async () => {
    const peers = 'peers --home alice';
    expect(await says(peers)).toMatch(/ {2}collect calls\n.*\n000000000002 .* refused\n$/);
    expect(await says('peers pay-for Bob yes --home alice')).toBe(
      'Collect calls of Bob are taken, and charged to you.\n',
    );
    expect(await says(peers)).toMatch(/\n000000000002 .* taken\n$/);
    expect(JSON.parse(await says(`${peers} --json`))).toMatchObject({ peers: [{ paysFor: true }] });
    expect(await says('peers pay-for Bob no --home alice')).toBe('Collect calls of Bob are refused.\n');
    expect(JSON.parse(await says(`${peers} --json`))).toMatchObject({ peers: [{ paysFor: false }] });
  });
});

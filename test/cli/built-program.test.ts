import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.js';
import { Program } from '../interop/program.js';
import { builtProgram } from '../support/built-program.js';

const folder = mkdtempSync(join(tmpdir(), 'cordboard-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** None of this machine's settings. */
const environment = { PATH: process.env.PATH, HOME: folder, NO_COLOR: '1' };

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly complaints: string;
}

/** Runs a command of the built program in the test's folder. */
async function cordboard(args: readonly string[], settings: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const env = { ...environment, ...settings };
  const child = spawn(process.execPath, [builtProgram(), ...args], { cwd: folder, env });
  child.stdin.end();
  const [output, complaints, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code, output, complaints };
}

/** Two trunks and Alice's line on a simulated network, in the test's folder. */
function configuration(alice: string): string {
  return `data_dir = "${folder}/up"
log_level = "error"
[office]
time_scale = 0.05
line = [
  { number = "5550100", hunt = "5550100" },
  { number = "5550199", hunt = "5550100" },
  { number = "5550101", expose = "pty:${folder}/run/alice", delay_ms = 60 },
]
[server]
number = "5550100"
trunks = ["sim:5550100", "sim:5550199"]
[[subscriber]]
account = "1"
name = "${alice}"
number = "5550101"
`;
}

const passphrase = { CORDBOARD_PASSPHRASE: 'end to end' };

describe.concurrent('the built program', () => {
  test('the demonstration pairs, sends the envelope, and every file arrives as it was', {
    timeout: 180_000,
  }, async ({ expect }) => {
    const { code, output, complaints } = await cordboard(['demo', '--once'], { DATABASE_URL: '' });
    expect(complaints).toBe('');
    expect(code).toBe(exitCodes.done);

    const [shown, typed, ...more] = [...output.matchAll(/Check string: {2}((?:\w ){4}\w)/g)].map(
      ([, x]) => x,
    );
    expect(shown).toBeDefined();
    expect(typed).toBe(shown);
    expect(more).toEqual([]);

    const files = output.match(/^.+ {2}\d+ {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}[0-9a-f]{8}… {2}yes$/gm);
    expect(files).toHaveLength(4);
    expect(output).not.toMatch(/\bNO\b/);
    expect(output).toMatch(/^outcome +completed +completed$/m);
    const [, receipt] = output.match(/^Alice \| Receipt: ([0-9a-f]{32})$/m) ?? [];
    const short = receipt?.slice(0, 8);
    expect(output).toMatch(new RegExp(`^Alice's Send Log .* data-exchange +2 +sent .* ${short}…$`, 'm'));
    expect(output).toMatch(new RegExp(`^Bob's Receive Log .* data-exchange +2 +received .* ${short}…$`, 'm'));
    expect(output).toMatch(/\nDone in \d+ s: /);
    // A configured server here keeps its accounts: the demonstration has a database of its own.
    expect(existsSync(join(folder, 'data/demo/db'))).toBe(true);
    expect(existsSync(join(folder, 'data/db'))).toBe(false);

    const records = await cordboard(['calls', '--data-dir', 'data/demo', '--json']);
    expect(JSON.parse(records.output)).toMatchObject([
      { outcome: 'completed', protocolVersion: 2 },
      { outcome: 'completed', protocolVersion: 2 },
    ]);
    const inbox = await cordboard(['inbox', '--home', 'data/demo/bob', '--json']);
    expect(JSON.parse(inbox.output).sessions).toMatchObject([{ files: { length: 4 } }]);
    const sent = await cordboard(['sent', '--home', 'data/demo/alice']);
    expect(sent.output).toMatch(/ delivered /);
    const known = await cordboard(['endpoint', 'show', '--home', 'data/demo/alice', '--json']);
    const { versions, serverWords } = JSON.parse(known.output);
    expect(versions).toEqual([1, 2]);
    expect(output).toContain(`compared by telephone: ${serverWords}.`);
  });

  test('--help names every exit code', async ({ expect }) => {
    const { code, output } = await cordboard(['--help']);
    expect(code).toBe(exitCodes.done);
    for (const [name, number] of Object.entries(exitCodes)) {
      expect(output).toMatch(new RegExp(`^ +${number} +${name} +\\S.*$`, 'm'));
    }
  });

  test.for([
    ['peers add 1x --name A', /'1x'.*account.*Not an account number \(1 to 12 digits\)/],
    ['subscriber show 1x', /'1x'.*account.*Not an account number \(1 to 12 digits\)/],
    ['calls --limit none', /'none'.*Not a whole number/],
    ['calls --wide --json', /'--wide'.*cannot be used with.*'--json'/],
    ['calls --nope', /unknown option '--nope'/],
    ['sendd', /unknown command 'sendd'\s+\(Did you mean send\?\)/],
    ['calls --config none.toml', /none\.toml cannot be read/],
    ['up --config empty.toml', /no \[server\] section/],
  ] as const)('`%s` is wrong usage, said on standard error alone', async ([command, said], { expect }) => {
    writeFileSync(join(folder, 'empty.toml'), '');
    const { code, output, complaints } = await cordboard(command.split(' '));
    expect(complaints).toMatch(said);
    expect(output).toBe('');
    expect(code).toBe(exitCodes.usage);
  });

  test('`up --print-config` shows what is in force, the password masked, and starts nothing', async ({
    expect,
  }) => {
    const config = join(folder, 'printed.toml');
    writeFileSync(
      config,
      'log_level = "warn"\n[server]\nnumber = "5550100"\ntrunks = ["pty:run/a", "pty:run/b"]\n',
    );
    const { code, output } = await cordboard(['up', '--config', config, '--print-config'], {
      DATABASE_URL: 'postgres://cordboard:s3cret@localhost:5432/cordboard',
      CORDBOARD_SERVER_NUMBER: '5550111',
    });
    expect(code).toBe(exitCodes.done);
    expect(output).toContain('log_level = "warn"');
    expect(output).toContain('number = "5550111"');
    expect(output).toContain('postgres://cordboard:***@localhost:5432/cordboard');
  });

  test('CM-310 `up` shows its lines and clock scale, names what the database holds otherwise, and says when it has stopped', {
    timeout: 90_000,
  }, async ({ expect }) => {
    const config = join(folder, 'up.toml');
    for (const name of ['Alice Ltd', 'Alice and Daughters']) {
      writeFileSync(config, configuration(name));
      const up = new Program(process.execPath, [builtProgram(), 'up', '--config', config], environment);
      await up.says('Ctrl-C stops it');
      expect(up.output).toMatch(/^ +5550101 {2}pty:\S+\/run\/alice +33,600 +60 ms$/m);
      expect(up.output).toMatch(/^Clock scale 0\.05: /m);
      up.stop();
      expect(await up.ended).toBe(exitCodes.done);
      expect(up.output).toMatch(/\nStopped\.\n$/);
      const warning =
        'Account 000000000001 is in the database already and differs from the configuration in name;';
      expect(up.account().includes(warning)).toBe(name !== 'Alice Ltd');
    }
  });

  test('after `peers add` a person knows what to type, here and there', async ({ expect }) => {
    const home = ['--home', join(folder, 'carol')];
    const line = ['--line', 'pty:run/carol', '--server', '5550100'];
    const init = ['endpoint', 'init', ...home, '--account', '3', '--name', 'Carol', ...line];
    expect((await cordboard(init, passphrase)).code).toBe(exitCodes.done);
    const added = await cordboard(['peers', 'add', '4', '--name', "Dan's Yard", ...home]);
    expect(added.code).toBe(exitCodes.done);
    expect(added.output).toContain("`cordboard pair 'Dan'\\''s Yard'` here");
    expect(added.output).toContain('`cordboard listen` runs on the other side');

    const nobody = await cordboard(['send', 'Nobody', 'x', ...home], passphrase);
    expect(nobody.complaints).toContain('Nobody in the address book');
    expect(nobody.code).toBe(exitCodes.usage);
    const sent = join(folder, 'sent.txt');
    writeFileSync(sent, 'a letter');
    const refused = await cordboard(['send', '4', sent, ...home], passphrase);
    expect(refused.output).toMatch(/^Failed \(no subscription\): This endpoint has no subscription/m);
    expect(refused.code).toBe(exitCodes['no-subscription']);
  });
});

describe('what is installed', () => {
  test('the program can be run by its name', () => {
    expect(readFileSync(builtProgram(), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });
});

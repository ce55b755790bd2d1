import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, type TestContext, test, vi } from 'vitest';
import { silentLog } from '../../../src/log/log.js';
import { Office } from '../../../src/pstn/central-office/office.js';
import { realClock } from '../../../src/time/real-clock.js';
import { PtyProgram } from './pty-program.js';

/** Skips the test, or fails it where CORDBOARD_REQUIRE_PROGRAMS=1, when a program is not installed. */
function needs(context: TestContext, ...programs: string[]): void {
  for (const program of programs) {
    if (isInstalled(program)) continue;
    if (process.env.CORDBOARD_REQUIRE_PROGRAMS === '1') throw new Error(`${program} is not installed.`);
    context.skip(`${program} is not installed`);
  }
}

function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Two lines with links that other users' programs may follow (cu runs as uucp). */
async function twoLines(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'real-programs-'));
  chmodSync(folder, 0o755);
  const rate = 115_200; // ten times a telephone line's, so that a file takes a second
  const a = join(folder, 'a');
  const b = join(folder, 'b');
  const office = new Office(
    {
      timeScale: 0.01,
      seed: 1,
      lines: [
        { number: '5550100', expose: `pty:${a}`, rate },
        { number: '5550101', expose: `pty:${b}`, rate },
      ],
    },
    { clock: realClock, log: silentLog },
  );
  await office.open();
  context.onTestFinished(async () => {
    await office.close();
    rmSync(folder, { recursive: true });
  });
  return { folder, a, b };
}

function programOn(context: TestContext, path: string): PtyProgram {
  const program = new PtyProgram(path);
  context.onTestFinished(() => program.close());
  return program;
}

/** Two plain programs in conversation over the modems. */
async function connectedPrograms(context: TestContext, a: string, b: string) {
  const caller = programOn(context, a);
  const called = programOn(context, b);
  called.write('ATE0S0=1\r');
  await called.readUntil('OK');
  caller.write('ATE0DT5550101\r');
  await Promise.all([called.readUntil('CONNECT 115200\r\n'), caller.readUntil('CONNECT 115200\r\n')]);
  return { caller, called };
}

/** For a program that takes the line as its standard input and output. */
function descriptorOf(context: TestContext, path: string): number {
  const fd = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  context.onTestFinished(() => closeSync(fd));
  return fd;
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a program to its end. `stdin` is text, or the descriptor that is its input and output both. */
function run(
  context: TestContext,
  command: string,
  args: readonly string[],
  stdin: string | number,
  cwd?: string,
): Promise<Ended> {
  const stdio =
    typeof stdin === 'number' ? ([stdin, stdin, 'pipe'] as const) : (['pipe', 'pipe', 'pipe'] as const);
  const child = spawn(command, args, { stdio: [...stdio], ...(cwd !== undefined && { cwd }) });
  context.onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (octets) => {
      output += octets;
    });
  }
  if (typeof stdin === 'string') child.stdin?.end(stdin);
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
}

describe.runIf(process.platform === 'linux').concurrent('real programs on the simulated network', () => {
  test('AL-4: two shell scripts: dial, RING, answer, CONNECT, a line each way, NO CARRIER, end of file', async (context) => {
    needs(context, 'sh');
    const { a, b } = await twoLines(context);
    const talk = `
      exec 3<>"$1"
      printf "$2" >&3
      while IFS= read -r line <&3; do
        printf '%s\\n' "$line"
        case $line in
          RING*) printf 'ATA\\r' >&3 ;;
          CONNECT*) printf '%s\\n' "$3" >&3 ;;
          bye*) exit 0 ;;
        esac
      done`;
    const called = run(context, 'sh', ['-c', talk, 'sh', b, 'ATE0\\r', 'hello from the called'], '');
    const caller = run(context, 'sh', ['-c', talk, 'sh', a, 'ATE0DT5550101\\r', 'bye'], '');
    const lines = async (ended: Promise<Ended>) => {
      const { output } = await ended;
      return output.split(/[\r\n]+/).filter((line) => line !== '' && !line.startsWith('ATE0'));
    };
    expect(await lines(called)).toEqual(['OK', 'RING', 'CONNECT 115200', 'bye']);
    expect(await lines(caller)).toEqual(['CONNECT 115200', 'hello from the called', 'NO CARRIER']);
  });

  test('AL-4: cu dials with its own Hayes chat, talks, hangs up; the far program sees NO CARRIER', async (context) => {
    needs(context, 'cu');
    const { folder, a, b } = await twoLines(context);
    const locks = join(folder, 'locks');
    mkdirSync(locks);
    chmodSync(locks, 0o1777);
    writeFileSync(
      join(folder, 'dial'),
      'dialer hayes\nchat "" ATZ\\r\\d\\c OK\\r \\dATM0L0E1Q0\\r\\d\\c OK\\r ATDT\\D CONNECT\n' +
        'chat-fail BUSY\nchat-fail NO\\sCARRIER\ncomplete \\d\\d+++\\d\\dATM0H\\r\\c\n',
    );
    writeFileSync(join(folder, 'port'), `port line\ntype modem\ndevice ${a}\ndialer hayes\nspeed 38400\n`);
    writeFileSync(
      join(folder, 'config'),
      `nodename here\nlockdir ${locks}\nportfile ${folder}/port\ndialfile ${folder}/dial\n`,
    );
    const called = programOn(context, b);
    called.write('ATE0S0=1\r');
    await called.readUntil('OK');
    const cu = spawn('cu', ['-I', join(folder, 'config'), '-p', 'line', '5550101']);
    context.onTestFinished(() => {
      cu.kill('SIGKILL');
    });
    let shown = '';
    cu.stdout.on('data', (octets) => {
      shown += octets;
    });
    const ended = new Promise((resolve) => cu.on('close', resolve));
    await called.readUntil('CONNECT');
    called.write('welcome\r\n');
    cu.stdin.write('cu is here\n');
    await called.readUntil('cu is here\n');
    // cu's reading half is a process of its own, which dies with cu whatever it has not shown yet.
    await vi.waitUntil(() => shown.includes('welcome'), { timeout: 30_000 });
    cu.stdin.end();
    expect(await called.readUntil('NO CARRIER')).toBe('+++\r\nNO CARRIER\r\n');
    expect(await ended).toBe(0);
    expect(shown).toContain('Disconnected.');
  }, 60_000);

  test('AL-4: sz sends a file to rz over a connection that a plain program dialled', async (context) => {
    needs(context, 'sz', 'rz');
    const { folder, a, b } = await twoLines(context);
    await connectedPrograms(context, a, b);
    const inbox = join(folder, 'inbox');
    mkdirSync(inbox);
    const content = randomBytes(20_000);
    writeFileSync(join(folder, 'letter.bin'), content);
    const [received, sent] = await Promise.all([
      run(context, 'rz', ['-b', '-q'], descriptorOf(context, b), inbox),
      run(context, 'sz', ['-b', '-q', 'letter.bin'], descriptorOf(context, a), folder),
    ]);
    expect([sent.code, received.code], sent.output + received.output).toEqual([0, 0]);
    expect(readFileSync(join(inbox, 'letter.bin')).equals(content)).toBe(true);
  }, 60_000);

  test('AL-4: C-Kermit dials C-Kermit and sends a file', async (context) => {
    needs(context, 'kermit');
    const { folder, a, b } = await twoLines(context);
    const inbox = join(folder, 'inbox');
    mkdirSync(inbox);
    const content = randomBytes(20_000);
    writeFileSync(join(folder, 'letter.bin'), content);
    const script = (name: string, line: string, commands: string[]) => {
      const setUp = [
        'set carrier-watch off',
        'set modem type usr',
        `set line ${line}`,
        'set speed 38400',
        'set file type binary',
      ];
      const text = [...setUp, ...commands].flatMap((command, index) => [
        command,
        `if fail exit ${10 + index}`,
      ]);
      writeFileSync(join(folder, name), [...text, 'exit 0', ''].join('\n'));
      return join(folder, name);
    };
    const [received, sent] = await Promise.all([
      run(context, 'kermit', [script('called.ksc', b, ['answer 50', 'receive'])], '', inbox),
      run(
        context,
        'kermit',
        [script('caller.ksc', a, ['dial 5550101', `send ${folder}/letter.bin`, 'hangup'])],
        '',
      ),
    ]);
    expect([sent.code, received.code], sent.output + received.output).toEqual([0, 0]);
    expect(readFileSync(join(inbox, 'letter.bin')).equals(content)).toBe(true);
  }, 60_000);
});

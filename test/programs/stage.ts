import { spawnSync } from 'node:child_process';
import { chmodSync, closeSync, constants, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, type TestContext, vi } from 'vitest';
import { builtProgram } from '../support/built-program.js';
import { needs, type ProgramName } from '../support/needs.js';
import { PtyProgram } from '../support/pty-program.js';
import { RunningProgram, type Start } from './running-program.js';

/** A line of the simulated network, with the pseudo-terminal of its modem. */
export interface Line {
  readonly number: string;
  readonly link: string;
}

/** The chats of real programs wait whole seconds between commands, and a busy machine makes that more. */
vi.setConfig({ testTimeout: 180_000 });

const linesOfAnOffice = 16;
const mobilesOfAnOffice = 6;

/** bit/s; far above a telephone line's, so that a file takes seconds. */
export const lineRate = 921_600;

/** `cordboard office`, as anybody starts it. Every line is given out once, so tests that run side by side never meet. */
class TelephoneOffice {
  readonly #folder = openFolder('office-');
  readonly #lines: Line[] = Array.from({ length: linesOfAnOffice }, (_, index) => ({
    number: `55501${String(index).padStart(2, '0')}`,
    link: join(this.#folder, `line-${index}`),
  }));
  readonly #mobiles: Line[] = Array.from({ length: mobilesOfAnOffice }, (_, index) => ({
    number: `1555555010${index}`,
    link: join(this.#folder, `mobile-${index}`),
  }));
  readonly #program: RunningProgram;

  constructor(timeScale: number) {
    const config = join(this.#folder, 'cordboard.toml');
    writeFileSync(config, configuration(timeScale, this.#lines, this.#mobiles));
    this.#program = new RunningProgram({
      command: process.execPath,
      args: [builtProgram(), 'office', '--config', config],
      cwd: this.#folder,
    });
  }

  async open(): Promise<void> {
    await this.#program.until('Ctrl-C ends it.');
  }

  line(): Line {
    const line = this.#lines.shift();
    if (!line) throw new Error(`The office of this file has only ${linesOfAnOffice} lines.`);
    return line;
  }

  mobile(): Line {
    const line = this.#mobiles.shift();
    if (!line) throw new Error(`The office of this file has only ${mobilesOfAnOffice} GSM lines.`);
    return line;
  }

  async close(): Promise<void> {
    this.#program.signal('SIGINT');
    const code = await this.#program.ended;
    rmSync(this.#folder, { recursive: true, force: true });
    if (code !== 0) throw new Error(`cordboard office ended with ${code}:\n${this.#program.said}`);
  }
}

function configuration(timeScale: number, lines: readonly Line[], mobiles: readonly Line[]): string {
  return [
    'log_level = "warn"',
    '[office]',
    `time_scale = ${timeScale}`,
    'seed = 1',
    ...lines.map(
      ({ number, link }) =>
        `[[office.line]]\nnumber = "${number}"\nexpose = "pty:${link}"\nrate = ${lineRate}`,
    ),
    ...mobiles.map(
      ({ number, link }) => `[[office.line]]\nnumber = "${number}"\nexpose = "pty:${link}"\nmodem = "gsm"`,
    ),
  ].join('\n');
}

/** Other users may look in: uucico is another user. */
function openFolder(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  chmodSync(folder, 0o755);
  return folder;
}

/** What one test has on the stage. All of it is gone when the test ends. */
export class Stage {
  readonly folder = openFolder('programs-');
  readonly #context: Pick<TestContext, 'skip'>;
  readonly #office: TelephoneOffice;
  readonly #programs: RunningProgram[] = [];
  readonly #ends: (() => void)[] = [];

  constructor(context: Pick<TestContext, 'skip'>, office: TelephoneOffice) {
    this.#context = context;
    this.#office = office;
  }

  /** Skips the test without these programs, or fails it where they are required. */
  needs(...names: readonly ProgramName[]): void {
    needs(this.#context, ...names);
  }

  /** Skips the test for anybody else. */
  needsRoot(name: ProgramName): void {
    if (process.getuid?.() !== 0) this.#context.skip(`${name} works for root alone`);
  }

  /** Skips the test where even root cannot show a program other folders than the system's, as in some containers. */
  needsOwnFolders(name: ProgramName): void {
    if (spawnSync('unshare', ['-m', 'mount', '--bind', '/tmp', '/tmp']).status !== 0) {
      this.#context.skip(`${name} cannot be given folders of its own on this system`);
    }
  }

  line(): Line {
    return this.#office.line();
  }

  /** A line with a GSM modem. */
  mobile(): Line {
    return this.#office.mobile();
  }

  /** Starts a program in the test's folder. */
  start(command: string, args: readonly string[], options: Partial<Start> = {}): RunningProgram {
    const program = new RunningProgram({ command, args, cwd: this.folder, ...options });
    this.#programs.push(program);
    return program;
  }

  /** A person who types at the modem of that line. */
  typist({ link }: Line): PtyProgram {
    const terminal = new PtyProgram(link);
    this.atEnd(() => terminal.close());
    return terminal;
  }

  /** The same, who lets the modem answer. */
  async answering(line: Line): Promise<PtyProgram> {
    const terminal = this.typist(line);
    terminal.write('ATE0S0=1\r');
    await terminal.readUntil('OK');
    return terminal;
  }

  /** For a program that takes the line as its standard input and output. */
  descriptor({ link }: Line): number {
    const descriptor = openSync(link, constants.O_RDWR | constants.O_NOCTTY);
    this.atEnd(() => closeSync(descriptor));
    return descriptor;
  }

  write(name: string, content: string | Uint8Array): string {
    const path = join(this.folder, name);
    writeFileSync(path, content);
    return path;
  }

  /** What is to be done when all programs of the test have ended. */
  atEnd(end: () => void): void {
    this.#ends.push(end);
  }

  /** What every program of the test has said, for one that failed. */
  account(): string {
    return this.#programs.map((program) => program.account()).join('\n');
  }

  async clear(): Promise<void> {
    for (const program of this.#programs) await program.kill();
    for (const end of this.#ends) end();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** One office for the tests of a file, a stage for each. */
export function testsAt(timeScale: number) {
  return base.extend<{ $file: { office: TelephoneOffice }; $test: { stage: Stage } }>({
    office: [
      // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs
      async ({}, use) => {
        const office = new TelephoneOffice(timeScale);
        await office.open();
        await use(office);
        await office.close();
      },
      { scope: 'file' },
    ],
    stage: async ({ office, skip, onTestFailed }, use) => {
      const stage = new Stage({ skip }, office);
      onTestFailed(() => console.error(stage.account()));
      await use(stage);
      await stage.clear();
    },
  });
}

/** Of ringing and training only so much is left that a program notices them. */
export const test = testsAt(0.02);

import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { executablePath } from '../../scripts/programs.mjs';
import { shellWord } from '../../src/cli/shell-word.js';

/** A program that has not said what is waited for by then will not: all of these waits are seconds. */
const deadlineMs = 40_000;

export interface Start {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Besides this process's own. */
  readonly environment?: NodeJS.ProcessEnv;
  /** A terminal of its own, 80 by 24, for programs that ask for one; else pipes. */
  readonly onTerminal?: boolean;
  /** A serial line that is its standard input and output. */
  readonly line?: number;
}

/** A program that runs: what it says, in order, what is typed to it, and its end. */
export class RunningProgram {
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly #process: ChildProcess;
  readonly #name: string;
  readonly #changes = new EventEmitter();
  #said = '';
  #taken = 0;
  #isEnded = false;

  constructor(start: Start) {
    this.#name = start.command;
    this.#process = spawned(start);
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding('latin1').on('data', (text: string) => {
        this.#said += text;
        this.#changes.emit('change');
      });
    }
    // It may have ended before it read what was typed.
    this.#process.stdin?.on('error', () => {});
    this.ended = this.#end();
  }

  async #end(): Promise<number | NodeJS.Signals> {
    const [code, signal] = await once(this.#process, 'close');
    this.#isEnded = true;
    this.#changes.emit('change');
    return code ?? signal;
  }

  /** Everything on standard output and standard error so far. */
  get said(): string {
    return this.#said;
  }

  /** Waits for a text after the one that was waited for last. @returns what stands before it */
  async until(text: string): Promise<string> {
    const deadline = AbortSignal.timeout(deadlineMs);
    for (;;) {
      const at = this.#said.indexOf(text, this.#taken);
      if (at >= 0) {
        const before = this.#said.slice(this.#taken, at);
        this.#taken = at + text.length;
        return before;
      }
      if (this.#isEnded) throw this.#without(text, 'ended');
      await once(this.#changes, 'change', { signal: deadline }).catch(() => {
        throw this.#without(text, 'went on');
      });
    }
  }

  #without(text: string, how: string): Error {
    return new Error(`${this.#name} ${how} without ${JSON.stringify(text)}.`);
  }

  /** What it said last, on one line, since it may move a cursor about. */
  account(): string {
    return `${this.#name} said last ${JSON.stringify(this.#said.slice(-2000))}`;
  }

  type(text: string): void {
    this.#process.stdin?.write(text);
  }

  /** End of file on its standard input. */
  endInput(): void {
    this.#process.stdin?.end();
  }

  /** A person's Ctrl-C, or the system's end. */
  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  /** Ends it, whatever it does. One on a terminal of its own is hung up on. */
  async kill(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null && this.#process.pid) {
      const exit = once(this.#process, 'exit');
      this.#process.kill('SIGKILL');
      await exit;
    }
    for (const stream of this.#process.stdio) stream?.destroy();
  }
}

function spawned({ command, args, cwd, environment, onTerminal, line }: Start): ChildProcess {
  const path = executablePath(command) ?? command;
  const options = { cwd, env: { ...process.env, ...environment } };
  if (onTerminal) {
    const words = [path, ...args].map(shellWord).join(' ');
    return spawn('script', ['-qefc', `stty rows 24 cols 80; exec ${words}`, '/dev/null'], {
      ...options,
      env: { ...options.env, TERM: 'ansi' },
    });
  }
  return line === undefined
    ? spawn(path, args, options)
    : spawn(path, args, { ...options, stdio: [line, line, 'pipe'] });
}

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';

/** One line of a program's standard output: `{"v":1,"event":...}`. */
export type ProgramEvent = { readonly event: string } & Readonly<Record<string, unknown>>;

/** A running program that tells its events one JSON object a line, and is typed to through standard input. */
export class Program {
  readonly events: ProgramEvent[] = [];
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #name: string;
  #output = '';
  #complaints = '';
  #isEnded = false;
  readonly #changes = new EventEmitter();

  constructor(command: string, args: readonly string[], environment: NodeJS.ProcessEnv) {
    this.#name = [command, ...args].join(' ');
    this.#process = spawn(command, args, { env: environment });
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints += text;
    });
    createInterface({ input: this.#process.stdout }).on('line', (line) => {
      this.#output += `${line}\n`;
      if (line.startsWith('{"')) this.events.push(JSON.parse(line));
      this.#changes.emit('change');
    });
    // An answer may be typed to a program that has just ended by itself.
    this.#process.stdin.on('error', () => {});
    this.ended = this.#end();
  }

  async #end(): Promise<number | NodeJS.Signals> {
    const [code, signal] = await once(this.#process, 'close');
    this.#isEnded = true;
    this.#changes.emit('change');
    return code ?? signal;
  }

  /** Everything on standard output so far. */
  get output(): string {
    return this.#output;
  }

  /** The first event of that name. Fails, with what the program said, when it ends without. */
  async event(name: string): Promise<ProgramEvent> {
    let found: ProgramEvent | undefined;
    await this.#until(() => {
      found = this.events.find(({ event }) => event === name);
      return found !== undefined;
    }, `the event "${name}"`);
    return found as ProgramEvent;
  }

  /** Waits for a text on standard output. */
  async says(text: string): Promise<void> {
    await this.#until(() => this.#output.includes(text), `"${text}"`);
  }

  async #until(isThere: () => boolean, what: string): Promise<void> {
    while (!isThere()) {
      if (this.#isEnded) throw new Error(`${this.#name} ended without ${what}:\n${this.account()}`);
      await once(this.#changes, 'change');
    }
  }

  /** A line typed by the person. */
  type(line: string): void {
    this.#process.stdin.write(`${line}\n`);
  }

  /** What it said, for a failing test. */
  account(): string {
    return `${this.#output}${this.#complaints}`;
  }

  /** Asks it to end, as Ctrl-C does. */
  stop(): void {
    this.#process.kill('SIGINT');
  }

  /** Ends it, whatever it does. */
  async kill(): Promise<void> {
    if (!this.#isEnded) this.#process.kill('SIGKILL');
    await this.ended;
  }
}

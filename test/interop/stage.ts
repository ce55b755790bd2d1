import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtProgram } from '../support/built-program.js';
import { Program } from './program.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const independentProgram = join(root, 'test/interop/independent-endpoint.py');
const serverNumber = '5550100';

/** A subscriber: account, telephone line, and the pseudo-terminal of its modem. */
export interface Seat {
  readonly account: string;
  readonly name: string;
  readonly number: string;
  readonly line: string;
}

/** The independent program at one line and Cordboard at another, with a folder for both. */
export interface Couple {
  readonly folder: string;
  readonly independent: Seat;
  readonly cordboard: Seat;
}

/**
 * The server and its network as one process of the built program, and every other program of a test. `close` ends
 * whatever still runs and removes what was written.
 */
export class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), 'interop-'));
  readonly #config = join(this.folder, 'cordboard.toml');
  readonly #environment = { ...process.env, CORDBOARD_PASSPHRASE: 'interoperability', NO_COLOR: '1' };
  readonly #programs: Program[] = [];
  #server: Program | undefined;

  /** @param couples how many pairs of endpoints may call at once */
  async open(couples: number): Promise<Couple[]> {
    const made = Array.from({ length: couples }, (_, index) => this.#couple(index));
    writeFileSync(this.#config, configuration(this.folder, made));
    this.#server = this.cordboard('up', '--config', this.#config);
    await this.#server.says('Ctrl-C stops it');
    for (const couple of made) await this.#settle(couple);
    return made;
  }

  #couple(index: number): Couple {
    const folder = join(this.folder, `couple-${index}`);
    mkdirSync(join(folder, 'inbox'), { recursive: true });
    const seat = (name: string, offset: number): Seat => ({
      account: String(2 * index + offset).padStart(12, '0'),
      name: `${name} ${index}`,
      number: `555020${2 * index + offset}`,
      line: join(folder, `${name}-line`),
    });
    return { folder, independent: seat('independent', 1), cordboard: seat('cordboard', 2) };
  }

  async #settle({ folder, independent, cordboard }: Couple): Promise<void> {
    const home = ['--home', join(folder, 'home')];
    const line = ['--line', `pty:${cordboard.line}`, '--server', serverNumber];
    const init = ['endpoint', 'init', ...home, '--account', cordboard.account, '--name', cordboard.name];
    await this.done(...init, ...line);
    await this.done(
      'peers',
      'add',
      independent.account,
      ...home,
      '--name',
      independent.name,
      '--allow-version-1',
    );
  }

  /** Starts a command of Cordboard. */
  cordboard(...args: string[]): Program {
    return this.#start(process.execPath, [builtProgram(), ...args]);
  }

  /** Starts a command of a couple's Cordboard endpoint. */
  endpoint({ folder }: Couple, command: string, ...args: string[]): Program {
    return this.cordboard(command, ...args, '--home', join(folder, 'home'), '--json');
  }

  /** Runs a command to its end and gives its output; anything but exit code 0 fails. */
  async done(...args: string[]): Promise<string> {
    const program = this.cordboard(...args);
    const code = await program.ended;
    if (code !== 0) throw new Error(`cordboard ${args.join(' ')} ended with ${code}:\n${program.account()}`);
    return program.output;
  }

  /** Starts the independent endpoint in a role. */
  independent({ folder, independent, cordboard }: Couple, role: string, ...args: string[]): Program {
    const { account, line } = independent;
    const seat = ['--line', line, '--account', account, '--peer', cordboard.account];
    const caller = role.endsWith('-sender') ? ['--server', serverNumber] : [];
    const inbox = role === 'dx-recipient' ? ['--inbox', join(folder, 'inbox')] : [];
    const key = ['--ltk', join(folder, 'long-term-key')];
    return this.#start('python3', [independentProgram, role, ...seat, ...key, ...caller, ...inbox, ...args]);
  }

  /** The independent program against the known-answer vectors. */
  selfCheck(vectors: string): Program {
    return this.#start('python3', [independentProgram, 'self-check', vectors]);
  }

  #start(command: string, args: string[]): Program {
    const program = new Program(command, args, this.#environment);
    this.#programs.push(program);
    return program;
  }

  /** Stops the server as a person does, and reads the call records that it leaves. */
  async callRecords(): Promise<Record<string, unknown>[]> {
    this.#server?.stop();
    const code = await this.#server?.ended;
    if (code !== 0) throw new Error(`the server ended with ${code}:\n${this.#server?.account()}`);
    return JSON.parse(await this.done('calls', '--config', this.#config, '--json'));
  }

  async close(): Promise<void> {
    for (const program of this.#programs) await program.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Two trunks for each couple; lines at 115,200 bit/s so that files take no time worth waiting for. */
function configuration(folder: string, couples: readonly Couple[]): string {
  const trunks = couples.flatMap((_, index) => [`555010${2 * index}`, `555010${2 * index + 1}`]);
  const seats = couples.flatMap(({ independent, cordboard }) => [independent, cordboard]);
  return [
    `data_dir = "${join(folder, 'data')}"`,
    'log_level = "warn"',
    '[office]',
    'time_scale = 0.05',
    ...trunks.map(
      (number) => `[[office.line]]\nnumber = "${number}"\nhunt = "${serverNumber}"\nrate = 115200`,
    ),
    ...seats.map(
      ({ number, line }) => `[[office.line]]\nnumber = "${number}"\nexpose = "pty:${line}"\nrate = 115200`,
    ),
    '[server]',
    `number = "${serverNumber}"`,
    `trunks = [${trunks.map((number) => `"sim:${number}"`).join(', ')}]`,
    ...seats.map(
      ({ account, name, number }) =>
        `[[subscriber]]\naccount = "${account}"\nname = "${name}"\nnumber = "${number}"\nversions = [1]\naccepts = ["*"]`,
    ),
  ].join('\n');
}

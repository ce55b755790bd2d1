import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { OfficeOptions } from '../../../pstn/central-office/options.js';

const program = fileURLToPath(new URL('./office-process.js', import.meta.url));

/** A simulated telephone network in a process of its own, with the processor time that it takes. */
export class OwnOffice {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  /** It has exited and all that it said was read. Does not come once this side has disconnected (Node 20.20). */
  readonly #closed: Promise<unknown>;
  #complaints = '';

  private constructor(options: OfficeOptions) {
    this.#child = fork(program, [JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#exited = once(this.#child, 'exit');
    this.#closed = once(this.#child, 'close');
    this.#child.stderr?.on('data', (octets) => {
      this.#complaints += octets;
    });
  }

  /** @throws Error when the network cannot be opened */
  static async open(options: OfficeOptions): Promise<OwnOffice> {
    const office = new OwnOffice(options);
    await office.#message();
    return office;
  }

  /** Milliseconds since it began, user and system, of all its threads. @throws Error when it has ended */
  async processorMs(): Promise<number> {
    const message = this.#message();
    this.#child.send('processor');
    return Number(await message);
  }

  async close(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#exited;
  }

  async #message(): Promise<unknown> {
    const ended = this.#closed.then((): never => {
      throw new Error(`the process of the telephone network has ended: ${this.#complaints}`);
    });
    const [message] = await Promise.race([once(this.#child, 'message'), ended]);
    return message;
  }
}

import type { Command } from './command-parser.js';
import { execute } from './command-set.js';
import type { CommandTarget } from './command-target.js';

/** Executes a command line from left to right up to its first failure, and gives it one result code. */
export class CommandRunner {
  readonly #modem: CommandTarget;
  readonly #ended: (result: 'OK' | 'ERROR') => void;
  #rest: Command[] = [];

  constructor(modem: CommandTarget, ended: (result: 'OK' | 'ERROR') => void) {
    this.#modem = modem;
    this.#ended = ended;
  }

  run(commands: readonly Command[]): void {
    this.#rest = [...commands];
    this.#continue();
  }

  /** The command whose outcome was `later` is done. */
  finished(): void {
    this.#continue();
  }

  /** The rest of the line is not executed and no result is given. */
  abort(): void {
    this.#rest = [];
  }

  #continue(): void {
    for (let next = this.#rest.shift(); next; next = this.#rest.shift()) {
      const outcome = execute(next, this.#modem);
      if (outcome === 'ok') continue;
      if (outcome === 'error') this.#ended('ERROR');
      if (outcome !== 'later') this.abort();
      return;
    }
    this.#ended('OK');
  }
}

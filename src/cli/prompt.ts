import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { CommandFailed } from './exit-codes.js';

/**
 * The person, or the program, at standard input. Questions go to standard error, so that standard output
 * stays for results; answers are read a line each, in the order of the questions.
 */
export class Prompt {
  readonly #showsQuestions: boolean;
  readonly #early: string[] = [];
  #waiting: { resolve: (line: string) => void; reject: (cause: Error) => void } | undefined;
  #hidden = false;
  #ended = false;
  #lines: Interface | undefined;

  /** @param showsQuestions false under `--json`, where an event says what is asked */
  constructor(showsQuestions: boolean) {
    this.#showsQuestions = showsQuestions;
  }

  /**
   * The next line, without its end.
   * @param signal aborted when the answer is not awaited any more; the next line then belongs to the next question
   */
  ask(question: string, signal?: AbortSignal): Promise<string> {
    this.#open();
    if (this.#showsQuestions) process.stderr.write(question);
    const early = this.#early.shift();
    if (early !== undefined) return Promise.resolve(early);
    if (this.#ended) return Promise.reject(noAnswer(question));
    return new Promise((resolve, reject) => {
      const waiting = { resolve, reject: () => reject(noAnswer(question)) };
      this.#waiting = waiting;
      signal?.addEventListener('abort', () => {
        if (this.#waiting === waiting) this.#waiting = undefined;
        waiting.reject();
      });
    });
  }

  /** As `ask`; what is typed at a terminal is not shown. */
  async askHidden(question: string): Promise<string> {
    this.#open();
    this.#hidden = true;
    try {
      return await this.ask(question);
    } finally {
      this.#hidden = false;
      if (this.#showsQuestions && process.stdin.isTTY) process.stderr.write('\n');
    }
  }

  /** Yes only to `y` or `yes`; anything else is no. */
  async confirm(question: string, signal?: AbortSignal): Promise<boolean> {
    return /^\s*y(es)?\s*$/i.test(await this.ask(`${question} [yes/no] `, signal));
  }

  close(): void {
    this.#lines?.close();
  }

  #open(): void {
    if (this.#lines) return;
    const echo = new Writable({
      write: (chunk, _, done) => {
        if (!this.#hidden) process.stderr.write(chunk);
        done();
      },
    });
    const terminal = process.stdin.isTTY === true;
    this.#lines = createInterface({ input: process.stdin, ...(terminal ? { output: echo, terminal } : {}) });
    this.#lines.on('line', (line) => {
      const waiting = this.#waiting;
      this.#waiting = undefined;
      if (waiting) waiting.resolve(line);
      // A program may write its answers ahead; what a person typed before the question is no answer to it.
      else if (!terminal) this.#early.push(line);
    });
    this.#lines.on('close', () => {
      this.#ended = true;
      this.#waiting?.reject(new Error('closed'));
    });
  }
}

function noAnswer(question: string): CommandFailed {
  return new CommandFailed('cancelled', `Standard input ended before the answer to: ${question.trim()}`);
}

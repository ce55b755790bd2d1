import { createInterface, type Interface } from 'node:readline';
import { CommandFailed } from './exit-codes.js';
import { askAtTerminal, type Terminal } from './terminal-question.js';
import { wrapFor } from './wrap.js';

/** Where answers come from: a person at a terminal, or a program at a pipe. */
export interface Answerer extends Terminal {
  readonly isTerminal: boolean;
}

const standardInput: Answerer = {
  input: process.stdin,
  output: process.stderr,
  interrupt: () => void process.kill(process.pid, 'SIGINT'),
  isTerminal: process.stdin.isTTY === true,
};

/**
 * The person, or the program, at standard input. Questions go to standard error, so that standard output
 * stays for results; answers are read a line each, in the order of the questions.
 */
export class Prompt {
  readonly #showsQuestions: boolean;
  readonly #answerer: Answerer;
  readonly #early: string[] = [];
  #waiting: { resolve: (line: string) => void; reject: () => void } | undefined;
  #pipe: Interface | undefined;
  #pipeHasEnded = false;

  /** @param showsQuestions false under `--json`, where an event says what is asked */
  constructor(showsQuestions: boolean, answerer: Answerer = standardInput) {
    this.#showsQuestions = showsQuestions;
    this.#answerer = answerer;
  }

  /**
   * The next line, without its end.
   * @param signal aborted when the answer is not awaited any more; the next line then belongs to the next question
   * @throws CommandFailed `cancelled` when there is no answer
   */
  ask(question: string, signal?: AbortSignal): Promise<string> {
    return this.#answerer.isTerminal
      ? this.#askPerson(question, { signal })
      : this.#askProgram(question, signal);
  }

  /** As `ask`; what is typed at a terminal is not shown. @param otherwise where else the answer can come from, a sentence */
  askHidden(question: string, otherwise?: string): Promise<string> {
    return this.#answerer.isTerminal
      ? this.#askPerson(question, { hidden: true })
      : this.#askProgram(question, undefined, otherwise);
  }

  /**
   * As `ask`; a person is asked again, with the hint, until the answer can be one. A program's first answer counts,
   * whatever it is.
   */
  async askUntil(
    isAnswer: (line: string) => boolean,
    hint: string,
    question: string,
    signal?: AbortSignal,
  ): Promise<string> {
    for (;;) {
      const line = await this.ask(question, signal);
      if (isAnswer(line) || !this.#answerer.isTerminal) return line;
      this.#answerer.output.write(`${wrapFor(process.stderr, hint)}\n`);
    }
  }

  /** Yes only to `y` or `yes`; a person is asked again at anything but these and `n` or `no`, a program has said no. */
  async confirm(question: string, signal?: AbortSignal): Promise<boolean> {
    const isAnswer = (line: string) => /^\s*(y|yes|n|no)\s*$/i.test(line);
    const line = await this.askUntil(isAnswer, 'Please answer yes or no.', `${question} [yes/no] `, signal);
    return /^\s*y(es)?\s*$/i.test(line);
  }

  close(): void {
    this.#pipe?.close();
  }

  async #askPerson(
    question: string,
    options: { readonly hidden?: boolean; readonly signal?: AbortSignal | undefined },
  ): Promise<string> {
    const line = await askAtTerminal(this.#answerer, this.#showsQuestions ? question : '', options);
    if (line === undefined) {
      throw new CommandFailed('cancelled', `Given up at the question "${withoutColon(question)}".`);
    }
    return line;
  }

  #askProgram(question: string, signal?: AbortSignal, otherwise?: string): Promise<string> {
    this.#openPipe();
    if (this.#showsQuestions) this.#answerer.output.write(question);
    const early = this.#early.shift();
    if (early !== undefined) return Promise.resolve(early);
    if (this.#pipeHasEnded) return Promise.reject(noAnswer(question, otherwise));
    return new Promise((resolve, reject) => {
      const waiting = { resolve, reject: () => reject(noAnswer(question, otherwise)) };
      this.#waiting = waiting;
      signal?.addEventListener('abort', () => {
        if (this.#waiting === waiting) this.#waiting = undefined;
        waiting.reject();
      });
    });
  }

  #openPipe(): void {
    if (this.#pipe) return;
    this.#pipe = createInterface({ input: this.#answerer.input });
    this.#pipe.on('line', (line) => {
      const waiting = this.#waiting;
      this.#waiting = undefined;
      // A program may write its answers ahead.
      if (waiting) waiting.resolve(line);
      else this.#early.push(line);
    });
    this.#pipe.on('close', () => {
      this.#pipeHasEnded = true;
      this.#waiting?.reject();
    });
  }
}

function noAnswer(question: string, otherwise = ''): CommandFailed {
  const ended = `Standard input ended before the answer to "${withoutColon(question)}".`;
  return new CommandFailed('cancelled', `${ended} ${otherwise}`.trim());
}

function withoutColon(question: string): string {
  return question.trim().replace(/:$/, '');
}

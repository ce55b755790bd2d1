import { PassThrough } from 'node:stream';
import type { Answerer } from '../../src/cli/prompt.js';

/** A person's keyboard and screen; Ctrl-C is counted in place of ending the test. */
export class FakeTerminal implements Answerer {
  readonly isTerminal: boolean;
  readonly input = Object.assign(new PassThrough(), {
    setRawMode: (isRaw: boolean) => {
      this.isRaw = isRaw;
    },
  });
  readonly output = new PassThrough();
  isRaw = false;
  interrupts = 0;
  shown = '';

  constructor(isTerminal = true) {
    this.isTerminal = isTerminal;
    this.output.on('data', (text) => {
      this.shown += text;
    });
  }

  interrupt = (): void => {
    // In raw mode a second Ctrl-C would not reach the program.
    if (!this.isRaw) this.interrupts += 1;
  };

  /** Resolves when `text` is on the screen and what is typed is read. */
  async shows(text: string): Promise<void> {
    while (!this.shown.includes(text)) await new Promise(setImmediate);
    this.shown = '';
    await new Promise(setImmediate);
  }

  types(keys: string): void {
    this.input.write(keys);
  }
}

export const ctrlC = '\x03';
export const ctrlD = '\x04';

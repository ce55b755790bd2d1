import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

const pollMs = 2;

/** A modem's pseudo-terminal as a program has it open, for the commands before a call and for other programs during it. */
export class Terminal {
  /** Blocking: what a program is given as its standard input and output. */
  readonly fd: number;
  readonly #reading: number;

  constructor(path: string) {
    const flags = constants.O_RDWR | constants.O_NOCTTY;
    this.fd = openSync(path, flags);
    this.#reading = openSync(path, flags | constants.O_NONBLOCK);
  }

  write(text: string): void {
    writeSync(this.fd, text, null, 'latin1');
  }

  /** Waits for OK, whatever is said before: it may be about an earlier call. @throws Error when it does not come in time */
  awaitOk(limitMs: number): Promise<void> {
    return this.#readLine('OK', /^$/, limitMs);
  }

  /** @throws Error when the call fails, or does not come about in time */
  awaitConnect(limitMs: number): Promise<void> {
    return this.#readLine('CONNECT', /^(NO |BUSY|ERROR)/, limitMs);
  }

  close(): void {
    closeSync(this.#reading);
    closeSync(this.fd);
  }

  async #readLine(start: string, failure: RegExp, limitMs: number): Promise<void> {
    let heard = '';
    const deadlineMs = performance.now() + limitMs;
    while (performance.now() < deadlineMs) {
      heard += this.#read();
      const lines = heard.split('\r\n').slice(0, -1);
      if (lines.some((line) => line.startsWith(start))) return;
      const other = lines.find((line) => line !== '' && failure.test(line));
      if (other !== undefined) throw new Error(`the modem said ${other} instead of ${start}`);
      await setTimeout(pollMs);
    }
    throw new Error(`the modem did not say ${start}`);
  }

  #read(): string {
    const buffer = Buffer.alloc(4096);
    try {
      return buffer.toString('latin1', 0, readSync(this.#reading, buffer));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return '';
      throw error;
    }
  }
}

import type { Terminal } from './event-screen.js';

/** One line that says what goes on while nothing is told, and for how long; on a terminal only. */
export class WaitingLine {
  readonly #terminal: Terminal;
  #timer: NodeJS.Timeout | undefined;

  constructor(terminal: Terminal = process.stderr) {
    this.#terminal = terminal;
  }

  /** Shows the line until `end`, in place of an earlier one. */
  begin(text: string): void {
    this.end();
    if (!this.#terminal.isTTY) return;
    const beganMs = performance.now();
    const show = () => {
      const seconds = Math.floor((performance.now() - beganMs) / 1000);
      const line = `${text} ... ${seconds} s`.slice(0, (this.#terminal.columns || 80) - 1);
      this.#terminal.write(`\r\x1b[K${line}`);
    };
    show();
    this.#timer = setInterval(show, 1000);
  }

  /** Takes the line away. */
  end(): void {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#terminal.write('\r\x1b[K');
  }
}

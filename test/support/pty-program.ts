import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { expect, vi } from 'vitest';

/** A program that opens a pseudo-terminal like any file. */
export class PtyProgram {
  readonly fd: number;
  #isOpen = true;

  constructor(path: string) {
    this.fd = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  }

  write(text: string): void {
    writeSync(this.fd, text, null, 'latin1');
  }

  /** Writes all of it, as fast as it is taken. */
  async writeAll(octets: Uint8Array, timeout = 20_000): Promise<void> {
    let written = 0;
    await vi.waitUntil(
      () => {
        try {
          written += writeSync(this.fd, octets, written);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
        }
        return written === octets.length;
      },
      { interval: 5, timeout },
    );
  }

  /** What there is to read; `undefined` at end of file. */
  read(): string | undefined {
    const buffer = Buffer.alloc(65_536);
    try {
      const count = readSync(this.fd, buffer);
      return count === 0 ? undefined : buffer.toString('latin1', 0, count);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return '';
      throw error;
    }
  }

  /** Reads until `text` has come, and returns all that came. */
  async readUntil(text: string, timeout = 20_000): Promise<string> {
    let heard = '';
    await vi.waitFor(
      () => {
        heard += this.read() ?? '';
        expect(heard).toContain(text);
      },
      { interval: 5, timeout },
    );
    return heard;
  }

  close(): void {
    if (this.#isOpen) closeSync(this.fd);
    this.#isOpen = false;
  }
}

import type { Duplex } from 'node:stream';

/** What one opening of a port reports. */
export interface OpenPortListener {
  octets(octets: Buffer): void;
  /** Once, however the port came to be closed. */
  closed(cause: Error | undefined): void;
}

/**
 * A stream between its opening and its closing. It settles every write, also those that the serialport stream forgets
 * when its port closes: that stream keeps them for a next opening.
 */
export class OpenPort {
  readonly #stream: Duplex;
  readonly #unsettled = new Set<() => void>();
  #listener: OpenPortListener | undefined;
  #cause: Error | undefined;
  #closed = false;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('error', (error) => {
      this.#cause ??= error;
    });
    stream.once('close', (error?: unknown) => this.#noteClosed(error instanceof Error ? error : undefined));
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  listen(listener: OpenPortListener): void {
    this.#listener = listener;
    this.#stream.on('data', (octets: Buffer) => listener.octets(octets));
    if (this.#closed) listener.closed(this.#cause);
  }

  write(octets: Uint8Array): Promise<void> {
    return this.settle((done) => this.#stream.write(octets, done));
  }

  /** Runs an operation with a callback; the closing of the port settles it too. */
  settle(start: (done: () => void) => void): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        this.#unsettled.delete(done);
        resolve();
      };
      this.#unsettled.add(done);
      start(done);
    });
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  #noteClosed(error: Error | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cause ??= error;
    for (const done of [...this.#unsettled]) done();
    // A paused stream holds octets that came before the closing; reading them emits them.
    this.#stream.read();
    this.#listener?.closed(this.#cause);
  }
}

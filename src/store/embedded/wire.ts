import { Duplex } from 'node:stream';
import { messageType } from './messages.js';

/** The wire was cut by this side; the code is the one that `postgres` gives when a socket closes. */
export class WireCut extends Error {
  override readonly name = 'WireCut';
  readonly code = 'CONNECTION_CLOSED';
}

/** What is at the other end of wires. */
export interface WireEnd {
  /** Whole messages of a client; `executed` when they have been. */
  submit(wire: Wire, octets: Uint8Array, executed: () => void): void;
  /** The client is gone. */
  leave(wire: Wire): void;
}

/** One client's connection to the shared backend, in place of the socket that `postgres` would open. */
export class Wire extends Duplex {
  readonly #backend: WireEnd;

  constructor(backend: WireEnd) {
    super();
    this.#backend = backend;
  }

  /** `postgres` asks its sockets for it before it says goodbye and waits for `close`. */
  get readyState(): 'open' | 'closed' {
    return this.destroyed ? 'closed' : 'open';
  }

  /** Replies are pushed as they come: their size is bounded by what was asked. */
  override _read(): void {}

  /** `postgres` writes whole messages; the next are kept back until these have been executed. */
  override _write(octets: Uint8Array, _: BufferEncoding, executed: () => void): void {
    // The backend would end with the one client that leaves it.
    if (octets[0] === messageType.terminate) executed();
    else this.#backend.submit(this, octets, executed);
  }

  override _final(done: () => void): void {
    done();
    this.destroy();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#backend.leave(this);
    done(error);
  }
}

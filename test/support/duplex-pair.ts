import { Duplex } from 'node:stream';

/** Two streams back to back, with back-pressure: what one writes the other reads; `end` or `destroy` on one is the end on the other. */
export function duplexPair(): [Duplex, Duplex] {
  const left = new Half();
  const right = new Half();
  left.far = right;
  right.far = left;
  return [left, right];
}

class Half extends Duplex {
  far: Half | undefined;
  #taken: (() => void) | undefined;

  override _read(): void {
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.();
  }

  override _write(octets: Buffer, _encoding: string, done: () => void): void {
    if (this.far?.push(octets)) done();
    else this.far?.afterRead(done);
  }

  override _final(done: () => void): void {
    this.far?.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.writableFinished && !this.far?.destroyed) this.far?.push(null);
    done(error);
  }

  afterRead(taken: () => void): void {
    this.#taken = taken;
  }
}

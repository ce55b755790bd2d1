import { Duplex } from 'node:stream';

/** Two streams back to back, with back-pressure: what one writes the other reads; `end` on one is the end on the other. */
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

  afterRead(taken: () => void): void {
    this.#taken = taken;
  }
}

/** Octets that wait for a reader, in the pieces in which they came. */
export class OctetQueue {
  readonly #pieces: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(octets: Uint8Array): void {
    if (octets.length === 0) return;
    this.#pieces.push(octets);
    this.#length += octets.length;
  }

  /** The oldest octets, as many as lie together. */
  first(): Uint8Array | undefined {
    return this.#pieces[0];
  }

  /** Forgets the oldest `count` octets, at most those that `first()` gave. */
  drop(count: number): void {
    const first = this.#pieces[0];
    if (!first) return;
    if (count >= first.length) this.#pieces.shift();
    else this.#pieces[0] = first.subarray(count);
    this.#length -= Math.min(count, first.length);
  }

  /** Moves the oldest octets into `target`. Returns how many. */
  takeInto(target: Uint8Array): number {
    let taken = 0;
    for (let first = this.first(); first && taken < target.length; first = this.first()) {
      const part = first.subarray(0, target.length - taken);
      target.set(part, taken);
      taken += part.length;
      this.drop(part.length);
    }
    return taken;
  }

  clear(): void {
    this.#pieces.length = 0;
    this.#length = 0;
  }
}

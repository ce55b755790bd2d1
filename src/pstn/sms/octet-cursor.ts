/**
 * Reads a message from outside, whose length nobody vouches for: past the end it gives zeros and notes that it did, so
 * a parser asks once, at its end.
 */
export class OctetCursor {
  readonly #octets: Uint8Array;
  #at = 0;
  #isShort = false;

  constructor(octets: Uint8Array) {
    this.#octets = octets;
  }

  /** More was asked for than there was. */
  get isShort(): boolean {
    return this.#isShort;
  }

  octet(): number {
    return this.octets(1)[0] ?? 0;
  }

  octets(length: number): Uint8Array {
    const taken = this.#octets.slice(this.#at, this.#at + length);
    this.#at += length;
    if (taken.length < length) this.#isShort = true;
    return taken;
  }

  rest(): Uint8Array {
    return this.#octets.slice(this.#at);
  }
}

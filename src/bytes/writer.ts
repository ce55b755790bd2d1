/** Fills a packet of fixed length from its first octet to its last. A field that does not fit is a bug and throws. */
export class Writer {
  readonly #octets: Uint8Array;
  #at = 0;

  constructor(length: number) {
    this.#octets = new Uint8Array(length);
  }

  octet(value: number): this {
    return this.octets(Uint8Array.of(value));
  }

  octets(field: Uint8Array): this {
    this.#octets.set(field, this.#at);
    this.#at += field.length;
    return this;
  }

  ascii(text: string): this {
    return this.octets(Buffer.from(text, 'latin1'));
  }

  /** The whole packet. */
  finish(): Uint8Array {
    if (this.#at !== this.#octets.length) {
      throw new RangeError(`${this.#at} octets written of a packet of ${this.#octets.length}`);
    }
    return this.#octets;
  }
}

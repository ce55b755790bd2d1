/**
 * Takes fields off a packet whose length was checked before. Fields are copies, so a packet never keeps
 * the line's buffer alive. Reading past the end is a bug and throws.
 */
export class Reader {
  readonly #octets: Uint8Array;
  #at = 0;

  constructor(octets: Uint8Array) {
    this.#octets = octets;
  }

  octet(): number {
    return this.octets(1)[0] as number;
  }

  octets(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#octets.length)
      throw new RangeError(`field ends at ${end} of ${this.#octets.length} octets`);
    // Not `slice`: a Buffer's shares its memory.
    const field = new Uint8Array(this.#octets.subarray(this.#at, end));
    this.#at = end;
    return field;
  }

  /** One character for each octet; what is not ASCII shows as a character that no ASCII field allows. */
  ascii(length: number): string {
    return Buffer.from(this.octets(length)).toString('latin1');
  }
}

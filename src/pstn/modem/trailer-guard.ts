/** What a modem sends when the carrier is lost. It looks like data, and data can look like it (fault 35). */
const trailer = Buffer.from('\r\nNO CARRIER\r\n');

/**
 * Keeps back the end of a data stream for as long as it may turn out to be `NO CARRIER`. It decides nothing: whoever
 * holds it knows the time and the carrier.
 */
export class TrailerGuard {
  /** Octets kept back: a beginning of the trailer, or all of it. */
  #held = 0;

  /** The whole trailer is held, and nothing came after it. */
  get isComplete(): boolean {
    return this.#held === trailer.length;
  }

  get holds(): boolean {
    return this.#held > 0;
  }

  /** Takes what came next; returns what is data for certain. */
  accept(octets: Buffer): Buffer {
    const all = this.#held > 0 ? Buffer.concat([trailer.subarray(0, this.#held), octets]) : octets;
    this.#held = heldLength(all);
    return this.#held === 0 ? all : all.subarray(0, all.length - this.#held);
  }

  /** It was data: returns what was held. */
  surrender(): Buffer {
    const octets = Buffer.from(trailer.subarray(0, this.#held));
    this.#held = 0;
    return octets;
  }
}

/** Length of the longest end of `octets` with which the trailer begins. */
function heldLength(octets: Buffer): number {
  const last = octets[octets.length - 1];
  if (last === undefined || !trailer.includes(last)) return 0;
  for (let length = Math.min(trailer.length, octets.length); length > 0; length--) {
    if (octets.subarray(octets.length - length).equals(trailer.subarray(0, length))) return length;
  }
  return 0;
}

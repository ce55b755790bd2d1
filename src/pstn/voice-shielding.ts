const dle = 0x10;
const sub = 0x1a;

/** The octets of samples on their way over a serial port: a DLE among them is sent twice (V.253). */
export function shielded(octets: Uint8Array): Uint8Array {
  if (!octets.includes(dle)) return octets;
  const result: number[] = [];
  for (const octet of octets) {
    if (octet === dle) result.push(dle);
    result.push(octet);
  }
  return Uint8Array.from(result);
}

export interface UnshieldedSink {
  /** Octets of samples. */
  data(octets: Uint8Array): void;
  /** `<DLE>` and this character. Nothing after it is read when the answer is true. */
  code(character: string): boolean;
}

/** Takes a shielded stream apart; it may be cut anywhere. */
export class Unshielding {
  readonly #sink: UnshieldedSink;
  #awaitsCode = false;

  constructor(sink: UnshieldedSink) {
    this.#sink = sink;
  }

  /** @returns how many octets were read: all, unless a code ended the stream */
  push(octets: Uint8Array): number {
    let data: number[] = [];
    const deliver = () => {
      if (data.length > 0) this.#sink.data(Uint8Array.from(data));
      data = [];
    };
    for (let at = 0; at < octets.length; at++) {
      const octet = octets[at] as number;
      if (!this.#awaitsCode) {
        if (octet === dle) this.#awaitsCode = true;
        else data.push(octet);
        continue;
      }
      this.#awaitsCode = false;
      if (octet === dle) data.push(dle);
      else if (octet === sub) data.push(dle, dle);
      else {
        deliver();
        if (this.#sink.code(String.fromCharCode(octet))) return at + 1;
      }
    }
    deliver();
    return octets.length;
  }
}

/** Telnet (RFC 854) on the wire: data, negotiation of options, and what options say to each other. Pure. */
export type TelnetItem =
  | { readonly kind: 'data'; readonly octets: Buffer }
  | { readonly kind: 'negotiation'; readonly verb: Verb; readonly option: number }
  | { readonly kind: 'subnegotiation'; readonly option: number; readonly octets: Buffer };

export type Verb = 'will' | 'wont' | 'do' | 'dont';

export const telnetOption = { binary: 0, echo: 1, suppressGoAhead: 3, timingMark: 6, comPort: 44 } as const;

const iac = 255;
const subnegotiationBegin = 250;
const subnegotiationEnd = 240;
const verbs: Readonly<Record<Verb, number>> = { will: 251, wont: 252, do: 253, dont: 254 };
const verbOf: ReadonlyMap<number, Verb> = new Map(
  (Object.keys(verbs) as Verb[]).map((verb) => [verbs[verb], verb]),
);
const cr = 13;
const nul = 0;

/** RFC 2217 has nothing longer than a signature; what a server sends beyond this is thrown away, not kept. */
const longestSubnegotiation = 1_024;

/** Takes a telnet stream apart, however it is split. Nothing that a server sends makes it throw. */
export class TelnetReader {
  /** Set when the other side transmits binary; until then CR NUL stands for CR. */
  isBinary = false;
  #state: 'data' | 'command' | 'option' | 'begin' | 'within' | 'within-command' = 'data';
  #verb: Verb = 'will';
  #option = 0;
  #within: number[] = [];
  #afterCr = false;

  /** Item by item, since what one says (`isBinary`) may change how the next is read. */
  *push(octets: Buffer): Generator<TelnetItem, void> {
    for (let at = 0; at < octets.length; ) {
      if (this.#state === 'data') {
        const next = octets.indexOf(iac, at);
        const end = next < 0 ? octets.length : next;
        const data = this.#data(octets.subarray(at, end));
        if (data.length > 0) yield { kind: 'data', octets: data };
        if (next >= 0) this.#state = 'command';
        at = end + 1;
      } else {
        const item = this.#take(octets[at++] as number);
        if (item) yield item;
      }
    }
  }

  #data(octets: Buffer): Buffer {
    const afterCr = this.#afterCr;
    if (octets.length > 0) this.#afterCr = octets.at(-1) === cr;
    if (this.isBinary || octets.length === 0) return octets;
    return octets.filter(
      (octet, at) => octet !== nul || (at === 0 ? !afterCr : octets[at - 1] !== cr),
    ) as Buffer;
  }

  #take(octet: number): TelnetItem | undefined {
    switch (this.#state) {
      case 'option':
        this.#state = 'data';
        return { kind: 'negotiation', verb: this.#verb, option: octet };
      case 'begin':
        this.#option = octet;
        this.#within = [];
        this.#state = 'within';
        return undefined;
      case 'within':
        if (octet === iac) this.#state = 'within-command';
        else this.#keep(octet);
        return undefined;
      case 'within-command':
        return this.#withinCommand(octet);
      default:
        return this.#command(octet);
    }
  }

  #command(octet: number): TelnetItem | undefined {
    const verb = verbOf.get(octet);
    this.#state = 'data';
    if (octet === iac) {
      this.#afterCr = false;
      return { kind: 'data', octets: Buffer.from([iac]) };
    }
    if (octet === subnegotiationBegin) this.#state = 'begin';
    else if (verb) {
      this.#verb = verb;
      this.#state = 'option';
    }
    // NOP, AYT, GA and the others ask for nothing here.
    return undefined;
  }

  #withinCommand(octet: number): TelnetItem | undefined {
    this.#state = 'within';
    if (octet === iac) this.#keep(iac);
    else if (octet === subnegotiationEnd) {
      this.#state = 'data';
      if (this.#within.length > longestSubnegotiation) return undefined;
      return { kind: 'subnegotiation', option: this.#option, octets: Buffer.from(this.#within) };
    }
    // No other command may stand within one: its end was lost.
    else return this.#command(octet);
    return undefined;
  }

  #keep(octet: number): void {
    if (this.#within.length <= longestSubnegotiation) this.#within.push(octet);
  }
}

/** Data as telnet carries it: 255 doubled and, unless this side transmits binary, CR as CR NUL. */
export function encodeData(octets: Uint8Array, isBinary: boolean): Uint8Array {
  const isSpecial = (octet: number) => octet === iac || (octet === cr && !isBinary);
  if (!octets.some(isSpecial)) return octets;
  const encoded: number[] = [];
  for (const octet of octets) {
    encoded.push(octet);
    if (isSpecial(octet)) encoded.push(octet === iac ? iac : nul);
  }
  return Buffer.from(encoded);
}

export function encodeNegotiation(verb: Verb, option: number): Buffer {
  return Buffer.from([iac, verbs[verb], option]);
}

export function encodeSubnegotiation(option: number, octets: Uint8Array): Buffer {
  return Buffer.concat([
    Buffer.from([iac, subnegotiationBegin, option]),
    encodeData(octets, true),
    Buffer.from([iac, subnegotiationEnd]),
  ]);
}

import { ACK, NAK, STX } from './framing.js';

/** A packet of fixed length between STX and a trailer; what is inside is not escaped, so only the length finds its end. */
export interface PacketShape {
  /** Octets, framing included. */
  readonly length: number;
  readonly trailer: number;
}

/** What may arrive now. NAK may always. */
export interface Awaited {
  readonly packet?: PacketShape;
  readonly ack?: boolean;
}

/** What came from outside cannot be what was awaited. The fault is for the own log; the peer gets NAK alone. */
export interface Malformed {
  readonly kind: 'malformed';
  readonly fault: string;
}

export type Reading =
  | { readonly kind: 'packet'; readonly octets: Uint8Array }
  | { readonly kind: 'nak' }
  | { readonly kind: 'ack' }
  | Malformed;

/**
 * The reader rule of version 1 (protocol text A.1), shared by Key and Data Exchange: it is told the one packet
 * that is awaited, takes octets in any split, and answers with one reading or none yet. Octets behind a
 * complete packet or ACK are early: the peer cannot have seen the answer to it.
 */
export class PacketReader {
  #awaited: Awaited = {};
  #held: Uint8Array = new Uint8Array();

  /** Sets what comes next, and forgets what was awaited before. */
  expect(awaited: Awaited): void {
    this.#awaited = awaited;
    this.#held = new Uint8Array();
  }

  push(octets: Uint8Array): Reading | undefined {
    if (octets.length === 0) return undefined;
    const held = Buffer.concat([this.#held, octets]);
    const reading = this.#read(held);
    if (reading) this.expect({});
    else this.#held = held;
    return reading;
  }

  #read(held: Uint8Array): Reading | undefined {
    const { packet, ack } = this.#awaited;
    const first = held[0] as number;
    if (first === NAK) return { kind: 'nak' };
    if (first === ACK && ack) return held.length === 1 ? { kind: 'ack' } : early;
    if (first !== STX || !packet) return { kind: 'malformed', fault: `octet ${hex(first)} is not awaited` };
    if (held.length < packet.length) return undefined;
    if (held.length > packet.length) return early;
    const last = held[packet.length - 1] as number;
    if (last !== packet.trailer)
      return { kind: 'malformed', fault: `trailer ${hex(last)}, not ${hex(packet.trailer)}` };
    return { kind: 'packet', octets: held };
  }
}

const early: Reading = { kind: 'malformed', fault: 'octets before the answer' };

function hex(octet: number): string {
  return `0x${octet.toString(16).padStart(2, '0')}`;
}

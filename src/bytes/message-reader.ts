import type { Malformed } from './packet-reader.js';

/** A message of version 2: each type has one length, so that a size tells nothing. */
export interface MessageShape {
  readonly type: number;
  /** Octets of the body. */
  readonly length: number;
}

export type MessageReading = { readonly kind: 'message'; readonly body: Uint8Array } | Malformed;

const headerLength = 3;

/** `type 1 | length 2 | body`, the length big-endian. */
export function encodeMessage(type: number, body: Uint8Array): Uint8Array {
  const octets = new Uint8Array(headerLength + body.length);
  octets[0] = type;
  new DataView(octets.buffer).setUint16(1, body.length);
  octets.set(body, headerLength);
  return octets;
}

/**
 * The reader rule of version 2: it is told the one message that is awaited and takes octets in any split. A false type or length
 * is refused by its own octet, so that no peer is waited for that announces 65,535. What stands behind a message stays here until
 * the next one is awaited; an octet where none is awaited is malformed.
 */
export class MessageReader {
  #awaited: MessageShape | undefined;
  #held: Uint8Array = new Uint8Array();

  expect(awaited: MessageShape | undefined): void {
    this.#awaited = awaited;
  }

  add(octets: Uint8Array): void {
    this.#held = Buffer.concat([this.#held, octets]);
  }

  /** One reading, or none yet; after a message ask again, since another may stand behind it. */
  read(): MessageReading | undefined {
    const held = this.#held;
    if (held.length === 0) return undefined;
    const awaited = this.#awaited;
    if (!awaited) return this.#malformed(`${held.length} octets where none are awaited`);
    if (held[0] !== awaited.type) return this.#malformed(`message ${held[0]} in place of ${awaited.type}`);
    const length = [awaited.length >> 8, awaited.length & 0xff];
    if (held.subarray(1, headerLength).some((octet, place) => octet !== length[place]))
      return this.#malformed(`a length that message ${awaited.type} does not have`);
    const end = headerLength + awaited.length;
    if (held.length < end) return undefined;
    this.#held = held.subarray(end);
    this.#awaited = undefined;
    return { kind: 'message', body: Uint8Array.from(held.subarray(headerLength, end)) };
  }

  #malformed(fault: string): Malformed {
    this.#held = new Uint8Array();
    this.#awaited = undefined;
    return { kind: 'malformed', fault };
  }
}

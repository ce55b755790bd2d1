import type { Malformed } from '../bytes/packet-reader.js';
import { chaCha20Poly1305, keyLength, nonceLength, tagLength } from './aead.js';
import { sha256 } from './hash.js';
import { expand } from './hkdf.js';

/** What both ends of a call derive from K_call (`protocol/identity`, "The outer channel"). */
export interface CallKeys {
  /** Of the outer channel, 32 octets each. */
  readonly callerToCallee: Uint8Array;
  readonly calleeToCaller: Uint8Array;
  /** Of the link between the ends; never 0. */
  readonly callerIncarnation: number;
  readonly calleeIncarnation: number;
}

/** @param callKey K_call, 32 octets */
export function callKeysOf(callKey: Uint8Array): CallKeys {
  const derived = (label: string, length: number) => expand(sha256, callKey, Buffer.from(label), length);
  const incarnation = (label: string) => Buffer.from(derived(label, 4)).readUInt32BE() || 1;
  return {
    callerToCallee: derived('SCS2 call i>r', keyLength),
    calleeToCaller: derived('SCS2 call r>i', keyLength),
    callerIncarnation: incarnation('SCS2 link i'),
    calleeIncarnation: incarnation('SCS2 link r'),
  };
}

const headerLength = 2;
const bulkBit = 0x8000;
const longestContent = 0x7fff;
const shortestSealed = 1 + tagLength;
/** Octets of the longest body that one sealed record carries. */
export const longestRecordBody = longestContent - shortestSealed;

/** Seals the records of one direction. The key serves one sealer alone: each record takes the next number. */
export class RecordSealer {
  readonly #key: Uint8Array;
  #next = 0;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** @throws RangeError for a body that no record carries */
  seal(type: number, body: Uint8Array): Uint8Array {
    if (body.length > longestRecordBody)
      throw new RangeError(`a record carries ${longestRecordBody} octets, not ${body.length}`);
    const header = headerOf(shortestSealed + body.length);
    const content = Buffer.concat([Uint8Array.of(type), body]);
    const sealed = chaCha20Poly1305.seal(this.#key, nonceOf(this.#next++), header, content);
    return Buffer.concat([header, sealed]);
  }
}

/** Octets that are sealed already, as records: header and content one after the other, the content as it was given. */
export function bulkRecords(octets: Uint8Array): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < octets.length; at += longestContent) {
    const content = octets.subarray(at, at + longestContent);
    pieces.push(headerOf(bulkBit | content.length), content);
  }
  return pieces;
}

export type OpenedRecord =
  | { readonly kind: 'record'; readonly type: number; readonly body: Uint8Array }
  /** Some of the octets of a bulk record, as soon as they are here. */
  | { readonly kind: 'bulk'; readonly octets: Uint8Array }
  | Malformed;

/** Opens the records of one direction, in any split. It holds less than one sealed record, and nothing of a bulk record. */
export class RecordOpener {
  readonly #key: Uint8Array;
  #next = 0;
  #held: Uint8Array[] = [];
  #heldLength = 0;
  #bulkLeft = 0;
  #isBroken = false;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** In order; `malformed` is the last that it ever says. Bulk octets are lent, the line's own. */
  push(octets: Uint8Array): OpenedRecord[] {
    const opened: OpenedRecord[] = [];
    let rest = octets;
    while (rest.length > 0 && !this.#isBroken) rest = this.#take(rest, opened);
    return opened;
  }

  #take(octets: Uint8Array, opened: OpenedRecord[]): Uint8Array {
    if (this.#bulkLeft > 0) {
      const content = octets.subarray(0, this.#bulkLeft);
      this.#bulkLeft -= content.length;
      opened.push({ kind: 'bulk', octets: content });
      return octets.subarray(content.length);
    }
    const wanted = this.#wanted() - this.#heldLength;
    this.#held.push(Uint8Array.from(octets.subarray(0, wanted)));
    this.#heldLength += Math.min(wanted, octets.length);
    if (octets.length >= wanted) this.#advance(opened);
    return octets.subarray(wanted);
  }

  /** Octets of the header, and once that is here of the whole record. */
  #wanted(): number {
    return this.#heldLength < headerLength ? headerLength : headerLength + this.#contentLength();
  }

  #advance(opened: OpenedRecord[]): void {
    const held = Buffer.concat(this.#held);
    this.#held = [held];
    const header = held.readUInt16BE();
    if (header & bulkBit) {
      this.#bulkLeft = header & longestContent;
      this.#forget();
      if (this.#bulkLeft === 0) opened.push(this.#broken('a bulk record without octets'));
    } else if (header < shortestSealed) {
      opened.push(this.#broken(`a sealed record of ${header} octets`));
    } else if (held.length > headerLength) {
      this.#forget();
      opened.push(this.#open(held));
    }
  }

  #open(record: Uint8Array): OpenedRecord {
    const header = record.subarray(0, headerLength);
    const sealed = record.subarray(headerLength);
    const content = chaCha20Poly1305.open(this.#key, nonceOf(this.#next), header, sealed);
    if (!content) return this.#broken(`sealed record ${this.#next} does not open`);
    this.#next++;
    return { kind: 'record', type: content[0] as number, body: content.subarray(1) };
  }

  #contentLength(): number {
    const [first] = this.#held;
    return first ? new DataView(first.buffer, first.byteOffset).getUint16(0) & longestContent : 0;
  }

  #forget(): void {
    this.#held = [];
    this.#heldLength = 0;
  }

  #broken(fault: string): Malformed {
    this.#isBroken = true;
    this.#forget();
    return { kind: 'malformed', fault };
  }
}

function headerOf(header: number): Uint8Array {
  return Uint8Array.of(header >> 8, header & 0xff);
}

/** Four zeros, then the record's number, little-endian. */
function nonceOf(number: number): Uint8Array {
  const nonce = new Uint8Array(nonceLength);
  new DataView(nonce.buffer).setBigUint64(4, BigInt(number), true);
  return nonce;
}

import { bigEndian } from '../../../bytes/big-endian.js';
import { chaCha20Poly1305, nonceLength, tagLength } from '../../../crypto/aead.js';

/** Octets of content in one chunk, at most. */
export const chunkLengthMax = 65_536;
/** Octets that a chunk has besides its content: the length before it, the tag behind it. */
export const chunkOverhead = 2 + tagLength;
/** Octets of the longest chunk in the sealed stream. */
export const sealedChunkMax = chunkLengthMax + chunkOverhead;

/** What one stream is sealed under. A key serves one session id, for ever. */
export interface StreamKey {
  /** 32 octets. */
  readonly transferKey: Uint8Array;
  /** 16 octets. */
  readonly sessionId: Uint8Array;
}

/** Where the next chunk begins: both are counted from the content's beginning. */
export interface ContentPosition {
  readonly chunks: number;
  readonly octets: number;
}

const beginning: ContentPosition = { chunks: 0, octets: 0 };

/**
 * Seals content chunk by chunk. What it has sealed must be durable before the next process may go on behind it: a chunk number
 * serves one plaintext (a nonce that serves two gives both away).
 */
export class ChunkSealer {
  readonly #key: StreamKey;
  #position: ContentPosition;
  #isEnded = false;

  /** @param from behind the chunks that an earlier process sealed */
  constructor(key: StreamKey, from: ContentPosition = beginning) {
    this.#key = key;
    this.#position = from;
  }

  get position(): ContentPosition {
    return this.#position;
  }

  /**
   * One chunk of the sealed stream: `length - 1 | ciphertext | tag`.
   * @param content 1 to 65,536 octets
   * @throws RangeError for another length, behind the last chunk, or when the key has no number left (2^53)
   */
  seal(content: Uint8Array, isLast: boolean): Uint8Array {
    if (this.#isEnded) throw new RangeError('the last chunk of this stream is sealed already');
    if (content.length < 1 || content.length > chunkLengthMax) {
      throw new RangeError(`a chunk has 1 to ${chunkLengthMax} octets, not ${content.length}`);
    }
    const header = bigEndian(content.length - 1, 2);
    const { nonce, associated } = sealedWith(this.#key, this.#position, header, isLast);
    const after = behind(this.#position, content.length);
    const chunk = new Uint8Array(content.length + chunkOverhead);
    chunk.set(header);
    chunk.set(chaCha20Poly1305.seal(this.#key.transferKey, nonce, associated, content), header.length);
    this.#position = after;
    this.#isEnded = isLast;
    return chunk;
  }
}

export type StreamState =
  /** Nothing is wrong so far. */
  | { readonly kind: 'more' }
  /** The last chunk opened, and nothing is behind it. */
  | { readonly kind: 'complete' }
  /** Octets of the line or the disk are not what was sealed. Those before `openedOctets` are right. */
  | { readonly kind: 'broken'; readonly fault: string };

export interface Opened {
  /** The content of each chunk that became whole, in order; right whatever `state` says. */
  readonly chunks: readonly Uint8Array[];
  readonly state: StreamState;
}

/** Opens a sealed stream from its first octet on, in any split. It holds one chunk at most. */
export class StreamOpener {
  readonly #key: StreamKey;
  readonly #chunk = new Uint8Array(sealedChunkMax);
  #held = 0;
  #position = beginning;
  #openedOctets = 0;
  #state: StreamState = { kind: 'more' };

  constructor(key: StreamKey) {
    this.#key = key;
  }

  /** Content that was opened. */
  get position(): ContentPosition {
    return this.#position;
  }

  /** Octets of the sealed stream in the chunks that were opened: where a part may be cut. */
  get openedOctets(): number {
    return this.#openedOctets;
  }

  /** The octets of the chunk that is not whole yet. */
  get tail(): Uint8Array {
    return this.#chunk.slice(0, this.#held);
  }

  /** After `broken` nothing more is taken in. */
  push(octets: Uint8Array): Opened {
    const chunks: Uint8Array[] = [];
    for (let rest = octets; rest.length > 0 && this.#state.kind !== 'broken'; ) {
      if (this.#state.kind === 'complete') {
        this.#state = { kind: 'broken', fault: 'octets behind the last chunk' };
        break;
      }
      rest = rest.subarray(this.#take(rest));
      if (this.#held === this.#awaited()) this.#state = this.#openInto(chunks);
    }
    return { chunks, state: this.#state };
  }

  /** Octets of the present chunk, as far as its header is known. */
  #awaited(): number {
    if (this.#held < 2) return 2;
    return ((this.#chunk[0] as number) << 8) + (this.#chunk[1] as number) + 1 + chunkOverhead;
  }

  /** @returns how many octets it took */
  #take(octets: Uint8Array): number {
    const taken = octets.subarray(0, this.#awaited() - this.#held);
    this.#chunk.set(taken, this.#held);
    this.#held += taken.length;
    return taken.length;
  }

  #openInto(chunks: Uint8Array[]): StreamState {
    // Only the nonce says whether a chunk is the last, so the last one costs a second trial.
    if (this.#open(false, chunks)) return { kind: 'more' };
    if (this.#open(true, chunks)) return { kind: 'complete' };
    return { kind: 'broken', fault: `chunk ${this.#position.chunks} does not open` };
  }

  #open(isLast: boolean, chunks: Uint8Array[]): boolean {
    const { nonce, associated } = sealedWith(this.#key, this.#position, this.#chunk.subarray(0, 2), isLast);
    const sealed = this.#chunk.subarray(2, this.#held);
    const content = chaCha20Poly1305.open(this.#key.transferKey, nonce, associated, sealed);
    if (!content) return false;
    chunks.push(content);
    this.#position = behind(this.#position, content.length);
    this.#openedOctets += this.#held;
    this.#held = 0;
    return true;
  }
}

function sealedWith(
  key: StreamKey,
  { chunks, octets }: ContentPosition,
  header: Uint8Array,
  isLast: boolean,
) {
  const nonce = new Uint8Array(nonceLength);
  nonce.set(bigEndian(chunks, nonceLength - 1));
  nonce[nonceLength - 1] = isLast ? 1 : 0;
  return { nonce, associated: Buffer.concat([key.sessionId, bigEndian(octets, 8), header]) };
}

/** @throws RangeError where numbers end to be exact, long before nonces end */
function behind({ chunks, octets }: ContentPosition, length: number): ContentPosition {
  const after = { chunks: chunks + 1, octets: octets + length };
  if (!Number.isSafeInteger(after.chunks) || !Number.isSafeInteger(after.octets)) {
    throw new RangeError('this transfer key has sealed all that it may');
  }
  return after;
}

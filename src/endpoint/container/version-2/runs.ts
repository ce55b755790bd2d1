import { bigEndian } from '../../../bytes/big-endian.js';
import { ContentRefused } from '../../../session/session.js';

/** What the octets of a run are ("The sealed stream" of `protocol/data-exchange/version-2`). */
export const runKinds = {
  /** Behind it only zeros. */
  end: 0x00,
  /** Of the archive, as they are. */
  stored: 0x01,
  /** Of a brotli stream (RFC 7932) that goes on in a later run. */
  brotli: 0x02,
  /** The last ones of a brotli stream. */
  brotliEnd: 0x03,
  /** How far before each octet that comes out of brotli, up to the next such run, the one is that it is the difference to. */
  distance: 0x04,
} as const;

export type RunKind = keyof typeof runKinds;

/** `kind 1 | length 4`. */
export const runHeaderOctets = 5;

export function runHeader(kind: RunKind, length: number): Uint8Array {
  return Buffer.concat([Uint8Array.of(runKinds[kind]), bigEndian(length, 4)]);
}

/** Zeros behind run 00 are padding: Padmé adds 11.7 % at most. */
const paddingShare = 1 / 8;
const paddingSlackOctets = 64;

/** Some octets of a run. A run without octets is one piece of none. */
export interface RunPiece {
  readonly kind: Exclude<RunKind, 'end'>;
  readonly octets: Uint8Array;
  readonly isRunsEnd: boolean;
}

const kindOf = new Map<number, RunKind>(
  Object.entries(runKinds).map(([kind, code]) => [code, kind as RunKind]),
);

/** Takes runs apart, in any split of the content. */
export class RunReader {
  readonly #header = new Uint8Array(runHeaderOctets);
  #headerFill = 0;
  #kind: RunPiece['kind'] = 'stored';
  #left = 0;
  #hasEnded = false;
  /** Up to run 00, and behind it. */
  #octets = 0;
  #zeros = 0;

  /** Whether run 00 has come. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** @throws ContentRefused */
  *read(content: Uint8Array): Generator<RunPiece> {
    for (let rest = content; rest.length > 0; ) {
      if (this.#hasEnded) {
        if (rest.some((octet) => octet !== 0)) throw new ContentRefused('octets behind the last run');
        this.#zeros += rest.length;
        if (this.#zeros > this.#octets * paddingShare + paddingSlackOctets)
          throw new ContentRefused('more zeros behind the last run than padding is');
        return;
      }
      if (this.#left > 0) {
        const octets = rest.subarray(0, this.#left);
        rest = rest.subarray(octets.length);
        this.#octets += octets.length;
        this.#left -= octets.length;
        yield { kind: this.#kind, octets, isRunsEnd: this.#left === 0 };
        continue;
      }
      rest = this.#takeHeader(rest);
      if (this.#headerFill === 0 && this.#left === 0 && !this.#hasEnded) {
        yield { kind: this.#kind, octets: new Uint8Array(0), isRunsEnd: true };
      }
    }
  }

  /** @returns what is behind the header */
  #takeHeader(content: Uint8Array): Uint8Array {
    const piece = content.subarray(0, runHeaderOctets - this.#headerFill);
    this.#header.set(piece, this.#headerFill);
    this.#headerFill += piece.length;
    const rest = content.subarray(piece.length);
    if (this.#headerFill < runHeaderOctets) return rest;
    this.#headerFill = 0;
    this.#octets += runHeaderOctets;
    const [code = 0] = this.#header;
    const kind = kindOf.get(code);
    const length = new DataView(this.#header.buffer).getUint32(1);
    if (kind === undefined) throw new ContentRefused(`a run of kind ${code}`);
    if (kind === 'distance' && length !== 1) throw new ContentRefused(`a distance of ${length} octets`);
    if (kind === 'end') {
      if (length !== 0) throw new ContentRefused(`an end of ${length} octets`);
      this.#hasEnded = true;
    } else {
      this.#kind = kind;
      this.#left = length;
    }
    return rest;
  }
}

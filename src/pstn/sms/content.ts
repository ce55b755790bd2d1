import { fromSeptets, packSeptets, toSeptets, unpackSeptets } from './alphabet.js';
import type { DataCoding } from './data-coding.js';
import type { Malformed, UserData } from './tpdu.js';

/** What a message says, or the part of it that this message is. */
export interface Content {
  readonly concatenation?: Concatenation;
  readonly body: Body;
}

/** Which part of a longer message (23.040 9.2.3.24.1 and .8). */
export interface Concatenation {
  readonly reference: number;
  readonly referenceBits: 8 | 16;
  readonly total: number;
  /** 1 to `total`. */
  readonly number: number;
}

/** Septets and UTF-16 units, not yet characters: senders cut these in two at the borders of parts. */
export type Body =
  | { readonly kind: 'septets'; readonly septets: readonly number[] }
  | { readonly kind: 'units'; readonly units: string }
  | { readonly kind: 'octets'; readonly octets: Uint8Array };

const concatenation8 = 0x00;
const concatenation16 = 0x08;

/** A header that contradicts its length makes the content malformed; elements that are not known are passed over. */
export function readContent(userData: UserData, { alphabet }: DataCoding): Content | Malformed {
  const { hasHeader, length, octets } = userData;
  const headerOctets = hasHeader ? (octets[0] ?? 0) + 1 : 0;
  if (headerOctets > octets.length) return { kind: 'malformed', fault: 'its header is longer than its text' };
  const concatenation = concatenationIn(octets.subarray(Math.min(1, headerOctets), headerOctets));
  return {
    ...(concatenation && { concatenation }),
    body: bodyOf(alphabet, octets, headerOctets, length),
  };
}

/** The user data of one message. Throws when it does not fit into 140 octets: {@link splitText} makes parts that do. */
export function encodeContent({ concatenation, body }: Content): UserData {
  const header = concatenation ? encodeHeader(concatenation) : new Uint8Array();
  const hasHeader = header.length > 0;
  if (body.kind !== 'septets') {
    const octets = Buffer.concat([header, body.kind === 'units' ? ucs2(body.units) : body.octets]);
    return checked({ hasHeader, length: octets.length, octets });
  }
  const headerSeptets = Math.ceil((header.length * 8) / 7);
  const octets = packSeptets(body.septets, headerSeptets * 7);
  octets.set(header);
  return checked({ hasHeader, length: headerSeptets + body.septets.length, octets });
}

export function textBody(text: string, alphabet: 'gsm' | 'ucs2'): Body {
  return alphabet === 'gsm' ? { kind: 'septets', septets: toSeptets(text) } : { kind: 'units', units: text };
}

/** The text of the parts together, in order. Octets that are no text are read as ISO 8859-1. */
export function textOf(parts: readonly Body[]): string {
  const runs: Body[] = [];
  for (const part of parts) {
    const last = runs.at(-1);
    if (last?.kind === 'septets' && part.kind === 'septets') {
      runs[runs.length - 1] = { kind: 'septets', septets: [...last.septets, ...part.septets] };
    } else runs.push(part);
  }
  return wellFormed(runs.map(runText).join(''));
}

/** A half of a surrogate pair has no meaning by itself, and breaks what it is written to. */
export function wellFormed(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, '\ufffd');
}

function runText(body: Body): string {
  switch (body.kind) {
    case 'septets':
      return fromSeptets(body.septets);
    case 'units':
      return body.units;
    case 'octets':
      return Buffer.from(body.octets).toString('latin1');
  }
}

function bodyOf(
  alphabet: DataCoding['alphabet'],
  octets: Uint8Array,
  headerOctets: number,
  length: number,
): Body {
  if (alphabet === 'gsm') {
    const headerSeptets = Math.ceil((headerOctets * 8) / 7);
    return {
      kind: 'septets',
      septets: unpackSeptets(octets, Math.max(0, length - headerSeptets), headerSeptets * 7),
    };
  }
  const rest = octets.slice(headerOctets);
  if (alphabet === 'octets') return { kind: 'octets', octets: rest };
  return {
    kind: 'units',
    units: Buffer.from(rest.subarray(0, rest.length & ~1))
      .swap16()
      .toString('utf16le'),
  };
}

/** An element whose numbers make no sense is as if it were absent (9.2.3.24.1). */
function concatenationIn(header: Uint8Array): Concatenation | undefined {
  let found: Concatenation | undefined;
  for (let at = 0; at + 1 < header.length; ) {
    const id = header[at];
    const length = header[at + 1] as number;
    const data = header.subarray(at + 2, at + 2 + length);
    at += 2 + length;
    if (data.length < length) break;
    const [a = 0, b = 0, c = 0, d = 0] = data;
    if (id === concatenation8 && length === 3) {
      found = { referenceBits: 8, reference: a, total: b, number: c };
    }
    if (id === concatenation16 && length === 4) {
      found = { referenceBits: 16, reference: (a << 8) | b, total: c, number: d };
    }
  }
  return found && found.number >= 1 && found.number <= found.total ? found : undefined;
}

function encodeHeader({ reference, referenceBits, total, number }: Concatenation): Uint8Array {
  return referenceBits === 8
    ? Uint8Array.of(5, concatenation8, 3, reference, total, number)
    : Uint8Array.of(6, concatenation16, 4, reference >> 8, reference & 0xff, total, number);
}

function ucs2(text: string): Uint8Array {
  return Buffer.from(text, 'utf16le').swap16();
}

function checked(userData: UserData): UserData {
  if (userData.octets.length > 140) throw new RangeError(`${userData.octets.length} octets in one message`);
  return userData;
}

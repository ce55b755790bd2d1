/**
 * Headers of the container F: a POSIX ustar archive of regular files, as protocol text A.3 narrows it.
 * One 512-octet header, the content filled up to a multiple of 512, two zero blocks at the end.
 */
export const blockOctets = 512;

/** Octal digits of the size and date fields hold at most 2^33 - 1. */
export const largestOctal = 2 ** 33 - 1;

export interface UstarEntry {
  /** Base name, 1 to 100 octets of UTF-8 without `/`, `\`, NUL and controls. */
  readonly name: string;
  /** Octets of content. */
  readonly size: number;
  /** Seconds since 1970-01-01T00:00Z, 0 to 2^33 - 1. */
  readonly mtime: number;
}

export type UstarBlock =
  | { readonly kind: 'file'; readonly entry: UstarEntry }
  /** A zero block: the first of the two that end an archive. */
  | { readonly kind: 'end' }
  /** What an honest sender of A.3 never writes. */
  | { readonly kind: 'malformed'; readonly reason: string };

const field = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  typeflag: [156, 1],
  linkname: [157, 100],
  magicAndVersion: [257, 8],
  deviceMajor: [329, 8],
  deviceMinor: [337, 8],
  prefix: [345, 155],
} as const satisfies Record<string, readonly [offset: number, size: number]>;

/** Typeflags that either version knows: a regular file; a PAX header; a file of unknown length (version 2's live data). */
export type UstarType = '0' | 'x' | 'U';
const regularFile: UstarType = '0';
const magicAndVersion = 'ustar\0' + '00';

/** Octets of the name field. */
export const longestName = field.name[1];

const text = new TextEncoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Why A.3 does not carry this name (`a name that ...`), or `undefined` when it does. */
export function nameFault(name: string): string | undefined {
  const fault = pathPartFault(name);
  if (fault) return fault;
  if (text.encode(name).length > longestName) return 'is longer than 100 octets';
  return undefined;
}

/** The same of one part of a path, whose length is not limited by itself. */
export function pathPartFault(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name === '.' || name === '..') return 'names a folder';
  if (/[/\\]/.test(name)) return 'holds a path separator';
  if (/\p{Cc}/u.test(name)) return 'holds a control character';
  if (/\p{Cs}/u.test(name)) return 'is not valid text';
  return undefined;
}

/** @throws RangeError at an entry that A.3 does not carry: the caller checked the name, size and date */
export function encodeHeader(entry: UstarEntry): Uint8Array {
  const fault = nameFault(entry.name);
  if (fault) throw new RangeError(`a name that ${fault}`);
  return encodeBlock(regularFile, entry);
}

/**
 * A header of any type, with a name of any form that fits 100 octets.
 * @throws RangeError at a name, size or date that does not fit
 */
export function encodeBlock(type: UstarType, entry: UstarEntry): Uint8Array {
  const header = new Uint8Array(blockOctets);
  if (text.encode(entry.name).length > longestName) throw new RangeError('a name longer than 100 octets');
  put(header, field.name, entry.name);
  put(header, field.mode, '0000644\0');
  put(header, field.uid, '0000000\0');
  put(header, field.gid, '0000000\0');
  put(header, field.size, `${octal(entry.size, 11)}\0`);
  put(header, field.mtime, `${octal(entry.mtime, 11)}\0`);
  put(header, field.typeflag, type);
  put(header, field.magicAndVersion, magicAndVersion);
  put(header, field.deviceMajor, '0000000\0');
  put(header, field.deviceMinor, '0000000\0');
  put(header, field.checksum, `${octal(checksumOf(header), 6)}\0 `);
  return header;
}

/** Zero octets that fill `size` octets of content up to a whole block. */
export function paddingOctets(size: number): number {
  return (blockOctets - (size % blockOctets)) % blockOctets;
}

/** @param block 512 octets */
export function parseHeader(block: Uint8Array): UstarBlock {
  const parsed = parseBlock(block, [regularFile]);
  if (parsed.kind !== 'entry') return parsed;
  const fault = nameFault(parsed.entry.name);
  return fault ? malformed(`a name that ${fault}`) : { kind: 'file', entry: parsed.entry };
}

/** A header of one of these types; its name is text of at most 100 octets, and otherwise not looked at. */
export function parseBlock(
  block: Uint8Array,
  types: readonly UstarType[],
): Exclude<UstarBlock, { kind: 'file' }> | { kind: 'entry'; type: UstarType; entry: UstarEntry } {
  if (isZero(block)) return { kind: 'end' };
  const checksum = readOctal(block, field.checksum);
  if (checksum !== checksumOf(block)) return malformed('a header with a wrong checksum');
  if (ascii(block, field.magicAndVersion) !== magicAndVersion) return malformed('a header that is not ustar');
  const code = block[field.typeflag[0]] ?? 0;
  const type = types.find((each) => each.charCodeAt(0) === code);
  if (type === undefined) return malformed(`an entry of type ${typeName(code)}, not a regular file`);
  if (!isZero(slice(block, field.linkname))) return malformed('a regular file with a link target');
  if (!isZero(slice(block, field.prefix))) return malformed('a name with a folder before it');
  const name = readName(block);
  if (name === undefined) return malformed('a name that is not valid UTF-8 or runs on after its end');
  const size = readOctal(block, field.size);
  if (size === undefined) return malformed('a size that is not 11 octal digits');
  const mtime = readOctal(block, field.mtime);
  if (mtime === undefined) return malformed('a date that is not 11 octal digits');
  return { kind: 'entry', type, entry: { name, size, mtime } };
}

function malformed(reason: string): Extract<UstarBlock, { kind: 'malformed' }> {
  return { kind: 'malformed', reason };
}

const typeNames: Readonly<Record<string, string>> = {
  '1': 'hard link',
  '2': 'symbolic link',
  '3': 'character device',
  '4': 'block device',
  '5': 'folder',
  '6': 'FIFO',
  x: 'PAX header',
  g: 'PAX global header',
  L: 'GNU long name',
  K: 'GNU long link',
  S: 'sparse file',
};

function typeName(type: number): string {
  return typeNames[String.fromCharCode(type)] ?? `0x${type.toString(16).padStart(2, '0')}`;
}

/** Header octets summed with blanks in the place of the sum itself. */
function checksumOf(header: Uint8Array): number {
  const [start, size] = field.checksum;
  let sum = 0x20 * size;
  for (let at = 0; at < blockOctets; at += 1) {
    if (at < start || at >= start + size) sum += header[at] ?? 0;
  }
  return sum;
}

/** Digits up to the field's NUL or blank; POSIX lets writers choose either. Base-256 and signs are refused. */
function readOctal(block: Uint8Array, place: readonly [number, number]): number | undefined {
  const match = /^([0-7]{1,11})[\0 ]+$/.exec(ascii(block, place));
  return match?.[1] === undefined ? undefined : Number.parseInt(match[1], 8);
}

function readName(block: Uint8Array): string | undefined {
  const whole = slice(block, field.name);
  const end = whole.indexOf(0);
  if (end >= 0 && !isZero(whole.subarray(end))) return undefined;
  try {
    return strictUtf8.decode(end < 0 ? whole : whole.subarray(0, end));
  } catch {
    return undefined;
  }
}

function octal(value: number, digits: number): string {
  if (!Number.isInteger(value) || value < 0 || value >= 8 ** digits) {
    throw new RangeError(`${value} does not fit ${digits} octal digits`);
  }
  return value.toString(8).padStart(digits, '0');
}

function put(header: Uint8Array, [offset]: readonly [number, number], value: string): void {
  header.set(text.encode(value), offset);
}

function slice(block: Uint8Array, [offset, size]: readonly [number, number]): Uint8Array {
  return block.subarray(offset, offset + size);
}

function ascii(block: Uint8Array, place: readonly [number, number]): string {
  return String.fromCharCode(...slice(block, place));
}

function isZero(octets: Uint8Array): boolean {
  return octets.every((octet) => octet === 0);
}

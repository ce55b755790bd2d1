/**
 * What a received name becomes. Names that an honest sender never writes (separators, traversal, controls) do not come
 * so far: they refuse the whole container (`nameFault` of ustar.ts). Here are the merely awkward ones.
 * One rule for all systems, so that an inbox may be moved from one to another.
 */

/** Windows reads them as a stream, a wildcard or a redirection; bidirectional controls show another name than the real one. */
const unsafe = /[<>:"|?*\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]/gu;
const windowsDevice = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)/iu;

/** A file name holds 255 octets on most systems; the rest is room for a number. */
const longestOctets = 240;

export function safeName(name: string): string {
  const composed = name.normalize('NFC').replace(unsafe, '_');
  const trimmed = shortened(composed).replace(/[.\s]+$/u, '');
  if (trimmed === '') return '_';
  return windowsDevice.test(trimmed) ? `_${trimmed}` : trimmed;
}

/** Names of one folder: each is given out once, twins by case or composition get a number. */
export class FolderNames {
  readonly #taken: Set<string>;
  /** By what is numbered, the next number to try: an archive of nothing but twins must not cost the square of them. */
  readonly #numbers = new Map<string, number>();

  constructor(reserved: readonly string[]) {
    this.#taken = new Set(reserved.map(twinKey));
  }

  /** `name (2).ext` where `name.ext` is taken. */
  take(received: string): string {
    const name = safeName(received);
    const key = twinKey(name);
    let candidate = name;
    let number = this.#numbers.get(key) ?? 2;
    for (; this.#taken.has(twinKey(candidate)); number += 1) candidate = numbered(name, number);
    if (candidate !== name) this.#numbers.set(key, number);
    this.#taken.add(twinKey(candidate));
    return candidate;
  }
}

/** File systems that ignore case see these names as one; safe names are composed already. */
function twinKey(name: string): string {
  return name.toLowerCase();
}

export function numbered(name: string, number: number): string {
  const dot = name.lastIndexOf('.');
  const stem = dot > 0 ? name.slice(0, dot) : name;
  return `${stem} (${number})${name.slice(stem.length)}`;
}

/** Composition may lengthen a name: it is cut before its extension, between characters. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= longestOctets) return name;
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && Buffer.byteLength(name.slice(dot)) <= 20 ? name.slice(dot) : '';
  const characters = [...name.slice(0, name.length - extension.length)];
  while (Buffer.byteLength(characters.join('')) > longestOctets - 20) characters.pop();
  return characters.join('') + extension;
}

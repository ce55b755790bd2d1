/** The default alphabet of 3GPP TS 23.038 6.2.1; 0x1B is the escape to the extension table. */
const table =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';

/** 6.2.1.1: what follows the escape. */
const extension: ReadonlyMap<number, string> = new Map([
  [0x0a, '\f'],
  [0x14, '^'],
  [0x28, '{'],
  [0x29, '}'],
  [0x2f, '\\'],
  [0x3c, '['],
  [0x3d, '~'],
  [0x3e, ']'],
  [0x40, '|'],
  [0x65, '€'],
]);

const escapeCode = 0x1b;

const codes: ReadonlyMap<string, readonly number[]> = new Map<string, readonly number[]>([
  ...[...table]
    .map((character, code) => [character, [code]] as const)
    .filter(([, [code]]) => code !== escapeCode),
  ...[...extension].map(([code, character]) => [character, [escapeCode, code]] as const),
]);

/** The septets of one character, two for the extension table; undefined when the alphabet has it not. */
export function septetsOf(character: string): readonly number[] | undefined {
  return codes.get(character);
}

export function isGsmText(text: string): boolean {
  for (const character of text) if (!codes.has(character)) return false;
  return true;
}

/** The septets of `text`; a character that the alphabet has not becomes `?`. */
export function toSeptets(text: string): number[] {
  return [...text].flatMap((character) => codes.get(character) ?? codes.get('?') ?? []);
}

/**
 * An escape that no extension follows counts as a space, and an unknown extension as the character of the default
 * table (23.038 6.2.1.1).
 */
export function fromSeptets(septets: readonly number[]): string {
  let text = '';
  let isEscaped = false;
  for (const septet of septets) {
    if (isEscaped) {
      text += extension.get(septet) ?? (septet === escapeCode ? ' ' : table.charAt(septet));
      isEscaped = false;
    } else if (septet === escapeCode) isEscaped = true;
    else text += table.charAt(septet);
  }
  return isEscaped ? `${text} ` : text;
}

/** Septets behind `startBit` zero bits, the first in the lowest bits of the first octet (23.038 6.1.2.1). */
export function packSeptets(septets: readonly number[], startBit = 0): Uint8Array {
  const octets = new Uint8Array(Math.ceil((startBit + septets.length * 7) / 8));
  septets.forEach((septet, index) => {
    const bit = startBit + index * 7;
    const at = bit >> 3;
    const shifted = septet << (bit & 7);
    octets[at] = (octets[at] as number) | (shifted & 0xff);
    if (shifted > 0xff) octets[at + 1] = shifted >> 8;
  });
  return octets;
}

/** `count` septets from `startBit` on; as many as there are whole ones when the octets end before. */
export function unpackSeptets(octets: Uint8Array, count: number, startBit = 0): number[] {
  const whole = Math.min(count, Math.floor((octets.length * 8 - startBit) / 7));
  return Array.from({ length: Math.max(0, whole) }, (_, index) => {
    const bit = startBit + index * 7;
    const pair = (octets[bit >> 3] as number) | ((octets[(bit >> 3) + 1] ?? 0) << 8);
    return (pair >> (bit & 7)) & 0x7f;
  });
}

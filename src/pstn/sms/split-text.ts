import { isGsmText, septetsOf } from './alphabet.js';
import { wellFormed } from './content.js';

/** A text in the order of its messages; one part needs no header. */
export interface SplitText {
  readonly alphabet: 'gsm' | 'ucs2';
  readonly parts: readonly string[];
}

/** Septets or UTF-16 units in one message: alone, with an 8-bit reference, with a 16-bit one. */
const room = {
  gsm: { alone: 160, 8: 153, 16: 152 },
  ucs2: { alone: 70, 8: 67, 16: 66 },
} as const;

const partsMost = 255;

/**
 * The fewest messages that carry `text`, in the default alphabet where it has all characters. Neither a surrogate pair
 * nor an escape sequence is cut. Undefined when it takes more than 255.
 */
export function splitText(text: string, referenceBits: 8 | 16 = 8): SplitText | undefined {
  const whole = wellFormed(text);
  const alphabet = isGsmText(whole) ? 'gsm' : 'ucs2';
  const sizeOf = (character: string) =>
    alphabet === 'gsm' ? (septetsOf(character)?.length ?? 1) : character.length;
  let size = 0;
  for (const character of whole) size += sizeOf(character);
  if (size <= room[alphabet].alone) return { alphabet, parts: [whole] };
  const parts = filled(whole, room[alphabet][referenceBits], sizeOf);
  return parts.length <= partsMost ? { alphabet, parts } : undefined;
}

function filled(text: string, roomOfPart: number, sizeOf: (character: string) => number): string[] {
  const parts: string[] = [];
  let part = '';
  let left = roomOfPart;
  for (const character of text) {
    const size = sizeOf(character);
    if (size > left) {
      parts.push(part);
      part = '';
      left = roomOfPart;
    }
    part += character;
    left -= size;
  }
  return [...parts, part];
}

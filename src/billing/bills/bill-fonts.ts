import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { create, type Font } from 'fontkit';
import { unpackWoff } from './web-font.js';

/** What a piece of text is set in, by the name under which the document knows it. */
export type FontName = 'regular' | 'bold' | 'wide';

export interface TextRun {
  readonly font: FontName;
  readonly text: string;
}

/**
 * DejaVu Sans has Latin, Greek, Cyrillic, Arabic, Hebrew, Armenian and Georgian; UnifontEX all scripts of the Basic Multilingual Plane, not
 * beautiful, but to be read. Both may be embedded and given on (Bitstream Vera licence; OFL 1.1).
 */
const files: Readonly<Record<FontName, string>> = {
  regular: '@fontsource/dejavu-sans/files/dejavu-sans-latin-400-normal.woff',
  bold: '@fontsource/dejavu-sans/files/dejavu-sans-latin-700-normal.woff',
  wide: '@fontsource/unifontex/files/unifontex-latin-400-normal.woff',
};

interface LoadedFont {
  readonly octets: Buffer;
  readonly font: Font;
}

const packages = createRequire(import.meta.url);
const loaded = new Map<FontName, LoadedFont>();

/** Read once, and only when something is set in it. */
export function fontOctets(name: FontName): Buffer {
  return load(name).octets;
}

/** In which fonts a text can be set: what none of them has becomes its number, `[U+20BB7]`. */
export function runsOf(text: string, first: 'regular' | 'bold'): TextRun[] {
  const runs: { font: FontName; text: string; isRightToLeft: boolean | undefined }[] = [];
  for (const [char] of text.matchAll(/./gsu)) {
    const piece = pieceOf(char, first);
    const isRightToLeft = directionOf(char);
    const last = runs.at(-1);
    const goesOn =
      last?.font === piece.font &&
      (isRightToLeft === undefined ||
        last.isRightToLeft === undefined ||
        last.isRightToLeft === isRightToLeft);
    if (last && goesOn) {
      last.text += piece.text;
      last.isRightToLeft ??= isRightToLeft;
    } else runs.push({ ...piece, isRightToLeft });
  }
  // The space behind a word that runs to the left would stand before it.
  return runs.flatMap(({ font, text: part, isRightToLeft }) => {
    const space = isRightToLeft ? /\s*$/u.exec(part)?.[0] : '';
    if (!space) return [{ font, text: part }];
    return [
      { font, text: part.slice(0, -space.length) },
      { font, text: space },
    ];
  });
}

function pieceOf(char: string, first: 'regular' | 'bold'): TextRun {
  const code = char.codePointAt(0) ?? 0;
  if (has(first, code)) return { font: first, text: char };
  if (has('wide', code)) return { font: 'wide', text: char };
  return { font: first, text: `[U+${code.toString(16).toUpperCase()}]` };
}

function has(name: FontName, code: number): boolean {
  return load(name).font.hasGlyphForCodePoint(code);
}

/** `undefined`: it goes with what is around it. */
function directionOf(char: string): boolean | undefined {
  if (!/\p{L}/u.test(char)) return undefined;
  return /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u.test(char);
}

function load(name: FontName): LoadedFont {
  let found = loaded.get(name);
  if (!found) {
    const octets = unpackWoff(readFileSync(packages.resolve(files[name])));
    const font = create(octets);
    if (font.type === 'TTF' && 'layout' in font) found = { octets, font };
    else throw new Error(`${files[name]} is not one font`);
    loaded.set(name, found);
  }
  return found;
}

import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Chance } from './chance.js';
import { officeFolder } from './office-folder.js';

export type ContentKind = 'random' | 'changed random' | 'text' | 'office folder';

/** The first octets of every file that is no office folder, and nowhere else: where they come off a line, the content begins. */
export const mark = Buffer.from('-- HERE THE CONTENT BEGINS --\n', 'latin1');

/** Writes a content, the same at every run, as files directly into `folder`. @returns how many octets all its files have */
export function writeContent(kind: ContentKind, octets: number, folder: string): number {
  mkdirSync(folder, { recursive: true });
  const files =
    kind === 'office folder' ? officeFolder() : [{ name: nameOf(kind), content: contentOf(kind, octets) }];
  for (const { name, content } of files) writeFileSync(join(folder, name), content);
  return files.reduce((sum, { content }) => sum + content.length, 0);
}

/** A changed file has the name of the first one. */
const nameOf = (kind: ContentKind) => (kind === 'text' ? 'letter.txt' : 'random.bin');

function contentOf(kind: ContentKind, octets: number): Uint8Array {
  const body =
    kind === 'text' ? Buffer.from(new Chance(kind).text(octets), 'latin1') : randomOctets(octets, kind);
  return Buffer.concat([mark, body]).subarray(0, octets);
}

function randomOctets(count: number, seed: string): Buffer {
  const blocks = Math.ceil(count / 32);
  const block = (index: number) => createHash('sha256').update(`${seed} ${index}`).digest();
  return Buffer.concat(Array.from({ length: blocks }, (_, index) => block(index)));
}

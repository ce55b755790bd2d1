import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TestContext } from 'vitest';

const folder = resolve(import.meta.dirname, '../../../shared/vectors');

/** A file of the vectors that lie beside the checkout; without them the test is skipped and says so. */
export function vectorText(context: TestContext, path: string): string {
  if (!existsSync(folder)) context.skip('no vectors beside the checkout (../shared/vectors)');
  return readFileSync(join(folder, path), 'utf8');
}

export interface WycheproofCase {
  readonly tcId: number;
  readonly comment: string;
  readonly flags: readonly string[];
  readonly result: 'valid' | 'invalid' | 'acceptable';
}

/** The cases of a file in Wycheproof's form, each with its group's fields beside its own. */
export function wycheproof<Fields>(context: TestContext, file: string): (WycheproofCase & Fields)[] {
  const { testGroups } = JSON.parse(vectorText(context, `wycheproof/${file}`));
  return testGroups.flatMap((group: { tests: object[] }) =>
    group.tests.map((fields) => ({ ...group, ...fields })),
  );
}

/** The records of a file of `name = value` lines, separated by lines that begin with COUNT. */
export function records(text: string): Record<string, string>[] {
  return text.split(/^COUNT.*$/m).map((part) => {
    const lines = part.matchAll(/^([^#\s=]+)\s*=[ \t]*(.*?)\s*$/gm);
    return Object.fromEntries([...lines].map(([, name, value]) => [name, value]));
  });
}

/** Octets from hexadecimal, or from text in quotation marks as BoringSSL's files have it. */
export function octets(value = ''): Uint8Array {
  const quoted = /^"(.*)"$/.exec(value)?.[1];
  return new Uint8Array(Buffer.from(quoted ?? value, quoted === undefined ? 'hex' : 'ascii'));
}

export function hex(value: Uint8Array | undefined): string | undefined {
  return value && Buffer.from(value).toString('hex');
}

/** 0, 1 and the neighbours of each block's end. */
export function edgeLengths(...blocks: number[]): number[] {
  return [0, 1, ...blocks.flatMap((block) => [block - 1, block, block + 1])];
}

/** Octets that differ from place to place, the same in every run. */
export function sample(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 167 + seed * 59) & 0xff);
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Delivery } from './subject.js';

/** The files of one folder, by name. */
export type Files = ReadonlyMap<string, Buffer>;

/** @param folder with files directly in it */
export function readFiles(folder: string): Files {
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
}

/**
 * What B has against what A has, and against what A had when the sending began.
 * @param arrived `undefined` where nothing is filed
 */
export function judgeCopies(
  arrived: Files | undefined,
  { now, atFirst }: { readonly now: Files; readonly atFirst: Files },
): Pick<Delivery, 'isRight' | 'isAsAtFirst' | 'isWrongFiled'> {
  if (!arrived) return { isRight: false, isAsAtFirst: false, isWrongFiled: false };
  const isAs = (files: Files, name: string) => {
    const copy = arrived.get(name);
    return copy !== undefined && files.get(name)?.equals(copy) === true;
  };
  const names = [...now.keys()];
  const isRight = names.every((name) => isAs(now, name));
  return {
    isRight,
    isAsAtFirst: !isRight && names.every((name) => isAs(atFirst, name)),
    isWrongFiled: names.some((name) => arrived.has(name) && !isAs(now, name) && !isAs(atFirst, name)),
  };
}

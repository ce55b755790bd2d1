import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Every file of `folder` against the one of its name in `inbox`. */
export function checkCopies(folder: string, inbox: string): { isRight: boolean; isWrongFiled: boolean } {
  const arrived = new Set(readdirSync(inbox));
  const verdicts = readdirSync(folder).map((name) => {
    if (!arrived.has(name)) return 'missing';
    return readFileSync(join(folder, name)).equals(readFileSync(join(inbox, name))) ? 'right' : 'wrong';
  });
  return {
    isRight: verdicts.every((verdict) => verdict === 'right'),
    isWrongFiled: verdicts.includes('wrong'),
  };
}

import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Line, type Stage, test } from './stage.js';

/** A script that ends with the number of the command that failed, or 0. */
function script(stage: Stage, name: string, { link }: Line, commands: readonly string[]): string {
  const setUp = ['set carrier-watch off', 'set modem type usr', `set line ${link}`, 'set speed 38400'];
  const lines = [...setUp, 'set file type binary', ...commands].flatMap((command, index) => [
    command,
    `if fail exit ${10 + index}`,
  ]);
  return stage.write(name, [...lines, 'exit 0', ''].join('\n'));
}

test('AL-4 AL-5 C-Kermit: one dials with its U.S. Robotics script, the other answers and gets a file, both hang up', async ({
  stage,
}) => {
  stage.needs('C-Kermit');
  const [a, b] = [stage.line(), stage.line()];
  const inbox = join(stage.folder, 'inbox');
  mkdirSync(inbox);
  const content = randomBytes(100_000);
  const letter = stage.write('letter.bin', content);
  const called = stage.start('kermit', [script(stage, 'called.ksc', b, ['answer 50', 'receive', 'hangup'])], {
    cwd: inbox,
  });
  const caller = stage.start('kermit', [
    script(stage, 'caller.ksc', a, [`dial ${b.number}`, `send ${letter}`, 'hangup']),
  ]);
  expect([await caller.ended, await called.ended], caller.said + called.said).toEqual([0, 0]);
  expect(readFileSync(join(inbox, 'letter.bin')).equals(content)).toBe(true);
});

import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { lineRate, test } from './stage.js';
import { uucpSite } from './taylor-uucp.js';

/**
 * The beginning of what rz says first. What it is sent before may be lost, since cu flushes its line. So does sz at its
 * end, behind a tcdrain that on a pseudo-terminal waits for nothing: its last word, OO, may be lost, and rz then takes
 * ten seconds to believe that all is well. Its end is not waited for.
 */
const rzIsReady = '**\x18B01';

test('AL-4 lrzsz: rz, which a person at cu starts in the middle of the call, receives the file that sz sends', async ({
  stage,
}) => {
  stage.needs('lrzsz', 'cu');
  const [a, b] = [stage.line(), stage.line()];
  const outbox = join(stage.folder, 'outbox');
  mkdirSync(outbox);
  const inbox = join(stage.folder, 'inbox');
  mkdirSync(inbox);
  chmodSync(inbox, 0o777); // started by root, cu becomes the user uucp
  const content = randomBytes(100_000);
  stage.write('outbox/letter.bin', content);

  const line = stage.descriptor(b);
  const called = await stage.answering(b);
  const cu = stage.start('cu', ['-I', uucpSite(stage, 'here', a), '-p', 'line', b.number], {
    onTerminal: true,
    cwd: inbox,
  });
  await called.readUntil(`CONNECT ${lineRate}\r\n`);
  await cu.until('Connected.');
  cu.type('~+');
  await cu.until('~+');
  cu.type('rz -b -q\n');
  await called.readUntil(rzIsReady);
  const sz = stage.start('sz', ['-b', '-q', 'letter.bin'], { line, cwd: outbox });
  expect(await sz.ended).toBe(0);
  expect(readFileSync(join(inbox, 'letter.bin')).equals(content)).toBe(true);
});

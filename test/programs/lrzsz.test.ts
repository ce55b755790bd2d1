import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { lineRate, test } from './stage.js';
import { uucpSite } from './taylor-uucp.js';

test('AL-4 lrzsz: sz, which a person at cu starts in the middle of the call, sends a file to rz', async ({
  stage,
}) => {
  stage.needs('lrzsz', 'cu');
  const [a, b] = [stage.line(), stage.line()];
  const inbox = join(stage.folder, 'inbox');
  mkdirSync(inbox);
  const content = randomBytes(100_000);
  stage.write('letter.bin', content);

  const line = stage.descriptor(b);
  const called = await stage.answering(b);
  const cu = stage.start('cu', ['-I', uucpSite(stage, 'here', a), '-p', 'line', b.number], {
    onTerminal: true,
  });
  await called.readUntil(`CONNECT ${lineRate}\r\n`);
  await cu.until('Connected.');
  const rz = stage.start('rz', ['-b', '-q'], { line, cwd: inbox });
  cu.type('~+');
  await cu.until('~+');
  cu.type('sz -b -q letter.bin\n');
  expect(await rz.ended, cu.said).toBe(0);
  expect(readFileSync(join(inbox, 'letter.bin')).equals(content)).toBe(true);
  cu.type('\r~.');
  await cu.until('Disconnected.');
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { silentLog } from '../../../../src/log/log.js';
import { Office } from '../../../../src/pstn/central-office/office.js';
import { realClock } from '../../../../src/time/real-clock.js';
import { PtyProgram } from '../../../support/pty-program.js';

const directory = mkdtempSync(join(tmpdir(), 'pty-line-'));
const opened: { close(): void | Promise<void> }[] = [];

afterEach(async () => {
  for (const it of opened.splice(0).reverse()) await it.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Two lines of a real office, at no time for ringing and training. */
async function lines() {
  const paths = ['a', 'b'].map((name) => join(directory, name));
  const office = new Office(
    {
      timeScale: 0,
      seed: 1,
      lines: paths.map((path, index) => ({ number: `55501${index}`, expose: `pty:${path}` })),
    },
    { clock: realClock, log: silentLog },
  );
  opened.push(office);
  await office.open();
  const open = (index: number) => {
    const program = new PtyProgram(paths[index] ?? '');
    opened.push(program);
    return program;
  };
  return { office, open };
}

describe.skipIf(process.platform !== 'linux')('programs on a real terminal', () => {
  test('telephony 1.6: a line that is opened and closed every 100 ms, with half a command each time', async () => {
    const { open } = await lines();
    for (let times = 0; times < 20; times++) {
      const program = open(0);
      program.write(times % 2 === 0 ? 'ATD55' : 'AT\r');
      await setTimeout(50);
      program.close();
      await setTimeout(50);
    }
    // Closed for longer than S25, so nothing of all that is left.
    await setTimeout(200);
    const last = open(0);
    last.write('ATS7?\r');
    expect(await last.readUntil('OK')).toMatch(/^ATS7\?\r\r\n050\r\n\r\nOK/);
  });

  test('telephony 1.6: two programs on one line: the first that leaves takes neither line nor call from the other', async () => {
    const { open } = await lines();
    const callee = open(1);
    callee.write('ATE0S0=1\r');
    await callee.readUntil('OK');
    const [first, second] = [open(0), open(0)];
    first.write('ATE0\r');
    await first.readUntil('OK');
    second.write('ATDT555011\r');
    await second.readUntil('CONNECT 33600');
    await callee.readUntil('CONNECT 33600');
    first.close();
    await setTimeout(300);
    second.write('still here');
    await callee.readUntil('still here');
    second.close();
    await setTimeout(500);
    const next = open(0);
    next.write('AT\r');
    expect(await next.readUntil('OK')).toContain('OK');
  });
});

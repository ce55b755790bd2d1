import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, closeSync, mkdtempSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.js';
import { reportText } from '../../src/cli/line-check.js';
import { silentLog } from '../../src/log/log.js';
import { Office } from '../../src/pstn/central-office/office.js';
import { loadLibc } from '../../src/pstn/central-office/ports/libc.js';
import { hangUpAwareBinding, openSerialPort } from '../../src/pstn/modem/serial-port.js';
import { realClock } from '../../src/time/real-clock.js';
import { builtProgram } from '../support/built-program.js';

const folder = mkdtempSync(join(tmpdir(), 'line-check-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const lineCheck = (...args: readonly string[]) => lineCheckAs({}, ...args);

async function lineCheckAs(user: { uid?: number; gid?: number }, ...args: readonly string[]) {
  const child = spawn(process.execPath, [builtProgram(), 'line', 'check', ...args], {
    env: { PATH: process.env.PATH, HOME: folder, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user,
  });
  const [output, complaints, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { output, complaints, code };
}

test('telephony 8: the report is a table of what was found, and what to make of it', () => {
  const steps = [
    { step: 'port', known: 'yes', told: 'opened' },
    { step: 'voice', known: 'no', told: 'no class 8 in +FCLASS=?\u001b' },
    { step: 'dial-tone', known: 'unknown', told: 'not tried' },
  ] as const;
  const report = { line: 'pty:a', verdict: 'modem', profile: 'usr', steps, advice: ['An advice.'] } as const;
  expect(reportText(report)).toBe(
    [
      'pty:a',
      'what        found  as told',
      '----------  -----  -----------------------------',
      'port        yes    opened',
      'voice mode  no     no class 8 in +FCLASS=?\\u{1b}',
      'dial tone   ?      not tried',
      'An advice.',
    ].join('\n'),
  );
});

describe.runIf(process.platform === 'linux').concurrent('cordboard line check, the built program', () => {
  test('AL-5 a voice modem: exit code 0, steps and report an event each, the line on-hook', async ({
    expect,
  }) => {
    const lines = [{ number: '5550101', expose: `pty:${folder}/voice` }];
    const office = new Office({ timeScale: 0.02, seed: 1, lines }, { clock: realClock, log: silentLog });
    await office.open();
    const { output, code } = await lineCheck(`pty:${folder}/voice`, '--off-hook', '--json');
    const events = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(code).toBe(exitCodes.done);
    expect(events[0]).toEqual({ v: 1, event: 'step', step: 'port', known: 'yes', told: 'opened' });
    const report = events.at(-1);
    expect(report).toMatchObject({ v: 1, event: 'report', verdict: 'modem', profile: 'generic' });
    expect(report.steps).toHaveLength(events.length - 1);
    expect(report.steps).toContainEqual({
      step: 'dial-tone',
      known: 'yes',
      told: 'heard; W waits for it',
    });
    expect(office.line('5550101').use).toBeUndefined();
    await office.close();
  });

  test('fault 41: a console at the other end: exit code 24, and what it is', async ({ expect }) => {
    const pty = (await loadLibc()).openPty();
    let isOver = false;
    const talk = () => {
      if (isOver) return;
      writeSync(pty.fd, '\r\nhost login: ');
      realClock.setTimeout(talk, 100);
    };
    talk();
    const { output, code } = await lineCheck(`serial:${pty.slavePath}?baud=9600`);
    isOver = true;
    expect(code).toBe(exitCodes['no-modem']);
    expect(output).toMatch(/^answers AT commands +no +a computer asks for a login$/m);
    expect(output).toMatch(/getty/);
    closeSync(pty.fd);
  });

  test('fault 41: a port that does not open: exit code 14, why, and what to do', async ({ expect }) => {
    const refused = await lineCheck('rfc2217://127.0.0.1:9');
    expect(refused.code).toBe(exitCodes['line-unavailable']);
    expect(refused.output).toMatch(/cannot be opened: nothing listens there/);
    const pty = (await loadLibc()).openPty();
    const other = await openSerialPort(hangUpAwareBinding, pty.slavePath, 115_200);
    const used = await lineCheck(`serial:${pty.slavePath}`);
    expect(used.output).toMatch(/cannot be opened: another program has (locked it|it open)/);
    expect(used.code).toBe(exitCodes['line-unavailable']);
    await new Promise((resolve) => other.close(resolve));
    closeSync(pty.fd);
  });

  test.runIf(process.getuid?.() === 0)(
    'fault 41: a port that this user may not use, and the group that may',
    async ({ expect }) => {
      const pty = (await loadLibc()).openPty();
      chmodSync(pty.slavePath, 0o600);
      const { output, code } = await lineCheckAs({ uid: 65_534, gid: 65_534 }, `serial:${pty.slavePath}`);
      expect(output).toMatch(/cannot be opened: this user may not use it/);
      expect(output).toMatch(/dialout/);
      expect(code).toBe(exitCodes['line-unavailable']);
      closeSync(pty.fd);
    },
  );

  test('AL-4 a port that goes away in the middle (node-serialport #2656): the command ends, with exit code 14', async ({
    expect,
  }) => {
    const pty = (await loadLibc()).openPty();
    let isAnswered = false;
    const poll = setInterval(() => {
      try {
        if (readSync(pty.fd, Buffer.alloc(64)) > 0 && !isAnswered) {
          isAnswered = true;
          writeSync(pty.fd, '\r\nOK\r\n');
          setTimeout(() => {
            clearInterval(poll);
            closeSync(pty.fd);
          }, 1_000);
        }
      } catch {
        // Nothing to read yet.
      }
    }, 20);
    const { output, code } = await lineCheck(`serial:${pty.slavePath}`);
    expect(code).toBe(exitCodes['line-unavailable']);
    expect(output).toMatch(/The port went away in the middle/);
  });

  test('`line check` without a line, or with none that there is, is wrong usage', async ({ expect }) => {
    const none = await lineCheck();
    expect([none.code, none.output]).toEqual([exitCodes.usage, '']);
    const wrong = await lineCheck('/dev/ttyUSB0');
    expect(wrong.complaints).toMatch(/is no line URL\. Use one of: serial:/);
    expect(wrong.code).toBe(exitCodes.usage);
  });
});

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { drive, LineTimeSpent } from '../../../../src/cli/bench/line/drive.js';
import { wait } from '../../../../src/time/clock.js';
import { SimulatedClock } from '../../../../src/time/simulated-clock.js';
import { temporaryFolder } from '../../../endpoint/support.js';
import { builtProgram } from '../../../support/built-program.js';

describe('a standing clock that moves on when nothing else is done', () => {
  test('the disk takes no time of it, nor does what its end leads to', async () => {
    const clock = new SimulatedClock();
    const path = join(temporaryFolder(), 'file');
    const work = async () => {
      await wait(clock, 100);
      clock.setTimeout(() => {}, 1);
      for (let time = 0; time < 20; time++) await writeFile(path, Buffer.alloc(100_000));
      await wait(clock, 7);
      return clock.monotonicMs();
    };
    expect(await drive(clock, work(), { limitMs: 1_000 })).toBe(107);
  });

  test('a long task of the thread pool holds up an idle line, whose next timer is far away', async () => {
    const built = join(dirname(builtProgram()), '..');
    const script = `
      import { scrypt } from 'node:crypto';
      import { promisify } from 'node:util';
      import { drive } from '${built}/cli/bench/line/drive.js';
      import { wait } from '${built}/time/clock.js';
      import { SimulatedClock } from '${built}/time/simulated-clock.js';
      const clock = new SimulatedClock();
      const work = async () => {
        await wait(clock, 100);
        clock.setTimeout(() => {}, 60_000);
        await promisify(scrypt)('a', 'b', 32);
        return clock.monotonicMs();
      };
      console.log(await drive(clock, work(), { limitMs: 100_000 }));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
    });
    expect(stdout.trim()).toBe('100');
  });

  test('what can never come is told instead of waited for', async () => {
    const never = new Promise(() => {});
    await expect(drive(new SimulatedClock(), never, { limitMs: 1_000 })).rejects.toThrow('will never come');
  });

  test('what takes too long is given up', async () => {
    const clock = new SimulatedClock();
    await expect(drive(clock, wait(clock, 2_000), { limitMs: 1_000 })).rejects.toThrow(LineTimeSpent);
  });
});

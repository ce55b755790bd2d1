import { CommanderError } from 'commander';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { CommandFailed } from '../../src/cli/exit-codes.js';
import { createProgram } from '../../src/cli/program.js';

let output = '';
let complaints = '';

/** `cordboard plan ...`: what it prints. */
async function plan(...args: readonly string[]): Promise<string> {
  output = '';
  complaints = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    complaints += text;
    return true;
  });
  await (await createProgram()).parseAsync(['plan', ...args], { from: 'user' });
  return output;
}

afterEach(() => void vi.restoreAllMocks());

describe('telephony 5: cordboard plan', () => {
  test('telephony 5: lines for a traffic at a blocking', async () => {
    const text = await plan('--traffic', '18', '--blocking', '0.01');
    expect(text).toContain('18 E offered to 28 lines: 0.7091 % of the calls find none free.');
    expect(text).toMatch(/^ +27 +18\.000 +0\.011109 /m);
    expect(text).toMatch(/^ +28 .* <$/m);
  });

  test('telephony 5: traffic for lines at a blocking, and its neighbours at the same', async () => {
    const text = await plan('--lines', '24', '--blocking', '0.01');
    expect(text).toMatch(/^ +24 +15\.295 +0\.010000 .* <$/m);
    expect(text).toMatch(/^ +23 +14\.470 +0\.010000 /m);
  });

  test('telephony 5: blocking of lines, from calls an hour and their holding time', async () => {
    const json = await plan('--calls-per-hour', '360', '--holding', '180', '--lines', '24', '--json');
    expect(JSON.parse(json)).toEqual({
      lines: 24,
      offeredErlangs: 18,
      blocking: expect.closeTo(0.035256, 6),
      carriedErlangs: expect.closeTo(17.365, 3),
      occupancy: expect.closeTo(0.7236, 4),
      callsPerHour: 360,
      blockedPerHour: expect.closeTo(12.692, 3),
    });
  });

  test('telephony 5: one line has no fewer beside it, and the least blocking is written so that it is read', async () => {
    expect(await plan('--lines', '1', '--traffic', '1')).toContain('1 E offered to 1 line: 50 %');
    expect(output.split('\n').filter((row) => /^ *\d/.test(row))).toHaveLength(1 + 3);
    expect(await plan('--traffic', '0.1', '--blocking', '1e-12')).toMatch(/^ +8 .*e-\d+ .* <$/m);
  });

  test.each([
    ['--traffic', '0'],
    ['--traffic', '-4'],
    ['--traffic', 'NaN'],
    ['--traffic', 'Infinity'],
    ['--traffic', '0x10'],
    ['--traffic', '100001'],
    ['--traffic', ''],
    ['--lines', '0'],
    ['--lines', '2.5'],
    ['--lines', '1e9'],
    ['--lines', '100001'],
    ['--blocking', '0'],
    ['--blocking', '1'],
    ['--blocking', '1.5'],
    ['--blocking', '-0.1'],
    ['--blocking', '1%'],
    ['--blocking', '1e-13'],
    ['--holding', '0'],
    ['--calls-per-hour', '-1'],
    ['--calls-per-hour', '1e999'],
  ])('telephony 5: %s %s is refused with what it may be', async (option, value) => {
    await expect(plan(option, value)).rejects.toThrow(CommanderError);
    expect(complaints).toMatch(/is invalid\. (Not a number above 0|Traffic is|A group has|Blocking is)/);
    expect(output).toBe('');
  });

  test.each([
    [[], 'Give two of'],
    [['--traffic', '18'], 'Give two of'],
    [['--traffic', '18', '--lines', '20', '--blocking', '0.01'], 'Give two of'],
    [['--calls-per-hour', '360', '--lines', '20'], 'together'],
    [['--holding', '180', '--lines', '20'], 'together'],
    [['--traffic', '18', '--holding', '180', '--lines', '20'], 'together'],
    [['--calls-per-hour', '1e9', '--holding', '180', '--lines', '20'], 'at most 100,000 E'],
    [['--calls-per-hour', '1e-200', '--holding', '1e-200', '--lines', '20'], 'no traffic'],
  ])('telephony 5: %j is no question', async (args, says) => {
    const failed = plan(...args);
    await expect(failed).rejects.toThrow(CommandFailed);
    await expect(failed).rejects.toThrow(says);
    await expect(failed).rejects.toHaveProperty('exitCode', 2);
  });
});

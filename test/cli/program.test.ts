import { describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.js';
import { createProgram } from '../../src/cli/program.js';
import { cordboard } from './command-line.js';

const namesOf = async (wanted?: string) => (await createProgram(wanted)).commands.map((each) => each.name());

test('a command that is wanted is there alone; for a name that there is not, all are', async () => {
  const all = await namesOf();
  expect(all).toContain('send');
  for (const name of all) expect(await namesOf(name)).toEqual([name]);
  for (const name of ['nonsense', '--help', 'constructor']) expect(await namesOf(name)).toEqual(all);
});

/** Each would otherwise act by what stands behind it alone: on another database, over all calls. */
describe('telephony 7.7: what a command would not look at', () => {
  test.each([
    ['calls --account 1 total', 'calls total --account ...'],
    ['calls --zone UTC hints', 'calls hints --zone ...'],
    ['calls --data-dir x total', 'calls total --data-dir ...'],
    ['calls -c x saved', 'calls saved --config ...'],
    ['calls --outcome busy export out --format csv', 'calls export --outcome ...'],
    ['calls export --json show 1', 'calls export show --json ...'],
    ['rate --data-dir x keep 1', 'rate keep --data-dir ...'],
    ['peers --home x remove Bob', 'peers remove --home ...'],
  ])('telephony 7.7: `%s` is refused, and told where the option belongs', async (line, right) => {
    const [, option] = / (--\w[\w-]*) \.\.\.$/.exec(right) ?? [];
    const [path = ''] = right.split(' --');
    expect(await cordboard(line.split(' '))).toEqual({
      code: exitCodes.usage,
      output: '',
      complaints: `error: option '${option}' stands before '${path.split(' ').at(-1)}', where it has no effect; write it behind: cordboard ${right}\n`,
    });
  });

  test.each([
    ['calls --limit 5 total', "option '--limit' has no effect on cordboard calls total; leave it out"],
    ['calls --csv saved', "option '--csv' has no effect on cordboard calls saved; leave it out"],
    ['rate --from 2026-11-01 runs', "option '--from' has no effect on cordboard rate runs; leave it out"],
    [
      'calls export --format csv list',
      "option '--format' has no effect on cordboard calls export list; leave it out",
    ],
    ['calls totl', "cordboard calls has no subcommand 'totl'; there are total, correct, save, saved, "],
    ['rate run', "cordboard rate has no subcommand 'run'; there are runs, keep, discard"],
    ['peers --json list', "cordboard peers has no subcommand 'list'; there are add, rename, "],
    ['bill --month 2026-10 list', "unknown option '--month'"],
    ['tariff lst', "unknown command 'lst'\n(Did you mean list?)"],
    ['calls total totl', "too many arguments for 'total'. Expected 0 arguments but got 1."],
    ['rate --explain 0001', 'Not a tracking ID, nor the last twelve digits of one.'],
  ])('telephony 7.7: `%s` is refused: %s', async (line, complaint) => {
    const { code, output, complaints } = await cordboard(line.split(' '));
    expect(complaints).toContain(complaint);
    expect({ code, output }).toEqual({ code: exitCodes.usage, output: '' });
  });
});

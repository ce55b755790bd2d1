import { expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.js';

const namesOf = async (wanted?: string) => (await createProgram(wanted)).commands.map((each) => each.name());

test('a command that is wanted is there alone; for a name that there is not, all are', async () => {
  const all = await namesOf();
  expect(all).toContain('send');
  for (const name of all) expect(await namesOf(name)).toEqual([name]);
  for (const name of ['nonsense', '--help', 'constructor']) expect(await namesOf(name)).toEqual(all);
});

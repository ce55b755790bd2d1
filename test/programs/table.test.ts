import { expect, test } from 'vitest';
import { programsTested, tableInReadme } from '../../scripts/programs.mjs';

// What was tested and what is claimed of it cannot drift apart; `npm run programs` writes the table anew.

test('every program of the table has a test, and says what it did', () => {
  for (const { program, tests } of programsTested())
    expect({ program, tests }).not.toMatchObject({ tests: 0 });
});

test('the README’s table lists exactly the programs that are tested, what they did, and that all of it passed', () => {
  expect(tableInReadme().map(([program, , did, passed]) => ({ program, did, passed }))).toEqual(
    programsTested().map(({ program, did, tests }) => ({ program, did, passed: `${tests} of ${tests}` })),
  );
});

test('each of them told its version', () => {
  for (const [program, version] of tableInReadme())
    expect({ program, version }).toMatchObject({ version: expect.stringMatching(/^\d+\.\d/) });
});

import type { TestContext } from 'vitest';
import { executablePath, programs } from '../../scripts/programs.mjs';

/** A row of the README's table of real programs. */
export type ProgramName = keyof typeof programs;

/** Skips the test, or fails it where CORDBOARD_REQUIRE_PROGRAMS=1, when a program is not installed. */
export function needs(context: Pick<TestContext, 'skip'>, ...names: readonly ProgramName[]): void {
  for (const name of names) {
    for (const executable of programs[name].executables) {
      if (executablePath(executable) !== undefined) continue;
      if (process.env.CORDBOARD_REQUIRE_PROGRAMS === '1')
        throw new Error(`${executable} is not installed, or not for this user.`);
      context.skip(`${executable} is not installed, or not for this user`);
    }
  }
}

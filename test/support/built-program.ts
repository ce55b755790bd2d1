import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';

/** The program as it is installed, built by `build-once.ts`. @throws when the sources do not compile */
export function builtProgram(): string {
  const problem = inject('buildProblem');
  if (problem !== '') throw new Error(problem);
  return fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
}

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

const script = fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url));

/**
 * Before all tests: builds dist/ where it is older than a source, once for every test that runs the built program.
 * Sources that do not compile fail those tests, and no others.
 */
export default function buildOnce(project: TestProject): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--if-stale'], {
    encoding: 'utf8',
  });
  project.provide('buildProblem', status === 0 ? '' : `The program cannot be built:\n${stdout}${stderr}`);
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** Empty where the build succeeded. */
    buildProblem: string;
  }
}

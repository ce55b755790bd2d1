import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: './test/support/build-once.ts',
    // PGlite takes several hundred megabytes a worker; two keep a small machine out of swap.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What src/cli/main.ts forgives too: the driver's own query on a connection that is thrown away.
    onUnhandledError: (error) =>
      'code' in error && error.code === 'CONNECTION_DESTROYED' ? false : undefined,
    reporters: ['default', './test/support/closing-line.ts'],
  },
});

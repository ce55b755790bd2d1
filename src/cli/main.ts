#!/usr/bin/env node
import { watchOutput } from './closed-output.js';
import { reportFailure } from './failure-report.js';
import { createProgram } from './program.js';

watchOutput();

/**
 * A connection that postgres 3.4.9 gives up while it is still learning the array types rejects that query, which nobody awaits. The store has a
 * new client by then. Anything else that is unhandled ends the program.
 */
process.on('unhandledRejection', (cause: NodeJS.ErrnoException) => {
  if (cause?.code !== 'CONNECTION_DESTROYED') throw cause;
});

try {
  const program = await createProgram(process.argv[2]);
  await program.parseAsync();
} catch (cause) {
  process.exitCode = reportFailure(cause);
}

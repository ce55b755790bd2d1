#!/usr/bin/env node
import { CommanderError } from 'commander';
import { EndpointError } from '../endpoint/endpoint-error.js';
import { StoreUnavailable } from '../store/store.js';
import { watchOutput } from './closed-output.js';
import { CommandFailed, exitCodeOf, exitCodes } from './exit-codes.js';
import { createProgram } from './program.js';
import { wrapFor } from './wrap.js';

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
  process.exitCode = report(cause);
}

function tell(message: string): void {
  process.stderr.write(`${wrapFor(process.stderr, `cordboard: ${message}`)}\n`);
}

function report(cause: unknown): number {
  if (cause instanceof CommanderError) {
    // Commander has printed its message; help and version end with 0.
    return cause.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  }
  if (cause instanceof CommandFailed) {
    tell(cause.message);
    return cause.exitCode;
  }
  if (cause instanceof EndpointError) {
    tell(cause.message);
    return exitCodeOf(cause.outcome);
  }
  if (cause instanceof StoreUnavailable) {
    tell(cause.message);
    return exitCodes['store-unavailable'];
  }
  process.stderr.write(
    `cordboard: internal error, please report it: ${(cause as Error).stack ?? String(cause)}\n`,
  );
  return exitCodes.failed;
}

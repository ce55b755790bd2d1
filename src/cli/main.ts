#!/usr/bin/env node
import { CommanderError } from 'commander';
import { EndpointError } from '../endpoint/endpoint-error.js';
import { StoreUnavailable } from '../store/store.js';
import { CommandFailed, exitCodeOf, exitCodes } from './exit-codes.js';
import { createProgram } from './program.js';

/** Ends as `head` and `less` expect it of a program that they stop reading from. */
process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
  if (cause.code === 'EPIPE') process.exit(exitCodes.done);
  throw cause;
});

try {
  await createProgram().parseAsync();
} catch (cause) {
  process.exitCode = report(cause);
}

function report(cause: unknown): number {
  if (cause instanceof CommanderError) {
    // Commander has printed its message; help and version end with 0.
    return cause.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  }
  if (cause instanceof CommandFailed) {
    process.stderr.write(`cordboard: ${cause.message}\n`);
    return cause.exitCode;
  }
  if (cause instanceof EndpointError) {
    process.stderr.write(`cordboard: ${cause.message}\n`);
    return exitCodeOf(cause.outcome);
  }
  if (cause instanceof StoreUnavailable) {
    process.stderr.write(`cordboard: ${cause.message}\n`);
    return exitCodes['store-unavailable'];
  }
  process.stderr.write(
    `cordboard: internal error, please report it: ${(cause as Error).stack ?? String(cause)}\n`,
  );
  return exitCodes.failed;
}

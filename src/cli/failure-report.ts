import { CommanderError } from 'commander';
import { EndpointError } from '../endpoint/endpoint-error.js';
import { StoreUnavailable } from '../store/store.js';
import { CommandFailed, exitCodeOf, exitCodes } from './exit-codes.js';
import { wrapFor } from './wrap.js';

/** Tells a person on standard error why a command ended. The result is the exit code. */
export function reportFailure(cause: unknown): number {
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

function tell(message: string): void {
  process.stderr.write(`${wrapFor(process.stderr, `cordboard: ${message}`)}\n`);
}

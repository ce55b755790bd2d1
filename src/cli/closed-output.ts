import { exitCodes } from './exit-codes.js';

let onClosed: () => void = () => process.exit(exitCodes.done);

/** What a command does when nobody reads its standard output any more. Until it says so, it ends as `head` and `less` expect it. */
export function whenOutputCloses(act: () => void): void {
  onClosed = act;
}

/** Nobody reads standard output any more. */
export function outputClosed(): void {
  onClosed();
}

/** Begins to watch standard output: without it, a closed pipe is an exception. */
export function watchOutput(): void {
  process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EPIPE') throw cause;
    outputClosed();
  });
}

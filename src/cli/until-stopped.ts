/**
 * One Ctrl-C can arrive twice: from the terminal, and once more from an `npm` or `npx` above that hands on what it was
 * sent itself.
 */
const echoMs = 500;

/** Resolves at the first SIGINT or SIGTERM; a second one, unless it is the first one's echo, ends the process at once. */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals) => {
      resolve(signal);
      setTimeout(() => {
        for (const each of ['SIGINT', 'SIGTERM'] as const) process.off(each, stop);
      }, echoMs).unref();
    };
    for (const each of ['SIGINT', 'SIGTERM'] as const) process.on(each, stop);
  });
}

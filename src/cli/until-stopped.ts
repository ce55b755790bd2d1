/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals) => {
      for (const each of ['SIGINT', 'SIGTERM'] as const) process.off(each, stop);
      resolve(signal);
    };
    for (const each of ['SIGINT', 'SIGTERM'] as const) process.on(each, stop);
  });
}

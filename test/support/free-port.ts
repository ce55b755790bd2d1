import { createServer } from 'node:net';

/** A port that was free a moment ago, outside the range from which connections take theirs. */
export async function freePort(): Promise<number> {
  for (let port = 21_000; port < 22_000; port++) {
    const probe = createServer();
    const isFree = await new Promise((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => resolve(true));
    });
    await new Promise((resolve) => probe.close(resolve));
    if (isFree) return port;
  }
  throw new Error('no port is free');
}

import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { Log } from '../../log/log.js';
import { MessageCutter, messageType } from './messages.js';
import type { Wire } from './wire.js';

/** Where PostgreSQL's clients look for a server's local socket when they are given its directory as host. */
export const doorName = '.s.PGSQL.5432';

/**
 * Lets other processes of this user in: staff commands beside a running server, and `psql -h DATADIR -U postgres`.
 * Without it (a path too long for a socket, a system that has none) this process works all the same.
 */
export function openDoor(path: string, connect: () => Promise<Wire>, log: Log): () => Promise<void> {
  // One that was left by a process that is gone; whoever opens a door has the directory locked.
  rmSync(path, { force: true });
  const visitors = new Set<Socket>();
  const server: Server = createServer((visitor) => {
    visitors.add(visitor);
    visitor.once('close', () => visitors.delete(visitor));
    visitor.on('error', () => visitor.destroy());
    connect().then(
      (wire) => join(visitor, wire),
      () => visitor.destroy(),
    );
  });
  server.on('error', ({ message }) => {
    log.warn({ path, error: message }, 'Other processes cannot use the embedded database beside this one.');
  });
  server.listen(path, () => chmodSync(path, 0o600));
  return () =>
    new Promise((resolve) => {
      for (const visitor of visitors) visitor.destroy();
      server.close(() => resolve());
    });
}

function join(visitor: Socket, wire: Wire): void {
  if (visitor.destroyed) {
    wire.destroy();
    return;
  }
  const cutter = new MessageCutter();
  wire.on('data', (octets) => visitor.write(octets));
  wire.on('error', () => visitor.destroy());
  wire.on('close', () => visitor.destroy());
  wire.on('drain', () => visitor.resume());
  visitor.on('close', () => wire.destroy());
  visitor.on('data', (octets) => {
    const messages = cutter.cut(octets);
    if (messages === 'malformed' || messages.some(([type]) => type === messageType.terminate))
      visitor.destroy();
    else if (messages.length > 0 && !wire.write(Buffer.concat(messages))) visitor.pause();
  });
}

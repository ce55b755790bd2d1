import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../time/clock.js';
import type { OpenPort } from './open-port.js';

/** A host that answers at all has answered by then. */
const connectMs = 10_000;

/** After this much silence the kernel asks whether the other side is still there: a ring never comes over a dead way. */
const keepAliveInitialDelay = 15_000;

/** The far end reads on after our FIN: what waits in the sockets is sent first, at the speed of the line. */
const shutMs = 60_000;

/** Rejects with the system's error, or when nobody has answered in ten seconds. */
export function connectSocket(host: string, port: number, clock: Clock): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay });
    const timer = clock.setTimeout(() => {
      socket.destroy(new Error(`${host} does not answer on TCP port ${port}`));
    }, connectMs);
    socket.once('close', () => clock.clearTimeout(timer));
    socket.once('error', reject);
    socket.once('connect', () => {
      clock.clearTimeout(timer);
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

/** Resolves when the far end has closed too, or after the limit. FIN first: `destroy` would answer unread octets with a reset, and the far side could lose what it has not read. */
export function shutSocket(socket: Duplex, opened: OpenPort, clock: Clock, limitMs = shutMs): Promise<void> {
  const timer = clock.setTimeout(() => socket.destroy(), limitMs);
  return opened
    .settle(() => {
      socket.resume();
      socket.end();
    })
    .finally(() => clock.clearTimeout(timer));
}

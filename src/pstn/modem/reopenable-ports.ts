import { connect, type Socket } from 'node:net';
import type { Clock } from '../../time/clock.js';
import { OpenPort } from './open-port.js';
import { canSetPtyDtr, ptyBinding, setPtyDtr } from './pty-binding.js';
import type { Reopenable } from './reopening-line.js';
import { openSerialPort } from './serial-port.js';

/** A pty ignores its speed, but an office sees it: B0 would be a dropped DTR. */
const ptyBaudRate = 115_200;

/** A pseudo-terminal, found by its path at each opening: the link may point to a new one by then. */
export function ptyPort(path: string): Reopenable {
  return {
    async open() {
      const stream = await openSerialPort(ptyBinding, path, ptyBaudRate);
      const port = new OpenPort(stream);
      return {
        port,
        shut: () => port.settle((done) => stream.close(done)),
        drain: () => port.settle((done) => stream.drain(done)),
        ...(canSetPtyDtr() && { signalDtr: (on: boolean) => setPtyDtr(stream.port, on) }),
      };
    },
  };
}

/** A host that answers at all has answered by then. */
const tcpConnectMs = 10_000;

/** The far end reads on after our FIN: what waits in the sockets is sent first, at the speed of the line. */
const tcpShutMs = 60_000;

export function tcpPort(host: string, port: number, clock: Clock): Reopenable {
  return {
    async open() {
      const socket = await connected(host, port, clock);
      const opened = new OpenPort(socket);
      return {
        port: opened,
        shut: () => shutSocket(socket, opened, clock),
        drain: () => Promise.resolve(),
      };
    },
  };
}

function connected(host: string, port: number, clock: Clock): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, keepAlive: true });
    const timer = clock.setTimeout(() => {
      socket.destroy(new Error(`${host} does not answer on TCP port ${port}`));
    }, tcpConnectMs);
    socket.once('close', () => clock.clearTimeout(timer));
    socket.once('error', reject);
    socket.once('connect', () => {
      clock.clearTimeout(timer);
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

/** FIN first: `destroy` would answer unread octets with a reset, and the far side could lose what it has not read. */
function shutSocket(socket: Socket, opened: OpenPort, clock: Clock): Promise<void> {
  const timer = clock.setTimeout(() => socket.destroy(), tcpShutMs);
  return opened
    .settle(() => {
      socket.resume();
      socket.end();
    })
    .finally(() => clock.clearTimeout(timer));
}

import type { Clock } from '../../time/clock.js';
import { OpenPort } from './open-port.js';
import { canSetPtyDtr, ptyBinding, setPtyDtr } from './pty-binding.js';
import type { Reopenable } from './reopening-line.js';
import { openSerialPort } from './serial-port.js';
import { connectSocket, shutSocket } from './socket.js';

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

export function tcpPort(host: string, port: number, clock: Clock): Reopenable {
  return {
    async open() {
      const socket = await connectSocket(host, port, clock);
      const opened = new OpenPort(socket);
      return {
        port: opened,
        shut: () => shutSocket(socket, opened, clock),
        drain: () => Promise.resolve(),
      };
    },
  };
}

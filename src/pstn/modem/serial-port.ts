import { read } from 'node:fs';
import { promisify } from 'node:util';
import { autoDetect, DarwinPortBinding, LinuxPortBinding } from '@serialport/bindings-cpp';
import type { BindingInterface } from '@serialport/bindings-interface';
import { SerialPortStream } from '@serialport/stream';

const readFrom = promisify(read);
const systemBinding = autoDetect() as BindingInterface;

/** Less than serialport's 64 KiB: a modem's octets come at some kB/s, and a server has many ports. */
const highWaterMark = 16 * 1024;

/** The system's serial ports and ptys. */
export const hangUpAwareBinding: BindingInterface = {
  list: () => systemBinding.list(),
  async open(options) {
    const port = await systemBinding.open(options);
    if (port instanceof LinuxPortBinding || port instanceof DarwinPortBinding) {
      port.read = (buffer, offset, length) => readOrHangUp(port, buffer, offset, length);
    }
    return port;
  },
};

/**
 * bindings-cpp repeats a read that returned nothing. A hung-up tty (an unplugged adapter, a pty whose master closed)
 * returns nothing for ever, so its loop takes a whole processor and never reports the loss (node-serialport #2323).
 */
async function readOrHangUp(
  port: LinuxPortBinding | DarwinPortBinding,
  buffer: Buffer,
  offset: number,
  length: number,
): Promise<{ buffer: Buffer; bytesRead: number }> {
  for (;;) {
    if (port.fd === null) throw Object.assign(new Error('the port was closed'), { canceled: true });
    try {
      const { bytesRead } = await readFrom(port.fd, buffer, offset, length, null);
      if (bytesRead === 0) throw new Error('the port was hung up');
      return { buffer, bytesRead };
    } catch (error) {
      if (!isTryAgain(error)) throw error;
      await readable(port);
    }
  }
}

function readable(port: LinuxPortBinding | DarwinPortBinding): Promise<void> {
  return new Promise((resolve, reject) => {
    port.poller.once('readable', (error: Error | null) => (error ? reject(error) : resolve()));
  });
}

function isTryAgain(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'EAGAIN' || code === 'EWOULDBLOCK' || code === 'EINTR';
}

/** Opens a port of `binding`, eight bits, RTS/CTS; rejects with the binding's error. */
export function openSerialPort(
  binding: BindingInterface,
  path: string,
  baudRate: number,
): Promise<SerialPortStream> {
  return new Promise((resolve, reject) => {
    const options = { binding, path, baudRate, rtscts: true, highWaterMark, autoOpen: false };
    const port = new SerialPortStream(options);
    port.open((error) => (error ? reject(error) : resolve(port)));
  });
}

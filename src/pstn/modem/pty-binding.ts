import { LinuxPortBinding } from '@serialport/bindings-cpp';
import type { BindingInterface } from '@serialport/bindings-interface';
import koffi from 'koffi';
import { hangUpAwareBinding } from './serial-port.js';

// Linux: a glibc termios on x86-64 and arm64 has 60 octets, c_cflag at octet 8.
const termiosOctets = 60;
const controlFlagsAt = 8;
const clocal = 0o4000;
const tcsaNow = 0;

/**
 * Pseudo-terminals. bindings-cpp sets CLOCAL on every port, which tells an office that a lost carrier is nothing to
 * this program; it is the one sign of it that a pty can give, so CLOCAL goes off again. Nor is the pty claimed
 * (TIOCEXCL): the claim outlives its program.
 */
export const ptyBinding: BindingInterface = {
  list: () => hangUpAwareBinding.list(),
  async open(options) {
    const port = await hangUpAwareBinding.open({ ...options, lock: false });
    if (port instanceof LinuxPortBinding && port.fd !== null) heedCarrier(port.fd);
    return port;
  },
};

/** Where there is no glibc the pty stays as it is: `NO CARRIER` and silence then end a call. */
function heedCarrier(fd: number): void {
  const calls = libc();
  const termios = Buffer.alloc(termiosOctets);
  if (!calls || calls.tcgetattr(fd, termios) < 0) return;
  termios.writeUInt32LE(termios.readUInt32LE(controlFlagsAt) & ~clocal, controlFlagsAt);
  calls.tcsetattr(fd, tcsaNow, termios);
}

interface TerminalCalls {
  tcgetattr(fd: number, termios: Buffer): number;
  tcsetattr(fd: number, when: number, termios: Buffer): number;
}

let loaded: TerminalCalls | false | undefined;

/** Loaded at the first pty. Buffers are declared `void *`: koffi fills a Buffer only so. */
function libc(): TerminalCalls | false {
  if (loaded !== undefined) return loaded;
  try {
    const library = koffi.load('libc.so.6');
    loaded = {
      tcgetattr: library.func('int tcgetattr(int fd, void *termios)'),
      tcsetattr: library.func('int tcsetattr(int fd, int when, const void *termios)'),
    };
  } catch {
    loaded = false;
  }
  return loaded;
}

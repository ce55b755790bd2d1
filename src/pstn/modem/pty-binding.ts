import { closeSync, constants, openSync } from 'node:fs';
import { LinuxPortBinding } from '@serialport/bindings-cpp';
import type { BindingInterface } from '@serialport/bindings-interface';
import { hangUpAwareBinding } from './serial-port.js';

// Linux: a glibc termios on x86-64 and arm64 has 60 octets, c_cflag at octet 8.
const termiosOctets = 60;
const controlFlagsAt = 8;
const clocal = 0o4000;
const tcsaNow = 0;
const b0 = 0;
const b115200 = 0o10002;
const lockExclusiveNow = 2 | 4;
const ewouldblock = 11;

/**
 * Pseudo-terminals. bindings-cpp sets CLOCAL on every port, which tells an office that a lost carrier is nothing to
 * this program; it is the one sign of it that a pty can give, so CLOCAL goes off again. RTS/CTS a pty has not. It is
 * locked by flock(2), which ends with the program, and not claimed (TIOCEXCL): that claim outlives its program.
 */
export const ptyBinding: BindingInterface = {
  list: () => hangUpAwareBinding.list(),
  async open(options) {
    calls ??= await loadCalls();
    refuseWhatIsInUse(options.path);
    const port = await hangUpAwareBinding.open({ ...options, lock: false, rtscts: false });
    if (port instanceof LinuxPortBinding && port.fd !== null && !lock(port.fd)) {
      await port.close();
      throw new PtyInUse(options.path);
    }
    changeTermios(port, (termios) => {
      const flags = termios.readUInt32LE(controlFlagsAt) & ~clocal;
      // With CRTSCTS, the top bit, `&` gives a negative number.
      termios.writeUInt32LE(flags >>> 0, controlFlagsAt);
    });
    return port;
  },
};

/** Another program that locks what it opens has the pty; `code` as a claimed port's. */
class PtyInUse extends Error {
  override readonly name = 'PtyInUse';
  readonly code = 'EBUSY';

  constructor(path: string) {
    super(`another program is using it (\`fuser ${path}\` shows which)`);
  }
}

/** Before the binding opens it: that sets CLOCAL, which in the middle of another program's call would keep it from ending. */
function refuseWhatIsInUse(path: string): void {
  const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants;
  let fd: number;
  try {
    fd = openSync(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
  } catch {
    // Why it cannot be opened, the binding says.
    return;
  }
  try {
    if (!lock(fd)) throw new PtyInUse(path);
  } finally {
    closeSync(fd);
  }
}

/** False when another opening has the lock. Without glibc nothing is locked. */
function lock(fd: number): boolean {
  if (calls === undefined || calls === 'missing') return true;
  return calls.flock(fd, lockExclusiveNow) === 0 || calls.errno() !== ewouldblock;
}

/** Whether `setPtyDtr` does anything to an open pty: it needs glibc. */
export function canSetPtyDtr(): boolean {
  return calls !== undefined && calls !== 'missing';
}

/** Speed zero (B0) is DTR off; in order with nothing, so that what was written before may still be on its way. */
export function setPtyDtr(port: unknown, on: boolean): void {
  changeTermios(port, (termios, { cfsetspeed }) => cfsetspeed(termios, on ? b115200 : b0));
}

/** Without glibc the pty stays as it is: `NO CARRIER` and silence end a call, closing it drops DTR. */
function changeTermios(port: unknown, change: (termios: Buffer, calls: TerminalCalls) => void): void {
  if (calls === undefined || calls === 'missing') return;
  if (!(port instanceof LinuxPortBinding) || port.fd === null) return;
  const termios = Buffer.alloc(termiosOctets);
  if (calls.tcgetattr(port.fd, termios) < 0) return;
  change(termios, calls);
  calls.tcsetattr(port.fd, tcsaNow, termios);
}

interface TerminalCalls {
  tcgetattr(fd: number, termios: Buffer): number;
  tcsetattr(fd: number, when: number, termios: Buffer): number;
  cfsetspeed(termios: Buffer, speed: number): void;
  flock(fd: number, operation: number): number;
  errno(): number;
}

let calls: TerminalCalls | 'missing' | undefined;

/** At the first pty: koffi is native and large. Buffers are declared `void *`: it fills a Buffer only so. */
async function loadCalls(): Promise<TerminalCalls | 'missing'> {
  try {
    const { default: koffi } = await import('koffi');
    const library = koffi.load('libc.so.6');
    return {
      tcgetattr: library.func('int tcgetattr(int fd, void *termios)'),
      tcsetattr: library.func('int tcsetattr(int fd, int when, const void *termios)'),
      cfsetspeed: library.func('int cfsetspeed(void *termios, unsigned int speed)'),
      flock: library.func('int flock(int fd, int operation)'),
      errno: () => koffi.errno(),
    };
  } catch {
    return 'missing';
  }
}

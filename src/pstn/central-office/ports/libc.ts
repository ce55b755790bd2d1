import { closeSync, constants as fsConstants, openSync } from 'node:fs';

// Linux, asm-generic: the same on x86-64 and arm64. A glibc termios has c_cflag at octet 8.
const oCloexec = 0o2000000;
const termiosOctets = 60;
const controlFlagsAt = 8;
const clocal = 0o4000;
const b38400 = 0o17;
const tcsaNow = 0;
const tcioFlush = 2;
const fionread = 0x541b;
const tiocnxcl = 0x540d;
const lockExclusiveNow = 2 | 4;
const ewouldblock = 11;
const pathOctets = 128;

/** `struct pollfd` events. */
export const pollEvents = { in: 1, out: 4, error: 8, hangUp: 16 } as const;
/** Octets of a `struct pollfd`: int fd, short events, short revents. */
export const pollEntryOctets = 8;

/** What a program has set on its end. */
export interface TerminalSettings {
  /** Speed zero (B0): a program drops DTR so. */
  readonly isHungUp: boolean;
  /** CLOCAL: a lost carrier is nothing to it. */
  readonly ignoresCarrier: boolean;
}

export interface Pty {
  /** The master, non-blocking. */
  readonly fd: number;
  readonly slavePath: string;
}

type Koffi = typeof import('koffi').default;

/** The calls of the C library that Node has not, for pseudo-terminals. */
export interface Libc {
  /** A new pseudo-terminal in raw mode that anyone may open. */
  openPty(): Pty;
  /** poll(2) without waiting. `entries` holds `count` entries of `pollEntryOctets`. Returns how many have events. */
  poll(entries: Uint8Array, count: number): number;
  settings(fd: number): TerminalSettings;
  /**
   * Makes a pseudo-terminal that no program has open as good as new: raw mode, a speed above zero, nothing
   * unread, open to all. False when it cannot be: a program has left it claimed (TIOCEXCL, which only root undoes).
   */
  refresh(pty: Pty): boolean;
  /** Octets that the program has not read; zero when that cannot be told. */
  unread(pty: Pty): number;
  /** flock(2), without waiting: false when somebody else has the file. The lock goes with the descriptor or the process. */
  lock(fd: number): boolean;
}

/** Rejects where there is no glibc on 64-bit Linux. Loads its native part only now: few offices have a pty. */
export async function loadLibc(): Promise<Libc> {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
    throw new Error(`${needed}; this is ${process.platform} on ${process.arch}. ${instead}`);
  }
  const { default: koffi } = await import('koffi');
  const c = declare(koffi);
  const ask = (what: string, result: number) => {
    if (result < 0) throw new Error(`${what} failed (errno ${koffi.errno()}); no pseudo-terminal was made.`);
    return result;
  };
  const termios = Buffer.alloc(termiosOctets);
  const count = Buffer.alloc(4);

  /** Undefined when a program has claimed the pseudo-terminal for itself. */
  function withSlave<Result>({ slavePath }: Pty, use: (fd: number) => Result): Result | undefined {
    const { O_RDWR, O_NOCTTY, O_NONBLOCK } = fsConstants;
    let fd: number;
    try {
      fd = openSync(slavePath, O_RDWR | O_NOCTTY | O_NONBLOCK);
    } catch {
      return undefined;
    }
    try {
      return use(fd);
    } finally {
      closeSync(fd);
    }
  }

  /** Opens and closes the slave, too: from its first closing on, poll(2) tells whether a program has it open. */
  function refresh(pty: Pty): boolean {
    const isDone = withSlave(pty, (fd) => {
      ask('tcgetattr', c.tcgetattr(fd, termios));
      c.cfmakeraw(termios);
      c.cfsetspeed(termios, b38400);
      // With CRTSCTS, the top bit, `&` gives a negative number.
      termios.writeUInt32LE((termios.readUInt32LE(controlFlagsAt) & ~clocal) >>> 0, controlFlagsAt);
      ask('tcsetattr', c.tcsetattr(fd, tcsaNow, termios));
      c.tcflush(fd, tcioFlush);
      c.ioctl(fd, tiocnxcl, null);
      return true;
    });
    return isDone ?? false;
  }

  return {
    openPty() {
      const { O_RDWR, O_NOCTTY, O_NONBLOCK } = fsConstants;
      const fd = ask('posix_openpt', c.posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | oCloexec));
      const path = Buffer.alloc(pathOctets);
      ask('grantpt', c.grantpt(fd));
      ask('unlockpt', c.unlockpt(fd));
      ask('ptsname_r', -c.ptsname_r(fd, path, pathOctets));
      const slavePath = path.toString('latin1', 0, path.indexOf(0));
      ask('chmod', c.chmod(slavePath, 0o666));
      const pty = { fd, slavePath };
      refresh(pty);
      return pty;
    },
    poll: (entries, entryCount) => c.poll(entries, entryCount, 0),
    settings(fd) {
      if (c.tcgetattr(fd, termios) < 0) return { isHungUp: false, ignoresCarrier: true };
      const flags = termios.readUInt32LE(controlFlagsAt);
      return { isHungUp: c.cfgetospeed(termios) === 0, ignoresCarrier: (flags & clocal) !== 0 };
    },
    refresh,
    unread(pty) {
      return withSlave(pty, (fd) => (c.ioctl(fd, fionread, count) < 0 ? 0 : count.readInt32LE())) ?? 0;
    },
    lock(fd) {
      if (c.flock(fd, lockExclusiveNow) === 0) return true;
      if (koffi.errno() === ewouldblock) return false;
      throw new Error(
        `The file system does not lock files (errno ${koffi.errno()}); give the line another path.`,
      );
    },
  };
}

const needed = 'Lines exposed as pty: need Linux on x86-64 or arm64 with glibc';
const instead = 'Expose them as tcp: instead.';

/** Buffers are declared `void *`: koffi fills a Buffer only so. */
function declare(koffi: Koffi) {
  const libc = loadLibrary(koffi);
  return {
    posix_openpt: libc.func('int posix_openpt(int flags)'),
    grantpt: libc.func('int grantpt(int fd)'),
    unlockpt: libc.func('int unlockpt(int fd)'),
    ptsname_r: libc.func('int ptsname_r(int fd, void *path, size_t length)'),
    flock: libc.func('int flock(int fd, int operation)'),
    chmod: libc.func('int chmod(const char *path, unsigned int mode)'),
    tcgetattr: libc.func('int tcgetattr(int fd, void *termios)'),
    tcsetattr: libc.func('int tcsetattr(int fd, int when, const void *termios)'),
    tcflush: libc.func('int tcflush(int fd, int which)'),
    cfmakeraw: libc.func('void cfmakeraw(void *termios)'),
    cfsetspeed: libc.func('int cfsetspeed(void *termios, unsigned int speed)'),
    cfgetospeed: libc.func('unsigned int cfgetospeed(const void *termios)'),
    poll: libc.func('int poll(void *entries, unsigned long count, int timeout)'),
    ioctl: libc.func('int ioctl(int fd, unsigned long request, void *argument)'),
  };
}

function loadLibrary(koffi: Koffi): ReturnType<Koffi['load']> {
  try {
    return koffi.load('libc.so.6');
  } catch (cause) {
    throw new Error(`${needed}; its C library was not found. ${instead}`, { cause });
  }
}

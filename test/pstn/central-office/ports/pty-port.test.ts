import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SerialPort } from 'serialport';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { silentLog } from '../../../../src/log/log.js';
import { type Libc, loadLibc } from '../../../../src/pstn/central-office/ports/libc.js';
import { PtyPoller } from '../../../../src/pstn/central-office/ports/pty-poller.js';
import { PtyPort } from '../../../../src/pstn/central-office/ports/pty-port.js';
import { realClock } from '../../../../src/time/real-clock.js';
import { PtyProgram } from '../../../support/pty-program.js';
import { circuitsOff, circuitsOn, FakeModem } from '../fake-modem.js';

const isLinux = process.platform === 'linux';
let libc: Libc;
let directory: string;
const opened: { close(): void }[] = [];

beforeEach(async () => {
  if (isLinux) libc ??= await loadLibc();
  directory = mkdtempSync(join(tmpdir(), 'pty-port-'));
});
afterEach(() => {
  for (const it of opened.splice(0)) it.close();
  rmSync(directory, { recursive: true });
});

function line(path = join(directory, 'alice')) {
  const modem = new FakeModem();
  const poller = new PtyPoller(libc, realClock);
  const port = new PtyPort(path, modem, poller, { clock: realClock, log: silentLog });
  modem.port = port;
  opened.push(port);
  return { modem, port, path };
}

/** Opened as by a program that knows nothing of modems, and closed after the test. */
function openProgram(path: string): PtyProgram {
  const program = new PtyProgram(path);
  opened.push(program);
  return program;
}

/** Sets the terminal as `stty` does, which complains of a speed of zero even when it has set it. */
function stty(path: string, setting: string): void {
  try {
    execFileSync('stty', ['-F', path, setting], { stdio: 'ignore' });
  } catch (error) {
    if (setting !== '0') throw error;
  }
}

describe.runIf(isLinux)('pty port', () => {
  test('the link leads to a raw terminal that anyone may open, in a folder made for it, and goes on close', () => {
    const { port, path } = line(join(directory, 'run/lines/alice'));
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(statSync(path).isCharacterDevice()).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o666);
    const settings = execFileSync('stty', ['-a', '-F', path], { encoding: 'utf8' });
    for (const word of ['-icanon', '-echo ', '-opost', '-ixon', '-icrnl', '-isig', 'cs8']) {
      expect(settings).toContain(word);
    }
    opened.splice(0);
    port.close();
    expect(existsSync(path)).toBe(false);
    expect(lstatSync(path, { throwIfNoEntry: false })).toBeUndefined();
  });

  test('a link that a killed office left is replaced, a file is not', () => {
    const stale = join(directory, 'stale');
    symlinkSync('/dev/pts/99999', stale);
    line(stale);
    expect(statSync(stale).isCharacterDevice()).toBe(true);

    const file = join(directory, 'file');
    writeFileSync(file, 'precious');
    expect(() => line(file)).toThrow('is no link');
    mkdirSync(join(directory, 'folder'));
    expect(() => line(join(directory, 'folder'))).toThrow('is no link');
  });

  test('fault 73: a second line at the same path is refused while the first is there, and disturbs nothing', async () => {
    const { modem, port, path } = line();
    const before = readlinkSync(path);
    expect(() => line(path)).toThrow(`process ${process.pid}`);
    expect(readlinkSync(path)).toBe(before);
    const program = openProgram(path);
    program.write('AT');
    await vi.waitFor(() => expect(modem.text).toBe('AT'));
    opened.splice(opened.indexOf(port), 1);
    port.close();
    expect(readdirSync(directory)).toEqual([]);
    line(path);
    expect(statSync(path).isCharacterDevice()).toBe(true);
  });

  test('fault 73: a path that another process holds is refused until that process is killed', async () => {
    const path = join(directory, 'alice');
    symlinkSync('/dev/pts/99999', path);
    const script = 'echo $$ > "$0"; echo locked; exec sleep 60';
    const lock = `${path}.lock`;
    const holder = spawn('flock', ['--no-fork', '--nonblock', lock, 'sh', '-c', script, lock]);
    await once(holder.stdout, 'data');
    expect(() => line(path)).toThrow(`process ${holder.pid}`);
    expect(readlinkSync(path)).toBe('/dev/pts/99999');
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    line(path);
    expect(statSync(path).isCharacterDevice()).toBe(true);
  });

  test('opening is DTR on, the last closing DTR off, and octets pass both ways unchanged', async () => {
    const { modem, port, path } = line();
    port.send(Buffer.from('RING before anyone is there'));
    const all = Buffer.from(Uint8Array.from({ length: 256 }, (_, index) => index));
    const program = openProgram(path);
    const second = openProgram(path);
    await vi.waitFor(() => expect(modem.dtrs).toEqual([true]));
    writeSync(program.fd, all);
    await vi.waitFor(() => expect(Buffer.from(modem.taken).equals(all)).toBe(true));
    port.send(all);
    expect(port.pending()).toBe(0);
    expect(await program.readUntil(all.toString('latin1'))).toBe(all.toString('latin1'));
    second.close();
    port.send(Buffer.from('still'));
    expect(await program.readUntil('still')).toBe('still');
    expect(modem.dtrs).toEqual([true]);
    program.close();
    await vi.waitFor(() => expect(modem.dtrs).toEqual([true, false]));
  });

  test('what a program writes and leaves at once still reaches the modem', async () => {
    const { modem, path } = line();
    const program = openProgram(path);
    program.write('ATH\r');
    program.close();
    await vi.waitFor(() => expect(modem.dtrs).toEqual([true, false]));
    expect(modem.text).toBe('ATH\r');
  });

  test('the next program finds nothing of the last: no unread octets, no settings', async () => {
    const { modem, port, path } = line();
    const first = openProgram(path);
    stty(path, 'icanon');
    stty(path, 'clocal');
    // The top bit of the flags: cu leaves it set.
    stty(path, 'crtscts');
    stty(path, '0');
    await vi.waitFor(() => expect(modem.dtrs).toEqual([true, false]));
    port.send(Buffer.from('for the first'));
    first.close();
    await vi.waitFor(() => {
      expect(execFileSync('stty', ['-a', '-F', path], { encoding: 'utf8' })).toMatch(
        /speed 38400.*-clocal.*-icanon/s,
      );
    });
    await vi.waitFor(() => expect(modem.dtrs.at(-1)).toBe(false));
    const next = openProgram(path);
    await vi.waitFor(() => expect(modem.dtrs.at(-1)).toBe(true));
    port.send(Buffer.from('for the next'));
    expect(await next.readUntil('for the next')).toBe('for the next');
  });

  test('telephony 1.8: slmodemd: speed zero (B0) is DTR off, another speed DTR on again', async () => {
    const { modem, path } = line();
    const program = openProgram(path);
    await vi.waitFor(() => expect(modem.dtrs).toEqual([true]));
    stty(path, '0');
    await vi.waitFor(() => expect(modem.dtrs).toEqual([true, false]));
    stty(path, '19200');
    await vi.waitFor(() => expect(modem.dtrs).toEqual([true, false, true]));
    program.write('AT');
    await vi.waitFor(() => expect(modem.text).toBe('AT'));
  });

  test('telephony 1.8: slmodemd: carrier loss: the program reads to the end, is hung up, and the link leads to a new terminal', async () => {
    const { modem, port, path } = line();
    const program = openProgram(path);
    await vi.waitFor(() => expect(modem.dtrs).toEqual([true]));
    const before = readlinkSync(path);
    port.circuits(circuitsOn);
    const last = 'x'.repeat(20_000);
    port.send(Buffer.from(last));
    port.circuits(circuitsOff);
    port.send(Buffer.from('\r\nNO CARRIER\r\n'));
    let heard = '';
    await vi.waitFor(
      () => {
        const more = program.read();
        heard += more ?? '';
        expect(more).toBeUndefined();
      },
      { interval: 5, timeout: 5_000 },
    );
    expect(heard).toBe(`${last}\r\nNO CARRIER\r\n`);
    await vi.waitFor(() => expect(modem.dtrs).toEqual([true, false]));
    expect(readlinkSync(path)).not.toBe(before);

    const next = openProgram(path);
    await vi.waitFor(() => expect(modem.dtrs).toEqual([true, false, true]));
    port.send(Buffer.from('RING'));
    expect(await next.readUntil('RING')).toBe('RING');
  });

  test('a program that set CLOCAL is not hung up by carrier loss', async () => {
    const { modem, port, path } = line();
    const program = openProgram(path);
    stty(path, 'clocal');
    await vi.waitFor(() => expect(modem.dtrs).toEqual([true]));
    port.circuits(circuitsOn);
    port.circuits(circuitsOff);
    port.send(Buffer.from('NO CARRIER'));
    expect(await program.readUntil('NO CARRIER')).toBe('NO CARRIER');
    for (let reads = 0; reads < 20; reads++) {
      program.write('A');
      await vi.waitFor(() => expect(modem.taken).toHaveLength(reads + 1));
    }
    expect(modem.dtrs).toEqual([true]);
  });

  test('a modem that takes no more, or drops CTS, stops the reading; the program waits; nothing is lost', async () => {
    const { modem, port, path } = line();
    const program = openProgram(path);
    modem.room = 10;
    const sent = Buffer.alloc(200_000, '0123456789abcdef');
    let written = 0;
    const write = () => {
      try {
        written += writeSync(program.fd, sent.subarray(written));
      } catch (error) {
        expect((error as NodeJS.ErrnoException).code).toBe('EAGAIN');
      }
    };
    await vi.waitFor(() => {
      write();
      expect(modem.taken).toHaveLength(10);
    });
    for (let attempts = 0; attempts < 50; attempts++) write();
    expect(written).toBeLessThan(sent.length);
    port.circuits({ ...circuitsOff, cts: false });
    modem.resume();
    const held = modem.taken.length;
    expect(held).toBeLessThan(5_000);
    port.circuits(circuitsOff);
    await vi.waitFor(
      () => {
        if (written < sent.length) write();
        expect(modem.taken).toHaveLength(sent.length);
      },
      { interval: 5, timeout: 10_000 },
    );
    expect(Buffer.from(modem.taken).equals(sent)).toBe(true);
  });

  test('what the program does not read stays pending, and the modem is told when it has gone', async () => {
    const { modem, port, path } = line();
    const program = openProgram(path);
    await vi.waitFor(() => expect(modem.dtrs).toEqual([true]));
    const sent = 'y'.repeat(200_000);
    port.send(Buffer.from(sent));
    expect(port.pending()).toBeGreaterThan(0);
    let heard = '';
    await vi.waitFor(
      () => {
        heard += program.read() ?? '';
        expect(heard).toHaveLength(sent.length);
      },
      { interval: 5, timeout: 10_000 },
    );
    expect(port.pending()).toBe(0);
    expect(modem.drainedTimes).toBe(1);
  });

  test('AL-4: node-serialport opens it, exclusively, time after time', async () => {
    const { modem, path } = line();
    for (let times = 1; times <= 3; times++) {
      const serial = new SerialPort({ path, baudRate: 115_200 });
      await once(serial, 'open');
      serial.write(`AT${times}\r`);
      await vi.waitFor(() => expect(modem.text).toMatch(new RegExp(`AT${times}\r$`)));
      await new Promise((resolve) => serial.close(resolve));
      await vi.waitFor(() => expect(modem.dtrs).toHaveLength(2 * times));
    }
  });

  test('a hang-up that cannot be given for want of a link is given when it can be', async () => {
    const { modem, port, path } = line();
    const program = openProgram(path);
    await vi.waitFor(() => expect(modem.dtrs).toEqual([true]));
    rmSync(path);
    writeFileSync(path, 'in the way');
    port.circuits(circuitsOn);
    port.circuits(circuitsOff);
    port.send(Buffer.from('NO CARRIER'));
    expect(await program.readUntil('NO CARRIER')).toBe('NO CARRIER');
    for (let octets = 1; octets <= 10; octets++) {
      program.write('A');
      await vi.waitFor(() => expect(modem.taken).toHaveLength(octets));
    }
    rmSync(path);
    await vi.waitFor(() => expect(program.read()).toBeUndefined());
    expect(statSync(path).isCharacterDevice()).toBe(true);
    await vi.waitFor(() => expect(modem.dtrs).toEqual([true, false]));
  });
});

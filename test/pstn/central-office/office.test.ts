import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, watch, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SerialPortStream } from '@serialport/stream';
import { describe, expect, test, vi } from 'vitest';
import { simBinding } from '../../../src/pstn/central-office/ports/sim-port.js';
import { freePort } from '../../support/free-port.js';
import { simulatedOffice } from '../../support/office.js';

type World = ReturnType<typeof simulatedOffice>;

/** A program on a line's modem: what it has read so far, and what it writes. */
async function program({ office }: World, path: string) {
  const stream = new SerialPortStream({ binding: simBinding(office), path, baudRate: 115_200 });
  await once(stream, 'open');
  let heard = Buffer.alloc(0);
  stream.on('data', (octets: Buffer) => {
    heard = Buffer.concat([heard, octets]);
  });
  return {
    stream,
    write: (data: string | Buffer) =>
      stream.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data),
    get text() {
      return heard.toString('latin1');
    },
    get heard() {
      return heard;
    },
    forget: () => {
      heard = Buffer.alloc(0);
    },
  };
}

async function connected(options: Parameters<typeof simulatedOffice>[0]) {
  const world = simulatedOffice(options);
  const [first, second] = options.lines;
  if (!first || !second) throw new Error('two lines');
  const a = await program(world, first.number);
  const b = await program(world, second.number);
  b.write('ATE0S0=1\r');
  a.write('ATE0\r');
  await world.runUntil(() => a.text.includes('OK') && b.text.includes('OK'));
  a.write(`ATDT${second.number}\r`);
  await world.runUntil(() => a.text.includes('CONNECT') && b.text.includes('CONNECT'));
  await world.runFor(200);
  return { ...world, a, b };
}

const lines = [{ number: '5550100' }, { number: '5550101' }];

describe('office', () => {
  test('CM-290 CM-295 AL-4: one modem calls the other by AT commands: RING, caller ID, CONNECT, octets, NO CARRIER', async () => {
    const world = simulatedOffice({ lines });
    const a = await program(world, '5550100');
    const b = await program(world, '5550101');
    b.write('AT+VCID=1\r');
    await world.runUntil(() => b.text.includes('OK'));
    a.write('ATDT5550101\r');
    await world.runUntil(() => (b.text.match(/RING/g) ?? []).length === 2);
    expect(b.text).toContain('NMBR = 5550100');
    b.forget();
    b.write('ATA\r');
    await world.runUntil(() => a.text.includes('CONNECT 33600') && b.text.includes('CONNECT 33600'));
    await world.runFor(100);
    a.forget();
    b.forget();
    a.write('hello');
    b.write('and good day');
    await world.runUntil(() => b.text === 'hello' && a.text === 'and good day');
    await new Promise((resolve) => a.stream.set({ dtr: false, rts: true }, resolve));
    await world.runUntil(() => b.text.includes('NO CARRIER'));
    await world.office.close();
  });

  test('a megabit of all octets passes through both modems unchanged, at the line rate', async () => {
    const { a, b, clock, runUntil, office } = await connected({ lines, timeScale: 0.001 });
    a.forget();
    b.forget();
    const sent = Buffer.from(
      Uint8Array.from({ length: 120_000 }, (_, index) => (index * 7 + (index >> 8)) & 0xff),
    );
    const startedMs = clock.monotonicMs();
    a.write(sent);
    b.write(sent);
    await runUntil(() => a.heard.length >= sent.length && b.heard.length >= sent.length, 60_000);
    expect(b.heard.equals(sent)).toBe(true);
    expect(a.heard.equals(sent)).toBe(true);
    const idealMs = sent.length / 4.2;
    expect(clock.monotonicMs() - startedMs).toBeGreaterThanOrEqual(idealMs - 1);
    expect(clock.monotonicMs() - startedMs).toBeLessThan(idealMs * 1.001 + 50);
    await office.close();
  });

  test('a program that does not read holds the far program back, and gets every octet in the end', async () => {
    const { a, b, office, runFor, runUntil } = await connected({ lines, timeScale: 0.001 });
    b.forget();
    b.stream.pause();
    const sent = Buffer.alloc(300_000, 'abcdefghijklmnopqrstuvwxyz');
    let isTaken = false;
    a.stream.write(sent, () => {
      isTaken = true;
    });
    await runFor(120_000);
    expect(isTaken).toBe(false);
    b.stream.resume();
    await runUntil(() => b.heard.length === sent.length, 120_000);
    expect(b.heard.equals(sent)).toBe(true);
    expect(isTaken).toBe(true);
    await office.close();
  });

  test('the last octets before a hang-up arrive', async () => {
    const { a, b, office, runUntil } = await connected({ lines, timeScale: 0.001 });
    b.forget();
    a.write('goodbye');
    await new Promise((resolve) => a.stream.drain(resolve));
    await new Promise((resolve) => a.stream.set({ dtr: false, rts: true }, resolve));
    await runUntil(() => b.text.includes('NO CARRIER'));
    expect(b.text).toMatch(/^goodbye\r\nNO CARRIER/);
    await office.close();
  });

  test('the same seed gives the same call, to the millisecond', async () => {
    const timeOfConnect = async (seed: number) => {
      const { clock, office } = await connected({ lines, seed });
      await office.close();
      return clock.monotonicMs();
    };
    expect(await timeOfConnect(5)).toBe(await timeOfConnect(5));
    expect(await timeOfConnect(5)).not.toBe(await timeOfConnect(6));
  });

  test('after close no timer is left', async () => {
    const { office, clock, runFor } = await connected({ lines, timeScale: 0.001 });
    await office.close();
    await runFor(10_000);
    expect(clock.nextDeadlineMs()).toBeUndefined();
  });

  test('a sim port of a line that is exposed, or of none, is refused with what to do instead', () => {
    const { office } = simulatedOffice({ lines: [{ number: '1', expose: 'pty:run/one' }] });
    expect(() => office.port('1')).toThrow('pty:run/one');
    expect(() => office.port('2')).toThrow('sim:2');
  });

  test.runIf(process.platform === 'linux')(
    'open makes the links, close removes them; when one cannot be, none is left',
    async () => {
      const directory = mkdtempSync(join(tmpdir(), 'office-'));
      const one = join(directory, 'one');
      const { office } = simulatedOffice({ lines: [{ number: '1', expose: `pty:${one}` }] });
      await office.open();
      expect(existsSync(one)).toBe(true);
      await office.close();
      expect(existsSync(one)).toBe(false);

      const failing = simulatedOffice({
        lines: [
          { number: '1', expose: `pty:${one}` },
          { number: '2', expose: 'usb:2' },
        ],
      });
      await expect(failing.office.open()).rejects.toThrow('"usb:2" is neither');
      expect(readdirSync(directory)).toEqual([]);
      rmSync(directory, { recursive: true });
    },
  );

  test.runIf(process.platform === 'linux')(
    'fault 73: a TCP port that is taken is found before any link is made',
    async () => {
      const directory = mkdtempSync(join(tmpdir(), 'office-'));
      const made: string[] = [];
      const watcher = watch(directory, (_, name) => made.push(String(name)));
      const port = await freePort();
      const holder = createServer().listen(port, '127.0.0.1');
      await once(holder, 'listening');
      const { office } = simulatedOffice({
        lines: [
          { number: '1', expose: `pty:${join(directory, 'one')}` },
          { number: '2', expose: `tcp://127.0.0.1:${port}` },
        ],
      });
      await expect(office.open()).rejects.toThrow('another program has that port');
      writeFileSync(join(directory, 'last'), '');
      await vi.waitFor(() => expect(made).toContain('last'));
      expect(made.filter((name) => name !== 'last')).toEqual([]);
      watcher.close();
      holder.close();
      rmSync(directory, { recursive: true });
    },
  );
});

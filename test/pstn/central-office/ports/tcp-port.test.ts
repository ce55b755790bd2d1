import { once } from 'node:events';
import { createServer, connect as netConnect, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { TcpPort } from '../../../../src/pstn/central-office/ports/tcp-port.js';
import { circuitsOff, circuitsOn, FakeModem } from '../fake-modem.js';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const it of open.splice(0)) await it.close();
});

/** A port that was free a moment ago, outside the range from which connections take theirs. */
async function freePort(): Promise<number> {
  for (let port = 21_000; port < 22_000; port++) {
    const probe = createServer();
    const isFree = await new Promise((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => resolve(true));
    });
    await new Promise((resolve) => probe.close(resolve));
    if (isFree) return port;
  }
  throw new Error('no port is free');
}

async function listening() {
  const modem = new FakeModem();
  const number = await freePort();
  const port = new TcpPort(`tcp://127.0.0.1:${number}`, modem);
  modem.port = port;
  await port.open();
  open.push(port);
  return { modem, port, number };
}

async function connected(number: number): Promise<Socket> {
  const socket = netConnect(number, '127.0.0.1');
  open.push({ close: () => socket.destroy() });
  await once(socket, 'connect');
  return socket;
}

describe('tcp port', () => {
  test('a connection is DTR on, its end DTR off, and octets pass both ways', async () => {
    const { modem, port, number } = await listening();
    const socket = await connected(number);
    await vi.waitFor(() => expect(modem.dtrs).toEqual([true]));
    socket.write('ATZ\r');
    await vi.waitFor(() => expect(modem.text).toBe('ATZ\r'));
    port.send(Buffer.from('\r\nOK\r\n'));
    expect(String((await once(socket, 'data'))[0])).toBe('\r\nOK\r\n');
    await vi.waitFor(() => expect(modem.drainedTimes).toBeGreaterThan(0));
    socket.end();
    await vi.waitFor(() => expect(modem.dtrs).toEqual([true, false]));
    port.send(Buffer.from('RING'));
    expect(port.pending()).toBe(0);
  });

  test('a second program reads BUSY and is let go; the first is not disturbed; then the port is free again', async () => {
    const { modem, number } = await listening();
    const first = await connected(number);
    const second = await connected(number);
    let heard = '';
    second.on('data', (octets) => {
      heard += octets;
    });
    await once(second, 'close');
    expect(heard).toBe('BUSY\r\n');
    first.write('AT');
    await vi.waitFor(() => expect(modem.text).toBe('AT'));
    first.end();
    await vi.waitFor(() => expect(modem.dtrs).toEqual([true, false]));
    await connected(number);
    await vi.waitFor(() => expect(modem.dtrs).toEqual([true, false, true]));
  });

  test('a lost carrier does not close the connection', async () => {
    const { modem, port, number } = await listening();
    const socket = await connected(number);
    await vi.waitFor(() => expect(modem.dtrs).toEqual([true]));
    port.circuits(circuitsOn);
    port.circuits(circuitsOff);
    port.send(Buffer.from('NO CARRIER'));
    expect(String((await once(socket, 'data'))[0])).toBe('NO CARRIER');
    expect(modem.dtrs).toEqual([true]);
  });

  test('a modem that takes no more, or drops CTS, stops the program; nothing is lost', async () => {
    const { modem, port, number } = await listening();
    const socket = await connected(number);
    modem.room = 4;
    const sent = Buffer.alloc(300_000, 'abcdefg');
    socket.write(sent);
    await vi.waitFor(() => expect(modem.taken).toHaveLength(4));
    port.circuits({ ...circuitsOff, cts: false });
    modem.resume(100_000);
    const heldAt = modem.taken.length;
    expect(heldAt).toBeLessThan(100_000);
    modem.room = Infinity;
    port.circuits(circuitsOff);
    await vi.waitFor(() => expect(modem.taken).toHaveLength(sent.length));
    expect(Buffer.from(modem.taken).equals(sent)).toBe(true);
  });

  test('what a program writes and leaves at once reaches a slow modem whole, and DTR falls after it', async () => {
    const { modem, port, number } = await listening();
    const socket = await connected(number);
    modem.room = 1_000;
    const sent = Buffer.alloc(60_000, 'abcdefg');
    socket.end(sent);
    await vi.waitFor(() => expect(modem.taken).toHaveLength(1_000));
    while (modem.taken.length < sent.length) {
      expect(modem.dtrs).toEqual([true]);
      const before = modem.taken.length;
      modem.resume(1_000);
      await vi.waitFor(() => expect(modem.taken.length).toBeGreaterThan(before));
    }
    await vi.waitFor(() => expect(modem.dtrs).toEqual([true, false]));
    expect(Buffer.from(modem.taken).equals(sent)).toBe(true);
    expect(port.pending()).toBe(0);
  });

  test('a port that is taken, and a URL that is none, are refused', async () => {
    const { number } = await listening();
    await expect(new TcpPort(`tcp://127.0.0.1:${number}`, new FakeModem()).open()).rejects.toThrow(
      'EADDRINUSE',
    );
    expect(() => new TcpPort('tcp://127.0.0.1', new FakeModem())).toThrow('7101');
  });
});

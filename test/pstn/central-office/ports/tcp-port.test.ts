import { once } from 'node:events';
import { connect as netConnect, Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Log, silentLog } from '../../../../src/log/log.js';
import { TcpPort } from '../../../../src/pstn/central-office/ports/tcp-port.js';
import type { Clock } from '../../../../src/time/clock.js';
import { realClock } from '../../../../src/time/real-clock.js';
import { SimulatedClock } from '../../../../src/time/simulated-clock.js';
import { freePort } from '../../../support/free-port.js';
import { LogBook } from '../../../support/log-book.js';
import { circuitsOff, circuitsOn, FakeModem } from '../fake-modem.js';

const world = { clock: realClock, log: silentLog };
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const it of open.splice(0)) await it.close();
});

async function listening({ clock, log }: { clock: Clock; log: Log } = world) {
  const modem = new FakeModem();
  const number = await freePort();
  const port = new TcpPort(`tcp://127.0.0.1:${number}`, modem, { clock, log });
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
    modem.resume();
    expect(modem.taken.length).toBeLessThan(150_000);
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

  test('CM-A8 a program that leaves while its octets wait for a modem that takes none is not waited for without end', async () => {
    const clock = new SimulatedClock();
    const { modem, number } = await listening({ clock, log: silentLog });
    const socket = await connected(number);
    modem.room = 100;
    socket.write(Buffer.alloc(1_000, 'x'));
    await vi.waitFor(() => expect(modem.taken).toHaveLength(100));
    socket.end(Buffer.alloc(20_000, 'x'));
    await vi.waitFor(() => expect(clock.nextDeadlineMs()).toBe(5_000));
    clock.advance(4_999);
    expect(modem.dtrs).toEqual([true]);
    clock.advance(1);
    expect(modem.dtrs).toEqual([true, false]);
    modem.resume();
    expect(modem.taken).toHaveLength(100);
    const next = await connected(number);
    next.write('AT');
    await vi.waitFor(() => expect(modem.text.slice(100)).toBe('AT'));
  });

  test('CM-A8 it leaves no timer behind when it is closed, or when the modem takes the last octets after all', async () => {
    const clock = new SimulatedClock();
    const { modem, port, number } = await listening({ clock, log: silentLog });
    modem.room = 1;
    (await connected(number)).end('ATZ');
    await vi.waitFor(() => expect(clock.nextDeadlineMs()).toBeDefined());
    modem.resume();
    expect(modem.text).toBe('ATZ');
    expect(modem.dtrs).toEqual([true, false]);
    expect(clock.nextDeadlineMs()).toBeUndefined();
    modem.room = 0;
    (await connected(number)).end('ATZ');
    await vi.waitFor(() => expect(clock.nextDeadlineMs()).toBeDefined());
    await port.close();
    expect(clock.nextDeadlineMs()).toBeUndefined();
  });

  test('a connection that the system cannot accept is logged, and the next one is taken', async () => {
    const log = new LogBook();
    const number = await freePort();
    const servers: Server[] = [];
    const listen = vi.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server, ...given) {
      servers.push(this);
      listen.mockRestore();
      return Reflect.apply(this.listen, this, given);
    });
    const modem = new FakeModem();
    const port = new TcpPort(`tcp://127.0.0.1:${number}`, modem, { clock: realClock, log });
    await port.open();
    open.push(port);
    servers[0]?.emit('error', new Error('accept EMFILE'));
    expect(log.with('a program could not connect')).toEqual([
      { host: '127.0.0.1', port: number, error: 'accept EMFILE' },
    ]);
    await connected(number);
    await vi.waitFor(() => expect(modem.dtrs).toEqual([true]));
  });

  test('fault 92: a port that is taken, another host, and a URL that is none, are refused with what to do', async () => {
    const { number } = await listening();
    const taken = `tcp://127.0.0.1:${number}`;
    await expect(new TcpPort(taken, new FakeModem(), world).open()).rejects.toThrow(
      `Nothing can be exposed at ${taken}: another program has that port. Stop it`,
    );
    // Of the documentation's addresses (RFC 5737): no host has it.
    await expect(new TcpPort('tcp://192.0.2.1:7101', new FakeModem(), world).open()).rejects.toThrow(
      'an address of this host',
    );
    for (const url of ['tcp://127.0.0.1', 'tcp://127.0.0.1:99999'])
      expect(() => new TcpPort(url, new FakeModem(), world)).toThrow(`"${url}" is not`);
  });
});

import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { SerialPortStream } from '@serialport/stream';
import { describe, expect, test } from 'vitest';
import { SimPort, simBinding } from '../../../../src/pstn/central-office/ports/sim-port.js';
import { FakeModem } from '../fake-modem.js';

function cable() {
  const modem = new FakeModem();
  const port = new SimPort('5550101', modem);
  modem.port = port;
  const binding = simBinding({
    port(number) {
      if (number !== '5550101') throw new Error(`no line ${number}`);
      return port;
    },
  });
  return { modem, port, binding };
}

async function opened() {
  const { modem, port, binding } = cable();
  const stream = new SerialPortStream({ binding, path: '5550101', baudRate: 115_200 });
  await once(stream, 'open');
  return { modem, port, binding, stream };
}

function call(run: (done: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => run((error) => (error ? reject(error) : resolve())));
}

describe('sim port', () => {
  test('opening raises DTR, closing drops it, and nothing else is said', async () => {
    const { modem, stream } = await opened();
    expect(modem.dtrs).toEqual([true]);
    await call((done) => stream.close(done));
    expect(modem.dtrs).toEqual([true, false]);
    expect(modem.taken).toEqual([]);
  });

  test('octets pass both ways, all 256 of them', async () => {
    const { modem, port, stream } = await opened();
    const all = Uint8Array.from({ length: 256 }, (_, index) => index);
    stream.write(Buffer.from(all));
    await call((done) => stream.drain(done));
    expect(Uint8Array.from(modem.taken)).toEqual(all);
    const received: Buffer[] = [];
    stream.on('data', (octets: Buffer) => received.push(octets));
    port.send(all.subarray(0, 100));
    port.send(all.subarray(100));
    await setImmediate();
    await setImmediate();
    expect(Uint8Array.from(Buffer.concat(received))).toEqual(all);
  });

  test('a second opening fails as of a locked device; after closing it opens again', async () => {
    const { binding, stream } = await opened();
    const second = new SerialPortStream({ binding, path: '5550101', baudRate: 9_600, autoOpen: false });
    await expect(call((done) => second.open(done))).rejects.toThrow('Cannot lock port');
    await call((done) => stream.close(done));
    await call((done) => second.open(done));
    await call((done) => second.close(done));
  });

  test('an unknown number does not open', async () => {
    const { binding } = cable();
    const stream = new SerialPortStream({ binding, path: '999', baudRate: 9_600, autoOpen: false });
    await expect(call((done) => stream.open(done))).rejects.toThrow('no line 999');
  });

  test('get tells the circuits that the modem drives, set drives DTR', async () => {
    const { modem, port, stream } = await opened();
    const get = () =>
      new Promise((resolve, reject) =>
        stream.get((error, status) => (error ? reject(error) : resolve(status))),
      );
    expect(await get()).toEqual({ cts: true, dsr: true, dcd: false });
    port.circuits({ cts: false, dsr: true, dcd: true, ri: true });
    expect(await get()).toEqual({ cts: false, dsr: true, dcd: true });
    await call((done) => stream.set({ dtr: false, rts: true }, done));
    await call((done) => stream.set({ dtr: false, rts: true }, done));
    await call((done) => stream.set({ dtr: true, rts: true }, done));
    expect(modem.dtrs).toEqual([true, false, true]);
  });

  test('a modem that takes no more holds the writer back and loses nothing', async () => {
    const { modem, stream } = await opened();
    modem.room = 3;
    let isWritten = false;
    stream.write(Buffer.from('AT+GMI\r'), () => {
      isWritten = true;
    });
    await setImmediate();
    expect(modem.text).toBe('AT+');
    modem.resume(2);
    await setImmediate();
    expect(isWritten).toBe(false);
    modem.resume();
    await call((done) => stream.drain(done));
    expect(modem.text).toBe('AT+GMI\r');
    expect(isWritten).toBe(true);
  });

  test('what the program does not read stays pending; when it has read all, the modem is told', async () => {
    const { modem, port, binding } = cable();
    const opening = await binding.open({ path: '5550101', baudRate: 9_600 });
    port.send(Buffer.from('RING'));
    port.send(Buffer.from('ING'));
    expect(port.pending()).toBe(7);
    const buffer = Buffer.alloc(10);
    expect(await opening.read(buffer, 1, 5)).toEqual({ buffer, bytesRead: 5 });
    expect(buffer.toString('latin1', 1, 6)).toBe('RINGI');
    expect(port.pending()).toBe(2);
    expect(modem.drainedTimes).toBe(0);
    await opening.read(buffer, 0, 10);
    expect(port.pending()).toBe(0);
    expect(modem.drainedTimes).toBe(1);
    await opening.close();
  });

  test('closing cancels a waiting read and a waiting write; octets for a closed port are nowhere later', async () => {
    const { modem, port, binding } = cable();
    const opening = await binding.open({ path: '5550101', baudRate: 9_600 });
    modem.room = 0;
    const read = opening.read(Buffer.alloc(10), 0, 10);
    const write = opening.write(Buffer.from('AT\r'));
    const ends = [
      expect(read).rejects.toMatchObject({ canceled: true }),
      expect(write).rejects.toMatchObject({ canceled: true }),
    ];
    await opening.close();
    await Promise.all(ends);
    expect(opening.isOpen).toBe(false);
    port.send(Buffer.from('RING'));
    expect(port.pending()).toBe(0);
    const next = await binding.open({ path: '5550101', baudRate: 9_600 });
    port.send(Buffer.from('OK'));
    const buffer = Buffer.alloc(10);
    expect((await next.read(buffer, 0, 10)).bytesRead).toBe(2);
    modem.resume();
    expect(modem.text).toBe('');
    await next.close();
  });

  test('flush forgets what is unread and unwritten', async () => {
    const { modem, port, binding } = cable();
    const opening = await binding.open({ path: '5550101', baudRate: 9_600 });
    modem.room = 0;
    port.send(Buffer.from('old'));
    const write = opening.write(Buffer.from('old'));
    await opening.flush();
    await write;
    modem.resume();
    port.send(Buffer.from('new'));
    const buffer = Buffer.alloc(10);
    expect((await opening.read(buffer, 0, 10)).bytesRead).toBe(3);
    expect(buffer.toString('latin1', 0, 3)).toBe('new');
    expect(modem.text).toBe('');
  });

  test('when the office closes the port, the program learns that its device is gone', async () => {
    const { modem, port, stream } = await opened();
    stream.resume();
    const closed = once(stream, 'close');
    port.close();
    expect(modem.dtrs).toEqual([true, false]);
    const [error] = await closed;
    expect(error).toMatchObject({ disconnected: true });
    expect(stream.isOpen).toBe(false);
  });
});

import { closeSync, writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { MockBinding } from '@serialport/binding-mock';
import type { BindingInterface } from '@serialport/bindings-interface';
import { beforeEach, describe, expect, test } from 'vitest';
import { loadLibc } from '../../../src/pstn/central-office/ports/libc.js';
import { CircuitLine } from '../../../src/pstn/modem/circuit-line.js';
import { OpenPort } from '../../../src/pstn/modem/open-port.js';
import { hangUpAwareBinding, openSerialPort } from '../../../src/pstn/modem/serial-port.js';
import { SimulatedClock } from '../../../src/time/simulated-clock.js';
import { settled } from '../../support/scripted-modem.js';

const path = '/dev/mock';

async function mockLine() {
  const stream = await openSerialPort(MockBinding as BindingInterface, path, 9_600);
  const port = stream.port as unknown as { recording: Buffer; emitData(data: string): void };
  const clock = new SimulatedClock();
  const line = await CircuitLine.over(stream, clock);
  const heard = { octets: '', lost: 0 };
  line.listen({
    octets: (octets) => {
      heard.octets += octets.toString('latin1');
    },
    hungUp: () => {},
    reopened: () => {},
    lost: () => heard.lost++,
  });
  return { line, port, heard, stream, clock };
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await setImmediate();
}

describe('on the serialport project’s mock', () => {
  beforeEach(() => {
    MockBinding.reset();
    MockBinding.createPort(path, { record: true });
  });

  test('AL-4 octets pass both ways, RTS/CTS on', async () => {
    const { line, port, heard, stream } = await mockLine();
    await line.write(Buffer.from('AT\r'));
    await line.drain();
    expect(port.recording.toString()).toBe('AT\r');
    port.emitData('OK\r\n');
    await until(() => heard.octets !== '');
    expect(heard.octets).toBe('OK\r\n');
    expect(stream.settings.rtscts).toBe(true);
  });

  test('AL-4 the carrier circuit is read; the mock has none on', async () => {
    const { line } = await mockLine();
    expect(line.canDropDtr).toBe('yes');
    expect(await line.carrierDetect()).toBe(false);
  });

  test('AL-4 each setting of DTR names RTS too, since serialport would otherwise switch the other on', async () => {
    const { line, stream, clock } = await mockLine();
    const settings: unknown[] = [];
    const set = stream.set.bind(stream);
    stream.set = (options, done) => {
      settings.push(options);
      set(options, done);
    };
    const drop = line.dropDtr({ offMs: 500, releaseMs: 0, carrierDetect: async () => false });
    await settled(clock, drop);
    expect(clock.monotonicMs()).toBe(500);
    expect(settings).toEqual([
      { dtr: false, rts: true },
      { dtr: true, rts: true },
    ]);
  });

  test('AL-4 a closed port is no loss, takes no octet, and settles whatever is asked of it', async () => {
    const { line, heard } = await mockLine();
    const closing = line.close();
    // serialport itself would keep these two for a next opening.
    await Promise.all([line.write(Buffer.from('AT\r')), line.drain()]);
    await closing;
    await line.write(Buffer.from('AT\r'));
    await line.drain();
    await line.close();
    await line.dropDtr({ offMs: 1, releaseMs: 1, carrierDetect: async () => true });
    expect(await line.carrierDetect()).toBeUndefined();
    expect(heard.lost).toBe(0);
  });

  test('AL-4 a port that another program has is an error', async () => {
    await mockLine();
    await expect(mockLine()).rejects.toThrow(/open/i);
  });
});

test.runIf(process.platform === 'linux')(
  'AL-4 a tty that is hung up between two reads is reported as lost, not read for ever',
  async () => {
    const libc = await loadLibc();
    for (let round = 0; round < 40; round++) {
      const pty = libc.openPty();
      const stream = await openSerialPort(hangUpAwareBinding, pty.slavePath, 115_200);
      let isClosed = false;
      stream.once('close', () => {
        isClosed = true;
      });
      const heard = new Promise((resolve) => stream.once('data', resolve));
      writeSync(pty.fd, 'NO CARRIER');
      await heard;
      closeSync(pty.fd);
      await until(() => isClosed);
    }
  },
);

test.runIf(process.platform === 'linux')(
  'AL-4 what a slow reader has not taken when the tty is hung up comes before the news of it',
  async () => {
    const pty = (await loadLibc()).openPty();
    const stream = await openSerialPort(hangUpAwareBinding, pty.slavePath, 115_200);
    const port = new OpenPort(stream);
    const events: string[] = [];
    port.listen({
      octets: (octets) => events.push(octets.toString()),
      closed: () => events.push('closed'),
    });
    port.pause();
    writeSync(pty.fd, 'the last octets');
    await until(() => stream.readableLength > 0);
    closeSync(pty.fd);
    await until(() => events.includes('closed'));
    expect(events).toEqual(['the last octets', 'closed']);
  },
);

import { existsSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLog } from '../../../src/log/log.js';
import { doorName } from '../../../src/store/embedded/door.js';
import { MessageCutter } from '../../../src/store/embedded/messages.js';
import { openStore } from '../../../src/store/open-store.js';
import { type Store, StoreUnavailable } from '../../../src/store/store.js';
import type { Clock } from '../../../src/time/clock.js';
import { realClock } from '../../../src/time/real-clock.js';
import { SimulatedClock } from '../../../src/time/simulated-clock.js';
import { freshDataDir } from '../../support/embedded-store.js';
import { settled } from '../settled.js';
import { newCall, newSubscriber, openRecord } from '../store-contract.js';

describe('beside a running server', () => {
  let dataDir: string;
  let server: Store;

  const open = (joins: boolean, clock: Clock = realClock) =>
    openStore({ dataDir, joins, clock, log: silentLog });

  beforeAll(async () => {
    dataDir = await freshDataDir();
    server = await open(false);
  });
  afterAll(async () => {
    await server.close();
    await rm(dataDir, { recursive: true });
  });

  test('CM-335 a command reads and writes what the server does, and leaves it running', async () => {
    const call = newCall();
    await server.calls.open(call);
    for (let visit = 0; visit < 3; visit++) {
      const command = await open(true);
      expect(command.description).toMatch(/^embedded PostgreSQL .*, by way of its server$/);
      expect(await command.calls.list({})).toEqual([openRecord(call)]);
      const subscriber = newSubscriber();
      await command.subscribers.add(subscriber);
      await command.close();
      expect(await server.subscribers.find(subscriber.account)).toMatchObject({ name: 'Alice Ltd' });
    }
  });

  test('CM-335 what is larger than a socket takes at once arrives whole', async () => {
    const command = await open(true);
    const subscriber = newSubscriber({ name: 'Žofie '.repeat(100_000) });
    await command.subscribers.add(subscriber);
    expect(await command.subscribers.find(subscriber.account)).toMatchObject({ name: subscriber.name });
    await command.close();
  });

  test('fault 73: a second server is refused, since it would close the calls of the first', async () => {
    await expect(open(false)).rejects.toThrow(StoreUnavailable);
    await expect(open(false)).rejects.toThrow(/in use by process/);
  });

  test('fault 99: nobody but this user can come in', () => {
    expect(statSync(join(dataDir, doorName)).mode & 0o777).toBe(0o600);
  });

  test('fault 61: the door and every visitor go with the server', async () => {
    const clock = new SimulatedClock();
    const command = await open(true, clock);
    await server.close();
    expect(existsSync(join(dataDir, doorName))).toBe(false);
    await expect(settled(clock, command.calls.list({}))).rejects.toThrow(StoreUnavailable);
    await command.close();
    server = await open(true);
    expect(server.description).not.toContain('by way of');
  });
});

describe('the messages of a visitor', () => {
  const body = fc.uint8Array({ maxLength: 40 });
  const typed = fc.tuple(fc.integer({ min: 65, max: 122 }), body);

  function message(type: number | undefined, content: Uint8Array): Buffer {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(content.length + 4);
    return Buffer.concat([Buffer.from(type === undefined ? [] : [type]), length, content]);
  }

  test('fault 85: are the same, however the stream is cut', () => {
    fc.assert(
      fc.property(
        body,
        fc.array(typed),
        fc.infiniteStream(fc.integer({ min: 1, max: 30 })),
        (first, rest, sizes) => {
          const sent = [message(undefined, first), ...rest.map(([type, content]) => message(type, content))];
          const stream = Buffer.concat(sent);
          const cutter = new MessageCutter();
          const received: Uint8Array[] = [];
          for (let at = 0; at < stream.length; ) {
            const size = sizes.next().value ?? 1;
            const messages = cutter.cut(stream.subarray(at, at + size));
            if (messages === 'malformed') throw new Error('malformed');
            received.push(...messages.map((each) => Buffer.from(each)));
            at += size;
          }
          expect(received).toEqual(sent);
        },
      ),
    );
  });

  test.each([
    ['a length that does not count itself', [0, 0, 0, 3]],
    ['a length past all reason', [0xff, 0xff, 0xff, 0xff]],
    ['another protocol', [...Buffer.from('GET / HTTP/1.1\r\n')]],
  ])('fault 85: %s is malformed', (_, octets) => {
    expect(new MessageCutter().cut(Uint8Array.from(octets))).toBe('malformed');
  });
});

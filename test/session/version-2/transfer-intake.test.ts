import { describe, expect, test } from 'vitest';
import type { Key } from '../../../src/protocol/data-exchange/version-2/packets.js';
import { TransferIntake } from '../../../src/session/version-2/transfer-intake.js';
import { SimulatedClock } from '../../../src/time/simulated-clock.js';
import { LogBook } from '../../support/log-book.js';
import { MemoryInbox } from '../../support/transfer-stores.js';
import { alice, newMemorySpool } from './transfer-parties.js';

describe('a transfer that is taken in', () => {
  const { sessionId, transferKey, disk } = newMemorySpool();
  const stream = Buffer.concat(disk.chunks);

  async function opened(
    limit: number | undefined,
    inbox = new MemoryInbox(),
    from = 0,
    length: number | undefined = undefined,
  ) {
    const log = new LogBook();
    const intake = new TransferIntake(alice, {
      incoming: inbox,
      limit,
      clock: new SimulatedClock(),
      log,
      onProgress: () => {},
    });
    await intake.find({ sessionId, length });
    const key: Key = { kind: 'KEY', sessionId, transferKey, from };
    expect(await intake.open(key, undefined)).toEqual({ type: 'transfer.opened' });
    return { intake, inbox, log };
  }

  test('DX-785 a sender that does not keep to the limit is refused, also when it has gone on in the middle', async () => {
    const { intake, inbox } = await opened(300);
    expect(await intake.take(stream.subarray(0, 300))).toEqual({ type: 'content.moving' });
    expect(await intake.take(stream.subarray(300, 301))).toMatchObject({ type: 'content.refused' });
    await intake.leave();
    const later = await opened(300, inbox, 300);
    expect(await later.intake.take(stream.subarray(300, 301))).toMatchObject({ type: 'content.refused' });
    const without = await opened(undefined);
    expect(await without.intake.take(stream)).toMatchObject({ type: 'content.complete' });
  });

  test('DX-760 a sender is held to what DX1 announced; what somebody adds on the line costs no transfer', async () => {
    const longer = Buffer.concat([stream, Buffer.alloc(50)]);
    const whole = await opened(stream.length, new MemoryInbox(), 0, stream.length);
    expect(await whole.intake.take(longer)).toMatchObject({ type: 'content.complete' });
    const { intake, inbox } = await opened(undefined, new MemoryInbox(), 0, 300);
    expect(await intake.take(stream.subarray(0, 200))).toEqual({ type: 'content.moving' });
    expect(await intake.take(stream.subarray(200, 320))).toMatchObject({ type: 'content.broken' });
    await intake.leave();
    const later = await opened(undefined, inbox, 300, stream.length);
    expect(await later.intake.take(stream.subarray(300))).toMatchObject({ type: 'content.complete' });
  });

  test('DX-760 one thing is asked of the store after another, and the call is left behind the last', async () => {
    const { intake, inbox } = await opened(undefined);
    const taken = [intake.take(stream.subarray(0, 200)), intake.take(stream.subarray(200))];
    const left = intake.leave();
    expect(await Promise.all(taken)).toMatchObject([
      { type: 'content.moving' },
      { type: 'content.complete' },
    ]);
    await left;
    expect([inbox.asked, inbox.claims.size]).toEqual([['write', 'write'], 0]);
  });

  test('fault 81: a store that fails is an event, and a call that cannot be left in order is in the log alone', async () => {
    const { intake, inbox, log } = await opened(undefined);
    inbox.leave = () => Promise.reject(new Error('EIO'));
    inbox.forget = () => Promise.reject(new Error('EIO'));
    expect(await intake.forget(sessionId)).toEqual({ type: 'store.failed', fault: 'Error: EIO' });
    await intake.leave();
    expect(log.with('transfer not left in order')).toEqual([{ error: 'Error: EIO' }]);
  });
});

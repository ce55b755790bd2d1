import { expect, test } from 'vitest';
import { firstEventOf } from '../../../../src/endpoint/actions/version-2/first-record.js';
import type { ChannelEvent } from '../../../../src/session/version-2/bridged-call.js';
import { SimulatedClock } from '../../../../src/time/simulated-clock.js';
import { bridge } from '../../../session/version-2/pairing-parties.js';
import { idle } from '../../../support/pair.js';

test('DX-640 what follows DX1 while the disk is asked is told to the session that takes over', async () => {
  const { caller, callee } = bridge();
  const first = firstEventOf(callee, new SimulatedClock(), undefined);
  caller.channel.sendRecord(41, new Uint8Array(3));
  const { event, call } = await first;
  expect(event).toMatchObject({ type: 'record', recordType: 41 });
  caller.channel.sendRecord(43, new Uint8Array(1));
  await idle();
  void caller.channel.hangUp();
  await idle();
  const heard: ChannelEvent[] = [];
  call.channel.listen((event) => void heard.push(event));
  await idle();
  expect(heard).toEqual([{ type: 'record', recordType: 43, body: new Uint8Array(1) }, { type: 'lost' }]);
});

test('DX-630 a call that begins with nothing is told so after a minute', async () => {
  const { callee } = bridge();
  const clock = new SimulatedClock();
  const first = firstEventOf(callee, clock, undefined);
  clock.advance(60_000);
  expect((await first).event).toEqual({ type: 'timed-out' });
});

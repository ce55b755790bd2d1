import { describe, expect, test } from 'vitest';
import {
  type ReceiveOverCallResult,
  type SendOverCallResult,
  sendOverCall,
} from '../../../src/session/version-2/data-exchange.js';
import { LogBook } from '../../support/log-book.js';
import { runUntil } from '../../support/office.js';
import { seeded } from '../../support/seeded.js';
import { MemoryInbox } from '../../support/transfer-stores.js';
import { Stage, type StageOptions } from './stage.js';
import {
  alice,
  aliceForBob,
  answer,
  bob,
  bobForAlice,
  longTermKey,
  newMemorySpool,
  ofAlice,
  ofBob,
} from './transfer-parties.js';

const octets = seeded('over the link')(60_000);
const newSpool = () => newMemorySpool({ chunkLength: 16_384 }, octets);

/** One call through a server, over two lines of 33,600 bit/s and 60 ms, each end as its protocol has it. */
async function call(spool = newSpool(), inbox = new MemoryInbox(), options: StageOptions = {}) {
  const stage = await new Stage(options).setUp();
  if (stage.caller?.kind !== 'bridged' || stage.callee?.kind !== 'bridged') throw new Error('no call');
  const { clock } = stage;
  const world = { clock, log: new LogBook(), random: seeded('entropy of a call over the link') };
  const begunAtMs = clock.monotonicMs();
  let sent: SendOverCallResult | undefined;
  let received: ReceiveOverCallResult | undefined | 'none';
  const sender = { staticKey: ofAlice.staticKey, peer: bobForAlice, transfer: spool };
  const own = { caller: stage.callee.call.peer, callee: stage.caller.call.peer };
  expect(own).toEqual({ caller: alice, callee: bob });
  void sendOverCall(stage.caller.call, { ...world, own: alice, ...sender, onProgress: () => {} }).then(
    (result) => (sent = result),
  );
  const recipient = { ...ofBob, keysOf: () => aliceForBob, incoming: inbox, limit: undefined };
  void answer(stage.callee.call, { ...world, own: bob, ...recipient, onProgress: () => {} }).then(
    (result) => (received = result ?? 'none'),
  );
  await runUntil(clock, () => sent !== undefined && received !== undefined, 900_000);
  const tookMs = clock.monotonicMs() - begunAtMs;
  return { sent, received, spool, inbox, tookMs, stage };
}

describe('a transfer through a server, over links', () => {
  test('DX-745 DX-780 60 kB take little more than the line needs for them, receipt and all', async () => {
    const { sent, inbox, tookMs, stage } = await call();
    expect(sent?.kind).toBe('sent');
    expect(inbox.disk.inbox).toEqual([Buffer.from(octets)]);
    expect((octets.length * 8_000) / 33_600 / tookMs).toBeGreaterThan(0.8);
    const line = stage.calleeLine.text();
    expect(line).not.toContain(Buffer.from(longTermKey).toString('latin1'));
    expect(line).not.toContain(bob);
  });

  test('DX-745 fault 40: the line drops in the middle, and the next call sends what is missing', async () => {
    const spool = newSpool();
    const inbox = new MemoryInbox();
    const first = await call(spool, inbox, { calleeLine: { cutAfter: 30_000 } });
    expect(first.sent).toMatchObject({ outcome: 'interrupted', transfer: 'resumes' });
    expect(first.received).toMatchObject({ outcome: 'interrupted', transfer: 'resumes' });
    const held = [...inbox.disk.parts.values()][0]?.octets.length ?? 0;
    expect(held).toBeGreaterThan(15_000);
    const second = await call(spool, inbox);
    expect(second.sent?.kind).toBe('sent');
    expect(second.stage.calleeLine.octets).toBeLessThan(octets.length - held + 12_000);
    expect(inbox.disk.inbox).toEqual([Buffer.from(octets)]);
  });
});

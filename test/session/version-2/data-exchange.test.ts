import { describe, expect, test } from 'vitest';
import { parseStoredReceipt } from '../../../src/protocol/data-exchange/version-2/packets.js';
import { seeded } from '../../support/seeded.js';
import { hostileMark, MemoryInbox } from '../../support/transfer-stores.js';
import { alice, content, newMemorySpool, transferCall } from './transfer-parties.js';

describe('a transfer over one call', () => {
  test('DX-600 DX-615 DX-620 DX-625 DX-630 DX-655 DX-660 DX-665 DX-705 DX-745 DX-780 is filed once, and its receipt kept, before either side says so', async () => {
    const { sent, received, pair, spool, inbox } = await transferCall();
    expect(sent).toMatchObject({ kind: 'sent', octets: content.length });
    expect(received).toMatchObject({ kind: 'received', peer: alice, files: [{ size: content.length }] });
    expect(inbox.disk.inbox).toEqual([Buffer.from(content)]);
    expect(spool.disk.isDeleted).toBe(true);
    const receipt = parseStoredReceipt(spool.disk.receipt as Uint8Array);
    expect(receipt).toMatchObject({ octets: content.length, chunks: 5, isRefusal: false });
    const records = pair.sent.flatMap(({ from, item }) =>
      item.kind === 'record' ? [[from, item.type, item.body.length]] : [],
    );
    expect(records).toEqual([
      ['caller', 41, 1_280],
      ['callee', 42, 1_216],
      ['caller', 43, 72],
      ['callee', 44, 208],
      ['caller', 45, 32],
    ]);
  });

  test('DX-605 DX-610 content goes out while it is sealed, with its length unknown', async () => {
    const spool = newMemorySpool({ isUnknown: true, live: async () => {} });
    const { sent, inbox, progress } = await transferCall({ spool });
    expect(sent.kind).toBe('sent');
    expect(inbox.disk.inbox).toEqual([Buffer.from(content)]);
    expect(progress.at(-1)).toBe(content.length);
    expect(progress).toEqual([...progress].sort((left, right) => left - right));
  });

  test.each([
    [299_999, 'sent', { kind: 'received' }],
    [300_001, 'failed', { kind: 'failed', outcome: 'interrupted', step: 'DX-760', transfer: 'resumes' }],
  ])(
    'DX-745 DX-760 live data of which an octet comes every %d ms: %s, for a sender that is stopped keeps its carrier',
    async (everyMs, kind, ended) => {
      const spool = newMemorySpool({ isUnknown: true, live: () => waited() });
      const inbox = new MemoryInbox();
      let waited = () => Promise.resolve();
      const { sent, received } = await transferCall({
        spool,
        inbox,
        meanwhile: (_, clock) => {
          waited = () => new Promise((resolve) => clock.setTimeout(resolve, everyMs));
        },
      });
      expect(sent.kind).toBe(kind);
      expect(received).toMatchObject(ended);
      waited = () => Promise.resolve();
      if (sent.kind === 'failed') expect((await transferCall({ spool, inbox })).sent.kind).toBe('sent');
      expect(inbox.disk.inbox).toEqual([Buffer.from(content)]);
    },
  );

  test('DX-760 content whose length is known and that does not come ends the call after 60 s, and goes on at the next', async () => {
    const inbox = new MemoryInbox();
    const spool = newMemorySpool();
    let bulk = 0;
    const first = await transferCall({
      spool,
      inbox,
      pair: { toCallee: (item) => (item.kind === 'bulk' && bulk++ > 0 ? [] : [item]) },
      // The stream as it is read from the disk: in two pieces.
      sender: { transfer: inPieces(spool, 150) },
    });
    expect(first.received).toMatchObject({ outcome: 'timed-out', step: 'DX-760', transfer: 'resumes' });
    expect(first.sent).toMatchObject({ outcome: 'interrupted', transfer: 'resumes' });
    const second = await transferCall({ spool, inbox });
    expect([second.sent.kind, inbox.disk.inbox.length]).toEqual(['sent', 1]);
  });

  test('DX-745 fault 88: a slow recipient holds the sender up, which keeps a few chunks at most', async () => {
    const octets = seeded('large')(400_000);
    const spool = newMemorySpool({ chunkLength: 65_536 }, octets);
    const { sent, pair, inbox } = await transferCall({ spool });
    expect(sent.kind).toBe('sent');
    expect(inbox.disk.inbox[0]?.length).toBe(octets.length);
    expect(pair.callee.mostHeld).toBeLessThan(65_536);
  });

  test('DX-785 hostile content is refused over a signature, so that it is not sent again', async () => {
    const spool = newMemorySpool({}, Buffer.concat([hostileMark, content]));
    const { sent, received, inbox } = await transferCall({ spool });
    expect(received).toMatchObject({ outcome: 'file-refused', transfer: 'final', step: 'DX-785' });
    expect(sent).toMatchObject({ outcome: 'file-refused', transfer: 'final' });
    expect(inbox.disk.inbox).toEqual([]);
    expect(inbox.disk.receipts.size).toBe(0);
    expect(inbox.disk.parts.size).toBe(0);
  });

  test('DX-785 a refusal in the middle of the content stops the sender there', async () => {
    const spool = newMemorySpool(
      { chunkLength: 1_000 },
      Buffer.concat([hostileMark, seeded('large')(200_000)]),
    );
    let reading: AbortSignal | undefined;
    const read = spool.read.bind(spool);
    spool.read = (from, signal) => {
      reading = signal;
      return read(from, signal);
    };
    let wasReading: boolean | undefined;
    const { sent, pair } = await transferCall({
      spool,
      meanwhile: ({ caller }) => {
        caller.drained = async () => {
          wasReading = !reading?.aborted;
          return true;
        };
      },
    });
    expect(sent).toMatchObject({ outcome: 'file-refused', transfer: 'final' });
    expect(wasReading).toBe(false);
    expect(pair.sent.filter(({ item }) => item.kind === 'bulk').length).toBeLessThan(4);
  });

  test('DX-745 progress counts content that the line has taken, not chunks, and ends at all of it', async () => {
    const octets = seeded('large')(150_000);
    const { progress } = await transferCall({ spool: newMemorySpool({ chunkLength: 65_536 }, octets) });
    expect(progress.length).toBeGreaterThan(9);
    const headStart = 4_096;
    progress.forEach((sent, at) => {
      expect(Math.abs(sent - Math.min(headStart + at * 16_384, octets.length))).toBeLessThan(100);
    });
    expect(progress.at(-1)).toBe(octets.length);
  });

  test('DX-785 a refusal that was lost is told again', async () => {
    const spool = newMemorySpool({}, Buffer.concat([hostileMark, content]));
    const inbox = new MemoryInbox();
    const isRefusal = (item: { kind: string; type?: number }) => item.kind === 'record' && item.type === 44;
    const first = await transferCall({
      spool,
      inbox,
      pair: { toCaller: (item) => (isRefusal(item) ? [] : [item]) },
    });
    expect(first.received).toMatchObject({ outcome: 'file-refused', transfer: 'final' });
    expect(first.sent).toMatchObject({ transfer: 'resumes' });
    const second = await transferCall({ spool, inbox });
    expect(second.sent).toMatchObject({ outcome: 'file-refused', transfer: 'final' });
    expect(second.received).toEqual({ kind: 'settled before', peer: alice });
  });

  test('DX-655 what is larger than the limit is turned away for good, known or not', async () => {
    const known = await transferCall({ recipient: { limit: 300 } });
    expect(known.sent).toMatchObject({ outcome: 'file-refused', transfer: 'final', step: 'DX-670' });
    expect(known.received).toMatchObject({ outcome: 'file-refused', transfer: 'final' });
    const spool = newMemorySpool({ isUnknown: true, live: async () => {} });
    const unknown = await transferCall({ spool, recipient: { limit: 300 } });
    expect(unknown.sent).toMatchObject({ outcome: 'file-refused', transfer: 'final', step: 'DX-745' });
    expect(unknown.inbox.disk.inbox).toEqual([]);
  });

  test('DX-655 fault 30: what is filed is filed, also when the limit was lowered before its receipt came through', async () => {
    const spool = newMemorySpool();
    const inbox = new MemoryInbox();
    const first = await transferCall({
      spool,
      inbox,
      pair: { toCaller: (item) => (item.kind === 'record' && item.type === 44 ? [] : [item]) },
    });
    expect([first.sent.kind, first.received?.kind]).toEqual(['failed', 'received']);
    const second = await transferCall({ spool, inbox, recipient: { limit: 300 } });
    expect(second.sent).toMatchObject({ kind: 'sent', octets: content.length });
    expect(second.received).toEqual({ kind: 'settled before', peer: alice });
  });

  test('DX-750 fault 81: a spool that cannot be read is a failure on this side, with the line released', async () => {
    for (const broken of ['content', 'tailDigest', 'noteHandshake', 'acknowledge'] as const) {
      const spool = newMemorySpool();
      Object.assign(spool, { [broken]: () => Promise.reject(new Error('EIO')) });
      const { sent, pair } = await transferCall({ spool });
      expect(sent, broken).toMatchObject({ outcome: 'local-error', transfer: 'resumes' });
      expect(pair.caller.isOnHook, broken).toBe(true);
    }
  });

  test('DX-655 a full disk and another call with the session are "not now", and the transfer stays', async () => {
    const inbox = new MemoryInbox();
    const spool = newMemorySpool();
    inbox.isFull = true;
    const full = await transferCall({ spool, inbox });
    expect(full.sent).toMatchObject({ outcome: 'busy', transfer: 'resumes' });
    expect(full.received).toMatchObject({ outcome: 'busy', transfer: 'resumes' });
    inbox.isFull = false;
    await inbox.find(alice, spool.sessionId);
    const claimed = await transferCall({ spool, inbox });
    expect(claimed.sent).toMatchObject({ outcome: 'busy' });
    await inbox.leave(alice, spool.sessionId);
    expect((await transferCall({ spool, inbox })).sent.kind).toBe('sent');
    expect(inbox.claims.size).toBe(0);
  });

  test('DX-750 giving up on either side releases the line at once, and the transfer stays', async () => {
    for (const side of ['sender', 'recipient'] as const) {
      const giving = new AbortController();
      const spool = newMemorySpool({ isUnknown: true, live: () => new Promise(() => giving.abort()) });
      const inbox = new MemoryInbox();
      const call = await transferCall({ spool, inbox, [side]: { signal: giving.signal } });
      const [own, other] = side === 'sender' ? [call.sent, call.received] : [call.received, call.sent];
      expect(own).toMatchObject({ outcome: 'cancelled', transfer: 'resumes' });
      expect(other).toMatchObject({ outcome: 'interrupted', transfer: 'resumes' });
      expect(inbox.claims.size).toBe(0);
    }
  });

  test("fault 51: clocks ten years apart change nothing, and the receipt has the recipient's", async () => {
    const decadeMs = 10 * 365 * 86_400_000;
    for (const skewMs of [decadeMs, -decadeMs]) {
      const { sent, clock } = await transferCall({ skewMs });
      expect(sent).toMatchObject({ kind: 'sent', receipt: { utcMs: clock.utcMs() + skewMs } });
    }
  });

  test('the log says who, where and how many octets, and no secret', async () => {
    const { log, spool } = await transferCall();
    expect(log.with('session ended').map(({ session }) => session)).toEqual(
      expect.arrayContaining(['data exchange 2, sender', 'data exchange 2, recipient']),
    );
    expect(log.text()).not.toContain(Buffer.from(spool.transferKey).toString('hex'));
  });
});

/** The same transfer, its stream read in pieces of so many octets. */
function inPieces(spool: ReturnType<typeof newMemorySpool>, length: number) {
  return new Proxy(spool, {
    get(target, property) {
      if (property !== 'read') {
        const value = Reflect.get(target, property, target);
        return typeof value === 'function' ? value.bind(target) : value;
      }
      return async function* (from: number, signal: AbortSignal) {
        for await (const octets of target.read(from, signal)) {
          for (let at = 0; at < octets.length; at += length) yield octets.subarray(at, at + length);
        }
      };
    },
  });
}

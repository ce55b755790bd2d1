import { describe, expect, test } from 'vitest';
import { seeded } from '../../support/seeded.js';
import {
  type InboxDisk,
  Machine,
  MemoryInbox,
  MemorySpool,
  newInbox,
  newSpool,
  type SpoolDisk,
} from '../../support/transfer-stores.js';
import { content, newMemorySpool, transferCall } from './transfer-parties.js';

const small = content.slice(0, 150);
const smallSpool = () => newMemorySpool({ chunkLength: 60 }, small);
const uncut = await transferCall({ spool: smallSpool() });

/** Every octet of the content; of a record, which arrives whole or not at all, its edges. */
function cuts(): number[] {
  const places = new Set<number>();
  let at = 0;
  for (const { item } of uncut.pair.sent) {
    const length = item.kind === 'bulk' ? 2 + item.octets.length : 19 + item.body.length;
    for (let place = at; place <= at + length; place++) {
      if (item.kind === 'bulk' || place - at < 2 || at + length - place < 2) places.add(place);
    }
    at += length;
  }
  return [...places];
}

describe('a line lost in the middle', () => {
  test('DX-745 DX-775 DX-780 fault 40: at every octet of the content and every edge of a record; the next one goes on, and content is filed exactly once', async () => {
    for (const cutAfter of cuts()) {
      const spool = smallSpool();
      const inbox = new MemoryInbox();
      const first = await transferCall({ spool, inbox, pair: { cutAfter } });
      if (first.sent.kind === 'failed') {
        expect(first.sent, `cut after ${cutAfter}`).toMatchObject({
          outcome: 'interrupted',
          transfer: 'resumes',
        });
        const held = [...inbox.disk.parts.values()][0]?.octets.length ?? 0;
        const second = await transferCall({ spool, inbox });
        expect(second.sent.kind, `cut after ${cutAfter}`).toBe('sent');
        const bulk = second.pair.sent.reduce(
          (sum, { item }) => sum + (item.kind === 'bulk' ? item.octets.length : 0),
          0,
        );
        const isFiled = second.received?.kind === 'settled before';
        expect(bulk, `cut after ${cutAfter}`).toBe(isFiled ? 0 : (spool.length as number) - held);
      }
      expect(inbox.disk.inbox, `cut after ${cutAfter}`).toEqual([Buffer.from(small)]);
      expect([spool.disk.isDeleted, inbox.claims.size, inbox.disk.parts.size]).toEqual([true, 0, 0]);
    }
  }, 120_000);

  test('DX-750 fault 30: a lost RECEIPT is told again, a lost RECEIPT_ACK leaves one delivery, and neither is logged as another', async () => {
    for (const [type, direction, first, second] of [
      [44, 'toCaller', 'failed', 'sent'],
      [45, 'toCallee', 'sent', undefined],
    ] as const) {
      const spool = newMemorySpool();
      const inbox = new MemoryInbox();
      const lose = (item: { kind: string; type?: number }) => item.kind === 'record' && item.type === type;
      const call = await transferCall({
        spool,
        inbox,
        pair: { [direction]: (item: never) => (lose(item) ? [] : [item]) },
      });
      expect([call.sent.kind, call.received?.kind]).toEqual([first, 'received']);
      if (!second) continue;
      const again = await transferCall({ spool, inbox });
      expect([again.sent.kind, again.received?.kind]).toEqual([second, 'settled before']);
      expect(inbox.disk.inbox.length).toBe(1);
      expect(inbox.disk.receipts.size).toBe(0);
    }
  });
});

describe('a machine that goes down', () => {
  /** Calls until the receipt is there. Each side is a new process after it went down; what its disk has stays. */
  async function untilDelivered(crash: {
    side: 'sender' | 'recipient';
    at: number;
    when: 'before' | 'after';
  }) {
    const spoolDisk = newSpool(seeded('crash'));
    const inboxDisk = newInbox();
    const sealed: MemorySpool['sealed'][number][] = [];
    let machines = { sender: new Machine(), recipient: new Machine(), [crash.side]: new Machine(crash) };
    let hasCrashed = false;
    for (let call = 0; call < 4 && !spoolDisk.isDeleted; call++) {
      const { spool, inbox } = processes(spoolDisk, inboxDisk, machines);
      await transferCall({ spool, inbox });
      sealed.push(...spool.sealed);
      hasCrashed ||= machines[crash.side].hasCrashed;
      machines = { sender: new Machine(), recipient: new Machine() };
      // Its first thing after a crash: what has a receipt is deleted and not called again.
      if (spoolDisk.receipt) spoolDisk.isDeleted = true;
    }
    return { spoolDisk, inboxDisk, hasCrashed, sealed };
  }

  function processes(
    spoolDisk: SpoolDisk,
    inboxDisk: InboxDisk,
    machines: Record<'sender' | 'recipient', Machine>,
  ) {
    const source = { isUnknown: true, live: async () => {}, random: seeded('renewed') };
    return {
      spool: new MemorySpool(spoolDisk, content, source, machines.sender),
      inbox: new MemoryInbox(inboxDisk, machines.recipient),
    };
  }

  test.each(['sender', 'recipient'] as const)(
    'DX-780 fault 81: the %s goes down at each of its durable operations, before or after; content is filed exactly once',
    async (side) => {
      let crashes = 0;
      for (const when of ['before', 'after'] as const) {
        for (let at = 0; ; at++) {
          const { spoolDisk, inboxDisk, hasCrashed, sealed } = await untilDelivered({ side, at, when });
          const where = `${when} operation ${at}`;
          expect(inboxDisk.inbox, where).toEqual([Buffer.from(content)]);
          expect(spoolDisk.isDeleted, where).toBe(true);
          expect(spoolDisk.receipt, where).toBeDefined();
          expect(inboxDisk.parts.size, where).toBe(0);
          const octetsOf = new Map<string, string>();
          for (const { key, chunk, octets } of sealed) {
            expect(octetsOf.get(`${key} ${chunk}`) ?? octets, where).toBe(octets);
            octetsOf.set(`${key} ${chunk}`, octets);
          }
          if (!hasCrashed) break;
          crashes++;
        }
      }
      expect(crashes).toBeGreaterThan(8);
    },
    120_000,
  );
});

describe('resuming what is not the same', () => {
  /** More than goes out before DX2. */
  const large = seeded('large')(10_000);

  /** A call that is cut in the content. */
  async function begun(spool = newMemorySpool({}, large)) {
    const inbox = new MemoryInbox();
    await transferCall({ spool, inbox, pair: { cutAfter: 12_000 } });
    const [part] = [...inbox.disk.parts.values()];
    expect(part?.octets.length).toBeGreaterThan(118);
    return { spool, inbox, part: part as { octets: Uint8Array } };
  }

  test('DX-705 fault 29: octets altered on the line before it broke are sent again from their chunk, and no more', async () => {
    const { spool, inbox, part } = await begun();
    const length = part.octets.length;
    part.octets = part.octets.map((octet, index) => (index === length - 1 ? octet ^ 1 : octet));
    const { sent, pair } = await transferCall({ spool, inbox });
    expect(sent.kind).toBe('sent');
    const bulk = pair.sent.flatMap(({ item }) => (item.kind === 'bulk' ? [...item.octets] : []));
    expect(bulk.length).toBe((spool.length as number) - (length - (length % 118)));
    expect(inbox.disk.inbox).toEqual([Buffer.from(large)]);
  });

  test('DX-705 fault 29: a length field altered on the line leaves no transfer that can never go on', async () => {
    const { spool, inbox, part } = await begun();
    const boundary = part.octets.length - (part.octets.length % 118);
    part.octets = Buffer.concat([
      part.octets.subarray(0, boundary),
      Uint8Array.of(0xff, 0xff),
      seeded('x')(300),
    ]);
    const { sent } = await transferCall({ spool, inbox });
    expect(sent.kind).toBe('sent');
    expect(inbox.disk.inbox).toEqual([Buffer.from(large)]);
  });

  test('DX-705 fault 29: a spool that is gone goes on as another session from 0, and the old part is thrown away', async () => {
    const { spool, inbox } = await begun();
    const old = Buffer.from(spool.sessionId);
    // The source was sealed anew in another way, and is shorter than what the recipient holds.
    const disk = {
      ...newSpool(seeded('other')),
      sessionId: old,
      handshakeHashes: spool.disk.handshakeHashes,
    };
    const changed = new MemorySpool(disk, content.slice(0, 50), { random: seeded('renewed') });
    const { sent } = await transferCall({ spool: changed, inbox });
    expect(sent).toMatchObject({ kind: 'sent', octets: 50 });
    expect(changed.sessionId).not.toEqual(old);
    expect(inbox.disk.inbox).toEqual([Buffer.from(content.slice(0, 50))]);
    expect([inbox.disk.parts.size, inbox.claims.size]).toEqual([0, 0]);
  });

  test('DX-705 fault 29: a source that cannot be read again fails for good, and says so', async () => {
    const { spool, inbox } = await begun();
    const { sessionId, handshakeHashes } = spool.disk;
    const disk = { ...newSpool(seeded('other')), sessionId, handshakeHashes };
    const { sent } = await transferCall({ spool: new MemorySpool(disk, content.slice(0, 50)), inbox });
    expect(sent).toMatchObject({ outcome: 'local-error', transfer: 'final' });
  });

  test('DX-715 fault 29: the same session under another key is not gone on with, and the part stays', async () => {
    const { spool, inbox } = await begun();
    const disk = { ...spool.disk, transferKey: seeded('other')(32) };
    const otherKey = await transferCall({ spool: new MemorySpool(disk, large), inbox });
    expect(otherKey.received).toMatchObject({ outcome: 'not-authentic', step: 'DX-720' });
    expect((await transferCall({ spool, inbox })).sent.kind).toBe('sent');
  });

  test('DX-750 fault 29: a session that is filed is told its receipt, whatever its sender has now', async () => {
    const spool = newMemorySpool();
    const inbox = new MemoryInbox();
    await transferCall({ spool, inbox, pair: { toCaller: (item) => (isReceipt(item) ? [] : [item]) } });
    const disk = { ...spool.disk, chunks: [] };
    const { sent } = await transferCall({ spool: new MemorySpool(disk, content.slice(0, 200)), inbox });
    expect(sent).toMatchObject({ outcome: 'not-authentic', step: 'DX-750', transfer: 'resumes' });
    expect(inbox.disk.inbox.length).toBe(1);
    expect((await transferCall({ spool, inbox })).sent.kind).toBe('sent');
    expect(inbox.disk.inbox.length).toBe(1);
  });
});

const isReceipt = (item: { kind: string; type?: number }) => item.kind === 'record' && item.type === 44;

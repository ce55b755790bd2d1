import { describe, expect, test } from 'vitest';
import type { Item } from '../../support/bulk-channel-pair.js';
import { seeded } from '../../support/seeded.js';
import { MemoryInbox } from '../../support/transfer-stores.js';
import { content, newMemorySpool, transferCall } from './transfer-parties.js';

const isDx2 = (item: Item) => item.kind === 'record' && item.type === 42;
const isKey = (item: Item) => item.kind === 'record' && item.type === 43;

/** Octets of bulk that the sender gave the line before it had DX2. */
async function bulkWithoutDx2(options: Parameters<typeof transferCall>[0]) {
  const silent = (item: Item) => (isDx2(item) ? [] : [item]);
  const { pair } = await transferCall({ ...options, pair: { toCaller: silent } });
  return pair.sent.reduce((sum, { item }) => sum + (item.kind === 'bulk' ? item.octets.length : 0), 0);
}

describe('a head start', () => {
  test('DX-745 content that nobody has been given the key of begins with DX1: 4,096 octets, and then DX2 is waited for', async () => {
    expect(await bulkWithoutDx2({ spool: newMemorySpool({}, seeded('long')(30_000)) })).toBe(4_096);
  });

  test('DX-745 what is shorter is there before DX2, and delivered whole', async () => {
    expect(await bulkWithoutDx2({})).toBe(newMemorySpool().length);
    const { sent, inbox, pair } = await transferCall();
    expect(sent.kind).toBe('sent');
    expect(inbox.disk.inbox).toEqual([Buffer.from(content)]);
    const [first, second] = pair.sent;
    expect([first?.item.kind, second?.item.kind]).toEqual(['record', 'bulk']);
  });

  test('DX-745 a part that an earlier call brought is not sent again for it', async () => {
    const octets = seeded('long')(30_000);
    const [spool, inbox] = [newMemorySpool({}, octets), new MemoryInbox()];
    await transferCall({ spool, inbox, pair: { cutAfter: 20_000 } });
    expect(await bulkWithoutDx2({ spool, inbox })).toBe(0);
    const { sent } = await transferCall({ spool, inbox });
    expect(sent.kind).toBe('sent');
    expect(inbox.disk.inbox).toEqual([Buffer.from(octets)]);
  });

  test.each([
    ['refused', { limit: 100 }, { step: 'DX-670', transfer: 'final' }],
    ['not now', { incoming: busyInbox() }, { transfer: 'resumes' }],
  ])('DX-660 %s: nothing of it reaches the disk', async (_, recipient, outcome) => {
    const inbox = new MemoryInbox();
    const { sent } = await transferCall({ inbox, recipient });
    expect(sent).toMatchObject({ kind: 'failed', ...outcome });
    expect(inbox.asked).toEqual([]);
  });

  test('DX-745 KEY may come before the bulk, or between its pieces', async () => {
    const octets = seeded('long')(30_000);
    const held: Item[] = [];
    let isAfterKey = false;
    const keyFirst = (item: Item): Item[] => {
      if (item.kind === 'bulk' && !isAfterKey) {
        held.push(item);
        return [];
      }
      isAfterKey ||= isKey(item);
      return isAfterKey ? [item, ...held.splice(0)] : [item];
    };
    const { sent, inbox } = await transferCall({
      spool: newMemorySpool({}, octets),
      pair: { toCallee: keyFirst },
    });
    expect(sent.kind).toBe('sent');
    expect(inbox.disk.inbox).toEqual([Buffer.from(octets)]);
  });

  test('DX-745 AL-8 live data: what is there goes out, what comes later follows behind it', async () => {
    const { sent, inbox } = await transferCall({
      spool: newMemorySpool({ isUnknown: true, live: async () => {} }),
    });
    expect(sent.kind).toBe('sent');
    expect(inbox.disk.inbox).toEqual([Buffer.from(content)]);
  });

  test('fault 29: a recipient that claims a part of what it was never given is not believed', async () => {
    const octets = seeded('long')(30_000);
    const inbox = new MemoryInbox();
    await transferCall({ spool: newMemorySpool({}, octets), inbox, pair: { cutAfter: 20_000 } });
    const withoutHashes = newMemorySpool({}, octets);
    const { sent } = await transferCall({ spool: withoutHashes, inbox });
    expect(sent).toMatchObject({ outcome: 'not-authentic', transfer: 'resumes' });
  });
});

function busyInbox(): MemoryInbox {
  const inbox = new MemoryInbox();
  inbox.find = async () => ({ kind: 'not now', reason: 'no room' });
  return inbox;
}

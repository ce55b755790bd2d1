import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { sha256 } from '../../../src/crypto/hash.js';
import { runHeader } from '../../../src/endpoint/container/version-2/runs.js';
import { encodeTreeHeader } from '../../../src/endpoint/container/version-2/tree-headers.js';
import { readInbox } from '../../../src/endpoint/inbox.js';
import { IncomingStore } from '../../../src/endpoint/transfers/incoming-store.js';
import { paddingOctets } from '../../../src/protocol/data-exchange/ustar.js';
import { tailDigestOf } from '../../../src/protocol/data-exchange/version-2/rules.js';
import { ChunkSealer } from '../../../src/protocol/data-exchange/version-2/sealed-stream.js';
import { ContentRefused } from '../../../src/session/session.js';
import type { TransferStart } from '../../../src/session/version-2/transfer.js';
import { SimulatedClock } from '../../../src/time/simulated-clock.js';
import { account, temporaryFolder } from '../support.js';
import { disk } from './crashing-disk.js';
import { secretBox } from './parties.js';

vi.mock('node:fs/promises', async (original) =>
  (await import('./crashing-disk.js')).crashing(await original<typeof import('node:fs/promises')>()),
);

afterEach(() => disk.failAt(0));

const bob = account('2');
const carol = account('3');

function newPlace(home = temporaryFolder(), secrets = secretBox()) {
  return {
    incoming: join(home, 'incoming'),
    quarantine: join(home, 'quarantine'),
    inbox: join(home, 'inbox'),
    largestOctets: 1_000_000,
    clock: new SimulatedClock(),
    secrets,
    nameOf: async () => 'Bob & Sons',
  };
}

type Place = ReturnType<typeof newPlace>;

/** What the next process finds: what the last one locked is free. */
function afterCrash(place: Place): IncomingStore {
  rmSync(join(place.incoming, 'locks'), { recursive: true, force: true });
  return new IncomingStore(place);
}

/** Stored runs around an archive of these files, without its end where that is wanted. */
function contentOf(files: Record<string, string>, end = Buffer.alloc(1_024)): Buffer {
  const entries = Object.entries(files).map(([name, text]) =>
    Buffer.concat([
      encodeTreeHeader({ name, size: text.length, mtime: 1_000 }),
      Buffer.from(text),
      new Uint8Array(paddingOctets(text.length)),
    ]),
  );
  const archive = Buffer.concat([...entries, end]);
  return Buffer.concat([runHeader('stored', archive.length), archive, runHeader('end', 0)]);
}

const letters = { 'd/letter.txt': 'dear Bob', 'd/e/other.txt': 'x'.repeat(900) };

function sealed(content = contentOf(letters), chunkLength = 1_000) {
  const key = { sessionId: randomBytes(16), transferKey: randomBytes(32) };
  const sealer = new ChunkSealer(key);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < content.length; at += chunkLength) {
    chunks.push(sealer.seal(content.subarray(at, at + chunkLength), at + chunkLength >= content.length));
  }
  const start: TransferStart = { ...key, from: 0, replaces: undefined };
  const receipt = Buffer.concat([key.sessionId, randomBytes(153)]);
  return { ...key, start, receipt, content, stream: Buffer.concat(chunks), chunks };
}

type Sealed = ReturnType<typeof sealed>;

async function opened(store: IncomingStore, { start }: Sealed, from = 0, peer = bob) {
  const transfer = await store.open(peer, { ...start, from });
  if (!transfer) throw new Error('not opened');
  return transfer;
}

/** One call, as the session makes it: from what is held on. @returns how the content ended */
async function call(store: IncomingStore, sent: Sealed, step = 700, upTo = sent.stream.length) {
  const found = await store.find(bob, sent.sessionId);
  if (found.kind === 'filed') return found;
  if (found.kind === 'not now') throw new Error(found.reason);
  const from = found.kind === 'partial' ? found.held.next : 0;
  const transfer = await opened(store, sent, from);
  let intake = await transfer.begin();
  for (let at = from; at < upTo && intake.kind === 'more'; at += step)
    intake = await transfer.write(sent.stream.subarray(at, Math.min(at + step, upTo)));
  if (intake.kind !== 'complete') return intake;
  return { kind: 'received' as const, content: intake.content, files: await transfer.file(sent.receipt) };
}

function quarantined(place: Place): string[] {
  return readdirSync(place.quarantine);
}

describe('a transfer that comes in', () => {
  test('DX-775 DX-780 its files are filed with folders and dates, its receipt beside them, and nothing else stays', async () => {
    const place = newPlace();
    const store = new IncomingStore(place);
    const sent = sealed();
    expect(await store.find(bob, sent.sessionId)).toEqual({ kind: 'none' });
    await store.leave(bob, sent.sessionId);
    const received = await call(store, sent);
    expect(received).toMatchObject({
      content: {
        sha256: sha256.digest(sent.content),
        octets: sent.content.length,
        chunks: sent.chunks.length,
      },
      files: [
        { name: 'd/letter.txt', size: 8, mtime: new Date(1_000_000) },
        { name: 'd/e/other.txt', size: 900 },
      ],
    });
    expect(store.inboxFolderOf(bob, sent.sessionId)).toBe('2026-01-01-Bob-Sons-1');
    await store.leave(bob, sent.sessionId);
    const [filed] = await readInbox(place.inbox);
    expect(filed).toMatchObject({ account: bob, receipt: sent.receipt });
    expect(readFileSync(join(filed?.path ?? '', 'd/letter.txt'), 'utf8')).toBe('dear Bob');
    expect(quarantined(place)).toEqual([]);
    expect(readdirSync(join(place.incoming, bob, sent.sessionId.toString('hex')))).toEqual(['end.json']);
  });

  const otherDisk = '/dev/shm';
  const isOtherDisk = existsSync(otherDisk) && statSync(otherDisk).dev !== statSync(tmpdir()).dev;
  test.skipIf(!isOtherDisk)(
    'fault 60: an inbox on another disk, which one rename cannot reach (skipped where /dev/shm is none)',
    async () => {
      const inbox = mkdtempSync(join(otherDisk, 'cordboard-'));
      onTestFinished(() => rmSync(inbox, { recursive: true, force: true }));
      const place = { ...newPlace(), inbox };
      const sent = sealed();
      const store = new IncomingStore(place);
      await opened(store, sent).then((transfer) => transfer.write(sent.stream.subarray(0, 700)));
      await store.leave(bob, sent.sessionId);
      const again = afterCrash(place);
      expect(await call(again, sent)).toMatchObject({ kind: 'received' });
      await again.leave(bob, sent.sessionId);
      expect(await readInbox(inbox)).toHaveLength(1);
      expect(readdirSync(join(inbox, '.cordboard-quarantine'))).toEqual([]);
      expect(await again.find(bob, sent.sessionId)).toEqual({ kind: 'filed', receipt: sent.receipt });
    },
  );

  test('DX-780 a session that comes again gets its stored receipt; after RECEIPT_ACK it is unknown', async () => {
    const place = newPlace();
    const sent = sealed();
    await call(new IncomingStore(place), sent);
    const store = afterCrash(place);
    expect(await store.find(bob, sent.sessionId)).toEqual({ kind: 'filed', receipt: sent.receipt });
    expect(await store.open(bob, sent.start)).toBeUndefined();
    expect(await store.find(carol, sent.sessionId)).toEqual({ kind: 'none' });
    await store.forget(bob, sent.sessionId);
    expect(await store.find(bob, sent.sessionId)).toEqual({ kind: 'none' });
    expect(await readInbox(place.inbox)).toHaveLength(1);
  });

  test('DX-760 a call that ends at any octet is gone on with there, also by another process', async () => {
    const sent = sealed();
    for (const cut of [1, 2, 1_017, 1_018, 1_019, sent.stream.length - 1, sent.stream.length]) {
      for (const next of [(_: Place, store: IncomingStore) => store, afterCrash]) {
        const place = newPlace();
        const store = new IncomingStore(place);
        await opened(store, sent).then((transfer) => transfer.write(sent.stream.subarray(0, cut)));
        await store.leave(bob, sent.sessionId);
        const again = next(place, store);
        const found = await again.find(bob, sent.sessionId);
        const ends = [0, ...sent.chunks.keys()].map((index) => 1_018 * index).concat(sent.stream.length);
        const whole = Math.max(...ends.filter((end) => end <= cut));
        expect(found, `${cut}`).toEqual({
          kind: 'partial',
          held: { opened: whole, next: cut, tailDigest: tailDigestOf(sent.stream.subarray(whole, cut)) },
        });
        await again.leave(bob, sent.sessionId);
        expect(await call(again, sent), `${cut}`).toMatchObject({ kind: 'received' });
        await again.leave(bob, sent.sessionId);
        expect(await readInbox(place.inbox)).toHaveLength(1);
      }
    }
  });

  test('fault 74: at most 4 KiB of what came wait for a sync, and what the sender is told of is synced', async () => {
    const place = newPlace();
    const store = new IncomingStore(place);
    const sent = sealed(contentOf({ file: 'x'.repeat(60_000) }), 65_536);
    const transfer = await opened(store, sent);
    disk.failAt(0);
    const synced = () => disk.done.filter((operation) => operation === 'datasync part').length;
    for (let at = 0; at < 40_960; at += 1_024) {
      await transfer.write(sent.stream.subarray(at, at + 1_024));
      // The line is slower than any disk: a sync that was begun is done by the next piece.
      while (synced() < Math.floor((at + 1_024) / 4_096)) await setImmediate();
    }
    expect(synced()).toBeLessThanOrEqual(10);
    await transfer.write(sent.stream.subarray(40_960, 41_000));
    const before = synced();
    await store.leave(bob, sent.sessionId);
    expect(synced()).toBe(before + 1);
  });

  test('fault 29: a part goes on at its own length or before it, under its own key alone', async () => {
    const place = newPlace();
    const store = new IncomingStore(place);
    const sent = sealed();
    await call(store, sent, 700, 1_500);
    await store.leave(bob, sent.sessionId);
    await store.find(bob, sent.sessionId);
    expect(await store.open(bob, { ...sent.start, from: 1_501 })).toBeUndefined();
    expect(await store.open(bob, { ...sent.start, transferKey: randomBytes(32) })).toBeUndefined();
    const transfer = await opened(store, sent, 1_018);
    expect(await transfer.begin()).toEqual({ kind: 'more' });
    expect(await transfer.write(sent.stream.subarray(1_018))).toMatchObject({ kind: 'complete' });
    await store.leave(bob, sent.sessionId);
  });

  test('DX-760 an altered chunk is cut off with all behind it; the next call goes on before it', async () => {
    const place = newPlace();
    const store = new IncomingStore(place);
    const sent = sealed();
    const altered = Buffer.from(sent.stream);
    altered[1_100] = (altered[1_100] as number) ^ 1;
    expect(await call(store, { ...sent, stream: altered })).toMatchObject({ kind: 'broken' });
    await store.leave(bob, sent.sessionId);
    expect(await store.find(bob, sent.sessionId)).toMatchObject({ held: { opened: 1_018, next: 1_018 } });
    await store.leave(bob, sent.sessionId);
    expect(await call(store, sent)).toMatchObject({ kind: 'received' });
  });

  test('fault 28: octets behind the last chunk are cut off', async () => {
    const store = new IncomingStore(newPlace());
    const sent = sealed();
    const longer = { ...sent, stream: Buffer.concat([sent.stream, Buffer.alloc(5)]) };
    expect(await call(store, longer, 10_000)).toMatchObject({ kind: 'broken' });
    await store.leave(bob, sent.sessionId);
    expect(await call(store, sent)).toMatchObject({ kind: 'received' });
  });

  test('fault 59: a renewed session takes the place of the old one, its part and its claim', async () => {
    const place = newPlace();
    const store = new IncomingStore(place);
    const [old, renewed] = [sealed(), sealed()];
    await call(store, old, 700, 1_500);
    await store.leave(bob, old.sessionId);
    await store.find(bob, old.sessionId);
    const transfer = await store.open(bob, { ...renewed.start, replaces: old.sessionId });
    expect(await new IncomingStore(place).find(bob, renewed.sessionId)).toMatchObject({ kind: 'not now' });
    expect(await new IncomingStore(place).find(bob, old.sessionId)).toEqual({ kind: 'none' });
    expect(await transfer?.write(renewed.stream)).toMatchObject({ kind: 'complete' });
    await transfer?.file(renewed.receipt);
    await store.leave(bob, renewed.sessionId);
    expect(readdirSync(join(place.incoming, bob))).toEqual([renewed.sessionId.toString('hex')]);
  });

  test('fault 47: one call at a time has a session, in this process and in others', async () => {
    const place = newPlace();
    const store = new IncomingStore(place);
    const { sessionId } = sealed();
    await store.find(bob, sessionId);
    for (const other of [store, new IncomingStore(place)])
      expect(await other.find(bob, sessionId)).toMatchObject({ kind: 'not now' });
    await store.leave(bob, sessionId);
    expect(await new IncomingStore(place).find(bob, sessionId)).toEqual({ kind: 'none' });
  });

  test('fault 53 fault 56 hostile content is refused for good: the receipt is kept, the rest thrown away', async () => {
    const place = newPlace();
    const store = new IncomingStore(place);
    const sent = sealed(contentOf(letters, Buffer.alloc(1_024, 'x')));
    const transfer = await opened(store, sent);
    await expect(transfer.write(sent.stream)).rejects.toThrow(ContentRefused);
    await transfer.refuse(sent.receipt);
    await store.leave(bob, sent.sessionId);
    expect(await afterCrash(place).find(bob, sent.sessionId)).toEqual({
      kind: 'filed',
      receipt: sent.receipt,
    });
    expect(quarantined(place)).toEqual([]);
    expect(await readInbox(place.inbox)).toEqual([]);
    const cut = sealed(contentOf(letters, Buffer.alloc(0)));
    const unended = await opened(store, cut);
    await unended.write(cut.stream);
    await expect(unended.file(cut.receipt)).rejects.toThrow('ends early');
    await store.leave(bob, cut.sessionId);
  });

  test('fault 56: folders count too', async () => {
    const store = new IncomingStore(newPlace(), { entries: 4, contentOctets: 100, ratio: 200 });
    const few = sealed(contentOf({ 'a/b/c': '1', 'a/d': '2' }), 65_536);
    await expect((await opened(store, few)).write(few.stream)).resolves.toMatchObject({ kind: 'complete' });
    const many = sealed(contentOf({ 'a/b/c': '1', 'd/e': '2' }), 65_536);
    await expect((await opened(store, many)).write(many.stream)).rejects.toThrow('4 files and folders');
  });

  test('a session is forgotten 30 days after its last call, whether it was filed or not', async () => {
    const place = newPlace();
    const store = new IncomingStore(place);
    const [filed, partial] = [sealed(), sealed()];
    await call(store, filed);
    await call(store, partial, 700, 1_500);
    for (const { sessionId } of [filed, partial]) await store.leave(bob, sessionId);
    place.clock.advance(30 * 86_400_000);
    await store.sweep();
    expect(readdirSync(join(place.incoming, bob))).toHaveLength(2);
    place.clock.advance(1);
    await store.sweep();
    expect(readdirSync(join(place.incoming, bob))).toEqual([]);
    expect(await readInbox(place.inbox)).toHaveLength(1);
  });
});

test('DX-655 the unfinished transfers of a peer hold no more than one may bring: the oldest is thrown away and begins anew', async () => {
  const place = { ...newPlace(), largestOctets: 1_500 };
  const store = new IncomingStore(place);
  const [filed, ofCarol, first, second, third] = [sealed(), sealed(), sealed(), sealed(), sealed()];
  await call(store, filed);
  await store.leave(bob, filed.sessionId);
  const begin = async (sent: Sealed, minute: number, peer = bob) => {
    await opened(store, sent, 0, peer).then((transfer) => transfer.write(sent.stream.subarray(0, 700)));
    await store.leave(peer, sent.sessionId);
    utimesSync(join(place.incoming, peer, sent.sessionId.toString('hex'), 'part'), minute * 60, minute * 60);
  };
  await begin(ofCarol, 1, carol);
  await begin(first, 2);
  await begin(second, 3);
  await begin(third, 4);
  const kindOf = async (sent: Sealed, peer = bob) => {
    const { kind } = await store.find(peer, sent.sessionId);
    if (kind !== 'filed') await store.leave(peer, sent.sessionId);
    return kind;
  };
  expect([await kindOf(first), await kindOf(second), await kindOf(third)]).toEqual([
    ...['partial', 'partial', 'partial'],
  ]);
  await begin(sealed(), 5);
  expect([await kindOf(first), await kindOf(second), await kindOf(third)]).toEqual([
    ...['none', 'partial', 'partial'],
  ]);
  expect([await kindOf(filed), await kindOf(ofCarol, carol)]).toEqual(['filed', 'partial']);
});

describe('a damaged part', () => {
  test('fault 84: what does not open is fetched again, whatever octet was flipped or lost', async () => {
    const sent = sealed();
    const damages: ((path: string) => void)[] = [
      ...[0, 5, 1_017, 1_018, 1_400].map((at) => (path: string) => {
        const octets = readFileSync(path);
        octets[at] = (octets[at] as number) ^ 1;
        writeFileSync(path, octets);
      }),
      (path) => truncateSync(path, 1_200),
      (path) => rmSync(path),
      (path) => writeFileSync(join(path, '../open.json'), 'x'),
    ];
    for (const damage of damages) {
      const place = newPlace();
      await call(new IncomingStore(place), sent, 700, 1_500);
      damage(join(place.incoming, bob, sent.sessionId.toString('hex'), 'part'));
      const store = afterCrash(place);
      const found = await store.find(bob, sent.sessionId);
      await store.leave(bob, sent.sessionId);
      if (found.kind === 'partial' && found.held.next > found.held.opened) {
        // Octets of a chunk that is not whole: their digest tells the sender.
        const { opened: from, next, tailDigest } = found.held;
        if (!Buffer.from(tailDigest).equals(tailDigestOf(sent.stream.subarray(from, next)))) continue;
      }
      expect(await call(store, sent), String(damage)).toMatchObject({ kind: 'received' });
    }
  });

  test('fault 84: a damaged end is told, since its files may be in the inbox', async () => {
    const place = newPlace();
    const sent = sealed();
    await call(new IncomingStore(place), sent);
    writeFileSync(join(place.incoming, bob, sent.sessionId.toString('hex'), 'end.json'), '{"session":1}');
    await expect(afterCrash(place).find(bob, sent.sessionId)).rejects.toMatchObject({ outcome: 'damaged' });
  });
});

describe('a disk that fails at its n-th operation', () => {
  for (const how of ['crash', 'torn', 'EIO'] as const) {
    test(`fault 69 fault 70 fault 81 fault 82: ${how}: filed once with its receipt, or resumed without a trace, for every n`, async () => {
      const sent = sealed();
      for (let n = 1, isDone = false; !isDone; n += 1) {
        const place = newPlace();
        disk.failAt(n, how);
        const store = new IncomingStore(place);
        const first = await call(store, sent).catch((error: unknown) => ({ kind: 'failed', error }));
        await store.leave(bob, sent.sessionId).catch(() => undefined);
        isDone = disk.count < n;
        disk.failAt(0);
        const filed = await readInbox(place.inbox);
        if (first.kind === 'received') expect(filed, `${how} at ${n}`).toHaveLength(1);
        const again = afterCrash(place);
        const second = await call(again, sent);
        await again.leave(bob, sent.sessionId);
        expect(second.kind, `${how} at ${n}`).toBe(filed.length === 1 ? 'filed' : 'received');
        if (second.kind === 'filed') expect(second.receipt).toEqual(sent.receipt);
        expect(await readInbox(place.inbox), `${how} at ${n}`).toMatchObject([
          {
            account: bob,
            receipt: sent.receipt,
            files: [{ name: 'd/letter.txt' }, { name: 'd/e/other.txt' }],
          },
        ]);
        expect(quarantined(place), `${how} at ${n}`).toEqual([]);
      }
    }, 60_000);
  }

  test('fault 70: it dies again at every operation of the recovery', async () => {
    const sent = sealed();
    for (let n = 1, isDone = false; !isDone; n += 1) {
      const place = newPlace();
      const before = new IncomingStore(place);
      await call(before, sent, 700, 1_500);
      await before.leave(bob, sent.sessionId);
      mkdirSync(join(place.quarantine, `${bob}-${sent.sessionId.toString('hex')}`), { recursive: true });
      disk.failAt(n);
      const store = new IncomingStore(place);
      await call(store, sent).catch(() => undefined);
      await store.leave(bob, sent.sessionId).catch(() => undefined);
      isDone = disk.count < n;
      disk.failAt(0);
      const again = afterCrash(place);
      await call(again, sent);
      await again.leave(bob, sent.sessionId);
      expect(await readInbox(place.inbox), `at ${n}`).toHaveLength(1);
    }
  }, 60_000);
});

import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { sha256 } from '../../../src/crypto/hash.js';
import { OutgoingSpool } from '../../../src/endpoint/transfers/outgoing-spool.js';
import { readReceipts } from '../../../src/endpoint/transfers/receipts.js';
import type { SpooledTransfer } from '../../../src/endpoint/transfers/spooled-transfer.js';
import { tailDigestOf } from '../../../src/protocol/data-exchange/version-2/rules.js';
import { unpackContent } from '../container/version-2/memory-target.js';
import { account, temporaryFolder } from '../support.js';
import { disk } from './crashing-disk.js';
import { afterCrash, opened, readAll, secretBox, spoolPlace, write } from './parties.js';

vi.mock('node:fs/promises', async (original) =>
  (await import('./crashing-disk.js')).crashing(await original<typeof import('node:fs/promises')>()),
);

afterEach(() => disk.failAt(0));

const bob = account('2');
const receiptFor = ({ sessionId }: SpooledTransfer) => Buffer.concat([sessionId, Buffer.alloc(153, 7)]);

/** Three files, most of them in stored runs: three chunks, or fewer. */
function sources(
  folder = temporaryFolder(),
  largest = 150_000,
): {
  readonly folder: string;
  readonly files: Map<string, Buffer>;
} {
  const files = new Map([
    ['d/letter.txt', Buffer.from('dear Bob '.repeat(500))],
    ['d/photos/a.jpg', randomBytes(largest)],
    ['d/photos/b.jpg', randomBytes(5_000)],
  ]);
  for (const [name, content] of files) write(folder, name, content);
  return { folder: join(folder, 'd'), files };
}

async function filesIn(stream: Uint8Array, transfer: SpooledTransfer): Promise<Map<string, Buffer>> {
  const unpacked = await unpackContent(opened(stream, transfer));
  return new Map([...unpacked].map(([name, { content }]) => [name, content]));
}

function streamFile(place: { spool: string }): string {
  const name = readdirSync(place.spool, { recursive: true, encoding: 'utf8' }).find((each) =>
    /stream$/.test(each),
  );
  return join(place.spool, name ?? '');
}

describe('a transfer in the spool', () => {
  test('DX-610 DX-745 the stream opens to the files, and its length and content are what was sealed', async () => {
    const { folder, files } = sources();
    const transfer = await new OutgoingSpool(spoolPlace(temporaryFolder())).begin(bob, [folder]);
    const stream = await readAll(transfer);
    expect(await filesIn(stream, transfer)).toEqual(files);
    await transfer.sealed();
    const content = opened(stream, transfer);
    expect(transfer.length).toBe(stream.length);
    expect(await transfer.content()).toEqual({
      sha256: sha256.digest(content),
      octets: content.length,
      chunks: (stream.length - content.length) / 18,
    });
    expect(transfer.files?.map(({ name, size }) => [name, size])).toEqual(
      [...files].map(([name, { length }]) => [name, length]),
    );
    await transfer.close();
  });

  test('DX-745 reading goes on at any octet; digests and progress are of the same octets', async () => {
    const transfer = await new OutgoingSpool(spoolPlace(temporaryFolder())).begin(bob, [sources().folder]);
    const stream = await readAll(transfer);
    for (const from of [1, 65_553, 65_554, 65_555, stream.length - 1, stream.length]) {
      expect((await readAll(transfer, from)).equals(stream.subarray(from)), `${from}`).toBe(true);
    }
    expect(await transfer.tailDigest(65_554, 70_000)).toEqual(tailDigestOf(stream.subarray(65_554, 70_000)));
    expect(await transfer.tailDigest(5, 5)).toEqual(tailDigestOf(Buffer.alloc(0)));
    expect(await transfer.tailDigest(0, stream.length + 1)).toBeUndefined();
    const content = opened(stream, transfer).length;
    const [first = 0] = [transfer.contentOctets(1)];
    expect(transfer.contentOctets(0)).toBe(0);
    expect(transfer.contentOctets(first + 18)).toBe(first);
    expect(transfer.contentOctets(first + 19)).toBeGreaterThan(first);
    expect(transfer.contentOctets(stream.length)).toBe(content);
    await transfer.close();
  });

  test('AL-8 DX-745 a pipe is sent while it is written, waits without end, and goes on in another call of this process', async () => {
    const place = spoolPlace(temporaryFolder());
    let hear: ((text: string | undefined) => void) | undefined;
    const say = async (text: string | undefined) => {
      while (!hear) await setImmediate();
      hear(text);
      hear = undefined;
    };
    async function* pipe() {
      for (;;) {
        const text = await new Promise<string | undefined>((resolve) => (hear = resolve));
        if (text === undefined) return;
        yield Buffer.from(text);
      }
    }
    const transfer = await new OutgoingSpool(place).begin(bob, [{ name: 'live', content: pipe() }]);
    const call = new AbortController();
    const heard: Uint8Array[] = [];
    const listening = (async () => {
      for await (const octets of transfer.read(0, call.signal)) heard.push(octets);
    })();
    await say('first words');
    while (heard.length === 0) {
      await setImmediate();
      place.clock.advance(100);
    }
    call.abort();
    await listening;
    expect(transfer.length).toBeUndefined();
    await say(' and the last');
    await say(undefined);
    const from = heard.reduce((sum, { length }) => sum + length, 0);
    const stream = Buffer.concat([...heard, await readAll(transfer, from)]);
    expect((await filesIn(stream, transfer)).get('live')?.toString()).toBe('first words and the last');
    await transfer.close();
    // All of it is in the spool: another process can send it too.
    const again = await new OutgoingSpool(place).resume(
      readdirSync(place.spool).filter((name) => name !== 'locks')[0] ?? '',
    );
    expect((await readAll(again)).equals(stream)).toBe(true);
    await again.close();
  });

  test('fault 88: a pipe that is faster than the line waits for it', async () => {
    let given = 0;
    async function* endless() {
      for (;;) {
        given += 1;
        yield randomBytes(1_048_576);
      }
    }
    const transfer = await new OutgoingSpool(spoolPlace(temporaryFolder())).begin(bob, [
      { name: 'noise', content: endless() },
    ]);
    const aheadMax = 1 + 3;
    let read = 0;
    for await (const octets of transfer.read(0, new AbortController().signal)) {
      read += octets.length;
      expect(given - read / 1_048_576).toBeLessThan(aheadMax);
      if (read > 1_048_576) break;
    }
    await transfer.close();
    expect(given).toBeLessThan(1 + aheadMax);
  });

  test('DX-745 fault 74: a chunk is synced before its first octet is read, the key and the handshake before they are used', async () => {
    disk.failAt(0);
    const transfer = await new OutgoingSpool(spoolPlace(temporaryFolder())).begin(bob, [sources().folder]);
    const synced = (name: RegExp) => disk.done.filter((operation) => name.test(operation)).length;
    expect(synced(/^sync transfer\.json/)).toBe(1);
    let chunks = 0;
    for await (const _ of transfer.read(0, new AbortController().signal)) {
      chunks += 1;
      expect(synced(/^datasync .*stream$/)).toBeGreaterThanOrEqual(chunks);
    }
    const before = synced(/^sync transfer\.json/);
    await transfer.noteHandshake(randomBytes(32));
    expect(synced(/^sync transfer\.json/)).toBeGreaterThan(before);
    await transfer.close();
  });

  test('DX-785 the receipt is kept, then the spool is gone', async () => {
    const place = spoolPlace(temporaryFolder());
    const spool = new OutgoingSpool(place);
    const transfer = await spool.begin(bob, [sources().folder]);
    await readAll(transfer);
    await transfer.acknowledge(receiptFor(transfer));
    await transfer.close();
    expect(await spool.pending()).toEqual([]);
    expect(readdirSync(place.spool)).toEqual(['locks']);
    expect(await readReceipts(place.receipts)).toMatchObject([{ peer: bob, receipt: receiptFor(transfer) }]);
  });

  test('a transfer is one program’s at a time, is listed until its receipt, and can be given up', async () => {
    const place = spoolPlace(temporaryFolder());
    const spool = new OutgoingSpool(place);
    const transfer = await spool.begin(bob, [sources().folder]);
    const [pending] = await spool.pending();
    expect(pending).toMatchObject({ peer: bob, names: ['d/letter.txt', 'd/photos/a.jpg', 'd/photos/b.jpg'] });
    const id = pending?.id ?? '';
    await expect(spool.resume(id)).rejects.toMatchObject({ outcome: 'locked' });
    await expect(spool.discard(id)).rejects.toMatchObject({ outcome: 'locked' });
    await transfer.close();
    await spool.discard(id);
    expect(await spool.pending()).toEqual([]);
  });

  test('a transfer is given up 29 days after its last call, before its recipient forgets it', async () => {
    const place = spoolPlace(temporaryFolder());
    const spool = new OutgoingSpool(place);
    const transfer = await spool.begin(bob, [sources().folder]);
    place.clock.advance(20 * 86_400_000);
    await transfer.noteHandshake(randomBytes(32));
    await transfer.close();
    place.clock.advance(29 * 86_400_000);
    expect(await spool.pending()).toHaveLength(1);
    place.clock.advance(1);
    expect(await spool.pending()).toEqual([]);
  });

  test('fault 59: a source that changed before it was sealed is sent as it is now, under another session id', async () => {
    const place = spoolPlace(temporaryFolder());
    const { folder, files } = sources();
    const first = await new OutgoingSpool(place).begin(bob, [folder]);
    await readAll(first);
    await first.noteHandshake(randomBytes(32));
    await first.close();
    truncateSync(streamFile(place), 66_000);
    write(folder, 'letter.txt', 'another letter');
    const [pending] = await new OutgoingSpool(place).pending();
    const again = await new OutgoingSpool(place).resume(pending?.id ?? '');
    expect(again.sessionId).not.toEqual(first.sessionId);
    expect(again.transferKey).not.toEqual(first.transferKey);
    expect(again.handshakeHashes).toEqual([]);
    expect(await filesIn(await readAll(again), again)).toEqual(
      new Map([...files, ['d/letter.txt', Buffer.from('another letter')]]),
    );
    await again.close();
    rmSync(join(folder, 'letter.txt'));
    await (await new OutgoingSpool(place).resume(pending?.id ?? '')).close();
    truncateSync(streamFile(place), 66_000);
    await expect(new OutgoingSpool(place).resume(pending?.id ?? '')).rejects.toThrow('letter.txt');
  });

  test('fault 59: content that changed behind an unchanged date is noticed before a key serves it', async () => {
    const place = spoolPlace(temporaryFolder());
    const { folder } = sources();
    const first = await new OutgoingSpool(place).begin(bob, [folder]);
    await readAll(first);
    await first.close();
    truncateSync(streamFile(place), 66_000);
    // As if the file had been put back with its dates: the state says what the disk says.
    const path = join(folder, 'photos/a.jpg');
    writeFileSync(path, randomBytes(150_000));
    const [pending] = await new OutgoingSpool(place).pending();
    const folderOf = join(place.spool, pending?.id ?? '');
    const { readSpoolState, writeSpoolState } = await import(
      '../../../src/endpoint/transfers/spool-state.js'
    );
    const state = await readSpoolState(folderOf, place.secrets);
    if (!state || 'fault' in state) throw new Error('no state');
    const { mtimeMs, ctimeMs } = statSync(path);
    const files = state.files.map((file) =>
      file.path === path ? { ...file, modifiedMs: mtimeMs, changedMs: ctimeMs } : file,
    );
    await writeSpoolState(folderOf, { ...state, files }, place.secrets);
    const again = await new OutgoingSpool(place).resume(pending?.id ?? '');
    expect(again.transferKey).not.toEqual(first.transferKey);
    await again.close();
  });

  test('DX-745 renewing begins anew from the source; a pipe cannot', async () => {
    const place = spoolPlace(temporaryFolder());
    const { folder, files } = sources();
    const transfer = await new OutgoingSpool(place).begin(bob, [folder]);
    await transfer.noteHandshake(randomBytes(32));
    const before = { id: transfer.sessionId, key: transfer.transferKey };
    await transfer.renew();
    expect(transfer.sessionId).not.toEqual(before.id);
    expect(transfer.transferKey).not.toEqual(before.key);
    expect(transfer.handshakeHashes).toEqual([]);
    expect(await filesIn(await readAll(transfer), transfer)).toEqual(files);
    await transfer.close();
    const pipe = { name: 'live', content: (async function* () {})() };
    const live = await new OutgoingSpool(place).begin(bob, [pipe]);
    await expect(live.renew()).rejects.toThrow('through a pipe');
    await readAll(live);
    await live.close();
  });
});

describe('a damaged spool', () => {
  test('fault 84: a flipped octet of a chunk is not sent, and the transfer begins anew', async () => {
    const place = spoolPlace(temporaryFolder());
    const { folder, files } = sources();
    const transfer = await new OutgoingSpool(place).begin(bob, [folder]);
    const whole = await readAll(transfer);
    for (const at of [0, 10, 70_000, whole.length - 1]) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] as number) ^ 1;
      writeFileSync(streamFile(place), damaged);
      await expect(readAll(transfer), `${at}`).rejects.toMatchObject({ outcome: 'damaged' });
    }
    await transfer.close();
    const [pending] = await new OutgoingSpool(place).pending();
    const again = await new OutgoingSpool(place).resume(pending?.id ?? '');
    expect(again.sessionId).not.toEqual(transfer.sessionId);
    expect(await filesIn(await readAll(again), again)).toEqual(files);
    await again.close();
  });

  test('fault 84: any flipped bit of the state, and another key ring, are found', async () => {
    const place = spoolPlace(temporaryFolder());
    const transfer = await new OutgoingSpool(place).begin(bob, [sources().folder]);
    await readAll(transfer);
    await transfer.close();
    const [pending] = await new OutgoingSpool(place).pending();
    const id = pending?.id ?? '';
    const path = join(place.spool, id, 'transfer.json');
    const whole = readFileSync(path);
    for (let at = 0; at < whole.length - 2; at += 13) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] as number) ^ 1;
      writeFileSync(path, damaged);
      await expect(new OutgoingSpool(place).resume(id), `${at}`).rejects.toMatchObject({
        outcome: 'damaged',
      });
    }
    writeFileSync(path, whole);
    const other = new OutgoingSpool({ ...place, secrets: secretBox() });
    await expect(other.resume(id)).rejects.toMatchObject({ outcome: 'damaged' });
  });
});

describe('a process that dies at its n-th operation on the disk', () => {
  for (const how of ['crash', 'torn', 'EIO'] as const) {
    test(`fault 69 fault 81 fault 82: ${how}: what was sent stays what it was, and the transfer is delivered or resumed, for every n`, async () => {
      const { folder, files } = sources(temporaryFolder(), 70_000);
      for (let n = 1, isDone = false; !isDone; n += 1) {
        const place = spoolPlace(temporaryFolder());
        const told = { sent: Buffer.alloc(0), sessionId: Buffer.alloc(0), hashes: 0, isAcknowledged: false };
        let transfer: SpooledTransfer | undefined;
        disk.failAt(n, how);
        try {
          transfer = await new OutgoingSpool(place).begin(bob, [folder]);
          told.sessionId = Buffer.from(transfer.sessionId);
          await transfer.noteHandshake(Buffer.alloc(32, 1));
          told.hashes = 1;
          for await (const octets of transfer.read(0, new AbortController().signal))
            told.sent = Buffer.concat([told.sent, octets]);
          await transfer.acknowledge(receiptFor(transfer));
          told.isAcknowledged = true;
        } catch {
          // Whatever it was, the disk is looked at below.
        }
        await transfer?.close().catch(() => undefined);
        isDone = disk.count < n;
        disk.failAt(0);
        const spool = afterCrash(place);
        const [pending, second] = await spool.pending();
        expect(second).toBeUndefined();
        const receipts = await readReceipts(place.receipts);
        if (told.isAcknowledged) expect(receipts, `${how} at ${n}`).toHaveLength(1);
        if (!pending) {
          expect(told.sent.length === 0 || receipts.length === 1, `${how} at ${n}`).toBe(true);
          continue;
        }
        const again = await spool.resume(pending.id);
        const stream = await readAll(again);
        expect(await filesIn(stream, again), `${how} at ${n}`).toEqual(files);
        // For the log: whoever has all of the stream knows what is in it.
        expect(
          again.files?.map(({ name }) => name),
          `${how} at ${n}`,
        ).toEqual([...files.keys()]);
        const isSame = again.sessionId.every((octet, at) => octet === told.sessionId[at]);
        if (isSame && told.sent.length > 0) {
          expect(stream.subarray(0, told.sent.length).equals(told.sent), `${how} at ${n}`).toBe(true);
          expect(again.handshakeHashes).toHaveLength(told.hashes);
        }
        // Only a file that was altered, or a key that was given away without a chunk, costs what was sent.
        if (told.sent.length > 0) expect(isSame, `${how} at ${n}`).toBe(true);
        await again.close();
      }
    }, 120_000);
  }
});

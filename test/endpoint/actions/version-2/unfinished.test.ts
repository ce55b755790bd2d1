import { randomBytes } from 'node:crypto';
import { appendFileSync, readdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EndpointEvent } from '../../../../src/endpoint/actions/events.js';
import { resume } from '../../../../src/endpoint/actions/send.js';
import { discard } from '../../../../src/endpoint/actions/version-2/discard.js';
import { openTransfer } from '../../../../src/endpoint/actions/version-2/open-transfer.js';
import { outgoingSpool } from '../../../../src/endpoint/actions/version-2/unfinished.js';
import type { Endpoint } from '../../../../src/endpoint/endpoint.js';
import { listDamaged, listUnfinished } from '../../../../src/endpoint/transfers/spool-list.js';
import { account, newEndpoint, temporaryFolder } from '../../support.js';
import { write } from '../../transfers/parties.js';

/** All of the file was sent, and the receipt did not come. */
async function unacknowledged(content = 'draft') {
  const endpoint = await newEndpoint();
  const bob = await endpoint.addressBook.add(account('2'), 'Bob');
  const keys = await endpoint.unlock();
  const path = write(temporaryFolder(), 'report.txt', content);
  const spool = outgoingSpool(endpoint, keys);
  const first = await spool.begin(bob.account, [path]);
  await first.sealed();
  await first.noteHandshake(new Uint8Array(32));
  await first.close();
  const events: EndpointEvent[] = [];
  const onEvent = (event: EndpointEvent) => void events.push(event);
  const open = (toSend: Parameters<typeof openTransfer>[1]) =>
    openTransfer({ endpoint, keys, spool, peer: bob, onEvent }, toSend);
  return { endpoint, bob, path, spool, first, events, onEvent, open };
}

const warningsOf = (events: readonly EndpointEvent[]) =>
  events.flatMap((event) => (event.event === 'warning' ? [event.reason] : []));

function fileIn({ paths }: Endpoint, ending: RegExp): string {
  const names = readdirSync(paths.spool, { recursive: true, encoding: 'utf8' });
  return join(paths.spool, names.find((name) => ending.test(name)) ?? '');
}

describe('files that are sent again', () => {
  test('DX-605 the very same ones go on', async () => {
    const { path, first, events, open } = await unacknowledged();
    const { transfer, isResumed } = await open({ sources: [path] });
    expect({ isResumed, sessionId: transfer.sessionId }).toEqual({
      isResumed: true,
      sessionId: Buffer.from(first.sessionId),
    });
    expect(events).toEqual([]);
    await transfer.close();
  });

  for (const [what, edit] of [
    ['longer', (path: string) => writeFileSync(path, 'the final text')],
    ['of the same length', (path: string) => writeFileSync(path, 'DRAFT')],
    ['of another date', (path: string) => utimesSync(path, 1e9, 1e9)],
  ] as const) {
    test(`DX-605 fault 59: edited since, now ${what}: a new transfer, the old one is given up, and the person is told`, async () => {
      const { path, first, spool, events, open } = await unacknowledged();
      edit(path);
      const { transfer, isResumed } = await open({ sources: [path] });
      expect(isResumed).toBe(false);
      expect(transfer.sessionId).not.toEqual(first.sessionId);
      expect(warningsOf(events)).toEqual([expect.stringContaining('have changed since')]);
      expect(await spool.pending()).toHaveLength(1);
      await transfer.close();
    });
  }

  test('DX-605 --resume sends what was begun, and tells that the file has changed since', async () => {
    const { path, first, spool, events, open } = await unacknowledged();
    writeFileSync(path, 'the final text');
    const [pending] = await spool.pending();
    const { transfer } = await open({ unfinished: pending?.id ?? '' });
    expect(transfer.sessionId).toEqual(Buffer.from(first.sessionId));
    expect(warningsOf(events)).toEqual([expect.stringContaining('report.txt')]);
    await transfer.close();
  });
});

test('DX-605 given up by hand: nothing of it is left, and the Send Log says what it was and that it may have arrived', async () => {
  const { endpoint, bob, spool } = await unacknowledged();
  const carol = await endpoint.addressBook.add(account('3'), 'Carol');
  await expect(discard(endpoint, carol)).rejects.toThrow('Nothing is unfinished for "Carol"');
  const given = await discard(endpoint, bob);
  expect(given).toMatchObject([{ peer: bob.account, names: ['report.txt'], mayHaveArrived: true }]);
  expect(await spool.pending()).toEqual([]);
  expect(readdirSync(endpoint.paths.spool).filter((name) => name !== 'locks')).toEqual([]);
  expect(await endpoint.sendLog.read()).toMatchObject([
    {
      ...{ peer: bob.account, name: 'Bob', outcome: 'discarded', receipt: null },
      reason: 'given up by hand: report.txt; it may have arrived',
    },
  ]);
});

describe('a damaged spool', () => {
  test('fault 84: what says what it is: every sending tells it, and all of it stays', async () => {
    const { endpoint, bob, path, events, onEvent, open } = await unacknowledged();
    writeFileSync(fileIn(endpoint, /transfer\.json$/), 'x');
    const { transfer } = await open({ sources: [path] });
    await transfer.close();
    expect(warningsOf(events)).toEqual([expect.stringContaining('is damaged')]);
    expect(fileIn(endpoint, /stream$/)).toContain('.stream');
    expect(await listDamaged(endpoint.paths.spool)).toHaveLength(1);
    expect(await listUnfinished(endpoint.paths.spool)).toHaveLength(1);
    const modem = () => Promise.reject(new Error('no call is made'));
    events.splice(0);
    await resume(endpoint, { ...bob, account: account('3') }, { modem, onEvent });
    expect(warningsOf(events)).toEqual([expect.stringContaining('is damaged')]);
  });

  test('fault 84: one flipped octet of it is told too', async () => {
    const { endpoint, spool } = await unacknowledged();
    const path = fileIn(endpoint, /transfer\.json$/);
    writeFileSync(path, readFileSync(path, 'utf8').replace('report.txt', 'resort.txt'));
    expect(await spool.damaged()).toMatchObject([{ fault: expect.stringContaining('altered') }]);
    expect(await spool.pending()).toEqual([]);
  });

  for (const [what, damage] of [
    ['lost', (path: string) => truncateSync(path, 0)],
    ['altered', (path: string) => appendFileSync(path, randomBytes(200_000))],
  ] as const) {
    test(`fault 84: content that was ${what} after all of it was sent: begun anew, and the person is told that it may arrive twice`, async () => {
      const { endpoint, path, first, events, open } = await unacknowledged();
      damage(fileIn(endpoint, /stream$/));
      const { transfer } = await open({ sources: [path] });
      expect(transfer.sessionId).not.toEqual(first.sessionId);
      expect(warningsOf(events)).toEqual([expect.stringContaining('second time')]);
      await transfer.close();
    });
  }
});

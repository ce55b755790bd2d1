import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { systemRandom } from '../../../../src/crypto/random.js';
import { listen } from '../../../../src/endpoint/actions/listen.js';
import { resume, send } from '../../../../src/endpoint/actions/send.js';
import { listUnfinished } from '../../../../src/endpoint/transfers/spool-list.js';
import { SpooledTransfer } from '../../../../src/endpoint/transfers/spooled-transfer.js';
import { temporaryFolder } from '../../support.js';
import { letter, outcomeOf } from '../stations.js';
import {
  atShare,
  inTime,
  listening,
  options2,
  pairedStations2,
  resuming2,
  type Stations2,
  sending2,
  until,
} from './stations.js';

afterEach(() => vi.restoreAllMocks());

function noise(length = 200_000): { readonly path: string; readonly sha256: string } {
  const path = join(temporaryFolder(), 'noise.bin');
  const content = systemRandom(length);
  writeFileSync(path, content);
  return { path, sha256: createHash('sha256').update(content).digest('hex') };
}

/** Where each call began to send. */
function beginnings(): number[] {
  const from: number[] = [];
  const { read } = SpooledTransfer.prototype;
  vi.spyOn(SpooledTransfer.prototype, 'read').mockImplementation(function (
    this: SpooledTransfer,
    offset,
    signal,
  ) {
    from.push(offset);
    return read.call(this, offset, signal);
  });
  return from;
}

async function hashesInInbox({ bob }: Stations2): Promise<string[]> {
  const sessions = await bob.endpoint.inboxSessions();
  return sessions.flatMap(({ path, files }) =>
    files.map(({ name }) =>
      createHash('sha256')
        .update(readFileSync(join(path, name)))
        .digest('hex'),
    ),
  );
}

/** The first call drops at half of the file, and nobody answers the next three. */
async function halfSent(stations: Stations2, path: string) {
  atShare(stations.alice, 0.5, () => stations.dropLines());
  return sending2(stations, [path]);
}

describe('a line that drops', () => {
  test('fault 40: at half of the file: it is dialled again, at most 4 KiB cross the line twice, and the file is whole', async () => {
    const stations = await pairedStations2();
    const { alice, bob, net } = stations;
    const file = noise();
    const from = beginnings();
    atShare(alice, 0.5, () => stations.dropLines());
    const listener = listening(stations);
    const sent = await inTime(net.clock, send(alice.endpoint, alice.peer, [file.path], options2(alice)));
    await inTime(net.clock, listener.stop());
    expect(outcomeOf(sent)).toBe('sent');
    expect(await hashesInInbox(stations)).toEqual([file.sha256]);
    expect(alice.events.filter(({ event }) => event === 'dialing' || event === 'redialing')).toMatchObject([
      { event: 'dialing' },
      { event: 'dialing' },
      { event: 'redialing', seconds: 10 },
      { event: 'dialing', resumed: true },
    ]);
    const [, begun, resumed] = [0, ...from];
    expect(begun).toBe(0);
    const dropped = net.records().find(({ octetsFromCaller }) => (octetsFromCaller ?? 0) > 20_000);
    expect(resumed).toBeGreaterThan(60_000);
    expect((dropped?.octetsFromCaller ?? Number.NaN) - (resumed ?? 0)).toBeLessThan(4_096);
    expect(await bob.endpoint.receiveLog.read()).toMatchObject([
      { outcome: 'paired' },
      { outcome: 'interrupted' },
      { outcome: 'received', files: [{ sha256: file.sha256 }] },
    ]);
    expect((await alice.endpoint.sendLog.read()).map(({ outcome }) => outcome)).toEqual(['paired', 'sent']);
  });

  test('fault 40: and is not answered again: three times with growing pauses, then a person is told how to go on, and it goes on', async () => {
    const stations = await pairedStations2();
    const { alice } = stations;
    const file = noise();
    const [sent] = await halfSent(stations, file.path);
    expect(sent).toMatchObject({
      outcome: 'interrupted',
      reason: expect.stringContaining('dialled again 3 times'),
      advice: expect.stringContaining('cordboard send 000000000002 --resume'),
    });
    const pauses = alice.events.flatMap((event) => (event.event === 'redialing' ? [event.seconds] : []));
    expect(pauses).toEqual([10, 30, 90]);
    expect(await listUnfinished(alice.endpoint.paths.spool)).toMatchObject([
      { peer: '000000000002', names: ['noise.bin'] },
    ]);
    const from = beginnings();
    const ends = await resuming2(stations);
    expect(ends.map(outcomeOf)).toEqual(['sent', 'received']);
    expect(from).toEqual([expect.any(Number)]);
    expect(from[0]).toBeGreaterThan(60_000);
    expect(await hashesInInbox(stations)).toEqual([file.sha256]);
    expect(await listUnfinished(alice.endpoint.paths.spool)).toEqual([]);
    const again = await resume(alice.endpoint, alice.peer, options2(alice));
    expect(again).toMatchObject({
      outcome: 'usage',
      reason: expect.stringContaining('Nothing is unfinished'),
    });
  });

  test('fault 29: the same files sent again go on where they were, and say so; other files are a transfer of their own', async () => {
    const stations = await pairedStations2();
    const file = noise();
    await halfSent(stations, file.path);
    const from = beginnings();
    const other = letter();
    expect((await sending2(stations, [other])).map(outcomeOf)).toEqual(['sent', 'received']);
    expect((await sending2(stations, [file.path])).map(outcomeOf)).toEqual(['sent', 'received']);
    expect(from).toEqual([0, expect.any(Number)]);
    expect(from[1]).toBeGreaterThan(60_000);
    const dialled = stations.alice.events.filter((event) => event.event === 'dialing');
    expect(dialled.slice(-2)).toMatchObject([{ event: 'dialing' }, { event: 'dialing', resumed: true }]);
    expect(dialled.at(-2)).not.toHaveProperty('resumed');
    expect(await hashesInInbox(stations)).toHaveLength(2);
  });

  test('fault 29: the source changed between the calls: what arrives is one of both, whole, and once', async () => {
    const stations = await pairedStations2();
    const file = noise();
    await halfSent(stations, file.path);
    const changed = systemRandom(200_000);
    writeFileSync(file.path, changed);
    expect((await resuming2(stations)).map(outcomeOf)).toEqual(['sent', 'received']);
    const hashes = await hashesInInbox(stations);
    expect(hashes).toHaveLength(1);
    expect([file.sha256, createHash('sha256').update(changed).digest('hex')]).toContain(hashes[0]);
  });

  test('CM-A3 a call that never came to stand leaves nothing in the spool and is not dialled again', async () => {
    const stations = await pairedStations2();
    const { alice, net } = stations;
    const sent = await inTime(net.clock, send(alice.endpoint, alice.peer, [letter()], options2(alice)));
    expect(sent).toMatchObject({ outcome: 'no-answer', step: 'CM-A3', advice: null });
    expect(alice.events.filter(({ event }) => event === 'redialing')).toEqual([]);
    expect(readdirSync(alice.endpoint.paths.spool)).toEqual(['locks']);
  });

  test('CM-A8 the operator gives up in the pause: at once, and what is across stays', async () => {
    const stations = await pairedStations2();
    const { alice, bob, net } = stations;
    const file = noise();
    const stop = new AbortController();
    atShare(alice, 0.5, () => stations.dropLines());
    const answered = listen(bob.endpoint, { ...options2(bob), once: true });
    const sending = send(alice.endpoint, alice.peer, [file.path], {
      ...options2(alice),
      signal: stop.signal,
    });
    await until(net.clock, () => alice.events.some(({ event }) => event === 'redialing'));
    const beganMs = net.clock.monotonicMs();
    stop.abort();
    const sent = await inTime(net.clock, sending);
    await inTime(net.clock, answered);
    expect(net.clock.monotonicMs() - beganMs).toBeLessThan(5_000);
    expect(sent).toMatchObject({ event: 'failed', advice: expect.stringContaining('--resume') });
    expect((await resuming2(stations)).map(outcomeOf)).toEqual(['sent', 'received']);
  });
});

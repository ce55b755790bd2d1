import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemRandom } from '../../../src/crypto/random.js';
import { listen } from '../../../src/endpoint/actions/listen.js';
import { pair } from '../../../src/endpoint/actions/pair.js';
import { send } from '../../../src/endpoint/actions/send.js';
import type { PairingScreen } from '../../../src/session/session.js';
import { account, temporaryFolder } from '../support.js';
import {
  expectNothingLeft,
  letter,
  nobody,
  options,
  outcomeOf,
  pairedStations,
  pairing,
  sending,
  twoPeople,
  twoStations,
} from './stations.js';

describe('pair, send and listen', () => {
  test('KX-475 KX-480 KX-495 KX-500 two people pair; both sides store the key and log it', async () => {
    const { alice, bob } = await pairedStations();
    const shown = alice.events.find((event) => event.event === 'check-string');
    expect(shown).toMatchObject({
      peer: { account: '000000000002', name: 'Bob & Sons' },
      x: expect.stringMatching(/^[A-HJ-NP-Z2-9]{5}$/),
    });
    expect(alice.events.map((event) => event.event)).toEqual([
      'dialing',
      'connected',
      'check-string',
      'paired',
    ]);
    expect(bob.events.map((event) => event.event)).toEqual([
      'listening',
      'ringing',
      'connected',
      'type-check-string',
      'paired',
    ]);
    const [aliceBook, bobBook] = [
      await alice.endpoint.addressBook.list(),
      await bob.endpoint.addressBook.list(),
    ];
    const keys = [await alice.endpoint.sharedKeys(aliceBook), await bob.endpoint.sharedKeys(bobBook)];
    expect(keys[0]?.get(account('2'))).toHaveLength(20);
    expect(keys[0]?.get(account('2'))).toEqual(keys[1]?.get(account('1')));
    expect(await alice.endpoint.sendLog.read()).toMatchObject([
      { protocol: 'key-exchange', outcome: 'paired', name: 'Bob & Sons' },
    ]);
    expect(await bob.endpoint.receiveLog.read()).toMatchObject([
      { protocol: 'key-exchange', outcome: 'paired', name: 'Alice Ltd' },
    ]);
    expectNothingLeft(alice, bob);
  });

  test('DX-605 DX-610 DX-750 DX-780 files and a folder arrive with hash and date; both logs name them', async () => {
    const { alice, bob } = await pairedStations();
    const folder = temporaryFolder();
    const random = systemRandom(300_000);
    mkdirSync(join(folder, 'office'));
    writeFileSync(join(folder, 'office', 'noise.bin'), random);
    const [sent, received] = await sending({ alice, bob }, [letter(), join(folder, 'office')]);
    expect(sent.event).toBe('sent');
    expect(received?.event).toBe('received');
    if (sent.event !== 'sent' || received?.event !== 'received') return;
    expect(received.files).toEqual(sent.files);
    expect(received.files).toMatchObject([
      { name: 'letter.txt', size: 10, mtime: new Date(853_977_600_000) },
      { name: 'noise.bin', sha256: createHash('sha256').update(random).digest('hex') },
    ]);
    const inbox = join(bob.endpoint.inbox, received.folder);
    expect(readFileSync(join(inbox, 'noise.bin')).equals(random)).toBe(true);
    expect(statSync(join(inbox, 'letter.txt')).mtimeMs).toBe(853_977_600_000);
    expect(await bob.endpoint.inboxSessions()).toMatchObject([
      { folder: received.folder, name: 'Alice Ltd' },
    ]);
    const [, sentRow] = await alice.endpoint.sendLog.read();
    const [, receivedRow] = await bob.endpoint.receiveLog.read();
    expect(sentRow).toMatchObject({ outcome: 'sent', octets: sent.octets, files: sent.files });
    expect(receivedRow).toMatchObject({ outcome: 'received', octets: sent.octets, folder: received.folder });
    expect(sentRow?.durationSeconds).toBeGreaterThan(0);
    const progress = alice.events.filter((event) => event.event === 'progress');
    expect(progress.at(-1)).toMatchObject({ octets: sent.octets, total: sent.octets, secondsLeft: 0 });
    expectNothingLeft(alice, bob);
  });

  test('DX-750 one listener takes several calls; a stranger’s noise between them costs only its own call', async () => {
    const { alice, bob } = await pairedStations();
    const stop = new AbortController();
    const listening = listen(bob.endpoint, options(bob, nobody, stop.signal));
    const first = await send(alice.endpoint, alice.peer, [letter()], options(alice));
    const noise = await alice.modem.dial('noise');
    if (noise.kind !== 'connected') throw new Error(noise.kind);
    noise.connection.octets.write('GET / HTTP/1.1\r\n');
    noise.connection.octets.resume();
    while (bob.modem.isOffHook) await new Promise((resolve) => setTimeout(resolve, 5));
    await alice.modem.hangUp();
    const second = await send(alice.endpoint, alice.peer, [letter()], options(alice));
    while (bob.events.at(-1)?.event !== 'received') await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    expect([first, second].map(outcomeOf)).toEqual(['sent', 'sent']);
    expect(outcomeOf(await listening)).toBe('received');
    const rows = await bob.endpoint.receiveLog.read();
    expect(rows.map((row) => row.outcome)).toEqual(['paired', 'received', 'not-authentic', 'received']);
    expect(await bob.endpoint.inboxSessions()).toHaveLength(2);
    expectNothingLeft(alice, bob);
  });
});

describe('people who do not agree', () => {
  test('fault 49: a wrong string leaves the recipient unpaired, and the next transfer is refused', async () => {
    const { alice, bob } = await twoStations();
    const ends = await pairing(
      { alice, bob },
      twoPeople({ types: (x) => (x === 'AAAAA' ? 'BBBBB' : 'AAAAA') }),
    );
    expect(ends.map(outcomeOf)).toEqual(['paired', 'not-confirmed']);
    expect((await bob.endpoint.sharedKeys(await bob.endpoint.addressBook.list())).size).toBe(0);
    const [sent, received] = await sending({ alice, bob }, [letter()]);
    expect([sent, received].map(outcomeOf)).toEqual(['refused', 'unpaired']);
    expect(sent).toMatchObject({ advice: expect.stringContaining('pair again') });
    // The other side learns of nothing by the line.
    expect(ends[1]).toMatchObject({ advice: expect.stringContaining('Tell the other side to answer no') });
    expect(await bob.endpoint.receiveLog.read()).toMatchObject([
      { protocol: 'key-exchange', outcome: 'not-confirmed', step: 'KX-490' },
      { protocol: 'data-exchange', outcome: 'unpaired', step: 'DX-635' },
    ]);
    expectNothingLeft(alice, bob);
  });

  test('fault 49: the string of yesterday is none of today; the keys then differ and nothing is sent under them', async () => {
    const { alice, bob } = await pairedStations();
    const yesterday = alice.events.find((event) => event.event === 'check-string')?.x ?? '';
    const ends = await pairing({ alice, bob }, twoPeople({ types: () => yesterday }));
    expect(ends.map(outcomeOf)).toEqual(['paired', 'not-confirmed']);
    const [sent, received] = await sending({ alice, bob }, [letter()]);
    expect([sent, received].map(outcomeOf)).toEqual(['not-authentic', 'refused']);
    expect(await bob.endpoint.inboxSessions()).toEqual([]);
    expectNothingLeft(alice, bob);
  });

  test('fault 49: the caller says no: it stores nothing and makes no call for a transfer', async () => {
    const { alice, bob } = await twoStations();
    const ends = await pairing({ alice, bob }, twoPeople({ confirms: false }));
    expect(ends.map(outcomeOf)).toEqual(['not-confirmed', 'paired']);
    expect(ends[0]).toMatchObject({ advice: expect.stringContaining('Tell the other side to give up') });
    const calls = alice.modem.dialled.length;
    const end = await send(alice.endpoint, alice.peer, [letter()], options(alice));
    expect(end).toMatchObject({ outcome: 'unpaired', step: 'DX-600' });
    expect(alice.modem.dialled).toHaveLength(calls);
  });

  test('fault 49: nobody answers and the operator gives up: neither side stores anything', async () => {
    const { alice, bob } = await twoStations();
    const stop = new AbortController();
    const questions: (AbortSignal | undefined)[] = [];
    const asked = (signal: AbortSignal | undefined) => {
      questions.push(signal);
      if (questions.length === 2) setImmediate(() => stop.abort());
      return new Promise<never>(() => {});
    };
    const waiting: PairingScreen = {
      confirmCheckString: (_peer, _x, signal) => asked(signal),
      typeCheckString: (_peer, signal) => asked(signal),
    };
    const ends = await Promise.all([
      pair(alice.endpoint, alice.peer, options(alice, waiting, stop.signal)),
      listen(bob.endpoint, { ...options(bob, waiting, stop.signal), once: true }),
    ]);
    expect(ends.map(outcomeOf)).toEqual(['cancelled', 'cancelled']);
    expect(questions.map((signal) => signal?.aborted)).toEqual([true, true]);
    for (const { endpoint } of [alice, bob]) {
      expect((await endpoint.sharedKeys(await endpoint.addressBook.list())).size).toBe(0);
    }
    expectNothingLeft(alice, bob);
  });

  test('KX-480 while X is awaited the line is free: a ring is told, and left to the telephone', async () => {
    const { alice, bob } = await twoStations();
    const people = twoPeople();
    const { typeCheckString } = people.callee;
    people.callee.typeCheckString = async () => {
      expect(bob.modem.isOffHook).toBe(false);
      for (const count of [1, 2]) bob.modem.emit('ring', count);
      expect(bob.modem.isOffHook).toBe(false);
      return typeCheckString();
    };
    expect((await pairing({ alice, bob }, people)).map(outcomeOf)).toEqual(['paired', 'paired']);
    expect(bob.events.slice(2).map(({ event }) => event)).toEqual([
      'connected',
      'type-check-string',
      'ringing',
      'paired',
    ]);
    expect(bob.modem.listenerCount('ring')).toBe(0);
  });

  test('fault 48: pairing again replaces the key on both sides', async () => {
    const { alice, bob } = await pairedStations();
    const key = async () =>
      (await alice.endpoint.sharedKeys(await alice.endpoint.addressBook.list())).get(account('2'));
    const before = Buffer.from((await key()) ?? []);
    await pairing({ alice, bob });
    expect(before.equals((await key()) ?? before)).toBe(false);
    expect((await sending({ alice, bob }, [letter()])).map(outcomeOf)).toEqual(['sent', 'received']);
  });
});

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { systemRandom } from '../../../src/crypto/random.js';
import type { EndpointEvent } from '../../../src/endpoint/actions/events.js';
import { listen } from '../../../src/endpoint/actions/listen.js';
import { pair } from '../../../src/endpoint/actions/pair.js';
import { send } from '../../../src/endpoint/actions/send.js';
import { encodeHeader } from '../../../src/protocol/data-exchange/ustar.js';
import { temporaryFolder } from '../support.js';
import {
  expectNothingLeft,
  letter,
  nobody,
  options,
  outcomeOf,
  pairedStations,
  pairing,
  sendContainer,
  sending,
  twoStations,
} from './stations.js';

describe('what is refused before or during a call', () => {
  test('CM-A1 a locked endpoint dials no other number than the server’s', async () => {
    const { alice } = await twoStations();
    const end = await pair(alice.endpoint, alice.peer, { ...options(alice), serverNumber: '5559999' });
    expect(end).toMatchObject({ event: 'failed', outcome: 'locked', step: 'CM-A1' });
    expect(alice.modem.dialled).toEqual([]);
    expect(await alice.endpoint.sendLog.read()).toMatchObject([{ outcome: 'locked', step: 'CM-A1' }]);
  });

  test('fault 50: a key ring put back from before the last pairing is noticed before the call', async () => {
    const { alice, bob } = await pairedStations();
    const backup = readFileSync(alice.endpoint.paths.keyRing);
    await pairing({ alice, bob });
    writeFileSync(alice.endpoint.paths.keyRing, backup);
    const peer = await alice.endpoint.addressBook.named('2');
    const calls = alice.modem.dialled.length;
    const end = await send(alice.endpoint, peer, [letter()], options(alice));
    expect(end).toMatchObject({ outcome: 'unpaired', reason: expect.stringContaining('older') });
    expect(alice.modem.dialled).toHaveLength(calls);
  });

  test('G6 version 1 that is off is not spoken: not from here, not from there', async () => {
    const { alice, bob } = await twoStations();
    const off = await bob.endpoint.addressBook.allowVersion1(bob.peer.account, false);
    expect(outcomeOf(await pair(bob.endpoint, off, options(bob)))).toBe('no-subscription');
    const told = await pair(bob.endpoint, off, { ...options(bob), version: 1 });
    expect(outcomeOf(told)).toBe('version-not-allowed');
    expect(bob.modem.dialled).toEqual([]);
    const ends = await pairing({ alice, bob });
    expect(ends.map(outcomeOf)).toEqual(['refused', 'version-not-allowed']);
    await bob.endpoint.addressBook.remove(bob.peer.account);
    const strangers = await pairing({ alice, bob });
    expect(strangers[1]).toMatchObject({
      outcome: 'version-not-allowed',
      reason: expect.stringContaining('not in the address book'),
    });
    expectNothingLeft(alice, bob);
  });

  test('G6 version 1 that was switched off after a pairing is not spoken any more', async () => {
    const { alice, bob } = await pairedStations();
    await bob.endpoint.addressBook.allowVersion1(bob.peer.account, false);
    expect((await sending({ alice, bob }, [letter()])).map(outcomeOf)).toEqual(['refused', 'unpaired']);
    const off = await alice.endpoint.addressBook.raiseFloor(alice.peer.account, 2);
    const calls = alice.modem.dialled.length;
    const end = await send(alice.endpoint, off, [letter()], options(alice));
    expect(end).toMatchObject({ outcome: 'no-subscription', step: 'DX-605' });
    expect(alice.modem.dialled).toHaveLength(calls);
  });

  test('fault 19: a caller of another version is no sign of somebody on the line', async () => {
    const { alice, bob } = await pairedStations();
    const listening = listen(bob.endpoint, { ...options(bob), once: true });
    const placed = await alice.modem.dial('');
    if (placed.kind !== 'connected') throw new Error(placed.kind);
    placed.connection.octets.resume().write(Uint8Array.of(0x21, 0x01));
    const end = await listening;
    expect(end).toMatchObject({
      outcome: 'no-common-version',
      advice: expect.stringContaining('up to date'),
    });
    await alice.modem.hangUp();
  });

  test('fault 59: a file that cannot be read ends the sending before any call', async () => {
    const { alice } = await pairedStations();
    const calls = alice.modem.dialled.length;
    const end = await send(alice.endpoint, alice.peer, [join(temporaryFolder(), 'none')], options(alice));
    expect(end).toMatchObject({
      outcome: 'usage',
      step: 'DX-605',
      reason: expect.stringContaining('it is not there'),
    });
    expect(alice.modem.dialled).toHaveLength(calls);
    expectNothingLeft(alice);
  });

  test('fault 60: an inbox that cannot be used is told before listening', async () => {
    const { bob } = await twoStations();
    rmSync(bob.endpoint.inbox, { recursive: true });
    writeFileSync(bob.endpoint.inbox, 'not a folder');
    expect(await listen(bob.endpoint, options(bob))).toMatchObject({
      outcome: 'store-unavailable',
      reason: expect.stringContaining(bob.endpoint.inbox),
    });
  });

  test('fault 60: an inbox that goes while listening refuses the call before the file', async () => {
    const { alice, bob } = await pairedStations();
    const listening = listen(bob.endpoint, { ...options(bob), once: true });
    while (bob.modem.listenerCount('ring') === 0) await new Promise(setImmediate);
    rmSync(bob.endpoint.inbox, { recursive: true });
    writeFileSync(bob.endpoint.inbox, 'not a folder');
    const sent = await send(alice.endpoint, alice.peer, [letter()], options(alice));
    const received = await listening;
    expect([sent, received].map(outcomeOf)).toEqual(['refused', 'local-error']);
    expect(received).toMatchObject({ reason: expect.stringContaining('inbox') });
    expectNothingLeft(alice, bob);
  });

  test('fault 53 DX-785: a hostile name from a paired peer delivers nothing and is logged', async () => {
    const { alice, bob } = await pairedStations();
    const header = encodeHeader({ name: 'x', size: 0, mtime: 0 });
    header.set(Buffer.from('../x'));
    header.fill(0x20, 148, 156);
    header.set(
      Buffer.from(
        `${header
          .reduce((sum, octet) => sum + octet, 0)
          .toString(8)
          .padStart(6, '0')}\0 `,
      ),
      148,
    );
    const container = deflateSync(Buffer.concat([header, new Uint8Array(1024)]));
    const [, received] = await Promise.all([
      sendContainer(alice, container),
      listen(bob.endpoint, { ...options(bob), once: true }),
    ]);
    expect(received).toMatchObject({
      outcome: 'file-refused',
      reason: expect.stringContaining('path separator'),
    });
    expect(await bob.endpoint.inboxSessions()).toEqual([]);
    expect((await bob.endpoint.receiveLog.read()).at(-1)).toMatchObject({
      outcome: 'file-refused',
      name: 'Alice Ltd',
    });
    expectNothingLeft(bob);
  });

  test('fault 40: a call that is given up in the middle of the file delivers nothing', async () => {
    const { alice, bob } = await pairedStations();
    const stop = new AbortController();
    const whole = options(alice, nobody, stop.signal);
    const onEvent = (event: EndpointEvent) => {
      whole.onEvent(event);
      if (event.event === 'progress') stop.abort();
    };
    const ends = await Promise.all([
      send(alice.endpoint, alice.peer, [letter(systemRandom(2_000_000))], { ...whole, onEvent }),
      listen(bob.endpoint, { ...options(bob), once: true }),
    ]);
    expect(ends.map(outcomeOf)).toEqual(['cancelled', 'file-refused']);
    expect(await bob.endpoint.inboxSessions()).toEqual([]);
    expectNothingLeft(alice, bob);
  });

  test('fault 35: a call that comes to nothing is in the Send Log with its step, and the line is on-hook', async () => {
    const { alice } = await pairedStations();
    for (const [kind, step] of [
      ['busy', 'CM-315'],
      ['no-answer', 'CM-295'],
      ['no-carrier', 'CM-330'],
      ['no-dial-tone', 'CM-300'],
    ] as const) {
      alice.modem.dialResult = { kind };
      const end = await send(alice.endpoint, alice.peer, [letter()], options(alice));
      const advice =
        kind === 'no-dial-tone' ? null : expect.stringMatching(/5550100.*`cordboard endpoint show`/);
      expect(end).toMatchObject({ event: 'failed', outcome: kind, step, advice });
      expect((await alice.endpoint.sendLog.read()).at(-1)).toMatchObject({
        outcome: kind,
        step,
        octets: null,
      });
      expectNothingLeft(alice);
    }
  });
});

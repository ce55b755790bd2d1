import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { systemRandom } from '../../../src/crypto/random.js';
import type { EndpointEvent } from '../../../src/endpoint/actions/events.js';
import { listen } from '../../../src/endpoint/actions/listen.js';
import { pair } from '../../../src/endpoint/actions/pair.js';
import { send } from '../../../src/endpoint/actions/send.js';
import { openEndpoint } from '../../../src/endpoint/endpoint.js';
import { EndpointError } from '../../../src/endpoint/endpoint-error.js';
import { lineLockPath } from '../../../src/endpoint/home.js';
import { SimulatedClock } from '../../../src/time/simulated-clock.js';
import { runFor, runUntil } from '../../support/office.js';
import { temporaryFolder, testWorld } from '../support.js';
import {
  expectNothingLeft,
  letter,
  nobody,
  options,
  outcomeOf,
  pairedStations,
  sending,
  twoStations,
} from './stations.js';

describe('the line', () => {
  test('one action at a time: a second one is told so, the first is not disturbed', async () => {
    const { alice, bob } = await pairedStations();
    const stop = new AbortController();
    const listening = listen(alice.endpoint, options(alice, nobody, stop.signal));
    await vi.waitUntil(() => alice.events.some(({ event }) => event === 'listening'));
    expect(await send(alice.endpoint, alice.peer, [letter()], options(alice))).toMatchObject({
      outcome: 'locked',
      reason: expect.stringMatching(new RegExp(`Process ${process.pid} .*sim:5550101`)),
    });
    stop.abort();
    expect(await listening).toBeUndefined();
    expect((await sending({ alice, bob }, [letter()])).map(outcomeOf)).toEqual(['sent', 'received']);
  });

  test('fault 73: another program on the line is named by its pid before anything is asked or opened', async () => {
    const { alice } = await pairedStations();
    const other = await openEndpoint(alice.endpoint.paths.home, {
      ...testWorld(),
      passphrase: () => Promise.reject(new Error('asked for')),
    });
    const giveBack = await alice.endpoint.takeLine();
    const modem = () => Promise.reject(new Error('opened'));
    const calls = alice.events.length;
    for (const act of [
      () => listen(other, { ...options(alice), modem }),
      () => send(other, alice.peer, [letter()], { ...options(alice), modem }),
      () => pair(other, alice.peer, { ...options(alice), modem }),
    ]) {
      expect(await act()).toMatchObject({
        outcome: 'locked',
        reason: expect.stringContaining(`Process ${process.pid} `),
      });
    }
    expect(alice.events).toHaveLength(calls + 3);
    await giveBack();
    expect(await listen(alice.endpoint, options(alice, nobody, AbortSignal.abort()))).toBeUndefined();
  });

  test('fault 73: the lock that a dead process left on the line is taken over; other lines have their own', async () => {
    const { alice } = await twoStations();
    const { home } = alice.endpoint.paths;
    const path = lineLockPath(home, alice.endpoint.settings.line);
    writeFileSync(path, '4194305-1');
    const giveBack = await alice.endpoint.takeLine();
    const another = await openEndpoint(home, testWorld(), { line: 'pty:run/other' });
    await (await another.takeLine())();
    expect(readFileSync(path, 'utf8')).toMatch(new RegExp(`^${process.pid}-`));
    await giveBack();
    expect(existsSync(path)).toBe(false);
  });

  test('fault 41: version, passphrase, files and inbox are checked before the modem is opened', async () => {
    const { alice, bob } = await pairedStations();
    const modem = () => Promise.reject(new Error('opened'));
    const off = await alice.endpoint.addressBook.allowVersion1(alice.peer.account, false);
    expect(await pair(alice.endpoint, off, { ...options(alice), modem })).toMatchObject({
      outcome: 'no-subscription',
    });
    await alice.endpoint.addressBook.allowVersion1(alice.peer.account, true);
    const none = join(temporaryFolder(), 'none');
    expect(await send(alice.endpoint, alice.peer, [none], { ...options(alice), modem })).toMatchObject({
      outcome: 'usage',
    });
    const wrong = await openEndpoint(bob.endpoint.paths.home, testWorld('wrong'));
    expect(await listen(wrong, { ...options(bob), modem })).toMatchObject({ outcome: 'wrong-passphrase' });
    rmSync(bob.endpoint.inbox, { recursive: true });
    writeFileSync(bob.endpoint.inbox, 'not a folder');
    expect(await listen(bob.endpoint, { ...options(bob), modem })).toMatchObject({
      outcome: 'store-unavailable',
    });
  });

  test('fault 41: a modem that was opened for the action is closed before the line is given back', async () => {
    const { alice } = await twoStations();
    let wasHeld = false;
    const path = lineLockPath(alice.endpoint.paths.home, alice.endpoint.settings.line);
    const close = vi.spyOn(alice.modem, 'close').mockImplementation(async () => {
      wasHeld = existsSync(path);
    });
    alice.modem.dialResult = { kind: 'busy' };
    await pair(alice.endpoint, alice.peer, { ...options(alice), modem: async () => alice.modem });
    expect(close).toHaveBeenCalledOnce();
    expect([wasHeld, existsSync(path)]).toEqual([true, false]);
    await pair(alice.endpoint, alice.peer, options(alice));
    expect(close).toHaveBeenCalledOnce();
  });

  test('DX-625 listening is told once calls are answered', async () => {
    const { bob } = await twoStations();
    const listening = listen(bob.endpoint, {
      ...options(bob, nobody, AbortSignal.timeout(30_000)),
      once: true,
    });
    while (bob.events.length === 0) await new Promise(setImmediate);
    expect(bob.events).toEqual([{ event: 'listening', line: 'sim:fake', account: '000000000002' }]);
    expect(bob.modem.listenerCount('ring')).toBe(1);
    bob.modem.emit('lost', new Error('unplugged'));
    await listening;
  });

  test('a defect in the caller of an action leaves no line off-hook', async () => {
    const { alice, bob } = await twoStations();
    const defect = (event: EndpointEvent) => {
      if (event.event === 'connected') throw new Error('a defect');
    };
    const [paired, answered] = await Promise.allSettled([
      pair(alice.endpoint, alice.peer, { ...options(alice), onEvent: defect }),
      listen(bob.endpoint, { ...options(bob), once: true }),
    ]);
    expect(paired).toMatchObject({ status: 'rejected', reason: { message: 'a defect' } });
    expect(answered).toMatchObject({ value: { outcome: 'interrupted' } });
    expectNothingLeft(alice, bob);
  });

  test('an inbox that somebody moved away is made anew', async () => {
    const { bob } = await twoStations();
    rmSync(bob.endpoint.inbox, { recursive: true });
    const stop = new AbortController();
    const listening = listen(bob.endpoint, options(bob, nobody, stop.signal));
    while (bob.modem.listenerCount('ring') === 0) await new Promise(setImmediate);
    stop.abort();
    expect(await listening).toBeUndefined();
    expect(readdirSync(bob.endpoint.inbox)).toEqual([]);
  });

  test('fault 41: a modem that is gone ends the listening with a plain message', async () => {
    const { bob } = await twoStations();
    const listening = listen(bob.endpoint, options(bob));
    while (bob.modem.listenerCount('lost') === 0) await new Promise(setImmediate);
    bob.modem.emit('lost', new Error('unplugged'));
    expect(await listening).toMatchObject({
      outcome: 'line-unavailable',
      reason: expect.stringContaining('Connect it again'),
    });
  });

  test('fault 41: listening opens a modem anew that was lost for minutes, and answers on it', async () => {
    const { bob } = await twoStations();
    const clock = new SimulatedClock();
    const endpoint = await openEndpoint(bob.endpoint.paths.home, { ...testWorld(), clock });
    const unavailable = new EndpointError('line-unavailable', 'no such port');
    const tries: number[] = [];
    const modem = async () => {
      tries.push(clock.monotonicMs());
      if (tries.length > 1 && clock.monotonicMs() < 200_000) throw unavailable;
      return bob.modem;
    };
    const stop = new AbortController();
    const listening = listen(endpoint, { ...options(bob, nobody, stop.signal), modem });
    await vi.waitUntil(() => bob.modem.listenerCount('ring') > 0);
    bob.modem.emit('lost', new Error('unplugged'));
    await runUntil(clock, () => bob.events.length === 3, 400_000);
    expect(bob.events.map(({ event }) => event)).toEqual(['listening', 'warning', 'listening']);
    expect(tries.map((ms) => ms / 1_000)).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
    bob.modem.emit('ring', 1);
    await vi.waitUntil(() => bob.events.some(({ event }) => event === 'ringing'));
    stop.abort();
    await bob.modem.hangUp();
    expect(await listening).toMatchObject({ event: 'failed' });
    expect(bob.modem.listenerCount('lost')).toBe(0);
  });

  test('fault 41: a modem that goes and does not come back is waited for until the person gives up', async () => {
    const { bob } = await twoStations();
    const clock = new SimulatedClock();
    const endpoint = await openEndpoint(bob.endpoint.paths.home, { ...testWorld(), clock });
    let tries = 0;
    const modem = async () => {
      if (tries++ > 0) throw new EndpointError('line-unavailable', 'no such port');
      return bob.modem;
    };
    const stop = new AbortController();
    const listening = listen(endpoint, { ...options(bob, nobody, stop.signal), modem });
    await vi.waitUntil(() => bob.modem.listenerCount('ring') > 0);
    bob.modem.emit('lost', new Error('unplugged'));
    await runFor(clock, 3_600_000);
    expect(tries).toBeGreaterThan(60);
    stop.abort();
    expect(await listening).toBeUndefined();
    expect(clock.nextDeadlineMs()).toBeUndefined();
  });

  test('fault 41: a modem that goes during a call ends the listening with its own words, and the call before it', async () => {
    const { alice, bob } = await pairedStations();
    const listening = listen(bob.endpoint, options(bob));
    const placed = await alice.modem.dial('');
    while (!bob.modem.isOffHook) await new Promise(setImmediate);
    bob.modem.emit('lost', new Error('unplugged'));
    if (placed.kind === 'connected') await placed.connection.hangUp();
    expect(await listening).toMatchObject({
      outcome: 'line-unavailable',
      reason: expect.stringContaining('The modem on sim:fake is gone'),
    });
    expect(bob.events.slice(-2)).toMatchObject([{ outcome: 'interrupted' }, { outcome: 'line-unavailable' }]);
    expect(bob.modem.listenerCount('lost')).toBe(0);
  });

  test('fault 41: a modem that goes while it answers ends the listening too, also after one call', async () => {
    for (const once of [false, true]) {
      const { bob } = await twoStations();
      const listening = listen(bob.endpoint, { ...options(bob), once });
      vi.spyOn(bob.modem, 'answerData').mockImplementation(async () => {
        bob.modem.emit('lost', new Error('unplugged'));
        return { kind: 'silent' };
      });
      while (bob.modem.listenerCount('ring') === 0) await new Promise(setImmediate);
      bob.modem.emit('ring', 1);
      expect(await listening).toMatchObject({
        outcome: 'line-unavailable',
        reason: expect.stringContaining('is gone'),
      });
    }
  });

  test('fault 41: a caller whose modem goes during the call is told so, and not to call again', async () => {
    const { alice, bob } = await pairedStations();
    const whole = options(alice);
    const onEvent = (event: EndpointEvent) => {
      whole.onEvent(event);
      if (event.event !== 'progress') return;
      alice.modem.emit('lost', new Error('unplugged'));
      void bob.modem.hangUp();
    };
    const [sent] = await Promise.all([
      send(alice.endpoint, alice.peer, [letter(systemRandom(2_000_000))], { ...whole, onEvent }),
      listen(bob.endpoint, { ...options(bob), once: true }),
    ]);
    expect(sent).toMatchObject({
      outcome: 'line-unavailable',
      reason: expect.stringContaining('The modem on sim:fake is gone'),
    });
    expect((await alice.endpoint.sendLog.read()).at(-1)).toMatchObject({ outcome: 'line-unavailable' });
  });

  test('fault 69: what a dead process left in quarantine goes, what it filed but did not log is logged', async () => {
    const { alice, bob } = await pairedStations();
    await sending({ alice, bob }, [letter()]);
    // A row of an older session, whose folder of the same name was moved away since.
    const [paired, received = ''] = readFileSync(bob.endpoint.paths.receiveLog, 'utf8').split('\n');
    const older = { ...JSON.parse(received), at: '2026-01-01T00:00:00.000Z' };
    writeFileSync(bob.endpoint.paths.receiveLog, `${paired}\n${JSON.stringify(older)}\n`);
    mkdirSync(join(bob.endpoint.paths.quarantine, '4194305-1.abcdef'));
    const stop = new AbortController();
    const listening = listen(bob.endpoint, options(bob, nobody, stop.signal));
    while (bob.modem.listenerCount('ring') === 0) await new Promise(setImmediate);
    stop.abort();
    await listening;
    expect(await bob.endpoint.receiveLog.read()).toMatchObject([
      { outcome: 'paired' },
      { outcome: 'received', reason: null },
      { outcome: 'received', reason: 'entered after a restart', files: [{ name: 'letter.txt' }] },
    ]);
    expectNothingLeft(bob);
  });
});

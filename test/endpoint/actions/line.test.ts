import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EndpointEvent } from '../../../src/endpoint/actions/events.js';
import { listen } from '../../../src/endpoint/actions/listen.js';
import { pair } from '../../../src/endpoint/actions/pair.js';
import { send } from '../../../src/endpoint/actions/send.js';
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
    await new Promise(setImmediate);
    expect(await send(alice.endpoint, alice.peer, [letter()], options(alice))).toMatchObject({
      outcome: 'line-unavailable',
    });
    stop.abort();
    expect(await listening).toBeUndefined();
    expect((await sending({ alice, bob }, [letter()])).map(outcomeOf)).toEqual(['sent', 'received']);
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

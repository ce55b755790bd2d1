import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { EndpointEvent } from '../../../../src/endpoint/actions/events.js';
import { listen } from '../../../../src/endpoint/actions/listen.js';
import { send } from '../../../../src/endpoint/actions/send.js';
import { quote } from '../../../../src/endpoint/actions/version-2/quote.js';
import { PriceBook } from '../../../server/price-book.js';
import { letter } from '../stations.js';
import {
  inTime,
  listening,
  onHook,
  options2,
  pairedStations2,
  resuming2,
  type Stations2,
  sending2,
} from './stations.js';

/** Alice sends, and asks Bob to pay. */
async function collecting({ net, alice, bob }: Stations2, path: string) {
  await onHook(net.clock);
  return inTime(
    net.clock,
    Promise.all([
      send(alice.endpoint, alice.peer, [path], { ...options2(alice), isCollect: true }),
      listen(bob.endpoint, { ...options2(bob), once: true }),
    ]),
  );
}

describe('BL-A2 send --dry-run', () => {
  test('BL-A2 tells octets, seconds, price and payer; nobody is called, nothing is kept, and the seconds are those of the call', async () => {
    const pricing = new PriceBook();
    const stations = await pairedStations2({ pricing });
    const { net, alice, bob } = stations;
    const path = letter(randomBytes(200_000));
    const rings = bob.events.filter(({ event }) => event === 'ringing').length;
    await onHook(net.clock);
    const quoted = await inTime(net.clock, quote(alice.endpoint, alice.peer, [path], options2(alice)));
    if (quoted.event !== 'quote') throw new Error(quoted.reason);
    expect(quoted).toMatchObject({ price: '0.40', currency: 'USD', payer: 'caller', longestSeconds: 90 });
    expect(quoted.octets).toBeGreaterThan(200_000);
    expect(quoted.octets).toBeLessThan(203_000);
    expect(pricing.asked.at(-1)).toMatchObject({ estimatedSeconds: quoted.seconds, isCollect: false });
    expect(alice.events.at(-1)).toEqual(quoted);
    expect(readdirSync(alice.endpoint.paths.spool)).toEqual([]);
    expect(await alice.endpoint.sendLog.read()).toHaveLength(1);
    expect(bob.events.filter(({ event }) => event === 'ringing')).toHaveLength(rings);

    expect((await sending2(stations, [path])).map((end) => end?.event)).toEqual(['sent', 'received']);
    await net.runUntil(net.isIdle);
    const { billableSeconds = 0 } = net.records().at(-1) ?? {};
    expect(billableSeconds).toBeLessThanOrEqual(quoted.seconds);
    expect(billableSeconds).toBeGreaterThan(0.85 * quoted.seconds);
    // The call itself says as much: it was packed by then.
    expect(pricing.asked.at(-1)?.estimatedSeconds).toBe(quoted.seconds);
  });

  test('BL-A2 a pipe has no length to ask for, and a missing file is told before the line is opened', async () => {
    const { alice } = await pairedStations2();
    const before = alice.events.length;
    const pipe = { name: 'pipe', content: process.stdin };
    expect(await quote(alice.endpoint, alice.peer, [pipe], options2(alice))).toMatchObject({
      outcome: 'usage',
    });
    expect(await quote(alice.endpoint, alice.peer, ['no/such/file'], options2(alice))).toMatchObject({
      event: 'failed',
    });
    expect(alice.events.slice(before).map(({ event }) => event)).toEqual(['failed', 'failed']);
  });
});

describe('BL-A2 send --collect', () => {
  test('BL-A2 is refused by who does not pay for the caller, both logs say why, and taken by who does', async () => {
    const stations = await pairedStations2({ pricing: new PriceBook() });
    const { net, bob } = stations;
    const path = letter();
    const [refused, turnedAway] = await collecting(stations, path);
    expect(refused).toMatchObject({
      ...{ event: 'failed', outcome: 'refused', step: 'CM-A3' },
      advice: expect.stringContaining('asked to pay'),
    });
    expect(turnedAway).toMatchObject({
      ...{ event: 'failed', outcome: 'refused', step: 'CM-A5' },
      reason: 'Alice Ltd called at your cost, and you do not pay for its calls; it was refused.',
      advice: expect.stringContaining('cordboard peers pay-for 000000000001 yes'),
    });
    expect((await bob.endpoint.receiveLog.read()).at(-1)).toMatchObject({
      outcome: 'refused',
      name: 'Alice Ltd',
    });
    await net.runUntil(net.isIdle);
    expect(net.records().at(-1)).toMatchObject({ isCollect: true, outcome: 'refused' });

    await bob.endpoint.addressBook.payFor(bob.peer.account, true);
    expect((await collecting(stations, path)).map((end) => end?.event)).toEqual(['sent', 'received']);
    await net.runUntil(net.isIdle);
    expect(net.records().at(-1)).toMatchObject({ isCollect: true, outcome: 'completed' });
    expect((await sending2(stations, [letter('at my own cost')])).map((end) => end?.event)).toEqual([
      'sent',
      'received',
    ]);
    await net.runUntil(net.isIdle);
    expect(net.records().at(-1)).toMatchObject({ isCollect: false });
    await bob.endpoint.addressBook.payFor(bob.peer.account, false);
    expect((await collecting(stations, path))[0]).toMatchObject({ outcome: 'refused' });
  });
});

describe('BL-A2 a limit in the middle of a transfer', () => {
  test('BL-A2 what is across stays, the person is told that it goes on, and it does on another day', async () => {
    const pricing = new PriceBook();
    const stations = await pairedStations2({ pricing });
    const { net, alice } = stations;
    pricing.hold = { longestSeconds: 30 };
    const first = listening(stations);
    await onHook(net.clock);
    const told = (event: EndpointEvent) => {
      // The first call has taken all that was left.
      if (event.event === 'redialing') pricing.hold = { reason: 'over the limit' };
      alice.events.push(event);
    };
    const path = letter(randomBytes(300_000));
    const end = await inTime(
      net.clock,
      send(alice.endpoint, alice.peer, [path], { ...options2(alice), onEvent: told }),
    );
    expect(end).toMatchObject({
      ...{ event: 'failed', outcome: 'interrupted' },
      reason: expect.stringContaining('has a limit for the day or the month'),
      advice: expect.stringContaining('--resume'),
    });
    const redialing = alice.events.filter((event) => event.event === 'redialing');
    expect(redialing).toMatchObject([
      { reason: 'the server released the call after 30 s, the limit of who pays', seconds: 10 },
    ]);
    await inTime(net.clock, first.stop());

    pricing.hold = { longestSeconds: 0 };
    expect((await resuming2(stations)).map((each) => each?.event)).toEqual(['sent', 'received']);
  });
});

import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { systemRandom } from '../../../../src/crypto/random.js';
import type { ActionEnd } from '../../../../src/endpoint/actions/events.js';
import { listen } from '../../../../src/endpoint/actions/listen.js';
import { resume } from '../../../../src/endpoint/actions/send.js';
import { type Endpoint, openEndpoint } from '../../../../src/endpoint/endpoint.js';
import { listUnfinished } from '../../../../src/endpoint/transfers/spool-list.js';
import { mortal } from '../../../support/mortal-disk.js';
import { temporaryFolder } from '../../support.js';
import { nobody, outcomeOf } from '../stations.js';
import {
  atShare,
  inTime,
  options2,
  pairedStations2,
  type Station2,
  type Stations2,
  sending2,
} from './stations.js';

vi.mock('node:fs/promises', async (original) =>
  (await import('../../../support/mortal-disk.js')).mortalDisk(
    await original<typeof import('node:fs/promises')>(),
  ),
);

afterEach(() => mortal.forget());

/** Puts the homes back as they were when this was called. */
function snapshot(...endpoints: Endpoint[]): () => void {
  const kept = endpoints.map(({ paths }) => {
    const copy = join(temporaryFolder(), 'home');
    cpSync(paths.home, copy, { recursive: true, preserveTimestamps: true });
    return { home: paths.home, copy };
  });
  return () => {
    for (const { home, copy } of kept) {
      for (const name of readdirSync(home)) rmSync(join(home, name), { recursive: true });
      cpSync(copy, home, { recursive: true, preserveTimestamps: true });
    }
  };
}

/** The endpoint as the next process finds it: a dead one's locks are nobody's. This process lives on, so they are taken away. */
async function rebooted(station: Station2): Promise<void> {
  const { home, spool, incoming } = station.endpoint.paths;
  for (const folder of [home, join(spool, 'locks'), join(incoming, 'locks')]) {
    const files = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
    for (const each of files.filter((file) => file.isFile() && (folder !== home || /lock/.test(file.name))))
      rmSync(join(folder, each.name));
  }
  station.endpoint = await openEndpoint(home, station.endpoint.world);
}

/** A dead process has no result. */
function untilDeath(action: Promise<ActionEnd | undefined>): Promise<ActionEnd | undefined> {
  return action.catch((error: unknown) => {
    if (!mortal.isDead) throw error;
    return undefined;
  });
}

/** Alice goes on with what is unfinished, Bob listens; a process that dies is started again, until nothing is unfinished. */
async function resumedInSpite(stations: Stations2, victim: Station2, n: number): Promise<void> {
  const { alice, bob, net, dropLines } = stations;
  const death = new AbortController();
  mortal.watch(victim.endpoint.paths.home, n, () => {
    dropLines();
    death.abort();
  });
  const stop = new AbortController();
  const signalOf = (station: Station2) =>
    AbortSignal.any([stop.signal, ...(station === victim ? [death.signal] : [])]);
  const first = untilDeath(listen(bob.endpoint, options2(bob, nobody, signalOf(bob))));
  const listened = first.then(async (end) => {
    if (!mortal.isDead || victim !== bob) return end;
    await rebooted(bob);
    mortal.forget();
    return listen(bob.endpoint, options2(bob, nobody, stop.signal));
  });
  await inTime(
    net.clock,
    untilDeath(resume(alice.endpoint, alice.peer, options2(alice, nobody, signalOf(alice)))),
  );
  if (mortal.isDead && victim === alice) {
    await rebooted(alice);
    mortal.forget();
  }
  for (let turn = 0; (await listUnfinished(alice.endpoint.paths.spool)).length > 0; turn += 1) {
    expect(turn, `at ${n}`).toBeLessThan(3);
    await inTime(net.clock, resume(alice.endpoint, alice.peer, options2(alice)));
  }
  stop.abort();
  await inTime(net.clock, listened);
}

test.each(['alice', 'bob'] as const)(
  'fault 69: the process of %s is killed at each of its writes while a transfer goes on: the file arrives once, whole, and both logs say so',
  async (who) => {
    const stations = await pairedStations2();
    const { alice, bob } = stations;
    const path = join(temporaryFolder(), 'noise.bin');
    const content = systemRandom(24_000);
    writeFileSync(path, content);
    const sha256 = createHash('sha256').update(content).digest('hex');
    // Behind KEY: what went out is on its way for as long as that takes.
    const { clock } = stations.net;
    atShare(alice, 0.5, () => clock.setTimeout(() => stations.dropLines(), 2_000));
    expect((await sending2(stations, [path])).map(outcomeOf)).toEqual(['interrupted', 'interrupted']);
    const putBack = snapshot(alice.endpoint, bob.endpoint);

    let n = 0;
    for (let isOver = false; !isOver; ) {
      n += 1;
      putBack();
      for (const station of [alice, bob])
        station.endpoint = await openEndpoint(station.endpoint.paths.home, station.endpoint.world);
      await resumedInSpite(stations, stations[who], n);
      isOver = mortal.home !== '' && !mortal.isDead;
      mortal.forget();

      const sessions = await bob.endpoint.inboxSessions();
      expect(sessions, `at ${n}`).toMatchObject([{ files: [{ name: 'noise.bin', sha256 }] }]);
      expect(readFileSync(join(sessions[0]?.path ?? '', 'noise.bin')).equals(content)).toBe(true);
      const delivered = (await alice.endpoint.sendLog.read()).filter(({ outcome }) => outcome === 'sent');
      expect(delivered, `at ${n}`).toMatchObject([{ files: [{ sha256 }], receipt: expect.any(String) }]);
      const received = (await bob.endpoint.receiveLog.read()).filter(({ outcome }) => outcome === 'received');
      expect(received, `at ${n}`).toMatchObject([{ files: [{ sha256 }], receipt: delivered[0]?.receipt }]);
      // What a crash left of a transfer that is over goes at the next look.
      expect(outcomeOf(await resume(alice.endpoint, alice.peer, options2(alice)))).toBe('usage');
      expect(readdirSync(alice.endpoint.paths.spool)).toEqual(['locks']);
      expect(readdirSync(alice.endpoint.paths.receipts)).toEqual([`${delivered[0]?.receipt}.json`]);
    }
    expect(n).toBeGreaterThan(15);
  },
  240_000,
);

import { randomBytes } from 'node:crypto';
import { expect, vi } from 'vitest';
import { type Stage, test } from './stage.js';
import { type Sites, twoSites } from './two-uucp-sites.js';

/** One of them dials the other. */
function neighbours(stage: Stage): Sites {
  const [caller, called] = [stage.line(), stage.line()];
  return { caller, called, phone: called.number };
}

test.concurrent('AL-4 AL-5 uucico: dials a second one, logs in, sends 1 MiB by protocol g, by both logs nothing twice', async ({
  stage,
}) => {
  stage.needs('uucico');
  const sites = await twoSites(stage, neighbours(stage), randomBytes(1024 * 1024));
  const { caller, called } = await sites.call();
  expect([await caller.ended, await called.ended], caller.said + called.said).toEqual([0, 0]);
  expect(sites.hasArrived()).toBe(true);
  for (const site of ['sitea', 'siteb'] as const) {
    expect(sites.log(site)).toMatch(/Protocol 'g' packets: sent \d+, resent 0, received \d+/);
    expect(sites.log(site)).toContain('Call complete');
  }
});

test.concurrent('AL-4 uucico: killed in the middle of a file, the other is hung up on, the next call delivers', async ({
  stage,
}) => {
  stage.needs('uucico');
  const sites = await twoSites(stage, neighbours(stage), randomBytes(400_000));
  const lost = await sites.call();
  await vi.waitUntil(sites.isArriving, { timeout: 30_000 });
  await lost.caller.kill();
  await lost.called.ended;
  expect(sites.log('siteb')).toMatch(/ERROR: (read: Input.output error|Got hangup signal)/);
  expect(sites.hasArrived()).toBe(false);

  const { caller, called } = await sites.call();
  expect([await caller.ended, await called.ended], caller.said + called.said).toEqual([0, 0]);
  expect(sites.hasArrived()).toBe(true);
});

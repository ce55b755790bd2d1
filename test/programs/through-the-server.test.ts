import { randomBytes } from 'node:crypto';
import { expect, vi } from 'vitest';
import { serverOn } from './server.js';
import { type Stage, test } from './stage.js';
import { twoSites } from './two-uucp-sites.js';

/** One uucico dials the server and, by DTMF, the account of the other; a file goes through. @returns the server's records */
async function fileByAccount(stage: Stage, transfer: 'bridge' | 'hook-flash', octets: number) {
  const server = await serverOn(stage, transfer);
  const sites = await twoSites(stage, server, randomBytes(octets));
  const { caller, called } = await sites.call();
  expect([await caller.ended, await called.ended], caller.said + called.said).toEqual([0, 0]);
  expect(sites.hasArrived()).toBe(true);
  expect(sites.log('sitea')).toContain('Call complete');
  await vi.waitUntil(async () => (await server.calls()).every(({ outcome }) => outcome !== 'open'), {
    timeout: 30_000,
    interval: 500,
  });
  return server.calls();
}

const parties = { callerAccount: '000000000001', calleeAccount: '000000000002', releaseCause: 16 };

test.concurrent('CM-330 CM-335 AL-4 AL-5 uucico: dials an account by DTMF, the server joins the two lines, a file goes through, on record', async ({
  stage,
}) => {
  stage.needs('uucico');
  const records = await fileByAccount(stage, 'bridge', 65_536);
  expect(records).toMatchObject([{ ...parties, outcome: 'completed' }]);
  expect(records[0]?.octetsFromCaller).toBeGreaterThan(65_536);
});

test.concurrent('CM-330 CM-335 AL-4 AL-5 uucico: is handed over by hook-flash to the account that it dialled, and the file goes through without the server', async ({
  stage,
}) => {
  stage.needs('uucico');
  const records = await fileByAccount(stage, 'hook-flash', 65_536);
  expect(records).toMatchObject([{ ...parties, outcome: 'transferred' }]);
});

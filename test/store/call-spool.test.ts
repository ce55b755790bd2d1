import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AccountNumber } from '../../src/bytes/account-number.js';
import { openCallSpool } from '../../src/store/call-spool.js';
import type { ClosedCall } from '../../src/store/calls.js';
import { LogBook } from '../support/log-book.js';

const ids = ['0199f3a0-0000-7000-8000-000000000001', '0199f3a0-0000-7000-8000-000000000002'] as const;

const closed: ClosedCall = {
  ani: '5550101',
  callerAccount: '000000000001' as AccountNumber,
  calleeAccount: '000000000002' as AccountNumber,
  calledNumber: '5550102',
  calleePort: 'sim:5550199',
  protocolVersion: 2,
  callClass: 'pairing',
  isCollect: true,
  answerAt: new Date('2026-11-20T10:00:01.000Z'),
  bridgeAt: new Date('2026-11-20T10:00:20.500Z'),
  endAt: new Date('2026-11-20T10:01:00.123Z'),
  durationSeconds: 60,
  billableSeconds: 40,
  octetsFromCaller: 1234,
  octetsFromCallee: 567,
  outcome: 'completed',
  releaseCause: 16,
  reason: undefined,
};

/** Of a caller that hung up before it had said a word. */
const abandoned: ClosedCall = {
  ...closed,
  ani: undefined,
  callerAccount: undefined,
  calleeAccount: undefined,
  calledNumber: undefined,
  calleePort: undefined,
  protocolVersion: undefined,
  callClass: undefined,
  bridgeAt: undefined,
  outcome: 'abandoned',
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'call-spool-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('CM-335 what is kept is there for the next run as it was, oldest first, for its owner alone', async () => {
  const spool = await openCallSpool(join(folder, 'spool'), new LogBook());
  await spool.keep({ trackingId: ids[1], closed: abandoned });
  await spool.keep({ trackingId: ids[0], closed });
  const next = await openCallSpool(join(folder, 'spool'), new LogBook());
  expect(await next.list()).toEqual([
    { trackingId: ids[0], closed },
    { trackingId: ids[1], closed: abandoned },
  ]);
  expect(statSync(join(folder, 'spool', `${ids[0]}.json`)).mode & 0o777).toBe(0o600);
});

test('CM-335 what is forgotten or put aside is not there', async () => {
  const spool = await openCallSpool(folder, new LogBook());
  for (const trackingId of ids) await spool.keep({ trackingId, closed });
  await spool.forget(ids[0]);
  await spool.forget(ids[0]);
  const aside = await spool.putAside(ids[1]);
  expect(await spool.list()).toEqual([]);
  expect(readdirSync(folder).map((name) => join(folder, name))).toEqual([aside]);
});

test('CM-335 fault 69: a file that a crash left half written is no record; a damaged one is told, and holds up no other', async () => {
  const log = new LogBook();
  const spool = await openCallSpool(folder, log);
  for (const trackingId of ids) await spool.keep({ trackingId, closed });
  writeFileSync(join(folder, 'x.json.new'), '{');
  truncateSync(join(folder, `${ids[0]}.json`), 20);
  expect((await spool.list()).map(({ trackingId }) => trackingId)).toEqual([ids[1]]);
  expect(log.with('a spooled call record cannot be read; it is left where it is')).toHaveLength(1);
});

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Program } from './program.js';
import { type Couple, Stage } from './stage.js';

/** A call takes some ten seconds, most of them digits; a busy machine several times as long. */
const callMs = 120_000;
const vectors = fileURLToPath(new URL('../../../shared/vectors/self/v1-kat.json', import.meta.url));
const missing = ['python3', 'openssl'].filter((program) => !isInstalled(program));

const stage = new Stage();
let couples: Couple[] = [];

beforeAll(async () => {
  if (missing.length === 0) couples = await stage.open(2);
}, 240_000);

afterAll(() => stage.close());

/** Skips, or fails where CORDBOARD_REQUIRE_PROGRAMS=1, when a program is not installed. */
beforeEach((context) => {
  if (missing.length === 0) return;
  const message = `${missing.join(' and ')} not installed`;
  if (process.env.CORDBOARD_REQUIRE_PROGRAMS === '1') throw new Error(message);
  context.skip(message);
});

test('the independent program agrees with the known answers', async (context) => {
  if (!existsSync(vectors)) context.skip(`${vectors} is not there`);
  const check = stage.selfCheck(vectors);
  expect(await check.ended, check.account()).toBe(0);
});

// The two couples call at the same time; within one, each test builds on what the one before it left.

describe.concurrent('the independent program calls Cordboard', () => {
  const couple = () => coupleAt(0);
  const listen = () => stage.endpoint(couple(), 'listen', '--once');
  const call = (role: string, ...args: string[]) =>
    stage.independent(couple(), role, '--digit-ms', '60', ...args);

  test.sequential('KX-445 KX-450 KX-455 AL-4 a RandomA that A1 did not commit to is refused', {
    timeout: callMs,
  }, async () => {
    const listener = listen();
    const caller = call('ke-sender', '--fault', 'random-a');
    await ends(caller, 0);
    expect(await caller.event('refused')).toMatchObject({ step: 'KX-465' });
    await ends(listener, 10);
    expect(await listener.event('failed')).toMatchObject({ outcome: 'not-authentic', step: 'KX-450' });
    expect(await isPaired(couple())).toBe(false);
  });

  test.sequential('fault 49: a check string typed wrong pairs nobody', { timeout: callMs }, async () => {
    const listener = listen();
    const caller = call('ke-sender');
    const { x } = await caller.event('check-string');
    await listener.event('type-check-string');
    listener.type(otherThan(String(x)));
    await ends(listener, 9);
    expect(await listener.event('failed')).toMatchObject({ outcome: 'not-confirmed' });
    caller.type('no');
    await ends(caller, 5);
    expect(await isPaired(couple())).toBe(false);
  });

  test.sequential('KX-470A KX-470B KX-490 KX-500 AL-4 the check string shown there is the one awaited here', {
    timeout: callMs,
  }, async () => {
    const listener = listen();
    const caller = call('ke-sender');
    const { x } = await caller.event('check-string');
    await listener.event('type-check-string');
    listener.type(String(x).toLowerCase());
    await ends(listener, 0);
    expect(await listener.event('paired')).toMatchObject({ peer: { account: couple().independent.account } });
    caller.type('yes');
    await ends(caller, 0);
    expect(await isPaired(couple())).toBe(true);
  });

  test.sequential('DX-715 DX-720 DX-725 AL-4 a caller without the long-term key is refused', {
    timeout: callMs,
  }, async () => {
    const listener = listen();
    const caller = call('dx-sender', '--fault', 'proof-a', ...envelope(couple()));
    await ends(caller, 0);
    expect(await caller.event('refused')).toMatchObject({ step: 'DX-735' });
    await ends(listener, 10);
    expect(await listener.event('failed')).toMatchObject({ outcome: 'not-authentic', step: 'DX-720' });
  });

  test.sequential('DX-770 DX-785 fault 16: a file whose last block is missing is not delivered', {
    timeout: callMs,
  }, async () => {
    const listener = listen();
    const caller = call('dx-sender', '--fault', 'file-truncated', ...envelope(couple()));
    await ends(caller, 0);
    await ends(listener, 13);
    expect(await listener.event('failed')).toMatchObject({ outcome: 'file-refused', step: 'DX-785' });
    expect(readdirSync(inboxOf(couple()))).toEqual([]);
  });

  test.sequential('DX-760 DX-770 DX-775 DX-780 AL-4 files sent with their dates arrive with them', {
    timeout: callMs,
  }, async () => {
    const files = envelope(couple());
    const listener = listen();
    const caller = call('dx-sender', ...files);
    await ends(caller, 0);
    await ends(listener, 0);
    const received = await listener.event('received');
    const expected = files.map(described);
    expect((await caller.event('sent')).files).toEqual(expected);
    expect(inSeconds(received.files)).toEqual(expected);
    const folder = join(inboxOf(couple()), String(received.folder));
    expect(files.map((path) => described(join(folder, nameOf(path))))).toEqual(expected);
  });

  test.sequential('the Receive Log tells of every call', {
    timeout: callMs,
  }, async () => {
    const rows = await logRows(couple(), 'received');
    expect(rows.map(({ protocol, outcome }) => `${protocol} ${outcome}`)).toEqual([
      'key-exchange not-authentic',
      'key-exchange not-confirmed',
      'key-exchange paired',
      'data-exchange not-authentic',
      'data-exchange file-refused',
      'data-exchange received',
    ]);
  });
});

describe.concurrent('Cordboard calls the independent program', () => {
  const couple = () => coupleAt(1);
  const pair = () => stage.endpoint(couple(), 'pair', couple().independent.account);
  const send = (...files: string[]) => stage.endpoint(couple(), 'send', couple().independent.name, ...files);
  const answer = (role: string, ...args: string[]) => stage.independent(couple(), role, ...args);

  test.sequential('KX-385 KX-390 a recipient that answers A1 with NAK has refused', {
    timeout: callMs,
  }, async () => {
    const callee = answer('ke-recipient', '--fault', 'nak-a1');
    const caller = pair();
    await ends(caller, 7);
    expect(await caller.event('failed')).toMatchObject({ outcome: 'refused', step: 'KX-390' });
    await ends(callee, 0);
  });

  test.sequential('KX-410 KX-415 KX-425 AL-4 a ProofB that proves nothing is refused', {
    timeout: callMs,
  }, async () => {
    const callee = answer('ke-recipient', '--fault', 'proof-b');
    const caller = pair();
    await ends(caller, 10);
    expect(await caller.event('failed')).toMatchObject({ outcome: 'not-authentic', step: 'KX-410' });
    await ends(callee, 0);
    expect(await callee.event('refused')).toMatchObject({ step: 'KX-410' });
    expect(await isPaired(couple())).toBe(false);
  });

  test.sequential('KX-470A KX-470B KX-485 KX-495 AL-4 the check string shown here is the one awaited there', {
    timeout: callMs,
  }, async () => {
    const callee = answer('ke-recipient');
    const caller = pair();
    const { x } = await caller.event('check-string');
    await callee.event('type-check-string');
    callee.type(String(x));
    await ends(callee, 0);
    caller.type('yes');
    await ends(caller, 0);
    expect(await isPaired(couple())).toBe(true);
  });

  test.sequential('DX-675 DX-680 DX-700 AL-4 a recipient without the long-term key gets no file', {
    timeout: callMs,
  }, async () => {
    const callee = answer('dx-recipient', '--fault', 'proof-b');
    const caller = send(...envelope(couple()));
    await ends(caller, 10);
    expect(await caller.event('failed')).toMatchObject({ outcome: 'not-authentic', step: 'DX-675' });
    await ends(callee, 0);
    expect(await callee.event('refused')).toMatchObject({ step: 'DX-675' });
  });

  test.sequential('DX-605 DX-610 DX-705 DX-745 DX-750 AL-4 files sent with their dates arrive with them', {
    timeout: callMs,
  }, async () => {
    const files = envelope(couple());
    const callee = answer('dx-recipient');
    const caller = send(...files);
    await ends(caller, 0);
    await ends(callee, 0);
    const expected = files.map(described);
    expect(inSeconds((await caller.event('sent')).files)).toEqual(expected);
    expect((await callee.event('received')).files).toEqual(expected);
    const inbox = join(couple().folder, 'inbox');
    expect(files.map((path) => described(join(inbox, nameOf(path))))).toEqual(expected);
  });

  test.sequential('KX-390 the Send Log tells of every call', { timeout: callMs }, async () => {
    const rows = await logRows(couple(), 'sent');
    expect(rows.map(({ protocol, outcome }) => `${protocol} ${outcome}`)).toEqual([
      'key-exchange refused',
      'key-exchange not-authentic',
      'key-exchange paired',
      'data-exchange not-authentic',
      'data-exchange sent',
    ]);
  });
});

test('CM-335 every call left one closed record', { timeout: callMs }, async () => {
  const records = await stage.callRecords();
  const callers = records.map(({ callerAccount }) => callerAccount);
  expect(callers.filter((account) => account === coupleAt(0).independent.account)).toHaveLength(6);
  expect(callers.filter((account) => account === coupleAt(1).cordboard.account)).toHaveLength(5);
  expect(records).toHaveLength(11);
  for (const record of records) {
    expect(record).toMatchObject({ outcome: 'completed', releaseCause: 16, protocolVersion: 1 });
    expect(record.endAt).toEqual(expect.any(String));
  }
});

function coupleAt(index: number): Couple {
  const couple = couples[index];
  if (!couple) throw new Error('the stage is not open');
  return couple;
}

/** Exit code, with what the program said where it is another. */
async function ends(program: Program, code: number): Promise<void> {
  expect(await program.ended, program.account()).toBe(code);
}

/** An empty file, a text, one that does not compress: each with a date of its own. */
function envelope({ folder }: Couple): string[] {
  const outbox = join(folder, 'outbox');
  mkdirSync(outbox, { recursive: true });
  const contents: [string, Uint8Array, string][] = [
    ['empty', Buffer.alloc(0), '1970-01-01T00:00:00Z'],
    ['noise.bin', noise(5_000), '2026-02-28T23:59:59Z'],
    ['Prüfung 1.txt', Buffer.from('A call from beginning to end.\n'.repeat(200)), '1997-01-23T04:05:06Z'],
  ];
  return contents.map(([name, content, date]) => {
    const path = join(outbox, name);
    writeFileSync(path, content);
    utimesSync(path, new Date(date), new Date(date));
    return path;
  });
}

function noise(size: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(size / 32) }, (_, index) =>
    createHash('sha256').update(String(index)).digest(),
  );
  return Buffer.concat(blocks).subarray(0, size);
}

function described(path: string) {
  const content = readFileSync(path);
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { name: nameOf(path), size: content.length, sha256, mtime: statSync(path).mtimeMs / 1000 };
}

/** The files of an event of Cordboard, dates as the independent program has them. */
function inSeconds(files: unknown) {
  return (files as { mtime: string }[]).map((file) => ({ ...file, mtime: Date.parse(file.mtime) / 1000 }));
}

const nameOf = (path: string) => path.split('/').at(-1) ?? path;
const inboxOf = ({ folder }: Couple) => join(folder, 'home', 'inbox');

function otherThan(checkString: string): string {
  return `${checkString.startsWith('A') ? 'B' : 'A'}${checkString.slice(1)}`;
}

async function isPaired(couple: Couple): Promise<boolean> {
  const listing = stage.endpoint(couple, 'peers');
  await ends(listing, 0);
  const { peers } = JSON.parse(listing.output) as { peers: { account: string; paired: boolean }[] };
  return peers.some(({ account, paired }) => account === couple.independent.account && paired);
}

async function logRows(couple: Couple, log: 'sent' | 'received'): Promise<Record<string, unknown>[]> {
  const listing = stage.endpoint(couple, log);
  await ends(listing, 0);
  return JSON.parse(listing.output).rows;
}

/** Whether it can be started at all; what it thinks of the argument does not matter. */
function isInstalled(program: string): boolean {
  return spawnSync(program, ['version']).error === undefined;
}

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { SessionFailure } from '../../src/session/session.js';
import type { LogBook } from '../support/log-book.js';
import { flip, type Sent } from '../support/pair.js';
import { seeded } from '../support/seeded.js';
import { pairUp, seal, transfer } from './parties.js';

interface Call {
  readonly line: { readonly wire: readonly Sent[] };
  readonly caller: { readonly kind: string };
  readonly callee: { readonly kind: string };
  readonly logs: { readonly caller: LogBook; readonly callee: LogBook };
}

const packets: Readonly<Record<string, string>> = {
  'caller 164': 'A1',
  'callee 163': 'B',
  'caller 22': 'A2',
  'caller 36': 'A1',
  'callee 55': 'B',
  'caller 94': 'A2',
};
const octetNames: Readonly<Record<number, string>> = { 6: 'ACK', 21: 'NAK' };

function rung({ from, octets, atMs }: Sent): string {
  const packet = packets[`${from} ${octets.length}`];
  const single = octets.length === 1 ? octetNames[octets[0] as number] : undefined;
  const name = single ?? `${packet ?? 'C'}, ${octets.length} octets`;
  const arrow =
    from === 'caller'
      ? `${name} `.padEnd(30, '-').concat('>')
      : '<'.padEnd(30 - name.length, '-').concat(` ${name}`);
  return `${(atMs / 1000).toFixed(3).padStart(8)}  ${arrow}`;
}

function ending(side: string, result: { readonly kind: string }): string {
  if (result.kind !== 'failed') return `${side}: ${result.kind}`;
  const { step, outcome, reason } = result as SessionFailure;
  return `${side}: ${step} ${outcome}: ${reason}`;
}

/** The call as a reader sees it: seconds, who sends what, and how both sides end. */
function ladder({ line, caller, callee }: Call): string {
  const head = `${'seconds'.padStart(8)}  ${'caller'.padEnd(25)}callee`;
  return [head, ...line.wire.map(rung), ending('caller', caller), ending('callee', callee), ''].join('\n');
}

/** Compares with `fixtures/calls`; UPDATE_LADDERS=1 in the environment writes what was seen. */
function expectLadder(name: string, call: Call): void {
  const path = new URL(`../../fixtures/calls/${name}.txt`, import.meta.url);
  if (process.env.UPDATE_LADDERS === '1') writeFileSync(path, ladder(call));
  expect(existsSync(path) ? readFileSync(path, 'utf8') : 'no such ladder').toBe(ladder(call));
}

const content = seal(seeded('ladder')(10_000));

test('KX-355 to KX-500: a pairing', async () => {
  expectLadder('key-exchange', await pairUp());
});

test('KX-410 to KX-440: the proof of B is wrong', async () => {
  expectLadder('key-exchange-false-proof', await pairUp({ toCaller: flip(150) }));
});

test('KX-450 to KX-465: RandomA is not the one of the commitment', async () => {
  expectLadder('key-exchange-false-random', await pairUp({ toCallee: flip(164 + 3) }));
});

test('KX-490: the line was tampered with, and the strings differ', async () => {
  expectLadder('key-exchange-other-string', await pairUp({ toCallee: flip(1) }));
});

test('DX-615 to DX-780: a transfer', async () => {
  expectLadder('data-exchange', await transfer({ transfer: content }));
});

test('DX-635 to DX-650: an account without a key', async () => {
  expectLadder(
    'data-exchange-unknown-account',
    await transfer({ calleeOptions: { longTermKeyOf: () => undefined } }),
  );
});

test('DX-675 to DX-690: the two sides hold different keys', async () => {
  expectLadder(
    'data-exchange-other-key',
    await transfer({ calleeOptions: { longTermKeyOf: () => seeded('another')(20) } }),
  );
});

test('DX-720 to DX-735: the proof of A2 is wrong', async () => {
  expectLadder('data-exchange-false-proof', await transfer({ toCallee: flip(36 + 20) }));
});

test('DX-785: a bit of the file was turned on the way', async () => {
  expectLadder(
    'data-exchange-file-refused',
    await transfer({ transfer: content, toCallee: flip(36 + 94 + 5000) }),
  );
});

test('DX-745: the line breaks in the middle of the file', async () => {
  expectLadder(
    'data-exchange-cut',
    await transfer({ transfer: content, hangUpAfter: 36 + 55 + 94 + 1 + 5000 }),
  );
});

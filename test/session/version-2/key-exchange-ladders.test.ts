import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { PairingResult } from '../../../src/session/version-2/key-exchange.js';
import { pairOver, two } from './pairing-parties.js';

const names: Record<number, string> = { 31: 'KX1', 32: 'KX2', 33: 'KX3', 34: 'CONF', 35: 'CONF_ACK' };

type Call = Awaited<ReturnType<typeof pairOver>>;
type Sent = Call['channels']['wire'][number];

function rung({ from, recordType, body, atMs }: Sent): string {
  const verdict = recordType >= 34 ? ` ${body[16] === 1 ? 'yes' : 'no'}` : '';
  const name = `${names[recordType]}${verdict}, ${body.length} octets`;
  const arrow =
    from === 'caller'
      ? `${name} `.padEnd(30, '-').concat('>')
      : '<'.padEnd(30 - name.length, '-').concat(` ${name}`);
  return `${(atMs / 1000).toFixed(3).padStart(8)}  ${arrow}`;
}

function ending(side: string, result: PairingResult): string {
  if (result.kind !== 'failed') return `${side}: ${result.kind}`;
  const { step, outcome, reason } = result;
  return `${side}: ${step} ${outcome}: ${reason}`;
}

/** Compares with `fixtures/calls`; UPDATE_LADDERS=1 in the environment writes what was seen. */
function expectLadder(name: string, { channels, caller, callee }: Call): void {
  const path = new URL(`../../../fixtures/calls/${name}.txt`, import.meta.url);
  const head = `${'seconds'.padStart(8)}  ${'caller'.padEnd(25)}callee`;
  const seen = [
    head,
    ...channels.wire.map(rung),
    ending('caller', caller),
    ending('callee', callee),
    '',
  ].join('\n');
  if (process.env.UPDATE_LADDERS === '1') writeFileSync(path, seen);
  expect(existsSync(path) ? readFileSync(path, 'utf8') : 'no such ladder').toBe(seen);
}

test('KX-355 to KX-500: a pairing', async () => {
  expectLadder('key-exchange-2', await pairOver(two()));
});

test('KX-490: the strings differ', async () => {
  const ends = two();
  ends.callee.types = async () => 'AAAAA';
  expectLadder('key-exchange-2-other-string', await pairOver(ends));
});

test('KX-410 KX-415: macR is wrong', async () => {
  const alter = (record: { recordType: number; body: Uint8Array; from: 'caller' | 'callee' }) => [
    record.recordType === 32
      ? { ...record, body: record.body.map((octet, at) => (at === 1274 ? octet ^ 1 : octet)) }
      : record,
  ];
  expectLadder('key-exchange-2-false-proof', await pairOver(two(), { alter }));
});

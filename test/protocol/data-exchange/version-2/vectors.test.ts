import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { AccountNumber } from '../../../../src/bytes/account-number.js';
import { ed25519 } from '../../../../src/crypto/ed25519.js';
import { encode, parse } from '../../../../src/protocol/data-exchange/version-2/packets.js';
import { faultOfReceipt, signReceipt } from '../../../../src/protocol/data-exchange/version-2/rules.js';
import { ChunkSealer, StreamOpener } from '../../../../src/protocol/data-exchange/version-2/sealed-stream.js';

interface StreamGroup {
  readonly sessionId: string;
  readonly transferKey: string;
  readonly tests: readonly {
    readonly tcId: number;
    readonly comment: string;
    readonly stream: string;
    readonly result: 'valid' | 'incomplete' | 'invalid';
    readonly content: string;
    readonly chunks: number;
  }[];
}

interface ReceiptGroup {
  readonly accounts: readonly [AccountNumber, AccountNumber];
  readonly recipientSecret: string;
  readonly recipientKey: string;
  readonly sessionId: string;
  readonly handshakeHash: string;
  readonly content: { readonly sha256: string; readonly octets: number; readonly chunks: number };
  readonly tests: readonly {
    readonly tcId: number;
    readonly comment: string;
    readonly payload: string;
    readonly result: 'valid' | 'invalid';
  }[];
}

const path = new URL('../../../../fixtures/vectors/data-exchange-2.json', import.meta.url);
const { testGroups } = JSON.parse(readFileSync(path, 'utf8')) as { testGroups: [StreamGroup, ReceiptGroup] };
const [streams, receipts] = testGroups;
const octets = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
const streamKey = { sessionId: octets(streams.sessionId), transferKey: octets(streams.transferKey) };
const verdicts = { complete: 'valid', more: 'incomplete', broken: 'invalid' } as const;

describe('sealed stream', () => {
  test.each(streams.tests)('DX-770 fault 28: $tcId $comment', ({ stream, result, content, chunks }) => {
    const opener = new StreamOpener(streamKey);
    const opened = opener.push(octets(stream));
    expect(verdicts[opened.state.kind]).toBe(result);
    expect(Buffer.concat(opened.chunks).toString('hex')).toBe(content);
    expect(opener.position).toEqual({ chunks, octets: content.length / 2 });
  });

  test('DX-610 an honest stream is sealed to the very octets', () => {
    const [honest] = streams.tests;
    const sealer = new ChunkSealer(streamKey);
    const content = octets(honest?.content ?? '');
    const sealed = [content.subarray(0, 40), content.subarray(40, 41), content.subarray(41)].map(
      (piece, at) => sealer.seal(piece, at === 2),
    );
    expect(Buffer.concat(sealed).toString('hex')).toBe(honest?.stream);
  });
});

describe('receipt', () => {
  const [sender, recipient] = receipts.accounts;
  const ends = { sender, recipient, callId: new Uint8Array(16) };
  const awaited = {
    ends,
    signingKey: octets(receipts.recipientKey),
    sessionId: octets(receipts.sessionId),
    handshakeHashes: [new Uint8Array(32), octets(receipts.handshakeHash)],
    content: { ...receipts.content, sha256: octets(receipts.content.sha256) },
  };

  test.each(receipts.tests)('DX-750 fault 30: $tcId $comment', ({ payload, result }) => {
    const receipt = parse('RECEIPT', octets(payload));
    const fault = receipt.kind === 'malformed' ? receipt.fault : faultOfReceipt(receipt, awaited);
    expect(fault === undefined ? 'valid' : 'invalid', fault).toBe(result);
  });

  test('DX-780 an honest receipt is signed to the very octets', () => {
    const payload = octets(receipts.tests[0]?.payload ?? '');
    const honest = parse('RECEIPT', payload);
    if (honest.kind === 'malformed') throw new Error(honest.fault);
    const { kind: _kind, signature: _signature, ...fields } = honest;
    expect(encode(signReceipt(ends, fields, ed25519.key(octets(receipts.recipientSecret))))).toEqual(payload);
  });
});

import { describe, expect, test } from 'vitest';
import { sha256 } from '../../../../src/crypto/hash.js';
import {
  faultOfReceipt,
  isImpossiblePart,
  prologueOf,
  startOf,
  tailDigestOf,
  whereToGoOn,
} from '../../../../src/protocol/data-exchange/version-2/rules.js';
import {
  alice,
  bob,
  content,
  dx2,
  ends,
  flipped,
  frame,
  key,
  receipt,
  refusal,
  senderInput,
  sessionId,
  tailDigest,
} from './messages-of-a-run.js';

describe('prologue', () => {
  test('DX-620 fault 25: protocol 03, suite 0201, accounts in the order of sender and recipient, call id', () => {
    const text = `SCS2\x03\x02\x01${alice}${bob}`;
    expect(prologueOf(ends)).toEqual(Buffer.concat([Buffer.from(text, 'latin1'), ends.callId]));
    expect(prologueOf({ ...ends, sender: bob, recipient: alice })).not.toEqual(prologueOf(ends));
  });
});

describe('where to go on', () => {
  test('DX-705 fault 29: from next where the tail is the same, from the chunk where it differs, anew where it is not held', () => {
    expect(whereToGoOn(dx2, tailDigest)).toBe(dx2.next);
    expect(whereToGoOn(dx2, flipped(tailDigest))).toBe(dx2.opened);
    expect(whereToGoOn(dx2, undefined)).toBeUndefined();
    expect(tailDigestOf(new Uint8Array(3))).toEqual(sha256.digest(new Uint8Array(3)).slice(0, 16));
  });

  test('DX-670 fault 29: less than one chunk may be open', () => {
    expect(isImpossiblePart({ opened: 10, next: 9 })).toBe(true);
    expect(isImpossiblePart({ opened: 10, next: 10 + 65_554 })).toBe(true);
    expect(isImpossiblePart({ opened: 10, next: 10 + 65_553 })).toBe(false);
    expect(isImpossiblePart({ opened: 0, next: 0 })).toBe(false);
  });

  test('DX-715 fault 29: KEY goes on at next or at opened, or begins another session at 0, and nowhere else', () => {
    const part = { opened: 118, next: 138 };
    const start = (from: number, session = sessionId) =>
      startOf({ ...key, from, sessionId: session }, sessionId, part);
    expect([start(138), start(118)]).toEqual(['goes on', 'goes on']);
    for (const from of [0, 117, 119, 139, 5_000]) expect(start(from), `${from}`).toBe('impossible');
    const other = flipped(sessionId);
    expect([start(0, other), start(118, other)]).toEqual(['begins anew', 'impossible']);
  });
});

describe('receipt', () => {
  const awaited = {
    ends,
    signingKey: senderInput.signingKey,
    sessionId,
    handshakeHashes: [frame.handshakeHash],
    content,
  };

  test('DX-750 DX-765 fault 30: right for its session, a call of it and its content; wrong for every other', () => {
    expect(faultOfReceipt(receipt, awaited)).toBeUndefined();
    expect(faultOfReceipt(receipt, { ...awaited, sessionId: flipped(sessionId) })).toBe('another session');
    expect(faultOfReceipt(receipt, { ...awaited, handshakeHashes: [] })).toBe('another call');
    expect(faultOfReceipt(receipt, { ...awaited, content: { ...content, chunks: 4 } })).toBe('other content');
    expect(faultOfReceipt(receipt, { ...awaited, content: { ...content, octets: 449 } })).toBe(
      'other content',
    );
    const otherHash = { ...content, sha256: flipped(content.sha256) };
    expect(faultOfReceipt(receipt, { ...awaited, content: otherHash })).toBe('other content');
    expect(faultOfReceipt(receipt, { ...awaited, content: undefined })).toBe('before the end of the content');
    expect(faultOfReceipt({ ...receipt, isRefusal: true }, awaited)).toBe('signature');
    const swapped = { ...ends, sender: bob, recipient: alice };
    expect(faultOfReceipt(receipt, { ...awaited, ends: swapped })).toBe('signature');
  });

  test('DX-785 a refusal is right before the end of the content and after it', () => {
    expect(faultOfReceipt(refusal, { ...awaited, content: undefined })).toBeUndefined();
    expect(faultOfReceipt(refusal, awaited)).toBeUndefined();
  });
});

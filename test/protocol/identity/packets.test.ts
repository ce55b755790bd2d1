import { describe, expect, test } from 'vitest';
import { encode, type Payload, type PayloadKind, parse } from '../../../src/protocol/identity/packets.js';
import { wordsOf } from '../../../src/protocol/identity/words.js';
import {
  alice,
  approval,
  callId,
  callKey,
  keyList,
  quote,
  ready,
  refusal,
  request,
  utcMs,
} from './messages-of-a-run.js';

const invite = {
  kind: 'INVITE',
  callId,
  caller: alice,
  fingerprint: callKey,
  callKey,
  purpose: 'data',
  utcMs,
  keyList,
  isCollect: false,
} as const;

const payloads: readonly Payload[] = [
  request,
  { ...request, purpose: 'pairing' },
  { ...request, isQuote: true, estimatedSeconds: 0xffff_ffff },
  { ...request, isCollect: true },
  approval,
  { ...approval, approved: { ...approval.approved, price: undefined, payer: 'callee' } },
  { ...approval, approved: { ...approval.approved, price: { units: 0n, decimals: 0, currency: 'JPY' } } },
  quote,
  refusal,
  { kind: 'BRIDGED', cause: 17, callId, utcMs },
  ready,
  { ...ready, doNotDisturb: true },
  invite,
  { ...invite, isCollect: true },
  { kind: 'ANSWER', answer: 'do-not-disturb', callId },
];

describe('payloads', () => {
  test.each(payloads)('$kind comes out as it went in', (payload) => {
    expect(parse(payload.kind, encode(payload))).toEqual(payload);
  });

  test('have the fields of the table at their places', () => {
    const octets = Buffer.from(encode({ ...request, purpose: 'pairing' }));
    expect(octets.length).toBe(64);
    expect(octets[0]).toBe(2);
    expect(octets.toString('latin1', 2, 14)).toBe(request.callee);
    expect(octets.readBigUInt64BE(30)).toBe(BigInt(utcMs));
    expect(octets.toString('hex', 39, 45)).toBe('020000000201');
    const told = Buffer.from(encode(approval));
    expect([told[0], told.subarray(17, 49), told.readUInt32BE(57), told.readUInt16BE(61)]).toEqual([
      0,
      Buffer.from(callKey),
      3_600,
      2,
    ]);
    expect([told.readBigUInt64BE(195), told.toString('latin1', 203, 206), told[206], told[207]]).toEqual([
      123_456_789_012_345_678n,
      'USD',
      4,
      3,
    ]);
    const asked = Buffer.from(encode({ ...request, isQuote: true, isCollect: true, estimatedSeconds: 7 }));
    expect([asked[1], asked.readUInt32BE(45)]).toEqual([3, 7]);
    const quoted = Buffer.from(encode(quote));
    expect([quoted[0], quoted.subarray(1, 49), quoted.subarray(57)]).toEqual([
      2,
      Buffer.alloc(48),
      told.subarray(57),
    ]);
    expect(encode({ ...invite, isCollect: true })[233]).toBe(1);
    expect(told.subarray(67, 99)).toEqual(Buffer.from(keyList.present));
  });

  const zeros: Record<PayloadKind, number> = {
    REQUEST: 49,
    APPROVAL: 208,
    BRIDGED: 25,
    READY: 15,
    INVITE: 234,
    ANSWER: 17,
  };

  test.each(payloads)(
    'fault 20: $kind of another length, or with a zero that is none, is malformed',
    (payload) => {
      const octets = encode(payload);
      expect(parse(payload.kind, octets.subarray(1)).kind).toBe('malformed');
      expect(parse(payload.kind, new Uint8Array([...octets, 0])).kind).toBe('malformed');
      for (let place = zeros[payload.kind]; place < octets.length; place++) {
        expect(
          parse(
            payload.kind,
            octets.map((octet, at) => (at === place ? 1 : octet)),
          ).kind,
        ).toBe('malformed');
      }
    },
  );

  test.each([
    ['REQUEST', 0, 0],
    ['REQUEST', 0, 3],
    ['REQUEST', 1, 4],
    ['REQUEST', 2, 0x41],
    ['REQUEST', 38, 1],
    ['REQUEST', 30, 0xff],
    ['APPROVAL', 0, 2],
    ['APPROVAL', 0, 3],
    ['APPROVAL', 203, 0x61],
    ['APPROVAL', 206, 9],
    ['APPROVAL', 207, 4],
    ['READY', 0, 2],
    ['INVITE', 92, 0],
    ['INVITE', 233, 2],
    ['INVITE', 16, 0x20],
    ['ANSWER', 0, 3],
  ] as const)('fault 12: %s with octet %d set to %d is malformed', (kind, place, value) => {
    const payload = payloads.find((one) => one.kind === kind);
    if (!payload) throw new Error('no such payload');
    expect(
      parse(
        kind,
        encode(payload).map((octet, at) => (at === place ? value : octet)),
      ).kind,
    ).toBe('malformed');
  });

  test('a refusal that says more than its time is malformed', () => {
    const octets = encode(refusal);
    for (let place = 1; place < octets.length; place++) {
      if (place >= 49 && place < 57) continue;
      expect(
        parse(
          'APPROVAL',
          octets.map((octet, at) => (at === place ? 1 : octet)),
        ).kind,
      ).toBe('malformed');
    }
  });
});

describe('six words for a key', () => {
  test('CM-A10 are the first 66 bits of its SHA-256, in the BIP-39 list', () => {
    // Taken from the list by a program of its own: SHA-256 of 32 zeros is 66687aad f862bd77 6c...
    const words = wordsOf(new Uint8Array(32));
    expect(words).toEqual(['grid', 'duck', 'problem', 'valid', 'cloth', 'roof']);
    expect(wordsOf(Uint8Array.of(...new Uint8Array(31), 1))).not.toEqual(words);
  });
});

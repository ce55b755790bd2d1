import { describe, expect, test } from 'vitest';
import { encode, type Payload, type PayloadKind, parse } from '../../../src/protocol/identity/packets.js';
import { wordsOf } from '../../../src/protocol/identity/words.js';
import {
  alice,
  approval,
  callId,
  callKey,
  keyList,
  ready,
  refusal,
  request,
  utcMs,
} from './messages-of-a-run.js';

const payloads: readonly Payload[] = [
  request,
  { ...request, purpose: 'pairing' },
  approval,
  refusal,
  { kind: 'BRIDGED', cause: 17, callId, utcMs },
  ready,
  { ...ready, doNotDisturb: true },
  { kind: 'INVITE', callId, caller: alice, fingerprint: callKey, callKey, purpose: 'data', utcMs, keyList },
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
    expect(told.subarray(67, 99)).toEqual(Buffer.from(keyList.present));
  });

  const zeros: Record<PayloadKind, number> = {
    REQUEST: 45,
    APPROVAL: 195,
    BRIDGED: 25,
    READY: 15,
    INVITE: 233,
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
    ['REQUEST', 1, 1],
    ['REQUEST', 2, 0x41],
    ['REQUEST', 38, 1],
    ['REQUEST', 30, 0xff],
    ['APPROVAL', 0, 2],
    ['READY', 0, 2],
    ['INVITE', 92, 0],
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

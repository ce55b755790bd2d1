import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AccountNumber } from '../../../../src/bytes/account-number.js';
import {
  encode,
  type KeyExchangeMessage,
  parse,
  shapes,
} from '../../../../src/protocol/key-exchange/version-2/packets.js';
import { confAckOf, confOf } from '../../../../src/protocol/key-exchange/version-2/rules.js';
import { keys, kx1, kx2, kx3 } from './messages-of-a-run.js';

const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const account = fc.stringMatching(/^[0-9]{12}$/).map((digits) => digits as AccountNumber);
const introduction = {
  suite: fc.nat({ max: 0xffff }),
  wantsBothStrings: fc.boolean(),
  accountI: account,
  accountR: account,
  ed25519: octets(32),
  x25519: octets(32),
};
const answer = { kxid: octets(16), verdict: fc.constantFrom('yes' as const, 'no' as const), mac: octets(32) };

const messages = {
  KX1: fc.record({
    kind: fc.constant('KX1' as const),
    ...introduction,
    xWingKey: octets(1216),
    commit: octets(32),
  }),
  KX2: fc.record({
    kind: fc.constant('KX2' as const),
    ...introduction,
    nR: octets(32),
    ciphertext: octets(1120),
    macR: octets(32),
  }),
  KX3: fc.record({ kind: fc.constant('KX3' as const), nI: octets(32), macI: octets(32) }),
  CONF: fc.record({ kind: fc.constant('CONF' as const), ...answer }),
  CONF_ACK: fc.record({ kind: fc.constant('CONF_ACK' as const), ...answer }),
} satisfies Record<KeyExchangeMessage['kind'], fc.Arbitrary<KeyExchangeMessage>>;

const kinds = Object.keys(messages) as KeyExchangeMessage['kind'][];

describe.each(kinds)('%s', (kind) => {
  const { type, length } = shapes[kind];

  test('KX-365 KX-400 KX-430 KX-500 parses to what was encoded', () => {
    fc.assert(
      fc.property(messages[kind] as fc.Arbitrary<KeyExchangeMessage>, (message) => {
        const body = encode(message);
        expect(body.length).toBe(length);
        expect(parse(type, body)).toEqual(message);
      }),
      { numRuns: 30 },
    );
  });

  test('fault 4: octets that parse encode to themselves again, whatever was changed', () => {
    fc.assert(
      fc.property(
        messages[kind] as fc.Arbitrary<KeyExchangeMessage>,
        fc.array(fc.tuple(fc.nat({ max: Math.min(length - 1, 70) }), fc.nat({ max: 255 })), {
          minLength: 1,
          maxLength: 3,
        }),
        (message, changes) => {
          const changed = encode(message).slice();
          for (const [place, value] of changes) changed[place] = value;
          const parsed = parse(type, changed);
          if (parsed.kind !== 'malformed') expect(encode(parsed)).toEqual(changed);
        },
      ),
    );
  });

  test('fault 1: every truncation, and one octet more, is malformed', () => {
    const body = new Uint8Array(length + 1).fill(0x30);
    for (let end = 0; end <= length + 1; end++) {
      if (end !== length) expect(parse(type, body.subarray(0, end)).kind).toBe('malformed');
    }
  });
});

test('KX-365 KX-400 KX-430 fields stand at the offsets of the table', () => {
  const first = Buffer.from(encode({ ...kx1, wantsBothStrings: true }));
  expect(first.subarray(0, 27).toString('latin1')).toBe('\x02\x01\x01000000000001000000000002');
  expect(first.subarray(27, 59)).toEqual(Buffer.from(kx1.ed25519));
  expect(first.subarray(59, 91)).toEqual(Buffer.from(kx1.x25519));
  expect(first.subarray(91, 1307)).toEqual(Buffer.from(kx1.xWingKey));
  expect(first.subarray(1307)).toEqual(Buffer.from(kx1.commit));

  const second = Buffer.from(encode(kx2));
  expect(second.subarray(0, 27).toString('latin1')).toBe('\x02\x01\x00000000000002000000000001');
  expect(second.subarray(91, 123)).toEqual(Buffer.from(kx2.nR));
  expect(second.subarray(123, 1243)).toEqual(Buffer.from(kx2.ciphertext));
  expect(second.subarray(1243)).toEqual(Buffer.from(kx2.macR));

  expect(encode(kx3)).toEqual(Uint8Array.of(...kx3.nI, ...kx3.macI));
});

test('fault 12: accounts with letters, blanks, full-width digits or a sign are malformed', () => {
  for (const at of [3, 15]) {
    for (const text of [
      '00000000000A',
      '           1',
      '0000000000\xef1',
      '+00000000001',
      '00000000000\x00',
    ]) {
      const body = Buffer.from(encode(kx1));
      body.write(text, at, 'latin1');
      expect(parse(shapes.KX1.type, body).kind).toBe('malformed');
    }
  }
});

test('fault 4: a flag or a verdict that does not exist is malformed, and so is another record', () => {
  expect(
    parse(
      31,
      encode(kx1).map((octet, at) => (at === 2 ? 2 : octet)),
    ).kind,
  ).toBe('malformed');
  for (const message of [
    confOf(keys.confirmKeys.i, keys.kxid, 'yes'),
    confAckOf(keys.confirmKeys.i, keys.kxid, 'no'),
  ]) {
    const body = encode(message).map((octet, at) => (at === 16 ? 2 : octet));
    expect(parse(shapes[message.kind].type, body).kind).toBe('malformed');
  }
  for (const type of [0, 21, 30, 36, 41, 255]) expect(parse(type, encode(kx3)).kind).toBe('malformed');
});

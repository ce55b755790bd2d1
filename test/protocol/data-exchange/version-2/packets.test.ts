import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bodyLengths,
  type DataExchangeMessage,
  encode,
  encodeStoredReceipt,
  type MessageKind,
  parse,
  parseStoredReceipt,
  payloadLengths,
  receiptLength,
} from '../../../../src/protocol/data-exchange/version-2/packets.js';
import { dx1, dx2, key, receipt, refusal, sessionId } from './messages-of-a-run.js';

const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const number = fc.maxSafeNat();
const kind = <Kind extends MessageKind>(name: Kind) => fc.constant(name);
const noPart = { opened: 0, next: 0, tailDigest: new Uint8Array(16) };
const noContent = { sha256: new Uint8Array(32), octets: 0, chunks: 0 };

const messages: Record<MessageKind, fc.Arbitrary<DataExchangeMessage>> = {
  DX1: fc.record({
    kind: kind('DX1'),
    sessionId: octets(16),
    epoch: fc.nat({ max: 0xffff_ffff }),
    length: fc.option(number, { nil: undefined }),
  }),
  DX2: fc
    .record({
      kind: kind('DX2'),
      sessionId: octets(16),
      status: fc.constantFrom('goOn', 'filed', 'notNow', 'tooLarge'),
      opened: number,
      next: number,
      tailDigest: octets(16),
      limit: fc.option(number, { nil: undefined }),
    })
    .map((message) => (message.status === 'goOn' ? message : { ...message, ...noPart })),
  KEY: fc.record({ kind: kind('KEY'), sessionId: octets(16), transferKey: octets(32), from: number }),
  RECEIPT: fc
    .record({
      kind: kind('RECEIPT'),
      sessionId: octets(16),
      sha256: octets(32),
      octets: number,
      chunks: number,
      utcMs: number,
      handshakeHash: octets(32),
      isRefusal: fc.boolean(),
      signature: octets(64),
    })
    .map((message) => (message.isRefusal ? { ...message, ...noContent } : message)),
  RECEIPT_ACK: fc.record({ kind: kind('RECEIPT_ACK'), sessionId: octets(16) }),
};

const kinds = Object.keys(messages) as MessageKind[];

describe.each(kinds)('message %s', (name) => {
  test('DX-620 DX-665 DX-705 parses to what was encoded, in its one length', () => {
    fc.assert(
      fc.property(messages[name], (message) => {
        const encoded = encode(message);
        expect(encoded.length).toBe(payloadLengths[name]);
        expect(parse(name, encoded)).toEqual(message);
      }),
    );
  });

  test('fault 4: octets that parse encode to themselves again, whatever was changed', () => {
    const place = fc.tuple(fc.nat({ max: payloadLengths[name] - 1 }), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(messages[name], fc.array(place, { minLength: 1, maxLength: 3 }), (message, changes) => {
        const changed = Uint8Array.from(encode(message));
        for (const [at, octet] of changes) changed[at] = octet;
        const parsed = parse(name, changed);
        if (parsed.kind !== 'malformed') expect(encode(parsed)).toEqual(changed);
      }),
    );
  });

  test('fault 20: another length is malformed', () => {
    const length = payloadLengths[name];
    for (const other of [0, length - 1, length + 1])
      expect(parse(name, new Uint8Array(other)).kind).toBe('malformed');
  });
});

describe('fields', () => {
  test('DX-620 bodies have the lengths of the README', () => {
    expect(bodyLengths).toEqual({ DX1: 1_280, DX2: 1_216, KEY: 72, RECEIPT: 208, RECEIPT_ACK: 32 });
  });

  test.each([
    ['DX1', dx1, 20],
    ['DX1', dx1, 29],
    ['DX1', dx1, 31],
    ['DX2', dx2, 57],
    ['DX2', dx2, 63],
    ['RECEIPT', receipt, 169],
    ['RECEIPT', receipt, 191],
  ] as const)(
    'fault 4: %s with an octet that should be zero at its place is malformed',
    (name, message, at) => {
      const encoded = encode(message);
      expect(encoded[at]).toBe(0);
      encoded[at] = 1;
      expect(parse(name, encoded).kind).toBe('malformed');
    },
  );

  test('fault 4: an unknown status, a part beside a refusal and a number of 2^53 are malformed', () => {
    const withOctet = (message: DataExchangeMessage, at: number, octet: number) =>
      encode(message).map((old, index) => (index === at ? octet : old));
    expect(parse('DX2', withOctet(dx2, 16, 4)).kind).toBe('malformed');
    expect(parse('DX2', withOctet(dx2, 16, 1)).kind).toBe('malformed');
    expect(parse('DX2', withOctet(dx2, 25, 0x20)).kind).toBe('malformed');
    expect(parse('DX1', withOctet(dx1, 22, 0x20)).kind).toBe('malformed');
    expect(parse('KEY', withOctet(key, 49, 0x20)).kind).toBe('malformed');
  });

  test('DX-780 a stored receipt comes back, and another length does not', () => {
    for (const message of [receipt, refusal]) {
      const stored = encodeStoredReceipt(message);
      expect(stored.length).toBe(receiptLength);
      expect(parseStoredReceipt(stored)).toEqual(message);
    }
    expect(parseStoredReceipt(new Uint8Array(168)).kind).toBe('malformed');
    expect(parse('RECEIPT_ACK', sessionId)).toEqual({ kind: 'RECEIPT_ACK', sessionId });
  });
});

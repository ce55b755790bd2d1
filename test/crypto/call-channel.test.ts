import { createCipheriv, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  bulkRecords,
  callKeysOf,
  longestRecordBody,
  type OpenedRecord,
  RecordOpener,
  RecordSealer,
} from '../../src/crypto/call-channel.js';
import { seeded } from '../support/seeded.js';

const random = seeded('call channel');
const callKey = random(32);
const keys = callKeysOf(callKey);
const bodies = [random(64), random(0), random(1338)];

/** Three sealed records with a bulk record before the last. */
const bulk = random(500);
function records(key = keys.callerToCallee): Uint8Array[] {
  const sealer = new RecordSealer(key);
  const [first, second, third] = bodies.map((body, index) => sealer.seal(31 + index, body));
  return [first, second, Buffer.concat(bulkRecords(bulk)), third].filter((octets) => octets !== undefined);
}

const whole: OpenedRecord[] = [
  { kind: 'record', type: 31, body: bodies[0] as Uint8Array },
  { kind: 'record', type: 32, body: bodies[1] as Uint8Array },
  { kind: 'bulk', octets: bulk },
  { kind: 'record', type: 33, body: bodies[2] as Uint8Array },
];

function opened(octets: Uint8Array, splits: readonly number[] = [], key = keys.callerToCallee) {
  const opener = new RecordOpener(key);
  const ends = [...splits, octets.length];
  return joined(ends.flatMap((end, index) => opener.push(octets.subarray(splits[index - 1] ?? 0, end))));
}

/** Neighbouring pieces of bulk as one. */
function joined(all: readonly OpenedRecord[]): OpenedRecord[] {
  const out: OpenedRecord[] = [];
  for (const record of all) {
    const last = out.at(-1);
    if (record.kind === 'bulk' && last?.kind === 'bulk') {
      out[out.length - 1] = {
        kind: 'bulk',
        octets: new Uint8Array(Buffer.concat([last.octets, record.octets])),
      };
    } else out.push(record.kind === 'malformed' ? record : copied(record));
  }
  return out;
}

function copied(record: Exclude<OpenedRecord, { kind: 'malformed' }>): OpenedRecord {
  return record.kind === 'bulk'
    ? { kind: 'bulk', octets: new Uint8Array(record.octets) }
    : { ...record, body: new Uint8Array(record.body) };
}

const comparable = (all: readonly OpenedRecord[]) =>
  JSON.stringify(all, (_, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
  );

describe('the keys of a call', () => {
  test('CM-A6 HKDF-Expand of K_call under four labels; directions and incarnations differ', () => {
    // RFC 5869 section 2.3: one block of the expansion is HMAC(K_call, label | 01).
    const block = (label: string) => createHmac('sha256', callKey).update(`${label}\x01`).digest();
    expect(Buffer.from(keys.callerToCallee)).toEqual(block('SCS2 call i>r'));
    expect(Buffer.from(keys.calleeToCaller)).toEqual(block('SCS2 call r>i'));
    expect(keys.callerIncarnation).toBe(block('SCS2 link i').readUInt32BE());
    expect(keys.calleeIncarnation).toBe(block('SCS2 link r').readUInt32BE());
  });
});

describe('records of the outer channel', () => {
  test('come out as they went in, in any split', () => {
    const octets = Buffer.concat(records());
    for (let at = 0; at <= octets.length; at++)
      expect(comparable(opened(octets, [at]))).toBe(comparable(whole));
    const oneByOne = Array.from({ length: octets.length - 1 }, (_, place) => place + 1);
    expect(comparable(opened(octets, oneByOne))).toBe(comparable(whole));
  });

  test('a sealed record is header, ChaCha20-Poly1305 of type and body, tag; its number is the nonce, its header associated', () => {
    const sealer = new RecordSealer(keys.callerToCallee);
    sealer.seal(31, Buffer.from('first'));
    const record = Buffer.from(sealer.seal(0x29, Buffer.from('second')));
    const nonce = Buffer.from('000000000100000000000000', 'hex');
    const cipher = createCipheriv('chacha20-poly1305', keys.callerToCallee, nonce, { authTagLength: 16 });
    cipher.setAAD(Buffer.from([0, 23]), { plaintextLength: 7 });
    const content = Buffer.concat([cipher.update(Buffer.from('\x29second')), cipher.final()]);
    expect(record).toEqual(Buffer.concat([Buffer.from([0, 23]), content, cipher.getAuthTag()]));
  });

  test('bulk costs two octets for 32,767, and is delivered before its record is whole', () => {
    const octets = random(100_000);
    const pieces = bulkRecords(octets);
    expect(Buffer.concat(pieces).length).toBe(octets.length + 2 * 4);
    expect(pieces[0]).toEqual(Uint8Array.of(0xff, 0xff));
    const opener = new RecordOpener(keys.callerToCallee);
    expect(opener.push(Buffer.concat(pieces).subarray(0, 12))).toEqual([
      { kind: 'bulk', octets: Buffer.from(octets.subarray(0, 10)) },
    ]);
  });

  test('the longest body fits one record; a longer one is a defect', () => {
    const record = new RecordSealer(keys.callerToCallee).seal(1, new Uint8Array(longestRecordBody));
    expect([...record.subarray(0, 2)]).toEqual([0x7f, 0xff]);
    expect(opened(record)[0]?.kind).toBe('record');
    expect(() => new RecordSealer(callKey).seal(1, new Uint8Array(longestRecordBody + 1))).toThrow(
      RangeError,
    );
  });

  test('fault 20: truncated at every octet, nothing comes that was not whole, and nothing is refused', () => {
    const [first = new Uint8Array()] = records();
    for (let length = 0; length < first.length; length++)
      expect(opened(first.subarray(0, length))).toEqual([]);
  });

  test.each([
    ['0', [0, 0]],
    ['16, the tag alone', [0, 16]],
    ['0, bulk', [0x80, 0]],
  ])('fault 20: a length of %s is refused at its header', (_, header) => {
    expect(opened(Uint8Array.from(header)).map((record) => record.kind)).toEqual(['malformed']);
  });

  test('fault 23: every bit of a record matters', () => {
    const [first = new Uint8Array()] = records();
    for (let bit = 0; bit < 8 * first.length; bit++) {
      const altered = first.map((octet, place) => (place === bit >> 3 ? octet ^ (1 << (bit & 7)) : octet));
      const kinds = opened(altered).map((record) => record.kind);
      // A longer length waits for what is not here; bulk is for the protocols above, which await none.
      expect(kinds.includes('record')).toBe(false);
    }
  });

  test.each([
    ['doubled', [0, 0, 1]],
    ['reordered', [1, 0]],
    ['left out', [0, 3]],
  ])('fault 23: a sealed record %s ends the channel', (_, order) => {
    const sent = records();
    const kinds = opened(Buffer.concat(order.map((index) => sent[index] as Uint8Array))).map(
      (one) => one.kind,
    );
    expect(kinds.at(-1)).toBe('malformed');
    expect(kinds.filter((kind) => kind === 'malformed')).toHaveLength(1);
  });

  test('fault 32: a record of the other direction, and one under the K_call of another call, does not open', () => {
    const [first = new Uint8Array()] = records(keys.calleeToCaller);
    expect(opened(first)).toEqual([{ kind: 'malformed', fault: 'sealed record 0 does not open' }]);
    const [other = new Uint8Array()] = records(callKeysOf(random(32)).callerToCallee);
    expect(opened(other)[0]?.kind).toBe('malformed');
  });

  test('nothing is opened after a fault, not even what is right', () => {
    const opener = new RecordOpener(keys.callerToCallee);
    opener.push(Uint8Array.of(0, 0));
    expect(opener.push(Buffer.concat(records()))).toEqual([]);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { transportOf } from '../../../src/crypto/noise/handshake-state.js';
import { readMessage, writeMessage } from '../../../src/crypto/noise/messages.js';
import { noiseProtocol } from '../../../src/crypto/noise/protocol.js';
import { edgeLengths, sample } from '../vectors.js';
import { exchange, failureOf, hybrids, pending, start, write } from './two-sides.js';

const [XK, , NK] = hybrids;
const nothing = new Uint8Array();
const steps = hybrids.flatMap((name) =>
  noiseProtocol(name).pattern.messages.map((_, index) => [name, index + 1] as const),
);

describe.each(steps)('%s, message %i', (name, number) => {
  test('fault 20: a message of no octets, cut anywhere, longer, or longer than Noise allows is refused', () => {
    const { reader, message } = pending(name, number);
    const fields = [32, 48, 32 + 1104, 32 + 1200].filter((length) => length < message.length);
    for (const length of edgeLengths(...fields, message.length - 1)) {
      const outcome = readMessage(reader, message.subarray(0, Math.min(length, message.length - 1)));
      expect(outcome.kind, `${length} octets`).toBe('failure');
    }
    expect(readMessage(reader, Uint8Array.of(...message, 0)).kind).toBe('failure');
    const withoutTag = message.subarray(0, message.length - 21); // the payload's 20 octets and one of its tag's
    expect(failureOf(readMessage(reader, withoutTag))).toMatchObject({ at: 'payload', reason: 'too short' });
    expect(readMessage(reader, sample(65535)).kind).toBe('failure');
    expect(failureOf(readMessage(reader, sample(65536)))).toMatchObject({ reason: 'too long' });
    expect(failureOf(readMessage(reader, nothing))).toMatchObject({ message: number, reason: 'too short' });
  });

  test('one bit changed anywhere is refused, and changes nothing: the right message is read after it', () => {
    const { reader, message } = pending(name, number);
    fc.assert(
      fc.property(fc.nat({ max: 8 * message.length - 1 }), (bit) => {
        const altered = message.slice();
        altered[bit >> 3] = (altered[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(readMessage(reader, altered).kind).toBe('failure');
      }),
      { numRuns: 30, examples: [[31 * 8 + 7]] }, // The bit of a public key that X25519 itself ignores.
    );
    const read = readMessage(reader, message);
    expect(read).toMatchObject({ kind: 'read', payload: sample(20) });
    const untouched = readMessage(pending(name, number).reader, message);
    if (read.kind === 'failure' || untouched.kind === 'failure') throw new Error('refused');
    expect(read.state.symmetric).toEqual(untouched.state.symmetric);
  });

  test('fault 23: a message of another session, or one doubled, is refused', () => {
    const { reader, message } = pending(name, number);
    const another = exchange(start(name, { prologue: sample(9, 2) }, { prologue: sample(9, 2) }), number);
    expect(readMessage(reader, another.messages[number - 1] ?? nothing).kind).toBe('failure');
    const read = readMessage(reader, message);
    if (read.kind === 'failure') throw new Error(read.reason);
    expect(() => readMessage(read.state, message)).toThrow(/turn/);
  });
});

test('fault 23: the initiator`s own message 1 sent back to it as message 2 is refused', () => {
  for (const name of hybrids) {
    const { state, message } = write(start(name)[0]);
    expect(readMessage(state, message).kind).toBe('failure');
  }
});

describe('bugs of the caller throw', () => {
  test('out of turn', () => {
    const [initiator, responder] = start(XK);
    expect(() => readMessage(initiator, nothing)).toThrow(/turn/);
    expect(() => writeMessage(responder, nothing)).toThrow(/turn/);
    expect(() => transportOf(initiator)).toThrow(/messages left/);
    const { sides } = exchange([initiator, responder], 3);
    expect(() => writeMessage(sides[0], nothing)).toThrow(/turn/);
  });

  test('a payload that makes the message longer than Noise allows', () => {
    const [initiator] = start(NK);
    expect(write(initiator, new Uint8Array(65535 - 1248)).message).toHaveLength(65535);
    expect(() => writeMessage(initiator, new Uint8Array(65536 - 1248))).toThrow(RangeError);
  });
});

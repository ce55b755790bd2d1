import { createHash } from 'node:crypto';
import type { RandomSource } from '../../src/crypto/random.js';

/** The same octets for the same seed, without end. */
export function seeded(seed: string): RandomSource {
  let block = 0;
  let held: Uint8Array = new Uint8Array();
  return (length) => {
    while (held.length < length) {
      held = Buffer.concat([held, createHash('sha256').update(`${seed} ${block++}`).digest()]);
    }
    const octets = Uint8Array.from(held.subarray(0, length));
    held = held.subarray(length);
    return octets;
  };
}

/** These values, in this order, each asked for with its own length. */
export function given(...values: readonly Uint8Array[]): RandomSource {
  const left = [...values];
  return (length) => {
    const value = left.shift();
    if (value?.length !== length)
      throw new Error(`${length} random octets are asked for, not ${value?.length}`);
    return value;
  };
}

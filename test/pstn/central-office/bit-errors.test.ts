import { expect, test } from 'vitest';
import { BitErrors } from '../../../src/pstn/central-office/bit-errors.js';
import { uniformStream } from '../../../src/pstn/central-office/random-stream.js';

function flippedBits(octets: Uint8Array): number {
  return octets.reduce((sum, octet) => sum + octet.toString(2).replaceAll('0', '').length, 0);
}

test.each([0, 0.001, 0.1, 0.5, 0.9])('of all bits the share %f is wrong', (rate) => {
  const octets = new Uint8Array(50_000);
  new BitErrors(rate, uniformStream(1)).apply(octets);
  const expected = octets.length * 8 * rate;
  expect(Math.abs(flippedBits(octets) - expected)).toBeLessThanOrEqual(5 * Math.sqrt(expected * (1 - rate)));
});

test('it does not matter in what pieces the octets come', () => {
  const whole = new Uint8Array(5_000);
  new BitErrors(0.01, uniformStream(2)).apply(whole);
  const pieces = new Uint8Array(5_000);
  const errors = new BitErrors(0.01, uniformStream(2));
  for (let at = 0, size = 0; at < pieces.length; at += size, size = (size + 1) % 40) {
    errors.apply(pieces.subarray(at, at + size));
  }
  expect(pieces).toEqual(whole);
});

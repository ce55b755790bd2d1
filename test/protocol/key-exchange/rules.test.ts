import { expect, test } from 'vitest';
import {
  checkStringOf,
  longTermKeyOf,
  normaliseTyped,
  transcriptOf,
  usesOnlyItsLetters,
} from '../../../src/protocol/key-exchange/rules.js';
import { seeded } from '../../support/seeded.js';
import { a1, a2, b, flipped, mallory, number, secret } from './packets-of-a-run.js';

test('KX-470A KX-470B X and the key depend on every octet of the three packets', () => {
  const transcript = transcriptOf(a1, b, a2);
  expect(transcript.length).toBe(349);
  const strings = new Set([checkStringOf(secret, transcript)]);
  const keys = new Set([Buffer.from(longTermKeyOf(secret, transcript)).toString('hex')]);
  for (let place = 0; place < transcript.length; place++) {
    strings.add(checkStringOf(secret, flipped(transcript, place)));
    keys.add(Buffer.from(longTermKeyOf(secret, flipped(transcript, place))).toString('hex'));
  }
  expect([strings.size, keys.size]).toEqual([350, 350]);
});

test('attack 10: a value of 1 towards both sides would give them one secret, and still two strings', () => {
  // Guard G3 refuses it first; this is what stands behind that guard.
  const known = number(1n);
  const towardsA = transcriptOf(a1, { ...b, dhResultB: known }, a2);
  const towardsB = transcriptOf({ ...a1, dhResultA: known }, b, a2);
  expect(checkStringOf(known, towardsA)).not.toBe(checkStringOf(known, towardsB));
});

test('attack 14: under another account the same values give another string', () => {
  const honest = transcriptOf(a1, b, a2);
  const relayed = transcriptOf({ ...a1, accountA: mallory }, b, a2);
  expect(checkStringOf(secret, relayed)).not.toBe(checkStringOf(secret, honest));
});

test('X takes each of 32 letters and digits about equally often', () => {
  const random = seeded('letters');
  const counts = new Map<string, number>();
  for (let run = 0; run < 2000; run++) {
    for (const letter of checkStringOf(random(128), random(349))) {
      counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
  }
  expect([...counts.keys()].sort().join('')).toBe('23456789ABCDEFGHJKLMNPQRSTUVWXYZ');
  // 10,000 letters: 312 of each, standard deviation 17.
  for (const count of counts.values()) expect(Math.abs(count - 312.5)).toBeLessThan(5 * 17.4);
});

test('KX-490 what a person types is compared without case, blanks and hyphens', () => {
  expect(normaliseTyped(' gv n-9b\n')).toBe('GVN9B');
  expect(['GVN9B', 'HELLO', 'AAAI1', 'ÄÖÜ', ''].map(usesOnlyItsLetters)).toEqual([
    true,
    false,
    false,
    false,
    true,
  ]);
});

import { expect, test } from 'vitest';
import { SessionRegistry } from '../../src/session/open-sessions.js';
import { alice, bob } from './parties.js';

test('G2: one session with a peer at a time, whichever side began it', () => {
  const registry = new SessionRegistry();
  expect([registry.enter(bob, new Uint8Array(20)), registry.enter(bob), registry.enter(alice)]).toEqual([
    true,
    false,
    true,
  ]);
  registry.leave(bob);
  expect(registry.enter(bob)).toBe(true);
});

test('G1: a challenge is the own one while its session is open', () => {
  const registry = new SessionRegistry();
  const challenge = Uint8Array.from({ length: 20 }, (_, index) => index);
  registry.enter(bob, challenge);
  registry.enter(alice);
  expect(registry.ownsChallenge(Uint8Array.from(challenge))).toBe(true);
  expect(registry.ownsChallenge(challenge.map((octet) => octet ^ 1))).toBe(false);
  registry.leave(bob);
  expect(registry.ownsChallenge(challenge)).toBe(false);
});

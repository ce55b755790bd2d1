import { describe, expect, test } from 'vitest';
import { type HandshakePattern, patternOf } from '../../../src/crypto/noise/patterns.js';
import { noiseProtocol } from '../../../src/crypto/noise/protocol.js';
import { exchange, hybrids, start } from './two-sides.js';

const arrows = (pattern: HandshakePattern) =>
  pattern.messages.map((tokens, index) => `${index % 2 === 0 ? '->' : '<-'} ${tokens.join(', ')}`);

describe('token lists', () => {
  test('AL-7 the three of version 2 are the design`s, token by token', () => {
    expect(arrows(patternOf('XKhfs+psk3'))).toEqual(['-> e, es, e1', '<- e, ee, ekem1', '-> s, se, psk']);
    expect(arrows(patternOf('KKhfs+psk0'))).toEqual(['-> psk, e, es, e1, ss', '<- e, ee, ekem1, se']);
    expect(arrows(patternOf('NKhfs'))).toEqual(['-> e, es, e1', '<- e, ee, ekem1']);
  });

  test('the same without ML-KEM are those of the Noise specification', () => {
    expect(arrows(patternOf('XKpsk3'))).toEqual(['-> e, es', '<- e, ee', '-> s, se, psk']);
    expect(arrows(patternOf('KKpsk0'))).toEqual(['-> psk, e, es, ss', '<- e, ee, se']);
    expect(arrows(patternOf('NK'))).toEqual(['-> e, es', '<- e, ee']);
  });

  test('psk1 to psk4 end the message of that number', () => {
    expect(arrows(patternOf('X1Xpsk4'))).toEqual(['-> e', '<- e, ee, s, es', '-> s', '<- se, psk']);
    expect(arrows(patternOf('NNpsk1'))).toEqual(['-> e, psk', '<- e, ee']);
    expect(arrows(patternOf('NNpsk2'))).toEqual(['-> e', '<- e, ee, psk']);
  });

  test('static keys known beforehand', () => {
    expect(patternOf('XKhfs').known).toEqual({ initiator: false, responder: true });
    expect(patternOf('KKhfs').known).toEqual({ initiator: true, responder: true });
    expect(patternOf('NKhfs').known).toEqual({ initiator: false, responder: true });
  });
});

test.each([
  'Noise_XKhfs+psk3_25519_ChaChaPoly_SHA256',
  'Noise_XK_25519+MLKEM768_ChaChaPoly_SHA256',
  'Noise_XK_448_ChaChaPoly_SHA256',
  'Noise_XY_25519_ChaChaPoly_SHA256',
  'Noise_XKpsk5_25519_ChaChaPoly_SHA256',
  'Noise_NNpsk3_25519_ChaChaPoly_SHA256',
  'Noise_toString_25519_ChaChaPoly_SHA256',
  'Noise_NN_25519_AES_SHA256',
  'Noise_NN_25519_ChaChaPoly_SHA1',
  'NN_25519_ChaChaPoly_SHA256',
  'XK',
])('%s is no protocol here and throws', (name) => {
  expect(() => noiseProtocol(name)).toThrow(RangeError);
});

test.each(hybrids)('%s: a key that the pattern needs and the input lacks is a bug and throws', (name) => {
  expect(() => start(name, { remoteStatic: undefined as never })).toThrow(/responder's static key/);
  expect(() => exchange(start(name, { ephemeral: undefined as never }), 1)).toThrow(/ephemeral/);
  expect(() => exchange(start(name, { kemSeed: undefined as never }), 1)).toThrow(/ML-KEM/);
  expect(() => exchange(start(name, {}, { kemEntropy: undefined as never }), 2)).toThrow(/ML-KEM/);
});

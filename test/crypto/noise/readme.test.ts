import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { patternOf } from '../../../src/crypto/noise/patterns.js';
import { exchange, start } from './two-sides.js';

const readme = readFileSync(new URL('../../../src/crypto/noise/README.md', import.meta.url), 'utf8');
const rows = [...readme.matchAll(/^\| ([A-Z]\S+) \|[^|]*\| (`.*`) \| ([\d /]+) \|$/gm)].map(
  ([, name = '', tokens = '', octets = '']) => ({
    name,
    tokens: tokens.split(' / ').map((list) => list.slice(1, -1).split(' ')),
    octets: octets.split(' / ').map(Number),
  }),
);

test('the table of version 2`s protocols was found', () => {
  expect(rows.map(({ name }) => name)).toEqual([
    'XKhfs+psk3',
    'KKhfs+psk0',
    'NKhfs',
    'XKpsk3',
    'KKpsk0',
    'NK',
  ]);
});

describe.each(rows)('$name', ({ name, tokens, octets }) => {
  test('sends what its row says', () => {
    const agreement = name.includes('hfs') ? '25519+MLKEM768' : '25519';
    const { messages } = exchange(start(`Noise_${name}_${agreement}_ChaChaPoly_SHA256`), octets.length);
    expect(patternOf(name).messages).toEqual(tokens);
    expect(messages.map((message) => message.length)).toEqual(octets);
  });
});

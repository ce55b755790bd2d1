import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Verb } from '../../../../src/pstn/modem/rfc2217/telnet-codec.js';
import { TelnetOptions } from '../../../../src/pstn/modem/rfc2217/telnet-options.js';

const hexOf = (octets: Buffer | undefined) => octets?.toString('hex');
const wanted = () => new TelnetOptions({ ours: [0, 44], theirs: [0, 3] });

test('telephony 8.4: what was asked for is on when agreed to, and the agreement is not answered', () => {
  const options = wanted();
  expect(hexOf(options.ask('ours', 44))).toBe('fffb2c');
  expect(options.isSettled('ours', 44)).toBe(false);
  expect(options.receive('do', 44)).toBeUndefined();
  expect(options.isOn('ours', 44)).toBe(true);
  expect(hexOf(options.receive('dont', 44))).toBe('fffc2c');
  expect(options.isOn('ours', 44)).toBe(false);
});

test('telephony 8.4: a refusal settles the matter, and a later offer is taken', () => {
  const options = wanted();
  options.ask('theirs', 0);
  expect(options.receive('wont', 0)).toBeUndefined();
  expect(options.isSettled('theirs', 0)).toBe(true);
  expect(options.isOn('theirs', 0)).toBe(false);
  expect(hexOf(options.receive('will', 0))).toBe('fffd00');
  expect(options.isOn('theirs', 0)).toBe(true);
});

test('telephony 8.4: echo and whatever else is not wanted is refused each time', () => {
  const options = wanted();
  expect(hexOf(options.receive('will', 1))).toBe('fffe01');
  expect(hexOf(options.receive('do', 24))).toBe('fffc18');
  expect(options.isOn('theirs', 1)).toBe(false);
});

test('telephony 8.4: two that talk to each other come to an end, whatever they want', () => {
  const lists = fc.array(fc.nat(4));
  fc.assert(
    fc.property(lists, lists, lists, lists, lists, (a, b, c, d, asked) => {
      const [left, right] = [
        new TelnetOptions({ ours: a, theirs: b }),
        new TelnetOptions({ ours: c, theirs: d }),
      ];
      const toRight = asked.filter((option) => a.includes(option)).map((option) => left.ask('ours', option));
      const toLeft = asked
        .filter((option) => d.includes(option))
        .map((option) => right.ask('theirs', option));
      for (let turns = 0; toRight.length + toLeft.length > 0; turns++) {
        expect(turns).toBeLessThan(100);
        for (const [inbox, reader, outbox] of [
          [toRight, right, toLeft],
          [toLeft, left, toRight],
        ] as const) {
          const word = inbox.shift();
          const answer = word && reader.receive(verbOf(word), word[2] as number);
          if (answer) outbox.push(answer);
        }
      }
      for (let option = 0; option <= 4; option++) {
        expect(left.isOn('ours', option)).toBe(right.isOn('theirs', option));
      }
    }),
  );
});

function verbOf(word: Buffer): Verb {
  return (['will', 'wont', 'do', 'dont'] as const)[(word[1] as number) - 251] as Verb;
}

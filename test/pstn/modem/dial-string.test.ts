import { expect, test } from 'vitest';
import { dialCommand, dialingMs, dialStringProblem } from '../../../src/pstn/modem/dial-string.js';

const server = '15550100';
const accounts = '000000000001000000000002#';

test.each([server, `${server}W${accounts}`, '9,1 (555) 555-0100', 'P5550100', 'T*70,5550100', '!5551234'])(
  'fault 39: %s can be dialled',
  (number) => expect(dialStringProblem(number)).toBeUndefined(),
);

test.each([
  ['', /no digit/],
  ['W', /no digit/],
  ['555x0100', /may hold/],
  ['5550100;', /may hold/],
  ['5550100\rATH', /may hold/],
  ['5550100\nATD900', /may hold/],
  ['S=1', /may hold/],
  ['L1', /may hold/],
  ['５５５０１００', /no digit|may hold/],
  ['1'.repeat(251), /longer than 250/],
])('fault 39: %j is not dialled', (number, reason) => expect(dialStringProblem(number)).toMatch(reason));

test('CM-305 the dial string of Figure 4 is one command, by tone', () => {
  expect(dialCommand(`${server}W${accounts}`)).toBe(`ATDT${server}W${accounts}`);
  expect(dialCommand('P5550100')).toBe('ATDP5550100');
});

test('CM-305 the time allowed for dialling covers tones, pauses and second dial tones', () => {
  const plain = dialingMs('5550100', 60);
  expect(plain).toBeGreaterThanOrEqual(5_000 + 7 * 190);
  expect(dialingMs('5550100,', 60) - plain).toBeGreaterThanOrEqual(2_000);
  expect(dialingMs('5550100W', 60) - plain).toBeGreaterThanOrEqual(60_000);
  expect(dialingMs('P5550100', 60)).toBeGreaterThan(plain + 7_000);
});

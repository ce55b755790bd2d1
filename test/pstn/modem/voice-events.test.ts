import { expect, test } from 'vitest';
import { VoiceEvents } from '../../../src/pstn/modem/voice-events.js';

function digitsIn(codes: string): string {
  const events = new VoiceEvents();
  return [...codes]
    .map((code) => events.read(code))
    .map((event) => (event?.kind === 'digit' ? event.symbol : ''))
    .join('');
}

test.each([
  ['single reports', '1223#', '1223#'],
  ['a burst while a key is held', '/5555~', '5'],
  ['the same key twice, in bursts', '/55~/5~', '55'],
  ['a burst and a single report', '/5~5', '55'],
  ['a lost end of a burst', '/55/77~', '57'],
  ['all sixteen keys', '0123456789*#ABCD', '0123456789*#ABCD'],
  ['other events between digits', '1rqv2aeT3', '123'],
])('CM-305 fault 42: %s', (_, codes, digits) => expect(digitsIn(codes)).toBe(digits));

test.each([...'lbKdis'])('CM-300 <DLE>%s means that the far end is gone', (code) => {
  expect(new VoiceEvents().read(code)).toEqual({ kind: 'far-end-gone' });
});

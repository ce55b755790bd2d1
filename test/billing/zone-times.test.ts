import { expect, test } from 'vitest';
import { readInZone } from '../../src/billing/zone-times.js';

const read = (zone: string, text: string) => readInZone(zone, text)?.toISOString();

test('fault 76: a leap second that a person types is the second after it, in whatever zone; no other :60 is a time', () => {
  const newYear = '2017-01-01T00:00:00.000Z';
  expect(read('UTC', '2016-12-31T23:59:60Z')).toBe(newYear);
  expect(read('UTC', '2016-12-31T23:59:60.999')).toBe(newYear);
  expect(read('America/New_York', '2016-12-31T18:59:60')).toBe(newYear);
  expect(read('Asia/Kolkata', '2017-01-01T05:29:60')).toBe(newYear);
  expect(read('UTC', '2017-01-01T00:59:60+01:00')).toBe(newYear);
  for (const text of ['2016-12-31T23:60:00Z', '2016-12-31T23:59:61Z', '2016-12-31T23:59:600Z', '2016-02-30'])
    expect(read('UTC', text)).toBeUndefined();
});

test("fault 76: without an offset it is the zone's; of a time that comes twice the first, one that is skipped an hour later", () => {
  expect(read('America/New_York', '2026-11-01T01:30')).toBe('2026-11-01T05:30:00.000Z');
  expect(read('America/New_York', '2026-11-01T01:30-05:00')).toBe('2026-11-01T06:30:00.000Z');
  expect(read('America/New_York', '2026-03-08T02:30')).toBe('2026-03-08T07:30:00.000Z');
});

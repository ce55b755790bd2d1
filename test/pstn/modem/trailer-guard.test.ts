import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TrailerGuard } from '../../../src/pstn/modem/trailer-guard.js';

const trailer = '\r\nNO CARRIER\r\n';
const pieces = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 8 }).map((octets) => Buffer.from(octets)),
    fc.nat(14).map((length) => Buffer.from(trailer.slice(0, length))),
    fc.constant(Buffer.from(trailer)),
  ),
);

test('fault 35: nothing is lost, doubled or moved, whatever the data look like', () => {
  fc.assert(
    fc.property(pieces, (chunks) => {
      const guard = new TrailerGuard();
      const out = chunks.map((chunk) => guard.accept(chunk));
      expect(Buffer.concat([...out, guard.surrender()])).toEqual(Buffer.concat(chunks));
      expect(guard.holds).toBe(false);
    }),
  );
});

test('fault 35: it holds exactly the end that may be the trailer', () => {
  fc.assert(
    fc.property(pieces, (chunks) => {
      const guard = new TrailerGuard();
      for (const chunk of chunks) guard.accept(chunk);
      const all = Buffer.concat(chunks).toString('latin1');
      const longest = [...trailer]
        .map((_, at) => trailer.slice(0, at + 1))
        .findLast((it) => all.endsWith(it));
      expect(guard.isComplete).toBe(longest === trailer);
      expect(guard.surrender().toString('latin1')).toBe(longest ?? '');
    }),
  );
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CommandReader } from '../../../src/pstn/modem/command-reader.js';

/** Reads `pieces`; CONNECT begins the data. */
function read(pieces: readonly (string | Buffer)[], shielding = false) {
  const lines: string[] = [];
  const codes: string[] = [];
  const data: Buffer[] = [];
  let isData = false;
  const reader = new CommandReader({
    line: (text) => {
      lines.push(text);
      isData = /^(CONNECT|1$)/.test(text);
      return isData;
    },
    shielded: (code) => codes.push(code),
  });
  reader.shielding = shielding;
  for (const piece of pieces) {
    const octets = typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece;
    const rest = isData ? octets : reader.push(octets);
    if (rest) data.push(rest);
  }
  return { lines, codes, data: Buffer.concat(data) };
}

/** `text` cut at the given places. */
function cutAt(octets: Buffer, places: readonly number[]): Buffer[] {
  const cuts = [0, ...[...places].sort((a, b) => a - b).filter((at) => at <= octets.length), octets.length];
  return cuts.slice(1).map((end, index) => octets.subarray(cuts[index], end));
}

describe('the splitter', () => {
  const framings = {
    'CR LF': '\r\nRINGING\r\n\r\nCONNECT 33600\r\n',
    'CR only': '\rRINGING\rCONNECT 33600\r',
    'echo before': 'ATDT5550100\r\r\nRINGING\r\n\r\nCONNECT 33600\r\n',
    numeric: '1\r',
    'numeric after information': '\r\n+MCR: V34\r\n1\r',
  };
  test.each(Object.entries(framings))(
    'fault 37: data begins right after CONNECT, however it is cut: %s',
    (_, head) => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 40 }), fc.array(fc.nat(80)), (data, places) => {
          const stream = Buffer.concat([Buffer.from(head, 'latin1'), data]);
          expect(read(cutAt(stream, places)).data).toEqual(Buffer.from(data));
        }),
        { numRuns: 300 },
      );
    },
  );

  test('fault 37: a first data octet LF behind CR LF is data', () => {
    expect(read(['\r\nCONNECT\r\n\n\r\nOK']).data).toEqual(Buffer.from('\n\r\nOK'));
  });

  test('fault 37: parity bits, XON, XOFF and NUL do not hide a result code', () => {
    const parity = Buffer.from(Buffer.from('\r\nOK\r\n').map((octet) => octet | 0x80));
    expect(read([parity]).lines).toEqual(['OK']);
    expect(read(['\x13\r\nO\x11K\0\r\n\x11']).lines).toEqual(['OK']);
  });

  test('fault 35: garbage without end is dropped, what follows is read', () => {
    const garbage = Buffer.alloc(100_000, 'x');
    expect(read([garbage, '\r\nOK\r\n']).lines.at(-1)).toBe('OK');
    expect(read([garbage, '\r\nOK\r\n']).lines[0]?.length).toBeLessThanOrEqual(512);
  });

  test('AL-5 shielded events are taken out of the text in voice mode, and out of it only there', () => {
    expect(read(['\x105\r\nO\x10lK\r\n'], true)).toMatchObject({ lines: ['OK'], codes: ['5', 'l'] });
    expect(read(['\x10', '5\r\n'], true).codes).toEqual(['5']);
    expect(read(['\x10\r\nOK\r\n'])).toMatchObject({ lines: ['OK'], codes: [] });
  });
});

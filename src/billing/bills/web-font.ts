import { inflateSync } from 'node:zlib';

/**
 * The font file that a WOFF 1.0 file was made of. (pdfkit takes WOFF as it is, and then unpacks a table again for every glyph: seven seconds
 * for a line.) Positions are of WOFF 1.0, sections 3 to 5, and of the OpenType table directory.
 */
export function unpackWoff(woff: Buffer): Buffer {
  const tables = woff.readUInt16BE(12);
  const font = Buffer.alloc(woff.readUInt32BE(16));
  const searchSteps = Math.floor(Math.log2(tables));
  woff.copy(font, 0, 4, 8);
  font.writeUInt16BE(tables, 4);
  font.writeUInt16BE(16 * 2 ** searchSteps, 6);
  font.writeUInt16BE(searchSteps, 8);
  font.writeUInt16BE(16 * (tables - 2 ** searchSteps), 10);
  let position = 12 + 16 * tables;
  for (let table = 0; table < tables; table++) {
    const [entry, directory] = [44 + 20 * table, 12 + 16 * table];
    const [offset, packed, length] = [4, 8, 12].map((field) => woff.readUInt32BE(entry + field)) as [
      number,
      number,
      number,
    ];
    const content = woff.subarray(offset, offset + packed);
    (packed < length ? inflateSync(content) : content).copy(font, position);
    woff.copy(font, directory, entry, entry + 4);
    woff.copy(font, directory + 4, entry + 16, entry + 20);
    font.writeUInt32BE(position, directory + 8);
    font.writeUInt32BE(length, directory + 12);
    position += Math.ceil(length / 4) * 4;
  }
  return font;
}

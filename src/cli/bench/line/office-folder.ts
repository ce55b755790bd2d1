import { deflateSync } from 'node:zlib';
import { Chance } from './chance.js';
import { zip } from './zip.js';

export interface MadeFile {
  readonly name: string;
  readonly content: Buffer;
}

/** What people read about the folder. */
export const officeFolderContent =
  'letters and a web page, a ledger (CSV), a log, program text, a bitmap, two XML documents in ZIPs, a PDF with deflated pages, a photograph (random)';

/** About 4 MB of what stands in an office's folders, the same octets at every run (as long as zlib deflates the same). */
export function officeFolder(): MadeFile[] {
  const chance = new Chance('office folder');
  const file = (name: string, content: string | Buffer): MadeFile => ({
    name,
    content: Buffer.from(content as string),
  });
  return [
    file('letters.txt', chance.text(620_000)),
    file('handbook.html', page(chance, 350_000)),
    file('ledger.csv', ledger(chance, 11_000)),
    file('mail.log', log(chance, 4_800)),
    file('planner.js', program(chance, 10_000)),
    file('plan.bmp', bitmap(chance, 500, 400)),
    file('report.docx', zip([{ name: 'word/document.xml', content: xml(chance, 8_000) }])),
    file('budget.xlsx', zip([{ name: 'xl/worksheets/sheet1.xml', content: cells(chance, 15_500) }])),
    file('brochure.pdf', pdf(chance, 60)),
    file('photograph.jpg', Buffer.from(Array.from({ length: 310_000 }, () => chance.below(256)))),
  ];
}

function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join('');
}

function page(chance: Chance, length: number): string {
  const parts = ['<!doctype html><html><body>\n'];
  for (let done = 0; done < length; ) {
    const part = `<h2 class="title">${chance.word()}</h2>\n<p class="text">${chance.text(400)}</p>\n`;
    parts.push(part);
    done += part.length;
  }
  return `${parts.join('')}</body></html>\n`;
}

function ledger(chance: Chance, rows: number): string {
  const row = (index: number) => {
    const date = new Date(Date.UTC(2026, 0, 1, 0, index * 13)).toISOString().slice(0, 10);
    const amount = (chance.unit() * 2_000 - 800).toFixed(2);
    return `${index + 1};${date};${4000 + chance.below(90)};"${chance.word()} ${chance.word()}";${amount};EUR;${chance.of(['open', 'paid', 'paid', 'paid'])}\r\n`;
  };
  return `number;date;account;text;amount;currency;state\r\n${lines(rows, row)}`;
}

function log(chance: Chance, rows: number): string {
  return lines(rows, (index) => {
    const time = new Date(Date.UTC(2026, 4, 1) + index * 7_321).toISOString();
    return `${time} mail[${900 + chance.below(5)}]: ${chance.of(['delivered', 'queued', 'deferred'])} to=<${chance.word()}@${chance.word()}.example>, size=${chance.below(90_000)}, id=${chance.below(2 ** 31).toString(16)}\n`;
  });
}

function program(chance: Chance, rows: number): string {
  return lines(rows, () => {
    const [a, b] = [chance.word(), chance.word()];
    return chance.of([
      `  const ${a} = ${b}(${chance.below(100)});\n`,
      `  if (${a} === undefined) return ${b};\n`,
      `function ${a}(${b}) {\n`,
      `  return ${a}.${b};\n}\n\n`,
      `  // ${chance.sentence()}\n`,
    ]);
  });
}

/** 24 bits a pixel: areas of one colour, shaded, with some noise. */
function bitmap(chance: Chance, width: number, height: number): Buffer {
  const header = Buffer.alloc(54);
  header.write('BM', 'latin1');
  header.writeUInt32LE(header.length + 3 * width * height, 2);
  header.writeUInt32LE(header.length, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(width, 18);
  header.writeInt32LE(height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(24, 28);
  const pixels = Buffer.alloc(3 * width * height);
  for (let at = 0; at < pixels.length; at++) {
    const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)];
    const area = (Math.floor(x / 60) * 7 + Math.floor(y / 45) * 13 + (at % 3) * 40) % 200;
    pixels[at] = area + (x >> 4) + (chance.below(8) === 0 ? chance.below(4) : 0);
  }
  return Buffer.concat([header, pixels]);
}

function xml(chance: Chance, paragraphs: number): Buffer {
  const paragraph = () =>
    `<w:p><w:pPr><w:pStyle w:val="BodyText"/></w:pPr><w:r><w:t>${chance.sentence()}</w:t></w:r></w:p>`;
  return Buffer.from(`<w:document><w:body>${lines(paragraphs, paragraph)}</w:body></w:document>`);
}

function cells(chance: Chance, rows: number): Buffer {
  const row = (index: number) => {
    const cell = (column: string) => `<c r="${column}${index + 1}"><v>${chance.below(100_000) / 100}</v></c>`;
    return `<row r="${index + 1}">${['A', 'B', 'C'].map(cell).join('')}</row>`;
  };
  return Buffer.from(`<worksheet><sheetData>${lines(rows, row)}</sheetData></worksheet>`);
}

function pdf(chance: Chance, pages: number): Buffer {
  const parts = [Buffer.from('%PDF-1.4\n')];
  for (let page = 1; page <= pages; page++) {
    const text = lines(
      110,
      (index) => `BT /F1 10 Tf 60 ${780 - 7 * index} Td (${chance.sentence()}) Tj ET\n`,
    );
    const stream = deflateSync(text);
    const head = `${page} 0 obj\n<< /Length ${stream.length} /Filter /FlateDecode >>\nstream\n`;
    parts.push(Buffer.from(head), stream, Buffer.from('\nendstream\nendobj\n'));
  }
  return Buffer.concat([...parts, Buffer.from('%%EOF\n')]);
}

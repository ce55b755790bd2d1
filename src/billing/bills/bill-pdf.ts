import PDFDocument from 'pdfkit';
import type { PrintedBill } from './bill-document.js';
import { type BillFace, billFace, type FaceTable } from './bill-face.js';
import { PdfText } from './pdf-text.js';

type Pdf = InstanceType<typeof PDFDocument>;

const margin = 54;
/** Of the footer's line, from the lower edge of the paper. */
const footerHeight = 40;
const grey = '#555555';
const lightGrey = '#cccccc';

/** The width of columns as shares; amounts and words that may be long get what is left. */
const summaryWidths = [4, 1.5, 2, 2, 3];
const callWidths = [3.9, 2.3, 2.3, 2.6, 2.1, 1.5, 2.4];

/** The same bill gives the same octets: nothing in them is of the day on which they are made. */
export async function billPdf(bill: PrintedBill): Promise<Buffer> {
  const { document } = bill;
  const face = billFace(bill);
  const pdf = new PDFDocument({
    size: document.paper === 'a4' ? 'A4' : 'LETTER',
    margin: 0,
    autoFirstPage: false,
    bufferPages: true,
    lang: 'en',
    font: '',
    info: {
      Title: `${face.title} ${document.number}`,
      Author: document.seller.name,
      CreationDate: new Date(`${document.issuedOn}T00:00:00Z`),
      Producer: 'Cordboard',
      Creator: 'Cordboard',
    },
  });
  const octets = collected(pdf);
  new BillPrinter(pdf).print(face, `${face.title} ${document.number}, account ${document.customer.account}`);
  pdf.end();
  return octets;
}

async function collected(pdf: Pdf): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of pdf) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

class BillPrinter {
  readonly #pdf: Pdf;
  readonly #text: PdfText;
  #y = 0;

  constructor(pdf: Pdf) {
    this.#pdf = pdf;
    this.#text = new PdfText(pdf);
  }

  print(face: BillFace, footer: string): void {
    this.#newPage();
    this.#head(face);
    this.#table(face.summary, { widths: summaryWidths, size: 9.5, lineHeight: 17 });
    this.#totals(face);
    for (const remark of face.remarks) {
      this.#y += 12;
      this.#paragraph(remark, { x: margin, width: this.#width, size: 9, most: 12 });
    }
    if (face.calls) {
      this.#y += 24;
      this.#table(face.calls, { widths: callWidths, size: 7.5, lineHeight: 12 });
    }
    this.#footers(footer);
  }

  get #width(): number {
    return this.#pdf.page.width - 2 * margin;
  }

  #newPage(): void {
    this.#pdf.addPage();
    this.#y = margin;
  }

  /** Begins a page where so much does not fit on this one; true when it did. */
  #needs(height: number): boolean {
    if (this.#y + height <= this.#pdf.page.height - footerHeight - 16) return false;
    this.#newPage();
    return true;
  }

  #head({ title, seller, customer, facts }: BillFace): void {
    const half = this.#width / 2 - 12;
    const right = margin + this.#width;
    this.#text.place(title, { x: right, y: this.#y, size: 22, font: 'bold', align: 'right' });
    this.#lines(seller, half);
    this.#y = Math.max(this.#y, margin + 40) + 28;
    const top = this.#y;
    this.#lines(customer, half);
    const below = this.#y;
    this.#y = top;
    for (const [label, value] of facts) {
      this.#text.place(label, { x: margin + half + 24, y: this.#y, size: 9.5, color: grey });
      this.#text.place(value, { x: right, y: this.#y, size: 9.5, align: 'right' });
      this.#y += 14;
    }
    this.#y = Math.max(this.#y, below) + 28;
  }

  /** The first in bold. */
  #lines(lines: readonly string[], width: number): void {
    for (const [index, line] of lines.entries())
      this.#paragraph(line, {
        ...{ x: margin, width, size: index === 0 ? 11 : 9.5, most: 4 },
        font: index === 0 ? 'bold' : 'regular',
      });
  }

  #paragraph(
    text: string,
    {
      x,
      width,
      size,
      most,
      font = 'regular',
    }: { x: number; width: number; size: number; most: number; font?: 'regular' | 'bold' },
  ): void {
    for (const line of this.#text.broken(text, { width, size, font, most })) {
      this.#needs(size * 1.45);
      this.#text.place(line, { x, y: this.#y, size, font });
      this.#y += size * 1.45;
    }
  }

  #table(
    { title, columns, rows }: FaceTable,
    look: { readonly widths: readonly number[]; readonly size: number; readonly lineHeight: number },
  ): void {
    const { widths, size, lineHeight } = look;
    const shares = widths.reduce((sum, each) => sum + each, 0);
    const edges = widths.map((_, column) => {
      const before = widths.slice(0, column).reduce((sum, each) => sum + each, 0);
      return margin + (this.#width * before) / shares;
    });
    const rowOf = (cells: readonly string[], color: string) => {
      for (const [column, cell] of cells.entries()) {
        const isNumber = columns[column]?.isNumber ?? false;
        const x = isNumber ? (edges[column + 1] ?? margin + this.#width) : (edges[column] ?? margin);
        // A number's column ends where the next begins: what follows keeps its distance by being a number, too.
        this.#text.place(cell, { x, y: this.#y, size, color, align: isNumber ? 'right' : 'left' });
      }
    };
    const heading = () => {
      rowOf(
        columns.map((column) => column.heading),
        grey,
      );
      this.#y += lineHeight;
      this.#rule(grey);
      this.#y += 4;
    };
    this.#needs(20 + 3 * lineHeight);
    this.#text.place(title, { x: margin, y: this.#y, size: 10.5, font: 'bold' });
    this.#y += 20;
    heading();
    for (const row of rows) {
      if (this.#needs(lineHeight)) heading();
      rowOf(row, 'black');
      this.#y += lineHeight;
    }
    this.#rule(lightGrey);
    this.#y += 6;
  }

  #totals({ totals, payable }: BillFace): void {
    const right = margin + this.#width;
    const left = margin + this.#width * 0.45;
    for (const [label, amount] of totals) {
      this.#needs(16);
      const [line = ''] = this.#text.broken(label, {
        width: this.#width * 0.35,
        size: 9.5,
        font: 'regular',
        most: 1,
      });
      this.#text.place(line, { x: left, y: this.#y, size: 9.5 });
      this.#text.place(amount, { x: right, y: this.#y, size: 9.5, align: 'right' });
      this.#y += 16;
    }
    this.#needs(30);
    this.#rule('black', left);
    this.#y += 6;
    this.#text.place(payable[0], { x: left, y: this.#y, size: 12, font: 'bold' });
    this.#text.place(payable[1], { x: right, y: this.#y, size: 12, font: 'bold', align: 'right' });
    this.#y += 26;
  }

  #rule(color: string, from = margin): void {
    const y = this.#y;
    this.#pdf
      .moveTo(from, y)
      .lineTo(margin + this.#width, y)
      .lineWidth(0.5)
      .strokeColor(color)
      .stroke();
  }

  #footers(text: string): void {
    const { count } = this.#pdf.bufferedPageRange();
    for (let page = 0; page < count; page++) {
      this.#pdf.switchToPage(page);
      const y = this.#pdf.page.height - footerHeight;
      this.#text.place(text, { x: margin, y, size: 7.5, color: grey });
      const place = `Page ${page + 1} of ${count}`;
      this.#text.place(place, { x: margin + this.#width, y, size: 7.5, color: grey, align: 'right' });
    }
  }
}

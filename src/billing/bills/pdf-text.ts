import type PDFDocument from 'pdfkit';
import { type FontName, fontOctets, runsOf, type TextRun } from './bill-fonts.js';

interface Face {
  readonly size: number;
  readonly font?: 'regular' | 'bold';
}

interface Placed extends Face {
  /** Points; with `align: 'right'` the right end of the text. */
  readonly x: number;
  readonly y: number;
  readonly align?: 'left' | 'right';
  readonly color?: string;
}

interface Column extends Face {
  readonly width: number;
  /** Lines; what is over ends in an ellipsis. */
  readonly most: number;
}

/** With features, even with none, a run is shaped as a whole, also where its letters run from right to left. */
const whole = { features: [] };

/** Single lines on a page, each piece in a font that has its letters. */
export class PdfText {
  readonly #pdf: InstanceType<typeof PDFDocument>;
  readonly #registered = new Set<FontName>();

  constructor(pdf: InstanceType<typeof PDFDocument>) {
    this.#pdf = pdf;
  }

  place(text: string, { x, y, size, font = 'regular', align = 'left', color = 'black' }: Placed): void {
    const runs = this.#runsOf(text, font);
    let at = align === 'right' ? x - this.#widthOf(runs, size) : x;
    this.#pdf.fillColor(color);
    for (const run of runs) {
      this.#set(run.font, size);
      this.#pdf.text(run.text, at, y, this.#optionsOf(run));
      at += this.#pdf.widthOfString(run.text, this.#optionsOf(run));
    }
  }

  /** In lines that are no wider, broken between words where there are any. */
  broken(text: string, { width, size, font = 'regular', most }: Column): string[] {
    const fits = (line: string) => this.#widthOf(this.#runsOf(line, font), size) <= width;
    const lines: string[] = [];
    let line = '';
    for (const word of text.split(/(?<=\s)/u)) {
      if (fits((line + word).trimEnd())) {
        line += word;
        continue;
      }
      if (line) lines.push(line);
      line = '';
      for (const char of word) {
        if (line && !fits(line + char)) {
          lines.push(line);
          line = '';
        }
        line += char;
      }
    }
    if (line) lines.push(line);
    if (lines.length <= most) return lines.map((each) => each.trimEnd());
    let last = (lines[most - 1] ?? '').trimEnd();
    while (last && !fits(`${last}…`)) last = [...last].slice(0, -1).join('');
    return [...lines.slice(0, most - 1).map((each) => each.trimEnd()), `${last}…`];
  }

  #widthOf(runs: readonly TextRun[], size: number): number {
    return runs.reduce((sum, run) => {
      this.#set(run.font, size);
      return sum + this.#pdf.widthOfString(run.text, this.#optionsOf(run));
    }, 0);
  }

  #runsOf(text: string, font: 'regular' | 'bold'): readonly TextRun[] {
    // Most of a bill are digits, and all of its words of ours.
    return /^[\x20-\x7e]*$/.test(text) ? [{ font, text }] : runsOf(text, font);
  }

  #optionsOf({ text }: TextRun) {
    return /^[\x20-\x7e]*$/.test(text) ? { lineBreak: false } : { lineBreak: false, ...whole };
  }

  #set(font: FontName, size: number): void {
    if (!this.#registered.has(font)) {
      this.#pdf.registerFont(font, fontOctets(font));
      this.#registered.add(font);
    }
    this.#pdf.font(font, size);
  }
}

import { isNumericCode } from './result-codes.js';

const cr = 13;
const lf = 10;
const dle = 16;

/** More than any result code or caller ID line: without a line end, what came is noise. */
const longestLine = 512;

/** Where the reader puts what it found. */
export interface CommandReaderSink {
  /** A line of printable text. Returns true when the octets after it are data (CONNECT). */
  line(text: string): boolean;
  /** `<DLE>code` in voice mode. */
  shielded(code: string): void;
}

/**
 * Splits what a modem sends in command state into lines. Forgiving as programs have to be (fault 37): lines may end in
 * CR LF or in CR alone, the top bit may be parity, XON, XOFF and NUL may stand anywhere.
 */
export class CommandReader {
  readonly #sink: CommandReaderSink;
  /** Set while the modem is in voice mode; else a DLE is noise. */
  shielding = false;
  #text = '';
  /** The line began after a LF, so the modem frames its lines with CR LF and a LF is due after this one's CR. */
  #framed = false;
  #awaitsLf = false;
  #awaitsCode = false;

  constructor(sink: CommandReaderSink) {
    this.#sink = sink;
  }

  /** Returns the octets after the line that made the rest data, or `undefined` when all was read as lines. */
  push(octets: Buffer): Buffer | undefined {
    for (let at = 0; at < octets.length; at++) {
      const octet = (octets[at] as number) & 0x7f;
      if (this.#awaitsLf) {
        this.#awaitsLf = false;
        this.#framed = octet === lf;
        const isData = this.#endLine();
        const next = octet === lf ? at + 1 : at;
        if (isData) return octets.subarray(next);
        if (octet === lf) continue;
      }
      if (this.#take(octet)) return octets.subarray(at + 1);
    }
    return undefined;
  }

  /** Forgets an unfinished line: what comes next begins anew. */
  reset(): void {
    this.#text = '';
    this.#framed = false;
    this.#awaitsLf = false;
    this.#awaitsCode = false;
  }

  #take(octet: number): boolean {
    if (this.#awaitsCode) {
      this.#awaitsCode = false;
      this.#sink.shielded(String.fromCharCode(octet));
    } else if (octet === dle) {
      this.#awaitsCode = this.shielding;
    } else if (octet === cr) {
      // A numeric code has no LF, also after information text that had one (telephony text 1.2).
      if (this.#framed && this.#text !== '' && !isNumericCode(this.#text)) this.#awaitsLf = true;
      else return this.#endLine();
    } else if (octet === lf) {
      const isData = this.#endLine();
      this.#framed = true;
      return isData;
    } else if (octet >= 0x20 && octet < 0x7f) {
      if (this.#text.length >= longestLine) this.#text = '';
      this.#text += String.fromCharCode(octet);
    }
    return false;
  }

  #endLine(): boolean {
    const text = this.#text.trim();
    this.#text = '';
    return text !== '' && this.#sink.line(text);
  }
}

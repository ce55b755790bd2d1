const cr = 13;
const lf = 10;

/** More than the longest PDU: without a line end, what came is noise. */
const longestLine = 1024;

/** Splits what a GSM modem sends into lines, and finds its prompt, which no line end follows. */
export class MessageLines {
  readonly #sink: { line(text: string): void; prompt(): void };
  /** A `> ` at the beginning of a line is the prompt. */
  awaitsPrompt = false;
  #text = '';

  constructor(sink: { line(text: string): void; prompt(): void }) {
    this.#sink = sink;
  }

  push(octets: Uint8Array): void {
    for (const octet of octets) this.#take(octet & 0x7f);
  }

  /** Forgets an unfinished line. */
  reset(): void {
    this.#text = '';
  }

  #take(octet: number): void {
    if (octet === cr || octet === lf) {
      const text = this.#text.trim();
      this.#text = '';
      if (text !== '') this.#sink.line(text);
    } else if (octet >= 0x20 && octet < 0x7f) {
      if (this.#text.length >= longestLine) this.#text = '';
      this.#text += String.fromCharCode(octet);
      if (this.awaitsPrompt && this.#text === '> ') {
        this.#text = '';
        this.#sink.prompt();
      }
    }
  }
}

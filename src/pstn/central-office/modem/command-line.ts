import type { Registers } from './registers.js';

/** What the program has typed: a line without prefix and terminator, `A/`, or more than a line holds. */
export type TypedLine =
  | { readonly kind: 'line'; readonly body: string }
  | { readonly kind: 'repeat' }
  | { readonly kind: 'too-long' };

/** Hayes keeps 255 characters, others 40 to 256. */
const longestBody = 256;

const backTheWholeLine = 24;

/**
 * From octets to command lines (V.250 5.2). Whatever precedes the prefix is skipped and nothing is kept of
 * it, so garbage without end costs no memory. Seven bits count: the eighth may be parity.
 */
export class CommandLineEditor {
  readonly #registers: () => Registers;
  #awaiting: 'A' | 'T' | 'body' = 'A';
  readonly #body: number[] = [];
  #tooLong = false;

  /** @param registers asked anew for each chunk: a command line may change S3 and S5 for the next one */
  constructor(registers: () => Registers) {
    this.#registers = registers;
  }

  /** Takes octets up to the one that completes a line. `taken` is at least one unless there are none. */
  take(octets: Uint8Array): { readonly taken: number; readonly typed?: TypedLine } {
    const { lineTerminator, lineEditor } = this.#registers();
    for (let index = 0; index < octets.length; index++) {
      const character = (octets[index] as number) & 0x7f;
      const typed =
        this.#awaiting === 'body'
          ? this.#edit(character, lineTerminator, lineEditor)
          : this.#seekPrefix(character);
      if (typed) {
        this.clear();
        return { taken: index + 1, typed };
      }
    }
    return { taken: octets.length };
  }

  /** Forgets a line that was begun. */
  clear(): void {
    this.#awaiting = 'A';
    this.#body.length = 0;
    this.#tooLong = false;
  }

  #seekPrefix(character: number): TypedLine | undefined {
    const letter = String.fromCharCode(character).toUpperCase();
    if (this.#awaiting === 'T' && letter === '/') return { kind: 'repeat' };
    if (this.#awaiting === 'T' && letter === 'T') this.#awaiting = 'body';
    else this.#awaiting = letter === 'A' ? 'T' : 'A';
    return undefined;
  }

  #edit(character: number, terminator: number, backspace: number): TypedLine | undefined {
    if (character === terminator) {
      if (this.#tooLong) return { kind: 'too-long' };
      return { kind: 'line', body: String.fromCharCode(...this.#body) };
    }
    if (character === backspace) this.#body.pop();
    else if (character === backTheWholeLine) this.clear();
    else if (character >= 0x20 && character < 0x7f) this.#keep(character);
    return undefined;
  }

  #keep(character: number): void {
    if (this.#body.length < longestBody) this.#body.push(character);
    else this.#tooLong = true;
  }
}

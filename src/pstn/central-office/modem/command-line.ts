import type { Settings } from './settings.js';

/** What the program has typed: a line without prefix and terminator, `A/`, or more than a line holds. */
export type TypedLine =
  | { readonly kind: 'line'; readonly body: string }
  | { readonly kind: 'repeat' }
  | { readonly kind: 'too-long' };

const backTheWholeLine = 24;

/**
 * From octets to command lines (V.250 5.2). Whatever precedes the prefix is skipped and nothing is kept of
 * it, so garbage without end costs no memory. Seven bits count: the eighth may be parity.
 */
export class CommandLineEditor {
  readonly #settings: () => Settings;
  #awaiting: 'A' | 'T' | 'body' = 'A';
  readonly #body: number[] = [];
  #tooLong = false;
  /** The A of the prefix. */
  #isUpperCase = true;

  /** @param settings asked anew for each chunk: a command line may change S3 and S5 for the next one */
  constructor(settings: () => Settings) {
    this.#settings = settings;
  }

  /** Takes octets up to the one that completes a line. `taken` is at least one unless there are none. */
  take(octets: Uint8Array): { readonly taken: number; readonly typed?: TypedLine } {
    const { lineTerminator, lineEditor } = this.#settings().registers;
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
    const typed = String.fromCharCode(character);
    const letter = typed.toUpperCase();
    const isPrefix = letter === 'T' && (this.#mixedCasePrefix() || this.#isSameCase(typed));
    if (this.#awaiting === 'T' && letter === '/') return { kind: 'repeat' };
    if (this.#awaiting === 'T' && isPrefix) this.#awaiting = 'body';
    else this.#awaiting = letter === 'A' ? 'T' : 'A';
    if (letter === 'A') this.#isUpperCase = letter === typed;
    return undefined;
  }

  #mixedCasePrefix(): boolean {
    return this.#settings().profile.mixedCasePrefix;
  }

  #isSameCase(t: string): boolean {
    return (t === 'T') === this.#isUpperCase;
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
    if (this.#body.length < this.#settings().profile.longestLine) this.#body.push(character);
    else this.#tooLong = true;
  }
}

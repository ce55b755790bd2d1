/** What a string of dialled digits is so far. */
export type Lookup<Destination> =
  /** No further digit can matter. */
  | { readonly kind: 'complete'; readonly destination: Destination }
  /** A number, and the beginning of a longer one. */
  | { readonly kind: 'ambiguous'; readonly destination: Destination }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'unknown' };

/** Who has which number. */
export class Directory<Entry> {
  readonly #entries = new Map<string, Entry>();
  readonly #beginnings = new Set<string>();

  add(number: string, entry: Entry): void {
    this.#entries.set(number, entry);
    for (let length = 0; length < number.length; length++) this.#beginnings.add(number.slice(0, length));
  }

  get(number: string): Entry | undefined {
    return this.#entries.get(number);
  }

  /** Dialling without a numbering plan: the numbers of the directory as they are. */
  lookup(digits: string): Lookup<string> {
    const isBeginning = this.#beginnings.has(digits);
    if (!this.#entries.has(digits)) return { kind: isBeginning ? 'incomplete' : 'unknown' };
    return { kind: isBeginning ? 'ambiguous' : 'complete', destination: digits };
  }
}

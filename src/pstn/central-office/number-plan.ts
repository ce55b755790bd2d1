/** What a string of dialled digits is so far. */
export type Lookup<Destination> =
  /** No further digit can matter. */
  | { readonly kind: 'complete'; readonly destination: Destination }
  /** A number, and the beginning of a longer one. */
  | { readonly kind: 'ambiguous'; readonly destination: Destination }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'unknown' };

/** The table of directory numbers. */
export class NumberPlan<Destination> {
  readonly #destinations = new Map<string, Destination>();
  readonly #beginnings = new Set<string>();

  add(number: string, destination: Destination): void {
    this.#destinations.set(number, destination);
    for (let length = 0; length < number.length; length++) this.#beginnings.add(number.slice(0, length));
  }

  get(number: string): Destination | undefined {
    return this.#destinations.get(number);
  }

  lookup(digits: string): Lookup<Destination> {
    const destination = this.#destinations.get(digits);
    const isBeginning = this.#beginnings.has(digits);
    if (destination === undefined) return { kind: isBeginning ? 'incomplete' : 'unknown' };
    return { kind: isBeginning ? 'ambiguous' : 'complete', destination };
  }
}

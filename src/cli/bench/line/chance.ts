import { createHash } from 'node:crypto';

const syllables =
  'al an ber con da de dis e en er fo ge ha in is ka la le lo ma me mi na ne no o pa per po ra re ri sa se so ta te ti to un ve vo'.split(
    ' ',
  );
const vocabularyWords = 2_000;

/** Numbers and words by a seed, so that a content is the same at every run. */
export class Chance {
  #state: number;
  readonly #vocabulary: readonly string[];

  constructor(seed: string) {
    this.#state = createHash('sha256').update(seed).digest().readUInt32LE();
    this.#vocabulary = Array.from({ length: vocabularyWords }, () =>
      Array.from({ length: 1 + this.below(4) }, () => this.of(syllables)).join(''),
    );
  }

  /** Mulberry32: in [0, 1). */
  unit(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.unit() * limit);
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  /** Frequent words are frequent, as in a language (Zipf). */
  word(): string {
    return this.#vocabulary[Math.floor(vocabularyWords ** this.unit()) - 1] ?? '';
  }

  sentence(): string {
    const words = Array.from({ length: 5 + this.below(14) }, () => this.word()).join(' ');
    return `${words.charAt(0).toUpperCase()}${words.slice(1)}. `;
  }

  /** At least so many characters of sentences in paragraphs. */
  text(length: number): string {
    const parts: string[] = [];
    for (let done = 0; done < length; ) {
      const part = this.below(6) === 0 ? `${this.sentence()}\n\n` : this.sentence();
      parts.push(part);
      done += part.length;
    }
    return parts.join('');
  }
}

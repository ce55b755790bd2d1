const slots = 4;

/** `&Zn=`, `&Zn?`, `DS=n` and `DL`. They outlive `&F` and `Z`. */
export class StoredNumbers {
  readonly #numbers: string[] = [];
  #last: string | undefined;

  /** False when there is no such slot. */
  store(slot: number, dialString: string): boolean {
    if (slot >= slots) return false;
    this.#numbers[slot] = dialString;
    return true;
  }

  /** `&Zn?`; undefined when there is no such slot. */
  at(slot: number): string | undefined {
    return slot < slots ? (this.#numbers[slot] ?? '') : undefined;
  }

  /** One line for each that is stored: `0=5550100`. */
  dump(): string {
    return Array.from(this.#numbers.entries(), ([slot, number]) => number && `${slot}=${number}`)
      .filter(Boolean)
      .join('\r\n');
  }

  /** The dial string that `D` means, kept for `DL`; undefined when it names a number that was never stored. */
  resolve(text: string): string | undefined {
    const [, redial, slot] = /^[TP]?(?:(L)|S(?:=(\d))?)$/.exec(text) ?? [];
    const names = /^[TP]?[LS]/.test(text);
    const dialString = redial ? this.#last : names ? this.#numbers[Number(slot ?? 0)] : text;
    if (dialString !== undefined) this.#last = dialString;
    return dialString;
  }
}

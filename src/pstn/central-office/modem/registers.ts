import type { Profile } from './profiles/profile.js';

/** The S registers that the modem obeys; `ringCount` (S1) alone is read-only. */
const register = {
  ringsToAnswer: 0,
  ringCount: 1,
  escapeCharacter: 2,
  lineTerminator: 3,
  responseFormatter: 4,
  lineEditor: 5,
  blindDialWait: 6,
  carrierWait: 7,
  comma: 8,
  carrierLoss: 10,
  digitLength: 11,
  escapeGuard: 12,
  dtrDrop: 25,
  flash: 29,
  hangUpDelay: 38,
} as const;

interface Row {
  readonly initial: number;
  readonly least?: number;
  readonly most?: number;
}

/** V.250 6.2 and 6.3, and the values of common Rockwell modems above S12. A register that is not listed is stored only. */
const rows: Readonly<Record<number, Row>> = {
  [register.escapeCharacter]: { initial: 43 },
  [register.lineTerminator]: { initial: 13, most: 127 },
  [register.responseFormatter]: { initial: 10, most: 127 },
  [register.lineEditor]: { initial: 8, most: 127 },
  [register.blindDialWait]: { initial: 2, least: 2 },
  [register.carrierWait]: { initial: 50, least: 1 },
  [register.comma]: { initial: 2 },
  9: { initial: 6 },
  [register.carrierLoss]: { initial: 14, least: 1 },
  [register.digitLength]: { initial: 95, least: 50 },
  [register.escapeGuard]: { initial: 50 },
  [register.dtrDrop]: { initial: 5 },
  [register.flash]: { initial: 50 },
  36: { initial: 7 },
  [register.hangUpDelay]: { initial: 20 },
  46: { initial: 138 },
  48: { initial: 7 },
};

const count = 100;

/** S0 to S99, or those that the profile knows, an octet each. */
export class Registers {
  readonly #profile: Pick<Profile, 'registers' | 'knownRegisters'>;
  readonly #values = new Uint8Array(count);
  /** What `?` and `=` without a number act on: the register that was spoken of last. */
  selected = 0;

  constructor(profile: Pick<Profile, 'registers' | 'knownRegisters'>) {
    this.#profile = profile;
    for (const [number, row] of Object.entries(rows)) this.#values[Number(number)] = row.initial;
    for (const [number, initial] of Object.entries(profile.registers)) this.#values[Number(number)] = initial;
  }

  /** Undefined when there is no such register. */
  get(number: number): number | undefined {
    return this.#knows(number) ? this.#values[number] : undefined;
  }

  /** False when there is no such register, it is read-only, or the value is out of its range. */
  set(number: number, value: number): boolean {
    const { least = 0, most = 255 } = rows[number] ?? {};
    if (!this.#knows(number) || number === register.ringCount || value < least || value > most) return false;
    this.#values[number] = value;
    return true;
  }

  countRing(rings: number): void {
    this.#values[register.ringCount] = Math.min(rings, 255);
  }

  copy(): Registers {
    const copy = new Registers(this.#profile);
    copy.#values.set(this.#values);
    return copy;
  }

  get ringsToAnswer(): number {
    return this.#at(register.ringsToAnswer);
  }
  get escapeCharacter(): number {
    return this.#at(register.escapeCharacter);
  }
  get lineTerminator(): number {
    return this.#at(register.lineTerminator);
  }
  get responseFormatter(): number {
    return this.#at(register.responseFormatter);
  }
  get lineEditor(): number {
    return this.#at(register.lineEditor);
  }
  get blindDialWaitMs(): number {
    return this.#at(register.blindDialWait) * 1000;
  }
  get carrierWaitMs(): number {
    return this.#at(register.carrierWait) * 1000;
  }
  get commaMs(): number {
    return this.#at(register.comma) * 1000;
  }
  /** Infinity for 255: never. */
  get carrierLossMs(): number {
    const tenths = this.#at(register.carrierLoss);
    return tenths === 255 ? Number.POSITIVE_INFINITY : tenths * 100;
  }
  get digitMs(): number {
    return this.#at(register.digitLength);
  }
  get escapeGuardMs(): number {
    return this.#at(register.escapeGuard) * 20;
  }
  get dtrDropMs(): number {
    return this.#at(register.dtrDrop) * 10;
  }
  get flashMs(): number {
    return this.#at(register.flash) * 10;
  }
  /** Infinity for 255: until everything is sent. */
  get hangUpDelayMs(): number {
    const seconds = this.#at(register.hangUpDelay);
    return seconds === 255 ? Number.POSITIVE_INFINITY : seconds * 1000;
  }

  #knows(number: number): boolean {
    return number < count && (this.#profile.knownRegisters?.includes(number) ?? true);
  }

  #at(number: number): number {
    return this.#values[number] as number;
  }
}

import { copyOfParameters, type ExtendedName, factoryParameters } from './extended-parameters.js';
import { Registers } from './registers.js';

/** Basic parameters that the modem obeys: factory value and the largest that it takes. */
export const basicParameters = {
  E: { initial: 1, most: 1 },
  Q: { initial: 0, most: 1 },
  V: { initial: 1, most: 1 },
  W: { initial: 0, most: 2 },
  X: { initial: 4, most: 5 },
  '&C': { initial: 1, most: 1 },
  '&D': { initial: 2, most: 3 },
  '&S': { initial: 0, most: 2 },
} as const;

export type BasicName = keyof typeof basicParameters;

export function isBasicName(name: string): name is BasicName {
  return Object.hasOwn(basicParameters, name);
}

const basicNames = Object.keys(basicParameters) as BasicName[];

/** What `&F` sets, `&W` stores and `Z` brings back. */
export class Settings {
  readonly registers: Registers;
  readonly #basic: Record<BasicName, number>;
  readonly #extended: Record<ExtendedName, number[]>;
  /** `+FCLASS`: 0 data, 8 voice. */
  serviceClass: 0 | 8 = 0;

  constructor(from?: Settings) {
    this.registers = from ? from.registers.copy() : new Registers();
    this.#extended = from ? copyOfParameters(from.#extended) : factoryParameters();
    this.#basic = from
      ? { ...from.#basic }
      : (Object.fromEntries(basicNames.map((name) => [name, basicParameters[name].initial])) as Record<
          BasicName,
          number
        >);
  }

  basic(name: BasicName): number {
    return this.#basic[name];
  }

  /** False when the value is out of range. */
  setBasic(name: BasicName, value: number): boolean {
    if (value > basicParameters[name].most) return false;
    this.#basic[name] = value;
    return true;
  }

  extended(name: ExtendedName): readonly number[] {
    return this.#extended[name];
  }

  setExtended(name: ExtendedName, values: readonly number[]): void {
    this.#extended[name] = [...values];
  }

  /** The first, mostly the only, value of an extended parameter. */
  first(name: ExtendedName): number {
    return this.#extended[name][0] ?? 0;
  }

  get echo(): boolean {
    return this.#basic.E === 1;
  }
  get quiet(): boolean {
    return this.#basic.Q === 1;
  }
  get verbose(): boolean {
    return this.#basic.V === 1;
  }
  /** X1 to X4: CONNECT carries a rate. */
  get tellsRate(): boolean {
    return this.#basic.X >= 1;
  }
  /** X2, X4, X5. */
  get checksDialTone(): boolean {
    return this.#basic.X === 2 || this.#basic.X >= 4;
  }
  /** X3 and above. */
  get detectsBusy(): boolean {
    return this.#basic.X >= 3;
  }
  /** X5, as U.S. Robotics has it: X4 and RINGING. */
  get tellsRingBack(): boolean {
    return this.#basic.X === 5;
  }
  /** Ready to send (106) follows the modem's buffer. */
  get ctsFlow(): boolean {
    return this.#extended['+IFC'][1] === 2;
  }
  /** What XON and XOFF from the program do: nothing, stop the modem, or stop it and go on to the far end too. */
  get xonXoff(): 'data' | 'local' | 'passed-on' {
    const byDte = this.first('+IFC');
    if (byDte === 1) return 'local';
    return byDte === 3 ? 'passed-on' : 'data';
  }

  dump(): string {
    const basic = basicNames.map((name) => `${name}${this.#basic[name]}`).join(' ');
    const flow = `+IFC:${this.#extended['+IFC'].join(',')}`;
    const registers = dumped
      .map((number) => `S${String(number).padStart(2, '0')}:${this.registers.get(number)}`)
      .join(' ');
    return `${basic} ${flow} +FCLASS:${this.serviceClass}\r\n${registers}`;
  }
}

const dumped = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 25, 29, 30, 36, 38, 46, 48, 95];

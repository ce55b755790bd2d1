import {
  type ExtendedName,
  type ExtendedValues,
  factoryParameters,
  printedValues,
  voiceParameters,
} from './extended-parameters.js';
import type { Profile } from './profiles/profile.js';
import { Registers } from './registers.js';

/** What `&F` sets, `&W` stores and `Z` brings back. */
export class Settings {
  readonly profile: Profile;
  readonly registers: Registers;
  readonly #basic: Record<string, number>;
  #extended: ExtendedValues;
  /** `+FCLASS`: 0 data, 8 voice. */
  serviceClass: 0 | 8 = 0;
  /** `T` and `P`. */
  dialMethod: 'T' | 'P' = 'T';
  /** `+VLS` */
  analogueLine = 0;

  /** The factory's. */
  constructor(profile: Profile, registers = new Registers(profile)) {
    this.profile = profile;
    this.registers = registers;
    const rows = Object.entries(profile.basics);
    this.#basic = Object.fromEntries(rows.map(([name, { initial }]) => [name, initial]));
    this.#extended = factoryParameters();
  }

  copy(): Settings {
    const copy = new Settings(this.profile, this.registers.copy());
    Object.assign(copy.#basic, this.#basic);
    copy.#extended = this.#extended;
    copy.serviceClass = this.serviceClass;
    copy.dialMethod = this.dialMethod;
    copy.analogueLine = this.analogueLine;
    return copy;
  }

  /** 0 for one that the profile does not have. */
  basic(name: string): number {
    return this.#basic[name] ?? 0;
  }

  /** False when the value is out of range, or the command unknown and such are refused. */
  setBasic(name: string, value: number): boolean {
    const row = this.profile.basics[name];
    if (!row) return this.profile.unknownBasics === 'accepted';
    if (value > row.most) return row.beyond === 'accepted';
    this.#basic[name] = value;
    const [extended, values] = this.profile.means[`${name}${value}`] ?? [];
    if (extended) {
      this.setExtended(
        extended,
        this.#extended[extended].map((before, index) => values?.[index] ?? before),
      );
    }
    return true;
  }

  extended(name: ExtendedName): readonly number[] {
    return this.#extended[name];
  }

  setExtended(name: ExtendedName, values: readonly number[]): void {
    this.#extended = { ...this.#extended, [name]: values };
  }

  /** The first, mostly the only, value of an extended parameter. */
  first(name: ExtendedName): number {
    return this.#extended[name][0] ?? 0;
  }

  /** `+VIP` */
  restoreVoice(): void {
    const factory = factoryParameters();
    for (const name of voiceParameters) this.setExtended(name, factory[name]);
  }

  get echo(): boolean {
    return this.#basic.E === 1;
  }
  get quiet(): boolean {
    return this.#basic.Q === 1;
  }
  /** Q2 of U.S. Robotics: a call that comes in is told of by the circuits alone. */
  get quietWhenCalled(): boolean {
    return this.#basic.Q === 2;
  }
  get verbose(): boolean {
    return this.#basic.V === 1;
  }
  /** X1 to X4: CONNECT carries a rate. */
  get tellsRate(): boolean {
    return this.basic('X') >= 1;
  }
  /** X2, X4 and above. */
  get checksDialTone(): boolean {
    return this.basic('X') === 2 || this.basic('X') >= 4;
  }
  /** X3 and above. */
  get detectsBusy(): boolean {
    return this.basic('X') >= 3;
  }
  /** X5, as U.S. Robotics has it: X4 and RINGING. */
  get tellsRingBack(): boolean {
    return this.basic('X') >= 5;
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
  /** bit/s of the port; undefined while no cable of ours (process, pty, TCP) has a speed of its own. */
  get portRate(): number | undefined {
    return this.first('+IPR') || this.profile.portRate;
  }
  /** Without an octet either way for so long the modem hangs up; 0 for ever. */
  get inactivityMs(): number {
    const { register, unitMs } = this.profile.inactivity;
    return (this.registers.get(register) ?? 0) * unitMs;
  }

  dump(): string {
    const basics = Object.keys(this.profile.basics).map((name) => `${name}${this.#basic[name]}`);
    const parameters = [...basics, this.dialMethod, `+FCLASS:${this.serviceClass}`];
    const flow = `+IFC:${printedValues('+IFC', this.#extended['+IFC'])}`;
    const registers = this.profile.shownRegisters.map(
      (number) => `S${String(number).padStart(2, '0')}:${this.registers.get(number)}`,
    );
    return `${[...parameters, flow].join(' ')}\r\n${registers.join(' ')}`;
  }
}

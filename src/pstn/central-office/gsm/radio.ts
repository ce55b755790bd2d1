import type { Clock } from '../../../time/clock.js';
import { OneShot } from '../modem/one-shot.js';

/** `<stat>` of `+CREG` (27.007 7.2). */
const registration = { none: 0, home: 1, searching: 2 } as const;
export type Registration = (typeof registration)[keyof typeof registration];

/** `+CFUN`: 0 least, 1 full, 4 with transmitter and receiver off. */
export type Functionality = 0 | 1 | 4;

const searchMs = 2000;

/** Whether the mobile is registered, and how well it hears the network. */
export class Radio {
  readonly #search: OneShot;
  readonly #searchMs: number;
  readonly #changed: (registration: Registration) => void;
  #functionality: Functionality = 1;
  #hasCoverage = true;
  #isSimOpen: boolean;
  #isAttached = true;
  #registration: Registration;
  /** `<rssi>` of `+CSQ`: 0 to 31, steps of 2 dB from -113 dBm. */
  signal = 21;

  constructor(parts: {
    readonly clock: Clock;
    readonly timeScale: number;
    readonly isSimOpen: boolean;
    changed(registration: Registration): void;
  }) {
    this.#search = new OneShot(parts.clock);
    this.#searchMs = searchMs * parts.timeScale;
    this.#changed = parts.changed;
    this.#isSimOpen = parts.isSimOpen;
    this.#registration = parts.isSimOpen ? registration.home : registration.none;
  }

  get registration(): Registration {
    return this.#registration;
  }

  get isRegistered(): boolean {
    return this.#registration === registration.home;
  }

  get functionality(): Functionality {
    return this.#functionality;
  }

  get hasCoverage(): boolean {
    return this.#hasCoverage;
  }

  setFunctionality(functionality: Functionality): void {
    this.#functionality = functionality;
    this.#update();
  }

  setCoverage(has: boolean): void {
    this.#hasCoverage = has;
    this.#update();
  }

  setSimOpen(isOpen: boolean): void {
    this.#isSimOpen = isOpen;
    this.#update();
  }

  /** `+COPS=0` and `+COPS=2`. */
  setAttached(isAttached: boolean): void {
    this.#isAttached = isAttached;
    this.#update();
  }

  stop(): void {
    this.#search.stop();
  }

  #update(): void {
    const mayRegister = this.#functionality === 1 && this.#isSimOpen && this.#isAttached;
    if (mayRegister && this.#hasCoverage && this.isRegistered) return;
    this.#search.stop();
    this.#set(mayRegister ? registration.searching : registration.none);
    if (mayRegister && this.#hasCoverage) {
      this.#search.start(this.#searchMs, () => this.#set(registration.home));
    }
  }

  #set(next: Registration): void {
    if (next === this.#registration) return;
    this.#registration = next;
    this.#changed(next);
  }
}

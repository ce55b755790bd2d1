import type { Circuits, DtePort } from '../dte.js';
import { informationText, type ResultCode, resultText } from './result-codes.js';
import type { Settings } from './settings.js';

/** The modem's end of the cable: texts, circuits, and the octets that the port keeps. No port means no program. */
export class DteSide {
  readonly #settings: () => Settings;
  readonly #hasCarrier: () => boolean;
  #port: DtePort | undefined;
  #shown: Circuits | undefined;
  #isBurst = false;
  /** The port keeps octets that the modem has not taken. */
  #isHeld = false;
  /** What the port keeps was meant for a far end that is gone: it must not be read as commands. */
  #isStale = false;

  constructor(parts: { settings(): Settings; hasCarrier(): boolean }) {
    this.#settings = parts.settings;
    this.#hasCarrier = parts.hasCarrier;
  }

  get port(): DtePort | undefined {
    return this.#port;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  plug(port: DtePort | undefined): void {
    this.#port = port;
    this.#shown = undefined;
    this.#isHeld = false;
    this.#isStale = false;
    this.showCircuits();
  }

  send(octets: Uint8Array): void {
    this.#port?.send(octets);
  }

  pending(): number {
    return this.#port?.pending() ?? 0;
  }

  inform(text: string): void {
    this.#print(informationText(text, this.#settings()));
  }

  /** Circuits first: DCD is on before CONNECT and off before NO CARRIER. */
  result(result: ResultCode): void {
    this.showCircuits();
    this.#print(resultText(result, this.#settings()));
  }

  /** A ringing burst begins or ends. */
  ring(isBurst: boolean): void {
    this.#isBurst = isBurst;
    this.showCircuits();
  }

  /** Tells the port of changes only. */
  showCircuits(): void {
    const settings = this.#settings();
    const hasCarrier = this.#hasCarrier();
    const cts = !this.#isHeld || !settings.ctsFlow;
    const dsr = hasCarrier || settings.basic('&S') === 0;
    const dcd = hasCarrier || settings.basic('&C') === 0;
    const ri = this.#isBurst;
    const shown = this.#shown;
    if (shown?.cts === cts && shown.dsr === dsr && shown.dcd === dcd && shown.ri === ri) return;
    this.#shown = { cts, dsr, dcd, ri };
    this.#port?.circuits(this.#shown);
  }

  /**
   * Lets `take` have the octets that the port offers, as often as it takes some. Returns how many were taken; the
   * port keeps the rest.
   */
  offer(octets: Uint8Array, take: (octets: Uint8Array) => number): number {
    const isStale = this.#isStale;
    this.#isStale = false;
    this.#isHeld = false;
    let taken = isStale ? octets.length : 0;
    while (taken < octets.length) {
      const step = take(taken === 0 ? octets : octets.subarray(taken));
      if (step === 0) break;
      taken += step;
    }
    this.#isHeld = taken < octets.length;
    this.showCircuits();
    return taken;
  }

  /** Asks the port for what it keeps. */
  resume(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.showCircuits();
    this.#port?.resume();
  }

  /** What the port keeps now is thrown away. */
  dropHeld(): void {
    this.#isStale = this.#isHeld;
    this.resume();
    // A port whose program has left keeps none: what the next one writes is its own.
    this.#isStale = false;
  }

  #print(text: string): void {
    if (text !== '') this.#port?.send(Buffer.from(text, 'latin1'));
  }
}

import type { Circuits, DtePort } from '../dte.js';

/** The modem's end of the cable: what is sent, and the circuits as last shown. No port means no program. */
export class DteSide {
  #port: DtePort | undefined;
  #shown: Circuits | undefined;

  get port(): DtePort | undefined {
    return this.#port;
  }

  plug(port: DtePort | undefined): void {
    this.#port = port;
    this.#shown = undefined;
  }

  send(octets: Uint8Array): void {
    this.#port?.send(octets);
  }

  print(text: string): void {
    if (text !== '') this.#port?.send(Buffer.from(text, 'latin1'));
  }

  pending(): number {
    return this.#port?.pending() ?? 0;
  }

  /** Tells the port of changes only. */
  show(circuits: Circuits): void {
    const { cts, dsr, dcd, ri } = circuits;
    const shown = this.#shown;
    if (shown?.cts === cts && shown.dsr === dsr && shown.dcd === dcd && shown.ri === ri) return;
    this.#shown = circuits;
    this.#port?.circuits(circuits);
  }

  resume(): void {
    this.#port?.resume();
  }
}

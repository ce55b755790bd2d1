import type { Circuits, DteListener, DtePort } from '../../../../src/pstn/central-office/dte.js';

/** A cable to a program that is the test: what it types waits here until the modem takes it, as a port's would. */
export class FakePort implements DtePort {
  readonly #modem: DteListener;
  #waiting: Uint8Array = new Uint8Array();
  #output = '';
  /** Text and changes of circuits in the order in which they came. */
  readonly events: string[] = [];
  last: Circuits = { cts: false, dsr: false, dcd: false, ri: false };
  /** Octets that the program leaves unread. */
  unread = 0;
  /** Reads everything at once when false. */
  leavesUnread = false;

  constructor(modem: DteListener) {
    this.#modem = modem;
  }

  send(octets: Uint8Array): void {
    const text = Buffer.from(octets).toString('latin1');
    this.#output += text;
    if (this.leavesUnread) this.unread += octets.length;
    this.events.push(text);
  }
  pending(): number {
    return this.unread;
  }
  circuits(state: Circuits): void {
    for (const name of ['cts', 'dsr', 'dcd', 'ri'] as const) {
      if (state[name] !== this.last[name]) this.events.push(`${name} ${state[name] ? 'on' : 'off'}`);
    }
    this.last = state;
  }
  resume(): void {
    this.write(new Uint8Array());
  }

  // ---- what the test does ----

  type(text: string): void {
    this.write(Buffer.from(text, 'latin1'));
  }
  write(octets: Uint8Array): void {
    this.#waiting = Buffer.concat([this.#waiting, octets]);
    if (this.#waiting.length === 0) return;
    const taken = this.#modem.received(this.#waiting);
    this.#waiting = this.#waiting.subarray(taken);
  }
  get waiting(): number {
    return this.#waiting.length;
  }
  /** What waits is thrown away, as by a port whose program has left. */
  forget(): void {
    this.#waiting = new Uint8Array();
  }
  /** The program reads everything. */
  reads(): void {
    this.unread = 0;
    this.#modem.drained();
  }
  /** What came since it was last asked for. */
  output(): string {
    const output = this.#output;
    this.#output = '';
    return output;
  }
}

import type { Circuits, DteListener, DtePort } from '../../../src/pstn/central-office/dte.js';

/** The modem's end of a serial cable, under a test's hand. */
export class FakeModem implements DteListener {
  port: DtePort | undefined;
  readonly taken: number[] = [];
  readonly dtrs: boolean[] = [];
  /** Octets that it takes before it stalls. */
  room = Infinity;
  drainedTimes = 0;

  received(octets: Uint8Array): number {
    const count = Math.min(octets.length, this.room);
    this.room -= count;
    for (const octet of octets.subarray(0, count)) this.taken.push(octet);
    return count;
  }

  dtr(on: boolean): void {
    this.dtrs.push(on);
  }

  drained(): void {
    this.drainedTimes++;
  }

  get text(): string {
    return Buffer.from(this.taken).toString('latin1');
  }

  /** Takes `room` octets more. */
  resume(room = Infinity): void {
    this.room = room;
    this.port?.resume();
  }
}

export const circuitsOff: Circuits = { cts: true, dsr: true, dcd: false, ri: false };
export const circuitsOn: Circuits = { ...circuitsOff, dcd: true };

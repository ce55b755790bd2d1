import type { LineEquipment } from '../../../pstn/central-office/line.js';
import type { SubscriberLine } from '../../../pstn/central-office/subscriber-line.js';
import type { Clock } from '../../../time/clock.js';

/** Listens in on what comes off a line for its modem, with the time on the office's clock. */
export class LineTap implements LineEquipment {
  /** When the present carrier came up. */
  carrierMs: number | undefined;
  /** Octets of the present carrier so far. */
  octets = 0;
  /** When the first octet of `mark` came; the octets before it may hold a part of it. */
  markMs: number | undefined;
  /** Octets before it. */
  markAt: number | undefined;
  readonly #modem: LineEquipment;
  readonly #clock: Clock;
  readonly #mark: Buffer | undefined;
  #recent = Buffer.alloc(0);
  #awaited: { readonly octets: number; act(): void } | undefined;
  #lots: { readonly end: number; readonly ms: number }[] = [];

  /** Puts itself between the line and the modem that is on it. */
  constructor(line: SubscriberLine, clock: Clock, mark?: Uint8Array) {
    this.#modem = line.equipment;
    this.#clock = clock;
    this.#mark = mark && Buffer.from(mark);
    line.connect(this);
  }

  /** Calls `act` once, when so many octets of one carrier have come. */
  whenCome(octets: number, act: () => void): void {
    this.#awaited = { octets, act };
  }

  ringing(on: boolean): void {
    this.#modem.ringing(on);
  }

  callerId(id: Parameters<LineEquipment['callerId']>[0]): void {
    this.#modem.callerId(id);
  }

  tone(tone: Parameters<LineEquipment['tone']>[0]): void {
    this.#modem.tone(tone);
  }

  digit(...burst: Parameters<LineEquipment['digit']>): void {
    this.#modem.digit(...burst);
  }

  loopBreak(): void {
    this.#modem.loopBreak();
  }

  carrier(state: Parameters<LineEquipment['carrier']>[0]): void {
    if (state.up) {
      this.carrierMs = this.#clock.monotonicMs();
      this.octets = 0;
      this.markMs = undefined;
      this.markAt = undefined;
      this.#recent = Buffer.alloc(0);
      this.#lots = [];
    }
    this.#modem.carrier(state);
  }

  receiveRoom(): number {
    return this.#modem.receiveRoom();
  }

  receive(octets: Uint8Array): void {
    this.octets += octets.length;
    this.#seek(octets);
    this.#modem.receive(octets);
    this.#actWhenCome();
  }

  transmitReady(): void {
    this.#modem.transmitReady();
  }

  #actWhenCome(): void {
    const awaited = this.#awaited;
    if (!awaited || this.octets < awaited.octets) return;
    this.#awaited = undefined;
    awaited.act();
  }

  /** The mark may come in two lots; its first octet's lot counts. */
  #seek(octets: Uint8Array): void {
    if (!this.#mark || this.markMs !== undefined) return;
    this.#recent = Buffer.concat([this.#recent, octets]);
    this.#lots.push({ end: this.octets, ms: this.#clock.monotonicMs() });
    const at = this.#recent.indexOf(this.#mark);
    if (at >= 0) {
      const position = this.octets - this.#recent.length + at;
      this.markAt = position;
      this.markMs = this.#lots.find(({ end }) => end > position)?.ms;
      return;
    }
    const kept = Math.min(this.#recent.length, this.#mark.length - 1);
    this.#recent = this.#recent.subarray(this.#recent.length - kept);
    this.#lots = this.#lots.filter(({ end }) => end > this.octets - kept);
  }
}

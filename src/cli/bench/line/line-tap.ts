import type { LineEquipment } from '../../../pstn/central-office/line.js';
import type { SubscriberLine } from '../../../pstn/central-office/subscriber-line.js';
import type { Clock } from '../../../time/clock.js';

/** What came off a line from one carrier. Times are the office's. */
export interface Heard {
  readonly upMs: number;
  octets: number;
  /** When the last of them came. */
  lastMs: number | undefined;
  /** When the first octet of the mark came; the octets before it may hold a part of it. */
  markMs: number | undefined;
  /** Octets before it. */
  markAt: number | undefined;
}

/** Listens in on what comes off a line for its modem. */
export class LineTap implements LineEquipment {
  /** One for each carrier, in order. */
  readonly carriers: Heard[] = [];
  readonly #modem: LineEquipment;
  readonly #clock: Clock;
  #find: () => Uint8Array | undefined;
  #mark: Uint8Array | undefined;
  #recent = Buffer.alloc(0);
  #awaited: { readonly octets: number; act(): void } | undefined;
  #lots: { readonly end: number; readonly ms: number }[] = [];

  /** Puts itself between the line and the modem that is on it. */
  constructor(line: SubscriberLine, clock: Clock, mark?: Uint8Array) {
    this.#modem = line.equipment;
    this.#clock = clock;
    this.#find = () => mark;
    line.connect(this);
  }

  /** What the content of the next call begins with, asked until it is known; it is before the content comes. */
  seek(find: () => Uint8Array | undefined): void {
    this.#find = find;
    this.#mark = undefined;
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
      const upMs = this.#clock.monotonicMs();
      this.carriers.push({ upMs, octets: 0, lastMs: undefined, markMs: undefined, markAt: undefined });
      this.#recent = Buffer.alloc(0);
      this.#lots = [];
    }
    this.#modem.carrier(state);
  }

  receiveRoom(): number {
    return this.#modem.receiveRoom();
  }

  receive(octets: Uint8Array): void {
    const heard = this.carriers.at(-1);
    if (heard) {
      heard.octets += octets.length;
      heard.lastMs = this.#clock.monotonicMs();
      this.#findMark(heard, octets);
    }
    this.#modem.receive(octets);
    if (heard) this.#actWhenCome(heard);
  }

  transmitReady(): void {
    this.#modem.transmitReady();
  }

  #actWhenCome({ octets }: Heard): void {
    const awaited = this.#awaited;
    if (!awaited || octets < awaited.octets) return;
    this.#awaited = undefined;
    awaited.act();
  }

  /** The mark may come in two lots; its first octet's lot counts. */
  #findMark(heard: Heard, octets: Uint8Array): void {
    if (heard.markMs !== undefined) return;
    this.#mark ??= this.#find();
    if (!this.#mark) return;
    this.#recent = Buffer.concat([this.#recent, octets]);
    this.#lots.push({ end: heard.octets, ms: this.#clock.monotonicMs() });
    const at = this.#recent.indexOf(this.#mark);
    if (at >= 0) {
      const position = heard.octets - this.#recent.length + at;
      heard.markAt = position;
      heard.markMs = this.#lots.find(({ end }) => end > position)?.ms;
      return;
    }
    const kept = Math.min(this.#recent.length, this.#mark.length - 1);
    this.#recent = this.#recent.subarray(this.#recent.length - kept);
    this.#lots = this.#lots.filter(({ end }) => end > heard.octets - kept);
  }
}

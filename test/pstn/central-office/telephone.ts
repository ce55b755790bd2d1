import type { CarrierState, Line, LineEquipment } from '../../../src/pstn/central-office/line.js';
import { type CallerId, type DtmfSymbol, type ToneHz, tones } from '../../../src/pstn/signals.js';
import { type Clock, wait } from '../../../src/time/clock.js';

/** Everything that a telephone has met, in order, with the time. */
export type Heard =
  | { readonly atMs: number; readonly what: 'ring'; readonly on: boolean }
  | { readonly atMs: number; readonly what: 'caller-id'; readonly id: CallerId }
  | { readonly atMs: number; readonly what: 'tone'; readonly tone: ToneHz }
  | { readonly atMs: number; readonly what: 'digit'; readonly symbol: DtmfSymbol; readonly onMs: number }
  | { readonly atMs: number; readonly what: 'loop-break' }
  | { readonly atMs: number; readonly what: 'carrier'; readonly rate: number }
  | { readonly atMs: number; readonly what: 'no-carrier' }
  | { readonly atMs: number; readonly what: 'octets'; readonly octets: Uint8Array };

/** Equipment under a test's hand on a bare line: it does nothing by itself and notes what it meets. */
export class Telephone implements LineEquipment {
  readonly line: Line;
  readonly log: Heard[] = [];
  readonly received: number[] = [];
  hears: ToneHz = tones.silence;
  isRinging = false;
  room = Infinity;
  /** What is received leaves the room as it was: the program reads at once. */
  isReadAtOnce = false;
  readyTimes = 0;
  /** What is sent as fast as the line takes it. */
  #outgoing: Uint8Array = new Uint8Array();
  readonly #clock: Clock;

  constructor(line: Line, clock: Clock) {
    this.line = line;
    this.#clock = clock;
    line.connect(this);
  }

  /** Bursts of `onMs` with as long a pause after each. */
  async dial(number: string, onMs = 95): Promise<void> {
    for (const symbol of number) {
      this.line.sendDigit(symbol as DtmfSymbol, onMs);
      await wait(this.#clock, onMs * 2);
    }
  }

  send(octets: Uint8Array): void {
    this.#outgoing = Buffer.concat([this.#outgoing, octets]);
    this.#sendMore();
  }

  get unsent(): number {
    return this.#outgoing.length;
  }

  timesOf(what: Heard['what']): number[] {
    return this.log.filter((entry) => entry.what === what).map((entry) => entry.atMs);
  }

  has(what: Heard['what']): boolean {
    return this.log.some((entry) => entry.what === what);
  }

  ringing(on: boolean): void {
    this.isRinging = on;
    this.log.push({ atMs: this.#nowMs(), what: 'ring', on });
  }

  callerId(id: CallerId): void {
    this.log.push({ atMs: this.#nowMs(), what: 'caller-id', id });
  }

  tone(tone: ToneHz): void {
    this.hears = tone;
    this.log.push({ atMs: this.#nowMs(), what: 'tone', tone });
  }

  digit(symbol: DtmfSymbol, onMs: number): void {
    this.log.push({ atMs: this.#nowMs(), what: 'digit', symbol, onMs });
  }

  loopBreak(): void {
    this.log.push({ atMs: this.#nowMs(), what: 'loop-break' });
  }

  carrier(state: CarrierState): void {
    const atMs = this.#nowMs();
    this.log.push(state.up ? { atMs, what: 'carrier', rate: state.rate } : { atMs, what: 'no-carrier' });
    if (state.up) this.#sendMore();
  }

  receiveRoom(): number {
    return this.room;
  }

  receive(octets: Uint8Array): void {
    if (!this.isReadAtOnce) this.room -= octets.length;
    this.received.push(...octets);
    this.log.push({ atMs: this.#nowMs(), what: 'octets', octets });
  }

  transmitReady(): void {
    this.readyTimes++;
    this.#sendMore();
  }

  #sendMore(): void {
    const next = this.#outgoing.subarray(0, this.line.transmitRoom());
    if (next.length === 0) return;
    this.#outgoing = this.#outgoing.subarray(next.length);
    this.line.transmit(next);
  }

  #nowMs(): number {
    return this.#clock.monotonicMs();
  }
}

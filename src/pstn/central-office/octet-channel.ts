import type { Clock, Timer } from '../../time/clock.js';

/** Octets leave in lots of this much line time while there are enough of them. */
const lotMs = 10;
/** Line time that the transmit buffer holds. */
const bufferMs = 100;
const smallestBufferOctets = 64;

/** What spoils octets on their way. */
export interface ErrorSource {
  /** Corrupts `octets` in place. */
  apply(octets: Uint8Array): void;
}

/** Those at the two ends of one direction of a data carrier. */
export interface ChannelEnds {
  /** The sending modem may write again: the buffer has become half empty. */
  transmitReady(): void;
  /** Octets that the receiving modem can take. */
  receiveRoom(): number;
  receive(octets: Uint8Array): void;
}

/**
 * One direction of a data carrier: octets in order, at the line rate, a path delay later, held back while the
 * receiver has no room (octets under way counted). Synchronous framing (V.42): eight bits an octet, no start and
 * stop bits. No timer runs while there is nothing to send.
 */
export class OctetChannel {
  readonly #clock: Clock;
  readonly #ends: ChannelEnds;
  readonly #delayMs: number;
  readonly #errors: readonly ErrorSource[];
  /** Ring buffer of what is written and not sent. */
  readonly #buffer: Uint8Array;
  #head = 0;
  #length = 0;
  #underWay = 0;
  #octetMs: number;
  #lotOctets: number;
  /** The present busy period: when it began and what left since. Keeping the sum makes the rate exact. */
  #busySinceMs = 0;
  #sent = 0;
  #isSending = false;
  #timer: Timer;
  #pause: Timer;
  #onFinished: (() => void) | undefined;
  #limit: Timer;
  #isClosed = false;

  /** @param rate bit/s */
  constructor(
    clock: Clock,
    ends: ChannelEnds,
    options: { readonly rate: number; readonly delayMs: number; readonly errors: readonly ErrorSource[] },
  ) {
    this.#clock = clock;
    this.#ends = ends;
    this.#delayMs = options.delayMs;
    this.#errors = options.errors;
    this.#octetMs = 8_000 / options.rate;
    this.#lotOctets = lotOf(this.#octetMs);
    this.#buffer = new Uint8Array(Math.max(smallestBufferOctets, Math.ceil(bufferMs / this.#octetMs)));
  }

  /** Octets that `write` takes now. */
  room(): number {
    return this.#isClosed || this.#onFinished ? 0 : this.#buffer.length - this.#length;
  }

  /** What exceeds `room()` is lost. */
  write(octets: Uint8Array): void {
    const taken = octets.subarray(0, this.room());
    const tail = (this.#head + this.#length) % this.#buffer.length;
    const untilEnd = this.#buffer.length - tail;
    this.#buffer.set(taken.subarray(0, untilEnd), tail);
    this.#buffer.set(taken.subarray(untilEnd), 0);
    this.#length += taken.length;
    this.resume();
  }

  /** The receiver may have more room. */
  resume(): void {
    if (this.#timer || this.#isSending || this.#isClosed || this.#pause) return;
    this.#busySinceMs = this.#clock.monotonicMs();
    this.#sent = 0;
    this.#awaitLot();
  }

  /** bit/s from now on. */
  changeRate(rate: number): void {
    this.#octetMs = 8_000 / rate;
    this.#lotOctets = lotOf(this.#octetMs);
    this.#stopTimer();
    this.resume();
  }

  /** Nothing leaves for `lengthMs`; a pause that goes on already ends when the later one does. */
  pause(lengthMs: number): void {
    this.#stopTimer();
    this.#clock.clearTimeout(this.#pause);
    this.#pause = this.#clock.setTimeout(() => {
      this.#pause = undefined;
      this.resume();
    }, lengthMs);
  }

  /** Takes no more octets. `then` runs one path delay after the last has left, or after `limitMs` at worst. */
  finish(limitMs: number, then: () => void): void {
    this.#limit = this.#clock.setTimeout(() => this.#onFinished?.(), limitMs + this.#delayMs);
    this.#onFinished = () => {
      this.close();
      then();
    };
    this.#endWhenEmpty();
  }

  /** Drops everything, octets under way included. */
  close(): void {
    this.#isClosed = true;
    this.#onFinished = undefined;
    this.#length = 0;
    this.#clock.clearTimeout(this.#limit);
    this.#clock.clearTimeout(this.#pause);
    this.#stopTimer();
  }

  #awaitLot(): void {
    const count = Math.min(this.#length, this.#window(), this.#lotOctets);
    if (count <= 0) return;
    const dueMs = this.#busySinceMs + (this.#sent + count) * this.#octetMs;
    this.#timer = this.#clock.setTimeout(() => this.#send(), dueMs - this.#clock.monotonicMs());
  }

  /** A late timer is made good: while the writer keeps up, what the line has had time for is sent at once. */
  #send(): void {
    this.#timer = undefined;
    this.#isSending = true;
    for (let count = this.#sendable(); count > 0; count = this.#sendable()) this.#depart(count);
    this.#isSending = false;
    if (!this.#pause) this.#awaitLot();
    this.#endWhenEmpty();
  }

  #sendable(): number {
    // The margin keeps a sum of rounded times from coming out one octet short.
    const earned = Math.floor((this.#clock.monotonicMs() - this.#busySinceMs) / this.#octetMs + 1e-6);
    return Math.min(earned - this.#sent, this.#length, this.#window());
  }

  #depart(count: number): void {
    const octets = this.#take(count);
    for (const source of this.#errors) source.apply(octets);
    this.#sent += count;
    this.#underWay += count;
    this.#clock.setTimeout(() => this.#arrive(octets), this.#delayMs);
    const half = this.#buffer.length / 2;
    const room = this.room();
    if (room >= half && room - count < half) this.#ends.transmitReady();
  }

  #take(count: number): Uint8Array {
    const octets = new Uint8Array(count);
    const untilEnd = this.#buffer.length - this.#head;
    octets.set(this.#buffer.subarray(this.#head, this.#head + Math.min(count, untilEnd)));
    if (count > untilEnd) octets.set(this.#buffer.subarray(0, count - untilEnd), untilEnd);
    this.#head = (this.#head + count) % this.#buffer.length;
    this.#length -= count;
    return octets;
  }

  #arrive(octets: Uint8Array): void {
    if (this.#isClosed) return;
    this.#underWay -= octets.length;
    this.#ends.receive(octets);
    this.resume();
  }

  #window(): number {
    return this.#ends.receiveRoom() - this.#underWay;
  }

  #endWhenEmpty(): void {
    if (this.#length > 0 || !this.#onFinished) return;
    // Set after the last octets' own timers and as long, so it fires after them.
    this.#clock.setTimeout(() => this.#onFinished?.(), this.#delayMs);
  }

  #stopTimer(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

function lotOf(octetMs: number): number {
  return Math.max(1, Math.floor(lotMs / octetMs));
}

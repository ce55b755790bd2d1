import { Duplex } from 'node:stream';
import type { Clock, Timer } from '../../time/clock.js';
import { wait } from '../../time/clock.js';
import type { DataSink } from './command-channel.js';
import type { DataConnection } from './modem.js';
import type { SerialLine } from './serial-line.js';
import { TrailerGuard } from './trailer-guard.js';

/** What the modem has said of the connection. */
export type ConnectionTold = Pick<DataConnection, 'description' | 'rate' | 'isErrorFree'>;

/** What a connection needs of the modem whose call it is. */
export interface CallOwner {
  /** Circuit 109, where it can be believed. */
  carrierDetect(): Promise<boolean | undefined>;
  /** The line is down, or given up; no octet of this call is coming any more. */
  released(connection: LineConnection): void;
  /** Puts the modem on-hook, unless it has gone on to another call. */
  hangUp(connection: LineConnection): Promise<void>;
}

/**
 * What one write hands to the port: a call that drops leaves no more than this in flight, since whatever reaches the
 * modem after it is read as commands.
 */
const sliceOctets = 2_048;

/** A beginning of `NO CARRIER` is data when its end is not there by then; a serial port may split it. */
const partialHoldMs = 50;
/** With no carrier circuit: `NO CARRIER` is the modem's when this much silence follows it. */
const silenceMs = 1_000;
/** With one: it may fall this late after the text. */
const lateCarrierMs = 300;
const judgeEveryMs = 100;
/** How often the carrier circuit is read while nothing points to its loss. */
const watchEveryMs = 500;
/** Carrier off and no text: what the modem still held has arrived by then. */
const lastOctetsMs = 200;
/** bit/s, of a connection whose rate was not told. */
const usualRate = 28_800;
/** A hang-up gives up on octets of which the modem took none for this long. */
const stallMs = 20_000;

/** The octets of one call. */
export class LineConnection implements DataConnection, DataSink {
  readonly description: string;
  readonly rate: number | undefined;
  readonly isErrorFree: boolean | undefined;
  readonly octets: Duplex;
  readonly #line: SerialLine;
  readonly #clock: Clock;
  readonly #owner: CallOwner;
  readonly #guard = new TrailerGuard();
  #ended = false;
  #isPaused = false;
  #lastOctetMs: number;
  #lastProgressMs: number;
  #carrierSeen = false;
  #trailerTimer: Timer;
  #watchTimer: Timer;
  /** Ends the write or the final drain that is under way. */
  #settleWrite: (() => void) | undefined;
  /** When the modem has taken what its line hides from a drain, at the rate of the connection. */
  #emptyMs = 0;
  #hangingUp: Promise<void> | undefined;

  constructor(line: SerialLine, clock: Clock, told: ConnectionTold, owner: CallOwner) {
    this.description = told.description;
    this.rate = told.rate;
    this.isErrorFree = told.isErrorFree;
    this.#line = line;
    this.#clock = clock;
    this.#owner = owner;
    this.#lastOctetMs = clock.monotonicMs();
    this.#lastProgressMs = this.#lastOctetMs;
    this.octets = new Duplex({
      read: () => this.#setPaused(false),
      write: (octets: Buffer, _encoding, done) => this.#whileUp(this.#send(octets), done),
      final: (done) => this.#whileUp(this.#drain(), done),
    });
    void this.#watchCarrier();
  }

  receive(octets: Buffer): void {
    if (this.#ended) return;
    this.#lastOctetMs = this.#clock.monotonicMs();
    this.#clock.clearTimeout(this.#trailerTimer);
    this.#push(this.#guard.accept(octets));
    if (this.#guard.isComplete) void this.#judgeTrailer(this.#lastOctetMs);
    else if (this.#guard.holds) {
      this.#trailerTimer = this.#clock.setTimeout(() => this.#push(this.#guard.surrender()), partialHoldMs);
    }
  }

  /** The call is over: what is held and is no `NO CARRIER` was data. */
  release(): void {
    if (this.#ended) return;
    if (!this.#guard.isComplete) this.#push(this.#guard.surrender());
    this.#ended = true;
    this.#clock.clearTimeout(this.#trailerTimer);
    this.#clock.clearTimeout(this.#watchTimer);
    this.octets.push(null);
    if (this.#settleWrite) void this.#line.discardOutput();
    this.#settleWrite?.();
    this.#line.resume();
    this.#owner.released(this);
  }

  hangUp(): Promise<void> {
    this.#hangingUp ??= this.#drained().then(() => this.#owner.hangUp(this));
    return this.#hangingUp;
  }

  #push(octets: Buffer): void {
    if (octets.length > 0 && !this.octets.push(octets)) this.#setPaused(true);
  }

  #setPaused(paused: boolean): void {
    if (this.#ended || paused === this.#isPaused) return;
    this.#isPaused = paused;
    if (paused) this.#line.pause();
    else this.#line.resume();
  }

  async #send(octets: Buffer): Promise<void> {
    for (let at = 0; at < octets.length && !this.#ended; at += sliceOctets) {
      const slice = octets.subarray(at, at + sliceOctets);
      await this.#line.write(slice);
      this.#lastProgressMs = this.#clock.monotonicMs();
      const emptyMs = Math.max(this.#emptyMs, this.#lastProgressMs) + this.#msFor(slice.length);
      this.#emptyMs = Math.min(emptyMs, this.#lastProgressMs + this.#msFor(this.#line.hiddenOctets));
    }
  }

  /** On a line that hides octets from its drain, the time they take is waited for. */
  async #drain(): Promise<void> {
    await this.#line.drain();
    const leftMs = this.#emptyMs - this.#clock.monotonicMs();
    this.#lastProgressMs = Math.max(this.#lastProgressMs, this.#emptyMs);
    if (leftMs > 0) await wait(this.#clock, leftMs);
  }

  #msFor(octets: number): number {
    return (octets * 8_000) / (this.rate ?? usualRate);
  }

  /** What is written after the end of a call goes nowhere, as on a dead line; the readable end is the sign of it. */
  #whileUp(work: Promise<void>, done: () => void): void {
    if (this.#ended) {
      done();
      return;
    }
    const settle = () => {
      if (this.#settleWrite !== settle) return;
      this.#settleWrite = undefined;
      done();
    };
    this.#settleWrite = settle;
    void work.then(settle);
  }

  /** Ends the writable side and waits until the modem has it all, or takes no more of it. */
  #drained(): Promise<void> {
    if (this.#ended || this.octets.destroyed) return Promise.resolve();
    this.octets.end();
    this.#lastProgressMs = this.#clock.monotonicMs();
    return new Promise((resolve) => {
      let timer: Timer;
      const done = () => {
        this.#clock.clearTimeout(timer);
        resolve();
      };
      const check = () => {
        if (this.#clock.monotonicMs() - this.#lastProgressMs >= stallMs) done();
        else timer = this.#clock.setTimeout(check, stallMs / 10);
      };
      this.octets.once('finish', done).once('close', done);
      check();
    });
  }

  /** Fault 35: decides whether a complete `NO CARRIER` at the very end of what came is the modem's. */
  async #judgeTrailer(heldSinceMs: number): Promise<void> {
    const carrier = await this.#carrier();
    if (this.#ended || !this.#guard.isComplete || this.#lastOctetMs !== heldSinceMs) return;
    const heldMs = this.#clock.monotonicMs() - heldSinceMs;
    // While the reader is slow, more octets may stand behind these.
    if (!this.#isPaused) {
      if (carrier === false || (carrier === undefined && heldMs >= silenceMs)) return this.release();
      if (carrier === true && heldMs >= lateCarrierMs) return this.#push(this.#guard.surrender());
    }
    this.#trailerTimer = this.#clock.setTimeout(() => void this.#judgeTrailer(heldSinceMs), judgeEveryMs);
  }

  /** A modem may lose the carrier and print nothing; its circuit tells. */
  async #watchCarrier(): Promise<void> {
    const carrier = await this.#carrier();
    if (this.#ended) return;
    const quietMs = this.#clock.monotonicMs() - this.#lastOctetMs;
    if (carrier === false && !this.#isPaused && quietMs >= lastOctetsMs) return this.release();
    const nextMs = carrier === false ? judgeEveryMs : watchEveryMs;
    this.#watchTimer = this.#clock.setTimeout(() => void this.#watchCarrier(), nextMs);
  }

  /** A circuit that was never seen on is not wired: its "off" says nothing. */
  async #carrier(): Promise<boolean | undefined> {
    const carrier = await this.#owner.carrierDetect();
    if (carrier) this.#carrierSeen = true;
    return this.#carrierSeen ? carrier : undefined;
  }
}

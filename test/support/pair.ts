import { Duplex } from 'node:stream';
import type { DataConnection } from '../../src/pstn/modem/modem.js';
import type { SimulatedClock } from '../../src/time/simulated-clock.js';

/** What a direction makes of the octets that are sent into it; `at` is the place of the first in the whole call. */
export type Alteration = (octets: Uint8Array, at: number) => readonly Uint8Array[];

export interface PairOptions {
  /** The caller's octets on their way to the callee. */
  readonly toCallee?: Alteration;
  readonly toCaller?: Alteration;
  /** The line is released when this many octets have passed, both directions counted. */
  readonly hangUpAfter?: number;
  /** Stamps what is sent. */
  readonly clock?: Pick<SimulatedClock, 'monotonicMs'>;
}

export interface Sent {
  readonly from: 'caller' | 'callee';
  /** As they were sent, before any alteration. */
  readonly octets: Uint8Array;
  readonly atMs: number;
}

/** Two modems that are connected: octets in memory, with back-pressure, each direction alterable. */
export class Pair {
  readonly caller: PairEnd;
  readonly callee: PairEnd;
  /** Every write of either side. */
  readonly wire: Sent[] = [];
  #passed = 0;
  readonly #limit: number;
  readonly #clock: PairOptions['clock'];

  constructor({
    toCallee = whole,
    toCaller = whole,
    hangUpAfter = Number.POSITIVE_INFINITY,
    clock,
  }: PairOptions = {}) {
    this.#limit = hangUpAfter;
    this.#clock = clock;
    this.caller = new PairEnd('caller', this, toCallee);
    this.callee = new PairEnd('callee', this, toCaller);
    if (hangUpAfter === 0) this.release();
  }

  record(from: Sent['from'], octets: Uint8Array): void {
    this.wire.push({ from, octets: Uint8Array.from(octets), atMs: this.#clock?.monotonicMs() ?? 0 });
  }

  /** The octets that may still pass before the line breaks. */
  admit(octets: Uint8Array): Uint8Array {
    const admitted = octets.subarray(0, Math.max(0, this.#limit - this.#passed));
    this.#passed += admitted.length;
    return admitted;
  }

  get isCut(): boolean {
    return this.#passed >= this.#limit;
  }

  /** Both ends are told that the carrier is gone. */
  release(): void {
    this.caller.lose();
    this.callee.lose();
  }

  sentBy(from: Sent['from']): Buffer {
    return Buffer.concat(this.wire.filter((sent) => sent.from === from).map((sent) => sent.octets));
  }
}

/** One modem of the pair. */
export class PairEnd extends Duplex implements DataConnection {
  readonly description = 'CONNECT 33600';
  readonly rate = 33600;
  readonly octets = this;
  /** The session has gone on-hook. */
  isOnHook = false;
  readonly #name: Sent['from'];
  readonly #pair: Pair;
  readonly #alter: Alteration;
  #hasCarrier = true;
  #sent = 0;
  #whenRead: (() => void) | undefined;

  constructor(name: Sent['from'], pair: Pair, alter: Alteration) {
    super({ highWaterMark: 16 * 1024, allowHalfOpen: true });
    this.#name = name;
    this.#pair = pair;
    this.#alter = alter;
  }

  override _write(octets: Buffer, _encoding: string, done: (error?: Error) => void): void {
    if (!this.#hasCarrier) {
      done();
      return;
    }
    this.#pair.record(this.#name, octets);
    const far = this.#name === 'caller' ? this.#pair.callee : this.#pair.caller;
    const pieces = this.#alter(octets, this.#sent);
    this.#sent += octets.length;
    // Later, as over any line: the writer has left its action by then.
    queueMicrotask(() => {
      const admitted = pieces.map((piece) => this.#pair.admit(piece));
      const wantsMore = admitted.filter((piece) => piece.length > 0).map((piece) => far.receive(piece));
      if (this.#pair.isCut) this.#pair.release();
      if (wantsMore.includes(false)) far.#whenRead = done;
      else done();
    });
  }

  override _read(): void {
    const whenRead = this.#whenRead;
    this.#whenRead = undefined;
    whenRead?.();
  }

  receive(octets: Uint8Array): boolean {
    return this.#hasCarrier ? this.push(octets) : true;
  }

  lose(): void {
    if (!this.#hasCarrier) return;
    this.#hasCarrier = false;
    this.push(null);
    this._read();
  }

  async hangUp(): Promise<void> {
    if (this.#hasCarrier) await new Promise((drained) => this.end(drained));
    this.isOnHook = true;
    this.#pair.release();
  }
}

export function whole(octets: Uint8Array): Uint8Array[] {
  return [octets];
}

export function oneByOne(octets: Uint8Array): Uint8Array[] {
  return [...octets].map((octet) => Uint8Array.of(octet));
}

/** Turns the bits of `mask` over in the octet at `place` of the whole call. */
export function flip(place: number, mask = 1): Alteration {
  return (octets, at) => [octets.map((octet, index) => (at + index === place ? octet ^ mask : octet))];
}

/** Resolves like `work`, moving the clock from one timer to the next while nothing else happens. */
export async function settle<Value>(clock: SimulatedClock, work: Promise<Value>): Promise<Value> {
  let isSettled = false;
  const settled = () => {
    isSettled = true;
  };
  work.then(settled, settled);
  for (;;) {
    await idle();
    if (isSettled) return work;
    const next = clock.nextDeadlineMs();
    if (next === undefined) throw new Error('nothing is left that could happen');
    clock.advance(next - clock.monotonicMs());
  }
}

/** Everything that is under way without a timer has happened. */
export async function idle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

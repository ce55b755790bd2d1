import { Duplex } from 'node:stream';
import type { DataConnection } from '../../../src/pstn/modem/modem.js';
import type { SimulatedClock } from '../../../src/time/simulated-clock.js';
import { noise } from '../../link/simulated-line.js';

export interface TimedLineOptions {
  readonly bitErrorRate?: number;
  /** The line is released when this many octets have gone out, both directions counted. */
  readonly cutAfter?: number;
  /** What becomes of the octets of a write, by who wrote them. */
  readonly alter?: (from: 'left' | 'right', octets: Uint8Array) => Uint8Array;
}

const octetsPerMs = 33_600 / 8_000;
const delayMs = 60;
/** What a modem takes before it says that it is full. */
const bufferOctets = 2_048;

/** Two modems that are connected, on a clock: a rate, a delay, a buffer with flow control, and bit errors. */
export class TimedLine {
  readonly left: TimedEnd;
  readonly right: TimedEnd;
  readonly wire: { readonly from: 'left' | 'right'; readonly octets: Uint8Array; readonly atMs: number }[] =
    [];
  readonly clock: SimulatedClock;
  readonly options: TimedLineOptions;
  readonly random = noise(7);
  #sent = 0;

  constructor(clock: SimulatedClock, options: TimedLineOptions = {}) {
    this.clock = clock;
    this.options = options;
    this.left = new TimedEnd('left', this);
    this.right = new TimedEnd('right', this);
  }

  /** The octets as they arrive; fewer where the line is cut in the middle of them. */
  pass(from: 'left' | 'right', octets: Uint8Array): Uint8Array {
    const { bitErrorRate = 0, cutAfter = Number.POSITIVE_INFINITY, alter } = this.options;
    this.wire.push({ from, octets: Uint8Array.from(octets), atMs: this.clock.monotonicMs() });
    const admitted = octets.subarray(0, Math.max(0, cutAfter - this.#sent));
    this.#sent += octets.length;
    const altered = alter ? alter(from, admitted) : admitted;
    if (bitErrorRate === 0) return altered;
    return altered.map((octet) =>
      this.random() < 8 * bitErrorRate ? octet ^ (1 << Math.floor(8 * this.random())) : octet,
    );
  }

  get isCut(): boolean {
    return this.#sent >= (this.options.cutAfter ?? Number.POSITIVE_INFINITY);
  }

  get octets(): number {
    return this.#sent;
  }

  release(): void {
    this.left.lose();
    this.right.lose();
  }

  text(): string {
    return Buffer.concat(this.wire.map((sent) => sent.octets)).toString('latin1');
  }
}

export class TimedEnd extends Duplex implements DataConnection {
  readonly description = 'CONNECT 33600';
  readonly rate = 33_600;
  readonly octets = this;
  isOnHook = false;
  onHookAtMs: number | undefined;
  readonly #name: 'left' | 'right';
  readonly #line: TimedLine;
  #hasCarrier = true;
  #busyUntilMs = 0;

  constructor(name: 'left' | 'right', line: TimedLine) {
    super({ highWaterMark: 16 * 1024, allowHalfOpen: true });
    this.#name = name;
    this.#line = line;
  }

  override _write(octets: Buffer, _encoding: string, done: () => void): void {
    if (!this.#hasCarrier) {
      done();
      return;
    }
    const { clock } = this.#line;
    const nowMs = clock.monotonicMs();
    const arriving = this.#line.pass(this.#name, octets);
    this.#busyUntilMs = Math.max(nowMs, this.#busyUntilMs) + octets.length / octetsPerMs;
    const far = this.#name === 'left' ? this.#line.right : this.#line.left;
    const isLast = this.#line.isCut;
    clock.setTimeout(
      () => {
        far.arrive(arriving);
        if (isLast) this.#line.release();
      },
      this.#busyUntilMs + delayMs - nowMs,
    );
    clock.setTimeout(done, Math.max(0, this.#busyUntilMs - nowMs - bufferOctets / octetsPerMs));
  }

  override _read(): void {}

  arrive(octets: Uint8Array): void {
    if (this.#hasCarrier && octets.length > 0) this.push(octets);
  }

  lose(): void {
    if (!this.#hasCarrier) return;
    this.#hasCarrier = false;
    this.push(null);
  }

  async hangUp(): Promise<void> {
    const { clock } = this.#line;
    if (this.#hasCarrier) {
      await new Promise<void>((drained) => this.end(drained));
      const leftMs = this.#busyUntilMs + delayMs - clock.monotonicMs();
      await new Promise<void>((passed) => clock.setTimeout(() => passed(), Math.max(0, leftMs)));
    }
    this.isOnHook = true;
    this.onHookAtMs ??= clock.monotonicMs();
    this.#line.release();
  }
}

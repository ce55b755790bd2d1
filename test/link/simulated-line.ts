import { Link, type LinkOptions } from '../../src/link/link.js';

/** A seeded stream of numbers in [0, 1): mulberry32, good enough for noise and quick. */
export function noise(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function randomOctets(length: number, seed: number): Uint8Array {
  const random = noise(seed);
  return Uint8Array.from({ length }, () => random() * 256);
}

export interface Faults {
  readonly bitErrorRate?: number;
  /** Per octet. */
  readonly loss?: number;
  readonly insertion?: number;
  /** Per octet, the start of a burst in which every octet is random, of 1 to `burstOctets`. */
  readonly burst?: number;
  readonly burstOctets?: number;
  /** Per chunk off the line. */
  readonly chunkLost?: number;
  readonly chunkDoubled?: number;
}

export interface LineOptions extends Faults {
  readonly bitsPerSecond?: number;
  readonly delayMs?: number;
  readonly seed?: number;
}

/** How often the far end's port is read, at most, and how much it has then at least. */
const chunkMs = 10;
const leastChunk = 32;

/** One direction of a line: a modem's endless buffer, a rate, a delay, and what goes wrong on the way. */
class Direction {
  written = 0;
  mostBuffered = 0;
  faults: Faults;
  readonly #octetsPerMs: number;
  readonly #delayMs: number;
  readonly #random: () => number;
  readonly #chunks: { readonly atMs: number; readonly octets: Uint8Array }[] = [];
  #busyUntilMs = 0;
  #untilError = 0;
  #errorRate = -1;
  #burstLeft = 0;

  constructor(options: LineOptions, seed: number) {
    this.faults = options;
    this.#octetsPerMs = (options.bitsPerSecond ?? 33_600) / 8000;
    this.#delayMs = options.delayMs ?? 60;
    this.#random = noise(seed);
  }

  write(octets: Uint8Array, nowMs: number): void {
    this.written += octets.length;
    let startMs = Math.max(nowMs, this.#busyUntilMs);
    // A burst is as long on an idle line, and is over by now.
    if (nowMs > this.#busyUntilMs) this.#burstLeft = 0;
    const most = Math.max(leastChunk, Math.round(chunkMs * this.#octetsPerMs));
    for (let at = 0; at < octets.length; at += most) {
      const chunk = octets.subarray(at, at + most);
      startMs += chunk.length / this.#octetsPerMs;
      this.#deliver(this.#damage(chunk), startMs + this.#delayMs);
    }
    this.#busyUntilMs = startMs;
    this.mostBuffered = Math.max(this.mostBuffered, (startMs - nowMs) * this.#octetsPerMs);
  }

  nextMs(): number {
    return this.#chunks[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  take(): Uint8Array {
    return this.#chunks.shift()?.octets ?? new Uint8Array();
  }

  #deliver(octets: Uint8Array, atMs: number): void {
    if (this.#random() < (this.faults.chunkLost ?? 0)) return;
    this.#chunks.push({ atMs, octets });
    if (this.#random() < (this.faults.chunkDoubled ?? 0)) this.#chunks.push({ atMs, octets });
  }

  #damage(chunk: Uint8Array): Uint8Array {
    const { loss = 0, insertion = 0, burst = 0, burstOctets = 1 } = this.faults;
    const octets = this.#flipBits(chunk);
    if (loss + insertion + burst === 0) return octets;
    const out: number[] = [];
    for (const octet of octets) {
      if (this.#random() < burst) this.#burstLeft = 1 + Math.floor(this.#random() * burstOctets);
      if (this.#random() < loss) continue;
      if (this.#random() < insertion) out.push(Math.floor(this.#random() * 256));
      out.push(this.#burstLeft-- > 0 ? Math.floor(this.#random() * 256) : octet);
    }
    return Uint8Array.from(out);
  }

  #flipBits(chunk: Uint8Array): Uint8Array {
    const rate = this.faults.bitErrorRate ?? 0;
    if (rate === 0) return chunk.slice();
    if (rate !== this.#errorRate) {
      this.#errorRate = rate;
      this.#untilError = this.#gap();
    }
    const octets = chunk.slice();
    const bits = 8 * octets.length;
    for (; this.#untilError < bits; this.#untilError += 1 + this.#gap()) {
      const at = this.#untilError >>> 3;
      octets[at] = (octets[at] as number) ^ (1 << (this.#untilError & 7));
    }
    this.#untilError -= bits;
    return octets;
  }

  #gap(): number {
    return Math.floor(Math.log(1 - this.#random()) / Math.log1p(-this.#errorRate));
  }
}

/** One end of a simulated line, with a user that sends what it has and takes what comes. */
export class End {
  link: Link;
  readonly received: Uint8Array[] = [];
  receivedOctets = 0;
  lastReceivedMs = 0;
  /** Releases what it got at once; otherwise the test does. */
  releases = true;
  closesWhenSent = false;
  firstWrittenMs: number | undefined;
  #outgoing: Uint8Array = new Uint8Array();
  #sent = 0;

  constructor(options: LinkOptions) {
    this.link = new Link(options);
  }

  offer(octets: Uint8Array): void {
    this.#outgoing = Uint8Array.from([...this.#outgoing.subarray(this.#sent), ...octets]);
    this.#sent = 0;
  }

  get hasSentAll(): boolean {
    return this.#sent === this.#outgoing.length && this.link.isDrained;
  }

  step(nowMs: number): Uint8Array[] {
    this.take(nowMs);
    this.#sent += this.link.send(this.#outgoing.subarray(this.#sent, this.#sent + this.link.room));
    if (this.closesWhenSent && this.#sent === this.#outgoing.length) this.link.close();
    const frames = this.link.poll(nowMs);
    this.take(nowMs);
    return frames;
  }

  take(nowMs: number): void {
    for (const piece of this.link.read()) {
      this.received.push(piece);
      this.receivedOctets += piece.length;
      this.lastReceivedMs = nowMs;
      if (this.releases) this.link.release(piece.length);
    }
  }

  get octets(): Uint8Array {
    return Buffer.concat(this.received);
  }
}

/** Two ends, a line between them and simulated time. */
export class SimulatedLine {
  nowMs = 0;
  readonly there: Direction;
  readonly back: Direction;
  readonly caller: End;
  readonly callee: End;

  constructor(line: LineOptions, caller: Partial<LinkOptions> = {}, callee: Partial<LinkOptions> = caller) {
    const seed = line.seed ?? 1;
    this.there = new Direction(line, 2 * seed);
    this.back = new Direction(line, 2 * seed + 1);
    this.caller = new End({ incarnation: 0xca11e4, ...caller });
    this.callee = new End({ incarnation: 0xca11ee, ...callee });
  }

  set faults(faults: Faults) {
    this.there.faults = faults;
    this.back.faults = faults;
  }

  /** Lets time pass until `isDone`, or `untilMs` of it. @returns whether it was done */
  run(isDone: () => boolean, untilMs = 4_000_000): boolean {
    for (;;) {
      for (const frame of this.caller.step(this.nowMs)) this.there.write(frame, this.nowMs);
      for (const frame of this.callee.step(this.nowMs)) this.back.write(frame, this.nowMs);
      if (isDone()) return true;
      if (this.nowMs >= untilMs) return false;
      this.#advance(untilMs);
    }
  }

  #advance(untilMs: number): void {
    const deadlineMs = Math.min(this.caller.link.nextDeadlineMs(), this.callee.link.nextDeadlineMs());
    const soonMs = Math.max(deadlineMs, this.nowMs + 1);
    const nextMs = Math.min(this.there.nextMs(), this.back.nextMs(), soonMs, untilMs);
    this.nowMs = nextMs;
    while (this.there.nextMs() <= nextMs) this.callee.link.receive(this.there.take(), nextMs);
    while (this.back.nextMs() <= nextMs) this.caller.link.receive(this.back.take(), nextMs);
  }
}

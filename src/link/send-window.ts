import { type Acknowledgement, roomUnitSegments, segmentLength } from './frames.js';
import { unwrap } from './sequence.js';

/** In `#lengths`: the close has this number. */
const closeMark = 0xff;
/** Slots that `send` leaves free, for the close and the short segment before it. */
const slotsForClose = 2;

const state = { unsent: 0, onLine: 1, lost: 2, acknowledged: 3 } as const;

/** How often a segment went out, as far as it matters to whom an acknowledgement answers. */
const sending = { never: 0, once: 1, again: 2, afterWait: 3 } as const;

/** Consecutive segments that may share a frame: only the last may be short, and a close stands alone. */
export interface Run {
  readonly first: number;
  readonly count: number;
  readonly isClose: boolean;
  readonly octets: number;
}

/** A stretch of damaged blocks in one frame. */
export interface Loss {
  /** Where on the line its first block ended. */
  readonly position: number;
  /** Several blocks, up to the frame's end: octets were lost or added, or the header was hit. */
  readonly brokeFrame: boolean;
}

/** What an acknowledgement said that was not known before. */
export interface Progress {
  /** Where on the line the newest block that arrived ended and its frame began, and when it was sent. */
  readonly position: number;
  readonly frameStart: number;
  readonly sentMs: number;
  readonly wasSentOnce: boolean;
  /** Sent again after a wait in vain: the answer may be to the sending before. */
  readonly isDoubtful: boolean;
}

/**
 * Octets that were sent or wait to be, in segments numbered from 0. A place on the line (`position`) is a count of
 * octets handed over: since a line keeps order, whatever was sent before a segment that has arrived has arrived or is lost.
 */
export class SendWindow {
  /** First segment not acknowledged; first never sent. */
  oldest = 0;
  next = 0;
  lostSegments = 0;
  /** First segment that the peer has no room for. */
  limit = 0;
  isClosing = false;
  readonly #segments: number;
  readonly #octets: Uint8Array;
  readonly #lengths: Uint8Array;
  readonly #states: Uint8Array;
  readonly #sendings: Uint8Array;
  readonly #positions: Float64Array;
  readonly #frameStarts: Float64Array;
  readonly #sentMs: Float64Array;
  /** The segment that `send` is filling. */
  #tail = 0;

  constructor(segments: number) {
    this.#segments = segments;
    this.#octets = new Uint8Array(segments * segmentLength);
    this.#lengths = new Uint8Array(segments);
    this.#states = new Uint8Array(segments);
    this.#sendings = new Uint8Array(segments);
    this.#positions = new Float64Array(segments);
    this.#frameStarts = new Float64Array(segments);
    this.#sentMs = new Float64Array(segments);
  }

  /** Octets that `send` takes now. */
  room(): number {
    if (this.isClosing) return 0;
    const free = this.#segments - slotsForClose - (this.#tail - this.oldest);
    return Math.max(0, free * segmentLength - (this.#lengths[this.#slot(this.#tail)] as number));
  }

  /** Octets that may be unacknowledged, however much room the peer has. */
  get capacity(): number {
    return this.#octets.length;
  }

  /** The user of the link hands over more than the line takes. */
  isHalfFull(): boolean {
    return this.#tail - this.oldest > this.#segments / 2;
  }

  /** @returns how many of the octets it took, as a copy */
  send(octets: Uint8Array): number {
    const taken = Math.min(octets.length, this.room());
    for (let at = 0; at < taken; ) {
      const slot = this.#slot(this.#tail);
      const filled = this.#lengths[slot] as number;
      const piece = octets.subarray(at, Math.min(taken, at + segmentLength - filled));
      this.#octets.set(piece, slot * segmentLength + filled);
      this.#lengths[slot] = filled + piece.length;
      at += piece.length;
      if (filled + piece.length === segmentLength) this.#tail++;
    }
    return taken;
  }

  /** Nothing may be sent after it. */
  close(): void {
    if (this.isClosing) return;
    this.isClosing = true;
    if ((this.#lengths[this.#slot(this.#tail)] as number) > 0) this.#tail++;
    this.#lengths[this.#slot(this.#tail)] = closeMark;
    this.#tail++;
  }

  hasUnsent(): boolean {
    return this.next < this.#tail || (this.#lengths[this.#slot(this.#tail)] as number) > 0;
  }

  /** Everything that was handed to `send`, and the close, is acknowledged. */
  isDrained(): boolean {
    return this.oldest === this.next && !this.hasUnsent();
  }

  lostRun(most: number): Run | undefined {
    if (this.lostSegments === 0) return undefined;
    for (let number = this.oldest; number < this.next; number++) {
      if (this.#states[this.#slot(number)] === state.lost)
        return this.#run(number, Math.min(this.next, number + most), state.lost);
    }
    return undefined;
  }

  unsentRun(most: number): Run | undefined {
    if (!this.hasUnsent() || this.next >= this.limit) return undefined;
    const end = Math.min(this.#tail + 1, this.next + most, this.limit);
    return this.#run(this.next, end, state.unsent);
  }

  #run(first: number, end: number, wanted: number): Run {
    const ring = Math.min(end, first + this.#segments - this.#slot(first));
    let octets = 0;
    let number = first;
    for (; number < ring; number++) {
      const slot = this.#slot(number);
      const length = this.#lengths[slot] as number;
      if (length === 0 || this.#states[slot] !== wanted) break;
      if (length === closeMark) {
        if (number === first) return { first, count: 1, isClose: true, octets: 0 };
        break;
      }
      octets += length;
      if (length < segmentLength) {
        number++;
        break;
      }
    }
    return { first, count: number - first, isClose: false, octets };
  }

  /** The octets of a run; lent until the next `send`. */
  octetsOf(run: Run): Uint8Array {
    const from = this.#slot(run.first) * segmentLength;
    return this.#octets.subarray(from, from + run.octets);
  }

  /**
   * A run is on the line.
   * @param positionOf where on the line the block of the run's nth segment ends
   * @param frameStart where its frame begins
   */
  sent(run: Run, frameStart: number, positionOf: (index: number) => number, nowMs: number): void {
    for (let index = 0; index < run.count; index++) {
      const slot = this.#slot(run.first + index);
      if (this.#states[slot] === state.lost) this.lostSegments--;
      this.#states[slot] = state.onLine;
      this.#sendings[slot] = nextSending(this.#sendings[slot] as number);
      this.#positions[slot] = positionOf(index);
      this.#frameStarts[slot] = frameStart;
      this.#sentMs[slot] = nowMs;
    }
    this.next = Math.max(this.next, run.first + run.count);
    this.#tail = Math.max(this.#tail, this.next);
  }

  /** @returns the newest of what has arrived, or `undefined` where nothing is new */
  acknowledge(told: Acknowledgement): Progress | undefined {
    const base = unwrap(told.next, this.oldest);
    if (base < this.oldest || base > this.next) return undefined;
    this.limit = Math.max(this.limit, base + told.room * roomUnitSegments);
    let newest: Progress | undefined;
    const arrived = (number: number): void => {
      const found = this.#arrived(number);
      if (found && (!newest || isBetter(found, newest))) newest = found;
    };
    for (let number = this.oldest; number < base; number++) arrived(number);
    const bits = Math.min(8 * told.bitmap.length, this.next - base - 1);
    for (let bit = 0; bit < bits; bit++) {
      if ((told.bitmap[bit >>> 3] as number) & (1 << (bit & 7))) arrived(base + 1 + bit);
    }
    for (; this.oldest < base; this.oldest++) this.#free(this.#slot(this.oldest));
    return newest;
  }

  #arrived(number: number): Progress | undefined {
    const slot = this.#slot(number);
    if (this.#states[slot] === state.acknowledged) return undefined;
    if (this.#states[slot] === state.lost) this.lostSegments--;
    this.#states[slot] = state.acknowledged;
    const wasSentOnce = this.#sendings[slot] === sending.once;
    const sentMs = this.#sentMs[slot] as number;
    const frameStart = this.#frameStarts[slot] as number;
    const isDoubtful = this.#sendings[slot] === sending.afterWait;
    return { position: this.#positions[slot] as number, frameStart, sentMs, wasSentOnce, isDoubtful };
  }

  #free(slot: number): void {
    this.#lengths[slot] = 0;
    this.#states[slot] = state.unsent;
    this.#sendings[slot] = sending.never;
  }

  /** Marks as lost what was sent before `position` and did not arrive, and tells in which stretches. */
  loseBefore(position: number): Loss[] {
    const losses: Loss[] = [];
    for (let number = this.oldest; number < this.next; ) {
      const end = this.#endOfLoss(number, position);
      if (end > number) losses.push(this.#lossOf(number, end));
      number = Math.max(end, number + 1);
    }
    return losses.sort((one, other) => one.position - other.position);
  }

  /** Gives up the segments of one frame from `first` on that are lost. @returns the first that is not among them */
  #endOfLoss(first: number, position: number): number {
    const frameStart = this.#frameStarts[this.#slot(first)];
    for (let number = first; number < this.next; number++) {
      const slot = this.#slot(number);
      const isLost = this.#states[slot] === state.onLine && (this.#positions[slot] as number) < position;
      if (!isLost || this.#frameStarts[slot] !== frameStart) return number;
      this.#lose(slot);
    }
    return this.next;
  }

  #lossOf(first: number, end: number): Loss {
    const position = this.#positions[this.#slot(first)] as number;
    const isOneBlock = this.#positions[this.#slot(end - 1)] === position;
    const after = this.#slot(end);
    const frameGoesOn = end < this.next && this.#frameStarts[after] === this.#frameStarts[this.#slot(first)];
    return { position, brokeFrame: !isOneBlock && !frameGoesOn };
  }

  /**
   * Gives up at most `most` of the oldest segments, to be sent again and draw an acknowledgement. Everything on the
   * line has had its time, so that the next answer is to what is sent next.
   */
  loseOldest(most: number): void {
    for (let number = this.oldest; number < Math.min(this.next, this.oldest + most); number++) {
      const slot = this.#slot(number);
      if (this.#states[slot] !== state.onLine) continue;
      this.#lose(slot);
      this.#sendings[slot] = sending.afterWait;
    }
  }

  #lose(slot: number): void {
    this.#states[slot] = state.lost;
    this.lostSegments++;
  }

  #slot(number: number): number {
    return number % this.#segments;
  }
}

function nextSending(before: number): number {
  if (before === sending.never) return sending.once;
  return before === sending.afterWait ? sending.afterWait : sending.again;
}

/** What was sent once speaks before what was sent after a wait; of two alike the newer. */
function isBetter(one: Progress, other: Progress): boolean {
  return one.isDoubtful === other.isDoubtful ? one.position > other.position : other.isDoubtful;
}

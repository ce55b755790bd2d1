import { type Acknowledgement, roomUnitSegments, segmentLength } from './frames.js';
import { unwrap } from './sequence.js';

/** In `#lengths`: the close has this number. */
const closeMark = 0xff;

/** Puts segments back in order. It holds at most its window, which it allocates at the first gap. */
export class ReceiveWindow {
  /** The first segment that is missing; full numbers, from 0. */
  next = 0;
  hasClosed = false;
  /** Delivered and not yet released by the user of the link, in octets. */
  unreleased = 0;
  /** Gaps or repeats have shown themselves since the last acknowledgement. */
  hasNews = false;
  /** Octets that no acknowledgement has covered. */
  unacknowledged = 0;
  readonly #segments: number;
  #octets: Uint8Array | undefined;
  #lengths: Uint8Array | undefined;
  /** One above the highest number here. */
  #highest = 0;
  /** First segment that the peer was not yet allowed to send; it never falls. */
  #limit: number;

  constructor(segments: number) {
    this.#segments = segments;
    this.#limit = segments;
  }

  hasGaps(): boolean {
    return this.#highest > this.next;
  }

  /** @returns what is now in order: copies */
  accept(low: number, block: Uint8Array): Uint8Array[] {
    const first = unwrap(low, this.next);
    const count = Math.ceil(block.length / segmentLength);
    if (first < 0 || first + count > this.#limit) return [];
    this.unacknowledged += block.length;
    if (first + count <= this.next || this.hasClosed) {
      this.hasNews = true;
      return [];
    }
    if (first <= this.next)
      return this.#deliver(block.slice((this.next - first) * segmentLength), first + count);
    this.#store(first, block);
    return [];
  }

  /** The close has this number: it takes effect when everything before it is here. */
  close(low: number): void {
    const number = unwrap(low, this.next);
    this.hasNews = true;
    if (this.hasClosed || number < this.next || number >= this.#limit) return;
    if (number > this.next) {
      this.#mark(number, closeMark);
      return;
    }
    this.hasClosed = true;
    this.next++;
  }

  release(octets: number): void {
    const before = this.#room();
    this.unreleased = Math.max(0, this.unreleased - octets);
    // A sender that stands still must hear of it; a quarter of the window is worth a frame.
    const quarter = this.#segments / roomUnitSegments / 4;
    if (before < quarter && this.#room() >= quarter) this.hasNews = true;
  }

  /** What there is to tell the peer. Say `told` when it is on its way. */
  acknowledgement(withBitmap: boolean): Acknowledgement {
    const bitmap = withBitmap ? this.#bitmap() : new Uint8Array();
    return { next: this.next & 0xffff, room: this.#room(), bitmap };
  }

  told(acknowledgement: Acknowledgement): void {
    this.#limit = Math.max(this.#limit, this.next + acknowledgement.room * roomUnitSegments);
    this.unacknowledged = 0;
    this.hasNews = false;
  }

  #room(): number {
    const free = this.#segments - Math.ceil(this.unreleased / segmentLength);
    return Math.min(255, Math.max(0, Math.floor(free / roomUnitSegments)));
  }

  #deliver(octets: Uint8Array, next: number): Uint8Array[] {
    // What fills a gap is news: the sender must learn what it need not send again.
    if (this.hasGaps()) this.hasNews = true;
    for (let number = this.next; number < next && number < this.#highest; number++) this.#forget(number);
    this.next = next;
    const delivered = [octets];
    for (
      let length = this.#lengthAt(next);
      length > 0 && !this.hasClosed;
      length = this.#lengthAt(this.next)
    ) {
      if (length === closeMark) this.hasClosed = true;
      else delivered.push(this.#stored(this.next, length));
      this.#forget(this.next);
      this.next++;
    }
    for (const piece of delivered) this.unreleased += piece.length;
    return delivered;
  }

  #store(first: number, block: Uint8Array): void {
    for (let at = 0, number = first; at < block.length; at += segmentLength, number++) {
      const segment = block.subarray(at, at + segmentLength);
      this.#mark(number, segment.length);
      this.#octets ??= new Uint8Array(this.#segments * segmentLength);
      this.#octets.set(segment, this.#slot(number) * segmentLength);
    }
  }

  #mark(number: number, length: number): void {
    this.#lengths ??= new Uint8Array(this.#segments);
    // Above the highest so far, and not next to it: a gap.
    if (number > Math.max(this.#highest, this.next)) this.hasNews = true;
    this.#lengths[this.#slot(number)] = length;
    this.#highest = Math.max(this.#highest, number + 1);
  }

  #lengthAt(number: number): number {
    return number < this.#highest ? (this.#lengths?.[this.#slot(number)] ?? 0) : 0;
  }

  #stored(number: number, length: number): Uint8Array {
    const from = this.#slot(number) * segmentLength;
    return (this.#octets ?? new Uint8Array()).slice(from, from + length);
  }

  #forget(number: number): void {
    if (this.#lengths) this.#lengths[this.#slot(number)] = 0;
  }

  #slot(number: number): number {
    return number % this.#segments;
  }

  #bitmap(): Uint8Array {
    const bits = Math.max(0, this.#highest - this.next - 1);
    const bitmap = new Uint8Array(Math.ceil(bits / 8));
    for (let bit = 0; bit < bits; bit++) {
      const octet = bit >>> 3;
      if (this.#lengthAt(this.next + 1 + bit) > 0) bitmap[octet] = (bitmap[octet] ?? 0) | (1 << (bit & 7));
    }
    return bitmap;
  }
}

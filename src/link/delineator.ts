import { coreHeaderLength, readCoreHeader, repairCoreHeader } from './core-header.js';
import { crcOf, crcOver, crcStart, findWrongBit } from './crc-32c.js';
import {
  type Acknowledgement,
  type Control,
  checkLength,
  type DataHeader,
  kind,
  maxPayloadLength,
  minPayloadLength,
  readControl,
  readDataHeader,
  segmentLength,
  withIndex,
} from './frames.js';

/** What comes off the line, each part as soon as its own check is right. */
export interface FrameSink {
  /** Octets of a DATA frame; `segment` is the low 16 bits of their first number. The octets are lent for this call. */
  block(segment: number, octets: Uint8Array): void;
  /** The acknowledgement inside a DATA frame, once. */
  acknowledged(acknowledgement: Acknowledgement): void;
  control(control: Control): void;
  /** A DATA frame has ended; blocks of it may be missing. */
  frameEnded(): void;
}

export type Delineation = 'hunt' | 'pre-sync' | 'sync';

interface Frame {
  /** Offsets from the first octet of the core header. */
  readonly end: number;
  next: number;
  blockIndex: number;
  /** The end of the last block that was right: what lies behind it is searched again where the frame proves false. */
  rightUntil: number;
  isDamaged: boolean;
  hasEnded: boolean;
  header: DataHeader | undefined;
  headerState: number;
}

const capacity = 2 * (maxPayloadLength + 2 * coreHeaderLength);
/** Enough for a handshake, of which a server has two in each call that is being set up. */
const firstCapacity = 2048;
/**
 * In the hunt each octet received allows so many octets of checks on candidates that prove false, with a
 * reserve of 64 frames: what a hostile peer can make us compute is in proportion to what it sends.
 */
const trialsPerOctet = 16;
const trialReserve = 64 * maxPayloadLength;
/** An incomplete frame is given up when the line has been silent for so long. */
export const silenceMs = 2000;

/** Finds frames in a stream of octets that may be damaged, missing or foreign (README, "Delineation"). */
export class Delineator {
  state: Delineation = 'hunt';
  damagedBlocks = 0;
  /** In which one bit was wrong and was put right. */
  repairedBlocks = 0;
  hunts = 0;
  readonly #sink: FrameSink;
  #prefix: number | undefined;
  #held = new Uint8Array(0);
  #start = 0;
  #end = 0;
  #frame: Frame | undefined;
  /** The last check, of whatever frame, was right: only then is one wrong bit likelier than lost octets or another link's. */
  #wasRight = false;
  #trials = trialReserve;
  #lastOctetMs = 0;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** Frames other than OPEN are checked with this prefix from now on; without one they all fail. */
  expectPrefix(prefix: number): void {
    this.#prefix = prefix;
  }

  push(octets: Uint8Array, nowMs: number): void {
    this.#lastOctetMs = nowMs;
    this.#trials = Math.min(trialReserve, this.#trials + trialsPerOctet * octets.length);
    for (let at = 0; at < octets.length; ) at += this.#take(octets, at);
  }

  /** When an incomplete frame is given up, if nothing arrives. */
  deadlineMs(): number {
    return this.#frame ? this.#lastOctetMs + silenceMs : Number.POSITIVE_INFINITY;
  }

  poll(nowMs: number): void {
    while (this.#frame && nowMs >= this.deadlineMs()) {
      if (this.#frame.hasEnded) this.#skip(this.#frame.end);
      else this.#abandon(this.#frame);
      this.#advance();
    }
  }

  #take(octets: Uint8Array, from: number): number {
    if (this.#end + (octets.length - from) > this.#held.length) this.#makeRoom(octets.length - from);
    const taken = Math.min(octets.length - from, this.#held.length - this.#end);
    this.#held.set(octets.subarray(from, from + taken), this.#end);
    this.#end += taken;
    this.#advance();
    return taken;
  }

  /** For so many octets more, or as many as there may be. */
  #makeRoom(octets: number): void {
    const held = this.#held.subarray(this.#start, this.#end);
    const needed = held.length + octets;
    const grown = Math.min(capacity, Math.max(firstCapacity, 2 ** Math.ceil(Math.log2(needed))));
    if (grown > this.#held.length) {
      this.#held = new Uint8Array(grown);
      this.#held.set(held);
    } else this.#held.copyWithin(0, this.#start, this.#end);
    this.#end = held.length;
    this.#start = 0;
  }

  #advance(): void {
    while (this.#frame ? this.#readFrame(this.#frame) : this.#findHeader());
    if (this.#start === this.#end) this.#start = this.#end = 0;
  }

  /** @returns whether there may be more to do with the octets at hand */
  #findHeader(): boolean {
    if (this.state === 'sync') {
      if (this.#end - this.#start < coreHeaderLength) return false;
      const word = this.#word(this.#start);
      const length = readCoreHeader(word);
      if (length === 0) return this.#skip(coreHeaderLength);
      if (isPlausible(length)) return this.#begin(length, 'sync');
      this.hunts++;
      const repaired = repairCoreHeader(word);
      if (isPlausible(repaired)) return this.#begin(repaired, 'pre-sync');
      this.state = 'hunt';
    }
    for (; this.#end - this.#start >= coreHeaderLength; this.#start++) {
      const length = readCoreHeader(this.#word(this.#start));
      if (isPlausible(length) && length <= this.#trials) return this.#begin(length, 'pre-sync');
    }
    return false;
  }

  #begin(payloadLength: number, state: Delineation): true {
    this.state = state;
    this.#frame = {
      end: coreHeaderLength + payloadLength,
      next: coreHeaderLength,
      blockIndex: 0,
      rightUntil: 0,
      isDamaged: false,
      hasEnded: false,
      header: undefined,
      headerState: 0,
    };
    return true;
  }

  #readFrame(frame: Frame): boolean {
    const arrived = this.#end - this.#start;
    if (frame.hasEnded) return arrived >= frame.end + coreHeaderLength && this.#judge(frame);
    if (arrived <= coreHeaderLength) return false;
    const type = this.#held[this.#start + coreHeaderLength] as number;
    return (type & 0xf0) === kind.data ? this.#readData(frame, arrived) : this.#readControl(frame, arrived);
  }

  #readControl(frame: Frame, arrived: number): boolean {
    if (arrived < frame.end) return false;
    const from = this.#start + coreHeaderLength;
    const to = this.#start + frame.end - checkLength;
    const prefix = this.#held[from] === kind.open ? crcStart : this.#prefix;
    const isRight = prefix !== undefined && this.#isRight(prefix, from, to);
    this.#checked(frame, isRight, frame.end);
    if (!isRight && this.#isRefuted(frame)) return true;
    const control = isRight ? readControl(this.#held.slice(from, to)) : undefined;
    this.#finish(frame);
    if (control) this.#sink.control(control);
    return true;
  }

  #readData(frame: Frame, arrived: number): boolean {
    frame.header ??= this.#beginData(frame, arrived);
    const { header } = frame;
    if (!header) return arrived >= frame.end && this.#give(frame);
    while (frame.next < frame.end) {
      const blockEnd = Math.min(frame.end, frame.next + header.blockLength + checkLength);
      if (arrived < blockEnd) return false;
      this.#readBlock(frame, header, blockEnd);
      if (this.#isRefuted(frame)) return true;
    }
    this.#finish(frame);
    this.#sink.frameEnded();
    return true;
  }

  #beginData(frame: Frame, arrived: number): DataHeader | undefined {
    const from = this.#start + coreHeaderLength;
    const header = readDataHeader(this.#held, from, this.#start + Math.min(arrived, frame.end));
    if (!header) return undefined;
    frame.next = coreHeaderLength + header.headerLength;
    frame.headerState = crcOver(this.#prefix ?? 0, this.#held, from, from + header.headerLength);
    return header;
  }

  #readBlock(frame: Frame, header: DataHeader, blockEnd: number): void {
    const from = this.#start + frame.next;
    const to = this.#start + blockEnd - checkLength;
    const isRight =
      this.#prefix !== undefined &&
      to > from &&
      this.#isRightOrRepaired(withIndex(frame.headerState, frame.blockIndex), from, to);
    const isFirstRight = isRight && frame.rightUntil === 0;
    this.#checked(frame, isRight, blockEnd);
    const segment = header.first + (frame.blockIndex * header.blockLength) / segmentLength;
    frame.next = blockEnd;
    frame.blockIndex++;
    if (isFirstRight && header.acknowledgement) this.#sink.acknowledged(header.acknowledgement);
    if (isRight) this.#sink.block(segment & 0xffff, this.#held.subarray(from, to));
  }

  #checked(frame: Frame, isRight: boolean, until: number): void {
    this.#wasRight = isRight;
    if (isRight) {
      frame.rightUntil = until;
      this.state = 'sync';
      return;
    }
    frame.isDamaged = true;
    this.damagedBlocks++;
  }

  /** A candidate from the hunt must be right from its first check on; else the hunt goes on behind its first octet. */
  #isRefuted(frame: Frame): boolean {
    if (this.state !== 'pre-sync') return false;
    this.#trials -= frame.end;
    this.#abandon(frame);
    return true;
  }

  #give(frame: Frame): true {
    this.#checked(frame, false, frame.end);
    if (!this.#isRefuted(frame)) this.#finish(frame);
    return true;
  }

  #finish(frame: Frame): void {
    if (frame.isDamaged) frame.hasEnded = true;
    else this.#skip(frame.end);
  }

  /** A damaged frame with a right core header behind it had wrong bits; otherwise octets were lost or added in it. */
  #judge(frame: Frame): true {
    const follows = readCoreHeader(this.#word(this.#start + frame.end));
    if (follows === 0 || isPlausible(follows)) return this.#skip(frame.end);
    this.hunts++;
    this.#abandon(frame);
    return true;
  }

  #abandon(frame: Frame): void {
    this.#skip(Math.max(1, frame.rightUntil));
    this.state = 'hunt';
  }

  #skip(octets: number): true {
    this.#start += octets;
    this.#frame = undefined;
    return true;
  }

  #isRight(state: number, from: number, to: number): boolean {
    return to >= from && crcOf(crcOver(state, this.#held, from, to)) === this.#word(to) >>> 0;
  }

  #isRightOrRepaired(state: number, from: number, to: number): boolean {
    if (this.#isRight(state, from, to)) return true;
    if (this.state !== 'sync' || !this.#wasRight) return false;
    const check = crcOf(crcOver(state, this.#held, from, to));
    const wrong = findWrongBit(check ^ this.#word(to), to - from);
    if (!wrong) return false;
    this.repairedBlocks++;
    if (wrong.at < to - from)
      this.#held[from + wrong.at] = (this.#held[from + wrong.at] as number) ^ wrong.mask;
    return true;
  }

  #word(at: number): number {
    const held = this.#held;
    return (
      ((held[at] as number) << 24) |
      ((held[at + 1] as number) << 16) |
      ((held[at + 2] as number) << 8) |
      (held[at + 3] as number)
    );
  }
}

function isPlausible(length: number | undefined): length is number {
  return length !== undefined && length >= minPayloadLength && length <= maxPayloadLength;
}

import { ErrorRate, type FrameSizes, largestSizes, longSizes, sizesFor } from './error-rate.js';
import {
  type Acknowledgement,
  checkLength,
  dataFrameLength,
  encodeClose,
  encodeData,
  roomUnitSegments,
  segmentLength,
} from './frames.js';
import { LineTiming } from './line-timing.js';
import { type Loss, type Run, SendWindow } from './send-window.js';

/** What is taken for granted of a line of which nothing is known. */
const assumedErrorGapBits = 2e6;
const assumedBreakGapBits = 1e7;
/** What is sent again after a wait in vain, in the smallest blocks: they pass where others do not. */
const probeSegments = 4;
/**
 * Frames that may be unacknowledged besides what is in the line: one is being sent, the acknowledgement of one waits
 * behind a frame of the peer's, and one makes up for what was lost.
 */
const framesAhead = 3;
/** A frame that is not full is cut in so many blocks or more, where that is possible. */
const leastBlocks = 8;
/** The next frame is handed over so long before the modem has sent the last: later than any timer is late. */
const leadMs = 100;
/** The largest frames take the line for so long at most. */
const mostFrameMs = 3000;
/** The modems' buffers should hold so many frames, ours and the one that our acknowledgement waits for together. */
const framesQueued = 1.5;

export interface SenderOptions {
  readonly windowSegments: number;
  readonly octetsPerSecond: number;
  /** The modem corrects errors (`+ER: LAPM`): largest frames from the first, until an error shows. */
  readonly isErrorFree: boolean;
}

/** What goes next on the line, when, and in frames of which size. */
export class Sender {
  readonly window: SendWindow;
  readonly timing: LineTiming;
  readonly #errors = new ErrorRate(assumedErrorGapBits, 1);
  readonly #breaks = new ErrorRate(assumedBreakGapBits, 7);
  sentAgain = 0;
  readonly #isErrorFree: boolean;
  #hasErrors = false;
  /** Octets of data frames handed to the modem, and how many of them have left it for certain. */
  #position = 0;
  #departed = 0;
  #waitsInVain = 0;
  #waitingSinceMs = 0;
  #mustProbe = false;
  /** The peer sends data, too: its acknowledgements, and ours, stand behind them. */
  #isTwoWay = false;
  /** More could be sent at once than the line takes. */
  #isHeldBack = false;
  #isPaced = false;
  /** When the modem has sent everything, as far as can be known. */
  #idleAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: SenderOptions) {
    this.window = new SendWindow(options.windowSegments);
    this.timing = new LineTiming(options.octetsPerSecond);
    this.#isErrorFree = options.isErrorFree;
  }

  sizes(): FrameSizes {
    const longest = this.#hasRoomForLargest() ? largestSizes : longSizes;
    if (this.#isErrorFree && !this.#hasErrors) return longest;
    return sizesFor(this.errorsPerBit, this.#breaks.perBit(8 * this.#departed), longest.frameSegments);
  }

  /** An estimate. */
  get errorsPerBit(): number {
    return this.#errors.perBit(8 * this.#departed);
  }

  /** A frame that is being sent holds up whatever comes after it, and `framesAhead` of them must not need more than the window. */
  #hasRoomForLargest(): boolean {
    const octets = fullLength(largestSizes);
    return (
      !this.#isTwoWay &&
      1000 * octets <= mostFrameMs * this.timing.octetsPerSecond &&
      this.timing.octetsInFlight() + framesAhead * octets <= this.window.capacity
    );
  }

  inFlight(): number {
    return this.#position - this.#departed;
  }

  /** Octets that may be unacknowledged: what is in the line, and three frames. */
  allowance(): number {
    return this.timing.octetsInFlight() + framesAhead * fullLength(this.sizes());
  }

  acknowledged(told: Acknowledgement, nowMs: number): void {
    const { oldest } = this.window;
    const news = this.window.acknowledge(told);
    if (news) {
      if (news.wasSentOnce) this.timing.roundTrip(nowMs - news.sentMs, news.position - news.frameStart);
      this.#depart(news.position, nowMs);
      for (const loss of this.window.loseBefore(news.position)) this.#learn(loss);
    }
    if (news || this.window.oldest > oldest) {
      this.#waitsInVain = 0;
      this.#waitingSinceMs = nowMs;
    }
    if (this.window.oldest === this.window.next) this.#departed = this.#position;
  }

  #learn(loss: Loss): void {
    this.#hasErrors = true;
    this.#errors.lost(8 * loss.position);
    if (loss.brokeFrame) this.#breaks.lost(8 * loss.position);
  }

  #depart(position: number, nowMs: number): void {
    const octets = Math.max(0, position - this.#departed);
    this.timing.departed(octets, nowMs, this.#isHeldBack || this.window.isHalfFull());
    this.#departed += octets;
  }

  /** A peer has shown itself, with room for so many units; what was sent before was for another. */
  meet(room: number): void {
    this.window.limit = room * roomUnitSegments;
    this.window.loseOldest(this.window.next - this.window.oldest);
    this.#departed = this.#position;
  }

  /** The next frame, if one may go now. */
  nextFrame(
    prefix: number,
    acknowledgement: Acknowledgement | undefined,
    nowMs: number,
  ): Uint8Array | undefined {
    this.#isTwoWay = acknowledgement !== undefined;
    const run = this.#nextRun(nowMs);
    if (!run) return undefined;
    if (this.inFlight() === 0) this.#waitingSinceMs = nowMs;
    const frame = run.isClose
      ? this.#sendClose(prefix, run, nowMs)
      : this.#sendData(prefix, run, acknowledgement, nowMs);
    this.#mustProbe = false;
    this.handedOver(frame.length, nowMs);
    return frame;
  }

  /** So many octets, of whatever frame, are on their way to the modem. */
  handedOver(octets: number, nowMs: number): void {
    const wantedMs = (1000 * framesQueued * fullLength(this.sizes())) / this.timing.octetsPerSecond;
    this.#idleAtMs = Math.max(nowMs, this.#idleAtMs) + this.timing.paceMs(octets, wantedMs);
  }

  #nextRun(nowMs: number): Run | undefined {
    this.#isHeldBack = false;
    this.#isPaced = false;
    const sizes = this.sizes();
    const isProbe = this.#mustProbe;
    const lost = this.window.lostRun(isProbe ? probeSegments : sizes.frameSegments);
    const run = lost ?? this.window.unsentRun(sizes.frameSegments);
    if (!run || (isProbe && lost)) return run;
    this.#isPaced = nowMs < this.#idleAtMs - leadMs;
    this.#isHeldBack = true;
    if (this.#isPaced) return undefined;
    // A piece of a frame waits while the modem has a whole one: by then it may be more.
    const isWhole = lost !== undefined || run.isClose || run.count === sizes.frameSegments;
    const allowed = isWhole ? this.allowance() : this.allowance() - fullLength(sizes);
    const fits = this.inFlight() + run.octets <= allowed || this.inFlight() === 0;
    this.#isHeldBack = !fits;
    return fits ? run : undefined;
  }

  #sendClose(prefix: number, run: Run, nowMs: number): Uint8Array {
    const frame = encodeClose(prefix, run.first);
    const frameStart = this.#position;
    this.#position += frame.length;
    this.window.sent(run, frameStart, () => this.#position, nowMs);
    return frame;
  }

  #sendData(
    prefix: number,
    run: Run,
    acknowledgement: Acknowledgement | undefined,
    nowMs: number,
  ): Uint8Array {
    const blockSegments = this.#blockSegments(run);
    const blockLength = blockSegments * segmentLength;
    const data = this.window.octetsOf(run);
    const frame = encodeData(prefix, { first: run.first, data, blockSegments, acknowledgement });
    const frameStart = this.#position;
    const checks = checkLength * Math.ceil(data.length / blockLength);
    const firstBlock = frameStart + frame.length - data.length - checks;
    this.#position += frame.length;
    if (run.first < this.window.next) this.sentAgain += run.octets;
    const endOf = (index: number) =>
      firstBlock + (Math.floor(index / blockSegments) + 1) * (blockLength + checkLength);
    this.window.sent(run, frameStart, (index) => Math.min(this.#position, endOf(index)), nowMs);
    return frame;
  }

  /** A block lost of a short message costs a round trip, and a few checks more cost next to nothing. */
  #blockSegments(run: Run): number {
    if (this.#mustProbe) return 1;
    const { blockSegments, frameSegments } = this.sizes();
    if ((this.#isErrorFree && !this.#hasErrors) || run.count === frameSegments) return blockSegments;
    return Math.min(blockSegments, 2 ** Math.max(0, Math.ceil(Math.log2(run.count / leastBlocks))));
  }

  /** The peer's room is used up, and it may have told us of more in a frame that was lost. */
  isShutOut(): boolean {
    const { window } = this;
    return window.hasUnsent() && window.next >= window.limit && window.oldest === window.next;
  }

  deadlineMs(): number {
    return Math.min(this.#timeoutAtMs(), this.nextFrameAtMs());
  }

  /** When the modem wants the next frame; infinite where there is none, or acknowledgements must come first. */
  nextFrameAtMs(): number {
    return this.#isPaced ? this.#idleAtMs - leadMs : Number.POSITIVE_INFINITY;
  }

  #timeoutAtMs(): number {
    const waits = this.window.oldest < this.window.next || this.isShutOut();
    if (!waits) return Number.POSITIVE_INFINITY;
    // After the first wait only what was sent since can still be on the line.
    const octets = this.#waitsInVain === 0 ? this.inFlight() : probeSegments * segmentLength;
    return this.#waitingSinceMs + this.timing.timeoutMs(octets, this.#waitsInVain);
  }

  /** @returns whether the wait for an acknowledgement is over: the oldest data go again, or the peer is asked for its room */
  expire(nowMs: number): boolean {
    if (nowMs < this.#timeoutAtMs()) return false;
    this.#waitsInVain = Math.min(this.#waitsInVain + 1, 6);
    this.#waitingSinceMs = nowMs;
    this.window.loseOldest(probeSegments);
    this.#mustProbe = this.window.oldest < this.window.next;
    return true;
  }
}

function fullLength(sizes: FrameSizes): number {
  return dataFrameLength(sizes.frameSegments * segmentLength, sizes.blockSegments * segmentLength, true);
}

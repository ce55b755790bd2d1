import { crcStart } from './crc-32c.js';
import { Delineator } from './delineator.js';
import {
  type Acknowledgement,
  type Control,
  checkPrefix,
  encodeAcknowledgement,
  encodeEnquiry,
  encodeOpening,
  type Opening as OpenFrame,
  openFrameLength,
  roomUnitSegments,
  segmentLength,
} from './frames.js';
import { Opening } from './opening.js';
import { ReceiveWindow } from './receive-window.js';
import { Sender } from './sender.js';
import { Escaper, type Transparency } from './transparency.js';

export interface LinkOptions {
  /** A random number of 32 bits, not 0, fresh for each link: it keeps the octets of an earlier call out of this one. */
  readonly incarnation: number;
  /**
   * The peer's, where both sides know both beforehand: no OPEN is needed and none is believed, data may go at once, and the
   * first right check opens the link. Both sides must have the same `windowSegments`, since none is told at first.
   */
  readonly peerIncarnation?: number;
  /** Says nothing before the peer has: for a line on which version 1 may speak first. */
  readonly waits?: boolean;
  /** The line's rate, where the modem has told it. Otherwise 33,600 is assumed until it is measured. */
  readonly bitsPerSecond?: number;
  /** The modem reported error correction. Errors that show themselves all the same are dealt with. */
  readonly isErrorFree?: boolean;
  /** Both sides must have the same, agreed on outside the link. */
  readonly transparency?: Transparency;
  /** Segments of 64 octets, each way: 640 (the default) keep a line of 115,200 bit/s and 1.3 s there and back busy. */
  readonly windowSegments?: number;
}

/** Why a link is over without a close. Nothing more is delivered or sent. */
export type LinkFailure = 'peer restarted' | 'peer silent';

export interface LinkStats {
  readonly bitErrorRate: number;
  readonly blockOctets: number;
  readonly frameOctets: number;
  readonly octetsPerSecond: number;
  /** Undefined before the first. */
  readonly roundTripMs: number | undefined;
  /** How many unacknowledged octets the link wants in modem and line together. */
  readonly allowanceOctets: number;
  readonly octetsSentAgain: number;
  readonly damagedBlocks: number;
  readonly hunts: number;
}

const defaultWindowSegments = 640;
const mostWindowSegments = 4080;
const assumedBitsPerSecond = 33_600;
/** An acknowledgement waits so long for data to ride on, or for more to acknowledge. */
const acknowledgementDelayMs = 100;
/** With data of our own about to follow, an acknowledgement without news waits so long to ride on them. */
const mostRideWaitMs = 1000;
/** So many octets are acknowledged at once. */
const acknowledgeAfterOctets = 1024;
/** With something unanswered, a peer of whom nothing was heard for so long is gone. */
const silenceLimitMs = 60_000;

/**
 * One side of a reliable, ordered stream of octets over a line that loses, adds and alters them. It does no I/O and
 * has no clock: after every call, write what `poll(now)` returns, and poll again at `nextDeadlineMs()`.
 */
export class Link {
  failure: LinkFailure | undefined;
  readonly #own: number;
  readonly #opening: Opening;
  readonly #receiver: ReceiveWindow;
  readonly #sender: Sender;
  readonly #delineator: Delineator;
  readonly #escaper: Escaper | undefined;
  #prefix = crcStart;
  #delivered: Uint8Array[] = [];
  #nowMs = 0;
  #acknowledgeAtMs = Number.POSITIVE_INFINITY;
  /** Since when something is unanswered and nothing is heard; undefined while nothing is asked. */
  #silentSinceMs: number | undefined;

  constructor(options: LinkOptions) {
    const windowSegments = options.windowSegments ?? defaultWindowSegments;
    if (
      windowSegments < 128 ||
      windowSegments > mostWindowSegments ||
      windowSegments % roomUnitSegments !== 0
    )
      throw new RangeError('a window is 128 to 4,080 segments, in sixteens');
    const { incarnation, peerIncarnation } = options;
    if (!isIncarnation(incarnation) || (peerIncarnation !== undefined && !isIncarnation(peerIncarnation)))
      throw new RangeError('an incarnation has 32 bits and is not 0');
    this.#own = incarnation;
    this.#opening = new Opening(incarnation, options.waits ?? false, peerIncarnation);
    this.#receiver = new ReceiveWindow(windowSegments);
    this.#sender = new Sender({
      windowSegments,
      octetsPerSecond: (options.bitsPerSecond ?? assumedBitsPerSecond) / 8,
      isErrorFree: options.isErrorFree ?? false,
    });
    this.#escaper = options.transparency && new Escaper(options.transparency);
    this.#delineator = new Delineator({
      block: (segment, octets) => this.#onBlock(segment, octets),
      acknowledged: (told) => this.#onAcknowledgement(told),
      control: (control) => this.#onControl(control),
      frameEnded: () => this.#onFrameEnd(),
    });
    if (peerIncarnation !== undefined) this.#meet(peerIncarnation, windowSegments / roomUnitSegments);
  }

  /** The peer is there, and is not the echo of an earlier call. */
  get isOpen(): boolean {
    return this.#opening.isConfirmed && !this.failure;
  }

  /** Everything that was sent is acknowledged, and so is the close if there was one. */
  get isDrained(): boolean {
    return this.#sender.window.isDrained();
  }

  /** The peer has closed, and everything that it sent before is delivered. */
  get isPeerClosed(): boolean {
    return this.#receiver.hasClosed;
  }

  /** Both sides have closed and ours is acknowledged (README, "Closing": who may hang up). */
  get isClosed(): boolean {
    return this.#sender.window.isClosing && this.isDrained && this.isPeerClosed;
  }

  /** Octets that `send` takes now. */
  get room(): number {
    return this.failure ? 0 : this.#sender.window.room();
  }

  get stats(): LinkStats {
    const sizes = this.#sender.sizes();
    return {
      bitErrorRate: this.#sender.errorsPerBit,
      blockOctets: sizes.blockSegments * segmentLength,
      frameOctets: sizes.frameSegments * segmentLength,
      octetsPerSecond: this.#sender.timing.octetsPerSecond,
      roundTripMs: this.#sender.timing.smoothedMs,
      allowanceOctets: Math.round(this.#sender.allowance()),
      octetsSentAgain: this.#sender.sentAgain,
      damagedBlocks: this.#delineator.damagedBlocks,
      hunts: this.#delineator.hunts,
    };
  }

  /** @returns how many of the octets it took; they are copied */
  send(octets: Uint8Array): number {
    return this.failure ? 0 : this.#sender.window.send(octets);
  }

  /** What was sent before is still delivered; nothing may be sent after. */
  close(): void {
    this.#sender.window.close();
  }

  /** What came off the line, in any pieces; the octets are not kept. */
  receive(octets: Uint8Array, nowMs: number): void {
    if (this.failure) return;
    this.#nowMs = nowMs;
    this.#delineator.push(this.#escaper ? this.#escaper.unescape(octets) : octets, nowMs);
  }

  /** What is now in order. Ask after `receive` and after `poll`; it counts against the window until released. */
  read(): Uint8Array[] {
    const delivered = this.#delivered;
    this.#delivered = [];
    return delivered;
  }

  /** The user of the link is done with so many delivered octets: the peer may send as many more. */
  release(octets: number): void {
    this.#receiver.release(octets);
    if (this.#receiver.hasNews) this.#acknowledgeAtMs = Number.NEGATIVE_INFINITY;
  }

  /**
   * The acknowledgement of what has arrived, to be written now, where one is owed: for a peer that waits for nothing else, and
   * whom nothing more of ours will tell.
   */
  acknowledgement(nowMs: number): Uint8Array[] {
    const { unacknowledged, hasNews } = this.#receiver;
    const frames: Uint8Array[] = [];
    if (unacknowledged > 0 || hasNews) this.#pushAcknowledgement(frames, nowMs);
    return this.#escaped(frames);
  }

  /** Frames to write now, whole and in this order. */
  poll(nowMs: number): Uint8Array[] {
    this.#nowMs = nowMs;
    this.#delineator.poll(nowMs);
    if (this.#isSilentTooLong(nowMs)) this.failure ??= 'peer silent';
    if (this.failure) return [];
    const frames = [...this.#openingFrames(nowMs), ...this.#framesWithPeer(nowMs)];
    return this.#escaped(frames);
  }

  /** When `poll` may have something to do without anything happening before; infinite where never. */
  nextDeadlineMs(): number {
    if (this.failure) return Number.POSITIVE_INFINITY;
    return Math.min(
      this.#opening.deadlineMs(),
      this.#acknowledgeAtMs,
      this.#opening.peer === 0 ? Number.POSITIVE_INFINITY : this.#sender.deadlineMs(),
      this.#delineator.deadlineMs(),
      this.#silentSinceMs === undefined ? Number.POSITIVE_INFINITY : this.#silentSinceMs + silenceLimitMs,
    );
  }

  #onBlock(segment: number, octets: Uint8Array): void {
    this.#heard();
    this.#delivered.push(...this.#receiver.accept(segment, octets));
  }

  #onFrameEnd(): void {
    const { hasNews, unacknowledged } = this.#receiver;
    const isUrgent =
      hasNews || unacknowledged >= acknowledgeAfterOctets || (unacknowledged > 0 && this.#receiver.hasGaps());
    if (isUrgent) this.#acknowledgeAtMs = this.#nowMs;
    else if (unacknowledged > 0)
      this.#acknowledgeAtMs = Math.min(this.#acknowledgeAtMs, this.#nowMs + acknowledgementDelayMs);
  }

  #onControl(control: Control): void {
    if (control.kind === 'open') {
      this.#onOpen(control.opening);
      return;
    }
    this.#heard();
    if (control.kind === 'acknowledgement') {
      this.#onAcknowledgement(control.acknowledgement);
      return;
    }
    if (control.kind === 'close') this.#receiver.close(control.segment);
    this.#acknowledgeAtMs = this.#nowMs;
  }

  #onAcknowledgement(told: Acknowledgement): void {
    this.#sender.acknowledged(told, this.#nowMs);
  }

  #onOpen(frame: OpenFrame): void {
    const heard = this.#opening.heard(frame);
    if (heard === 'restarted') this.failure = 'peer restarted';
    if (heard === 'nothing' && frame.incarnation !== this.#opening.peer) return;
    this.#silentSinceMs = undefined;
    if (heard === 'new peer') this.#meet(frame.incarnation, frame.room);
    const roundTripMs = this.#opening.roundTripMs(this.#nowMs);
    if (frame.heard === this.#own && roundTripMs !== undefined)
      this.#sender.timing.roundTrip(roundTripMs, 2 * openFrameLength);
  }

  #meet(peer: number, room: number): void {
    this.#prefix = checkPrefix(this.#own, peer);
    this.#delineator.expectPrefix(checkPrefix(peer, this.#own));
    this.#sender.meet(room);
  }

  /** A check that names our incarnation was right. */
  #heard(): void {
    this.#opening.confirm();
    this.#silentSinceMs = undefined;
  }

  #openingFrames(nowMs: number): Uint8Array[] {
    const frame = this.#opening.poll(nowMs, this.#receiver.acknowledgement(false).room);
    if (!frame) return [];
    this.#silentSinceMs ??= nowMs;
    return [encodeOpening(frame)];
  }

  #framesWithPeer(nowMs: number): Uint8Array[] {
    if (this.#opening.peer === 0) return [];
    const frames: Uint8Array[] = [];
    const isAsking = this.#sender.expire(nowMs) && this.#sender.isShutOut();
    if (isAsking) {
      this.#silentSinceMs ??= nowMs;
      frames.push(encodeEnquiry(this.#prefix));
    }
    // A bitmap has no place in a DATA frame, so gaps are told in a frame of their own, ahead of the data.
    if (this.#receiver.hasGaps()) this.#pushDueAcknowledgement(frames, nowMs);
    for (;;) {
      const riding = this.#acknowledgeAtMs < Number.POSITIVE_INFINITY && !this.#receiver.hasGaps();
      const told = riding ? this.#receiver.acknowledgement(false) : undefined;
      const frame = this.#sender.nextFrame(this.#prefix, told, nowMs);
      if (!frame) break;
      if (told) this.#onTold(told);
      this.#silentSinceMs ??= nowMs;
      frames.push(frame);
    }
    this.#pushDueAcknowledgement(frames, nowMs);
    return frames;
  }

  #pushDueAcknowledgement(frames: Uint8Array[], nowMs: number): void {
    if (nowMs < this.#acknowledgeAtMs) return;
    if (
      !this.#receiver.hasNews &&
      !this.#receiver.hasGaps() &&
      this.#sender.nextFrameAtMs() <= nowMs + mostRideWaitMs
    ) {
      this.#acknowledgeAtMs = this.#sender.nextFrameAtMs();
      return;
    }
    this.#pushAcknowledgement(frames, nowMs);
  }

  #pushAcknowledgement(frames: Uint8Array[], nowMs: number): void {
    const acknowledgement = this.#receiver.acknowledgement(true);
    const frame = encodeAcknowledgement(this.#prefix, acknowledgement);
    frames.push(frame);
    this.#sender.handedOver(frame.length, nowMs);
    this.#onTold(acknowledgement);
  }

  #onTold(acknowledgement: Acknowledgement): void {
    this.#receiver.told(acknowledgement);
    this.#acknowledgeAtMs = Number.POSITIVE_INFINITY;
  }

  #escaped(frames: Uint8Array[]): Uint8Array[] {
    const escaper = this.#escaper;
    return escaper ? frames.map((frame) => escaper.escape(frame)) : frames;
  }

  #isSilentTooLong(nowMs: number): boolean {
    return this.#silentSinceMs !== undefined && nowMs - this.#silentSinceMs >= silenceLimitMs;
  }
}

function isIncarnation(value: number): boolean {
  return value >>> 0 === value && value !== 0;
}

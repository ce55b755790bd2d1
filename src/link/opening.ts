import type { Opening as OpenFrame } from './frames.js';

export const linkVersion = 2;

const firstIntervalMs = 300;
const mostIntervalMs = 3000;

/** How an OPEN changed what is known of the peer. */
export type Heard = 'nothing' | 'new peer' | 'restarted';

/** Learns the peer's incarnation and makes sure that it knows ours (README, "Opening"). */
export class Opening {
  peer = 0;
  /** The peer has shown that it knows our incarnation, so it is not the echo of an earlier call. */
  isConfirmed = false;
  /** First room told by the peer, in units. */
  room = 0;
  readonly #own: number;
  /** The peer was named beforehand, so nobody's OPEN is sent, answered or believed. */
  readonly #isAgreed: boolean;
  #mustSend = false;
  #dueMs: number;
  #intervalMs = firstIntervalMs;
  #sendings = 0;
  #sentMs = 0;

  /** @param agreedPeer the peer's incarnation, where both sides know both */
  constructor(own: number, waits: boolean, agreedPeer?: number) {
    this.#own = own;
    this.#isAgreed = agreedPeer !== undefined;
    this.peer = agreedPeer ?? 0;
    this.#dueMs = waits || this.#isAgreed ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  heard(frame: OpenFrame): Heard {
    if (this.#isAgreed) return 'nothing';
    if (frame.version !== linkVersion || frame.incarnation === this.#own || frame.incarnation === 0)
      return 'nothing';
    const isNew = frame.incarnation !== this.peer;
    if (isNew && this.isConfirmed) return 'restarted';
    this.peer = frame.incarnation;
    this.room = frame.room;
    if (frame.heard === this.#own) this.isConfirmed = true;
    if (frame.wantsAnswer) this.#mustSend = true;
    return isNew ? 'new peer' : 'nothing';
  }

  /** Something came whose check names our incarnation. */
  confirm(): void {
    this.isConfirmed = true;
  }

  /** The round trip, where only one OPEN can have been answered. */
  roundTripMs(nowMs: number): number | undefined {
    return this.#sendings === 1 ? nowMs - this.#sentMs : undefined;
  }

  deadlineMs(): number {
    if (this.#mustSend) return Number.NEGATIVE_INFINITY;
    return this.isConfirmed ? Number.POSITIVE_INFINITY : this.#dueMs;
  }

  /** The OPEN that is due, if one is. */
  poll(nowMs: number, room: number): OpenFrame | undefined {
    if (nowMs < this.deadlineMs()) return undefined;
    this.#mustSend = false;
    this.#sendings++;
    this.#sentMs = nowMs;
    this.#dueMs = nowMs + this.#intervalMs;
    this.#intervalMs = Math.min(mostIntervalMs, this.#intervalMs * 1.5);
    const wantsAnswer = !this.isConfirmed;
    return { version: linkVersion, wantsAnswer, room, incarnation: this.#own, heard: this.peer };
  }
}

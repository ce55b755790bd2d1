import { Link, type LinkOptions } from '../../link/link.js';
import type { DataConnection } from '../../pstn/modem/modem.js';
import type { Clock, Timer } from '../../time/clock.js';

/** Why nothing more comes. */
export type LineEnd =
  | { readonly kind: 'lost' }
  /** The line may still stand; the reason is for the log. */
  | { readonly kind: 'failed'; readonly reason: string };

/** Who a line works for. */
export interface LineUser {
  /** In order, as the link delivers them. They count against the peer until `LineLink.release`. */
  deliver(octets: Uint8Array): void;
  /** Told once; nothing follows. */
  ended(end: LineEnd): void;
}

/** Above this a modem tells the rate of its port, not of its line. */
const fastestModem = 57_600;
/** A line that takes no octet for so long is dead. */
const stallMs = 60_000;
/** Kept for who takes the line over; the peer's window is smaller. */
const keptLimit = 65_536;

/**
 * The link layer over a data connection: reads, writes and wakes up in its stead. One link at a time counts; an older one that it
 * has taken the place of is still fed and heard until the newer has heard its peer (`link`, README, "Opening").
 */
export class LineLink {
  sent = 0;
  received = 0;
  readonly #connection: DataConnection;
  readonly #clock: Clock;
  #link: Link;
  #older: Link | undefined;
  #user: LineUser | undefined;
  #outgoing: Uint8Array[] = [];
  #timer: Timer;
  #blockedSinceMs: number | undefined;
  #waiting: { readonly isTrue: () => boolean; readonly tell: (stands: boolean) => void }[] = [];
  #hasBegun = false;
  #isStepping = false;
  #isDue = false;
  /** The user is gone, or was told the end. */
  #isOver = false;
  #end: LineEnd | undefined;
  #kept: Uint8Array[] | undefined;
  #keptLength = 0;

  constructor(connection: DataConnection, clock: Clock, options: LinkOptions) {
    this.#connection = connection;
    this.#clock = clock;
    this.#link = this.#linkWith(options);
  }

  /** From now on this one is told; at once where the line has ended already. */
  use(user: LineUser): void {
    this.#user = user;
    if (this.#end) user.ended(this.#end);
  }

  /** @param opening octets that were read from the connection before */
  begin(opening: Uint8Array = new Uint8Array()): void {
    const { octets } = this.#connection;
    octets.on('data', this.#take).on('drain', this.#unblocked);
    for (const event of ['end', 'close', 'error']) octets.on(event, this.#lost);
    this.#hasBegun = true;
    if (opening.length > 0) this.#take(opening);
    if (octets.readableEnded || octets.destroyed) this.#lost();
    else octets.resume();
    this.#step();
  }

  /** Sent in order, as the link takes them. */
  send(octets: Uint8Array): void {
    if (this.#isOver || octets.length === 0) return;
    this.#outgoing.push(octets);
    this.#step();
  }

  /** The user is done with so many octets. */
  release(octets: number): void {
    this.#link.release(octets);
    this.#step();
  }

  /** Resolves when the link has taken all that was sent, to whether the line still stands. */
  taken(): Promise<boolean> {
    return this.#when(() => this.#outgoing.length === 0);
  }

  /** Resolves when the peer's link has all that was sent, to whether it has. */
  drained(): Promise<boolean> {
    return this.#when(() => this.#outgoing.length === 0 && this.#link.isDrained);
  }

  /**
   * Another link takes this one's place: with another peer, behind the same line. Its own peer opens the way to the other when its last
   * message is acknowledged: that goes out ahead of all that the newer link sends.
   */
  succeed(options: LinkOptions): void {
    this.#tellArrived();
    this.#older = this.#link;
    this.#link = this.#linkWith(options);
    this.#step();
  }

  /** Keeps what arrives from now on for whom the line is handed to; the piece that is being taken belongs to it. */
  keep(): void {
    this.#kept ??= [];
  }

  /** Lets go of the connection and gives it away, with what was kept still to be read from it. Nobody is told of it any more. */
  handOver(): DataConnection {
    this.#stop();
    const { octets } = this.#connection;
    octets.off('data', this.#take).off('drain', this.#unblocked);
    // The listeners for the end stay: an error without a listener would end the process.
    octets.pause();
    for (const piece of (this.#kept ?? []).reverse()) if (!octets.readableEnded) octets.unshift(piece);
    this.#kept = undefined;
    return this.#connection;
  }

  /** Resolves on-hook; nothing is told any more. The peer learns what has arrived: it may wait on the line for nothing else. */
  hangUp(): Promise<void> {
    this.#tellArrived();
    this.#stop();
    return this.#connection.hangUp();
  }

  #linkWith(options: LinkOptions): Link {
    const { rate, isErrorFree = false } = this.#connection;
    const told = rate !== undefined && rate <= fastestModem ? { bitsPerSecond: rate } : {};
    return new Link({ ...told, isErrorFree, ...options });
  }

  #when(isTrue: () => boolean): Promise<boolean> {
    return new Promise((tell) => {
      if (this.#isOver) tell(false);
      else this.#waiting.push({ isTrue, tell });
      this.#step();
    });
  }

  readonly #take = (octets: Uint8Array): void => {
    this.received += octets.length;
    if (this.#kept) this.#keep(octets);
    if (this.#isOver) return;
    const nowMs = this.#clock.monotonicMs();
    this.#older?.receive(octets, nowMs);
    this.#link.receive(octets, nowMs);
    this.#step();
  };

  #keep(octets: Uint8Array): void {
    this.#kept?.push(Uint8Array.from(octets));
    this.#keptLength += octets.length;
    if (this.#keptLength > keptLimit) this.#connection.octets.pause();
  }

  readonly #unblocked = (): void => {
    this.#blockedSinceMs = undefined;
    this.#step();
  };

  readonly #lost = (): void => this.#finish({ kind: 'lost' });

  /** What a user does while it is told something comes due when it is back. */
  #step(): void {
    this.#isDue = true;
    if (this.#isStepping || !this.#hasBegun) return;
    this.#isStepping = true;
    while (this.#isDue && !this.#isOver) {
      this.#isDue = false;
      this.#round();
    }
    this.#isStepping = false;
  }

  #round(): void {
    this.#deliver();
    this.#feed();
    this.#write();
    this.#deliver();
    if (this.#isOver) return;
    if (this.#link.isOpen) this.#older = undefined;
    this.#tellWaiting();
    if (this.#link.failure) this.#finish({ kind: 'failed', reason: this.#link.failure });
    else this.#schedule();
  }

  #deliver(): void {
    for (const octets of this.#older?.read() ?? []) this.#older?.release(octets.length);
    for (const octets of this.#link.read()) this.#user?.deliver(octets);
  }

  #feed(): void {
    for (let first = this.#outgoing[0]; first; first = this.#outgoing[0]) {
      const taken = this.#link.send(first);
      if (taken < first.length) {
        this.#outgoing[0] = first.subarray(taken);
        return;
      }
      this.#outgoing.shift();
    }
  }

  #write(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const link of [this.#older, this.#link]) {
      if (this.#isOver || this.#blockedSinceMs !== undefined) return;
      this.#put(link?.poll(nowMs) ?? []);
    }
  }

  #tellArrived(): void {
    if (!this.#isOver) this.#put(this.#link.acknowledgement(this.#clock.monotonicMs()));
  }

  #put(frames: readonly Uint8Array[]): void {
    for (const frame of frames) {
      this.sent += frame.length;
      if (!this.#connection.octets.write(frame)) this.#blockedSinceMs = this.#clock.monotonicMs();
    }
  }

  #tellWaiting(): void {
    const [told, waiting] = [this.#waiting.filter(isReady), this.#waiting.filter((one) => !isReady(one))];
    this.#waiting = waiting;
    for (const { tell } of told) tell(true);
  }

  #schedule(): void {
    this.#clock.clearTimeout(this.#timer);
    const nowMs = this.#clock.monotonicMs();
    const blocked = this.#blockedSinceMs;
    if (blocked !== undefined) {
      this.#timer = this.#clock.setTimeout(() => this.#stalled(), blocked + stallMs - nowMs);
      return;
    }
    const deadlineMs = Math.min(
      this.#link.nextDeadlineMs(),
      this.#older?.nextDeadlineMs() ?? Number.POSITIVE_INFINITY,
    );
    if (deadlineMs === Number.POSITIVE_INFINITY) return;
    this.#timer = this.#clock.setTimeout(() => this.#step(), Math.max(1, deadlineMs - nowMs));
  }

  #stalled(): void {
    this.#finish({ kind: 'failed', reason: 'the line takes no octets' });
  }

  #finish(end: LineEnd): void {
    if (this.#isOver) return;
    this.#end = end;
    this.#stop();
    this.#user?.ended(end);
  }

  #stop(): void {
    this.#isOver = true;
    this.#clock.clearTimeout(this.#timer);
    this.#outgoing = [];
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { tell } of waiting) tell(false);
  }
}

function isReady({ isTrue }: { readonly isTrue: () => boolean }): boolean {
  return isTrue();
}

import type { Readable, Writable } from 'node:stream';
import type { DataConnection } from '../pstn/modem/modem.js';
import type { Clock, Timer } from '../time/clock.js';

/** Two lines joined: octets pass both ways and are counted, never looked at (CM-330). */
export interface Bridge {
  readonly octetsFromCaller: number;
  readonly octetsFromCallee: number;
  /** Reads no more, lets what was passed on reach both sides, then hangs up both. */
  end(): Promise<void>;
}

export interface BridgeListener {
  /** One side released its line, and all that it had sent was passed on. Told once. */
  released(): void;
  /** One side has taken no octet for `stallLimitMs` although some wait for it: it will not take any more. */
  stalled(): void;
}

/** At 300 bit/s a full stream buffer of 16 KiB drains in 437 s: slower than that is dead. */
const stallLimitMs = 600_000;

/** Starts passing octets. Each side is read only as fast as the other takes them. */
export function startBridge(
  caller: DataConnection,
  callee: DataConnection,
  clock: Clock,
  listener: BridgeListener,
): Bridge {
  let isOver = false;
  let timer: Timer;
  const stopWatching = () => {
    isOver = true;
    clock.clearTimeout(timer);
  };
  const released = () => {
    if (isOver) return;
    stopWatching();
    listener.released();
  };
  const forward = new Pump(caller.octets, callee.octets, released);
  const backward = new Pump(callee.octets, caller.octets, released);
  const watch = () => {
    const isStalled = [forward.hasStalled(), backward.hasStalled()].includes(true);
    if (isStalled) listener.stalled();
    else timer = clock.setTimeout(watch, stallLimitMs);
  };
  timer = clock.setTimeout(watch, stallLimitMs);
  return {
    get octetsFromCaller() {
      return forward.octets;
    },
    get octetsFromCallee() {
      return backward.octets;
    },
    async end() {
      stopWatching();
      forward.stop();
      backward.stop();
      await Promise.all([caller.hangUp(), callee.hangUp()]);
    },
  };
}

/** One direction. As `pipe`, and it counts, and the end of one line does not end the other before it has drained. */
class Pump {
  octets = 0;
  readonly #from: Readable;
  readonly #to: Writable;
  readonly #released: () => void;
  #isBlocked = false;
  /** `octets` at the last look, when it was blocked then. */
  #blockedAt: number | undefined;

  constructor(from: Readable, to: Writable, released: () => void) {
    this.#from = from;
    this.#to = to;
    this.#released = released;
    from.on('data', this.#pass);
    to.on('drain', this.#resume);
    from.on('end', released).on('close', released).on('error', released);
    // Who had the line before may have paused it.
    from.resume();
    // Released before the bridge stood: it will not say so again.
    if (from.readableEnded || from.destroyed) queueMicrotask(released);
  }

  stop(): void {
    this.#from.off('data', this.#pass);
    this.#to.off('drain', this.#resume);
    this.#from.off('end', this.#released).off('close', this.#released);
    // The 'error' listener stays: a line that breaks while it is being released must not end the process.
    this.#from.pause();
  }

  /** Whether nothing has moved since the last look because the far side takes nothing. */
  hasStalled(): boolean {
    const isStalled = this.#isBlocked && this.#blockedAt === this.octets;
    this.#blockedAt = this.#isBlocked ? this.octets : undefined;
    return isStalled;
  }

  readonly #pass = (octets: Uint8Array): void => {
    this.octets += octets.length;
    if (!this.#to.write(octets)) {
      this.#isBlocked = true;
      this.#from.pause();
    }
  };

  readonly #resume = (): void => {
    this.#isBlocked = false;
    this.#from.resume();
  };
}
